"""Reads of communication work: lists, who has and who has not, sums by channel."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from khcn.orgs.models import Unit
from khcn.orgs.unit_time import carried_unit_ids, decided_units, units_on
from khcn.plan.enums import Channel
from khcn.plan.models import Campaign, Outreach
from khcn.plan.permissions import Reach, acting
from khcn.plan.rules.comms import IN_COPIES


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for; empty asks for everything."""

    unit: int | None = None
    campaign: int | None = None
    channel: str = ""
    since: date | None = None
    until: date | None = None


def writing_units(user: Any, on: date) -> list[Unit]:
    """Return the units for which ``user`` enters, in the order of a list: the own ones; all for a focal officer."""
    reach = acting(user, on)
    if reach.officer:
        return list(decided_units(on))
    return list(decided_units(on).filter(pk__in=reach.reporting | reach.heading))


def home_unit(user: Any, on: date) -> Unit | None:
    """Return the unit that a form begins with: the only one, or the first one the person reports for."""
    reach = acting(user, on)
    return decided_units(on).filter(pk__in=reach.reporting | reach.heading).first()


def outreach_list(user: Any, on: date, asked: Asked) -> QuerySet[Outreach]:
    """Return the standing entries that ``user`` may read, newest first; two queries with what is shown of them."""
    rows = Outreach.objects.visible_to(user, on).standing().select_related("unit", "campaign", "entered_by")
    if asked.unit:
        rows = rows.filter(unit_id__in=carried_unit_ids(asked.unit, on))
    if asked.campaign:
        rows = rows.filter(campaign_id=asked.campaign)
    if asked.channel:
        rows = rows.filter(channel=asked.channel)
    if asked.since:
        rows = rows.filter(happened_on__gte=asked.since)
    if asked.until:
        rows = rows.filter(happened_on__lte=asked.until)
    return rows.order_by("-happened_on", "-pk")


def visible_outreach(user: Any, pk: int, on: date) -> Outreach | None:
    """Return one entry, taken back or not, that ``user`` may read."""
    rows = Outreach.objects.visible_to(user, on).select_related("unit", "campaign", "entered_by")
    return rows.filter(pk=pk).first()


@dataclass(frozen=True, slots=True)
class ChannelSum:
    """What was done through one channel. ``people`` ``None``: no entry says how many."""

    channel: str
    entries: int
    items: int
    count: int
    people: int | None

    @property
    def label(self) -> str:
        """What the channel is called."""
        return str(Channel(self.channel).label)


def channel_sums(rows: QuerySet[Outreach]) -> list[ChannelSum]:
    """Return sums by channel, most people first. One query."""
    found = (
        rows.order_by().values("channel").annotate(n=Count("pk"), count=Sum("count"), people=Sum("people"))
    )
    sums = [
        ChannelSum(
            row["channel"], row["n"], row["n"] if row["channel"] in IN_COPIES else row["count"], row["count"],
            row["people"],
        )
        for row in found
    ]  # fmt: skip
    return sorted(sums, key=lambda one: (-(one.people or 0), -one.items, one.channel))


def last_channel(unit_id: int) -> str:
    """Return the channel that a unit used last; empty when it has entered nothing."""
    rows = Outreach.objects.filter(unit_id=unit_id).standing().order_by("-entered_at", "-pk")
    return rows.values_list("channel", flat=True).first() or ""


def open_campaigns(unit: Unit | None, on: date) -> QuerySet[Campaign]:
    """Return the campaigns that take entries of a unit now: running, or ended within two weeks."""
    rows = Campaign.objects.filter(is_open=True, starts_on__lte=on, ends_on__gte=on - timedelta(days=14))
    if unit is not None:
        rows = rows.filter(Q(units=unit) | Q(units__isnull=True)).distinct()
    return rows.order_by("-starts_on", "title")


@dataclass(frozen=True, slots=True)
class UnitSum:
    """What one unit did in a campaign; ``entries`` 0: nothing yet."""

    unit: Unit
    entries: int = 0
    items: int = 0
    people: int | None = None
    last: date | None = None


def campaign_sums(campaign: Campaign, on: date) -> list[UnitSum]:
    """Return every unit that takes part, those that did nothing first; ended units count for their successors."""
    day = min(max(on, campaign.starts_on), max(campaign.ends_on, campaign.starts_on))
    named = list(campaign.units.all())
    units = {unit.pk: unit for unit in units_on(named, day)}
    rows = Outreach.objects.filter(campaign=campaign).standing().order_by()
    found: dict[int, dict[str, Any]] = defaultdict(
        lambda: {"entries": 0, "items": 0, "people": None, "last": None}
    )
    home: dict[int, int] = {}
    for pk in units:
        home |= dict.fromkeys(carried_unit_ids(pk, day), pk)
    grouped = rows.values("unit", "channel").annotate(
        n=Count("pk"), count=Sum("count"), people=Sum("people"), last=Max("happened_on")
    )
    for row in grouped:
        total = found[home.get(row["unit"], row["unit"])]
        total["entries"] += row["n"]
        total["items"] += row["n"] if row["channel"] in IN_COPIES else row["count"]
        if row["people"] is not None:
            total["people"] = (total["people"] or 0) + row["people"]
        total["last"] = max(total["last"] or row["last"], row["last"])
    missing = {unit.pk: unit for unit in Unit.objects.filter(pk__in=set(found) - set(units))}
    everyone = units | missing
    sums = [UnitSum(unit, **found.get(pk, {})) for pk, unit in everyone.items()]
    return sorted(sums, key=lambda one: (one.entries > 0, one.unit.order, one.unit.sort_key))


def campaigns_for(user: Any, on: date) -> QuerySet[Campaign]:
    """Return the campaigns that ``user`` may read: all inside, newest first, with how many entries they have."""
    rows = Campaign.objects.select_related("plan").annotate(
        entries=Count("outreach", filter=Q(outreach__removed_at=None), distinct=True),
        asked=Count("units", distinct=True),
    )
    return rows.order_by("-starts_on", "title") if acting(user, on).plans else rows.none()


def may_enter(reach: Reach) -> bool:
    """Whether somebody enters anything at all."""
    return reach.officer or bool(reach.reporting | reach.heading)


def export_rows(rows: QuerySet[Outreach]) -> Sequence[Outreach]:
    """Return entries for a file, oldest first."""
    return list(rows.order_by("happened_on", "pk")[:50_000])
