"""Campaigns that run ask the successors too; invitations that are open go to the successor."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.references import reference_to
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.plan.enums import PART_OPEN, PartState
from khcn.plan.models import Campaign, EventPart


def open_things(units: Sequence[Unit], on: date) -> list[OpenThing]:
    """Return the running campaigns and open invitations of ``units``."""
    things = [
        OpenThing(
            str(reference_to(campaign)), "campaign", _("Đợt tuyên truyền"), campaign.title, unit.pk, all_take=True
        )
        for unit in units
        for campaign in _campaigns(unit, on)
    ]  # fmt: skip
    return things + [
        OpenThing(
            str(reference_to(part)), f"event:{part.event_id}", _("Lời mời tham gia"), part.event.title, part.unit_id
        )
        for part in _parts(units, on)
    ]  # fmt: skip


def _campaigns(unit: Unit, on: date) -> list[Campaign]:
    return list(Campaign.objects.filter(units=unit, is_open=True, ends_on__gte=on).order_by("pk"))


def _parts(units: Sequence[Unit], on: date) -> list[EventPart]:
    rows = EventPart.objects.filter(unit__in=units, state__in=PART_OPEN, event__ends_on__gte=on)
    return list(rows.select_related("event", "unit").order_by("event", "unit__order", "pk"))


def hand_over(hand: HandOver) -> dict[str, int]:
    """Return how many campaigns got another unit, and how many invitations went over."""
    campaigns = sum(
        _join(campaign, takers.targets)
        for takers in hand.takers.values()
        if takers.ends
        for campaign in _campaigns(takers.unit, hand.on)
    )
    parts = 0
    for part in _parts([takers.unit for takers in hand.takers.values()], hand.on):
        target = hand.taker(part.unit_id, str(reference_to(part)), f"event:{part.event_id}")
        if target is not None:
            _pass(hand, part, target)
            parts += 1
    return {"plan.campaigns": campaigns, "plan.parts": parts}


def _join(campaign: Campaign, targets: Sequence[Unit]) -> int:
    there = set(campaign.units.values_list("pk", flat=True))
    new = [unit for unit in targets if unit.pk not in there]
    campaign.units.add(*new)
    return len(new)


def _pass(hand: HandOver, part: EventPart, target: Unit) -> None:
    """The first invitation moves; further ones of the same event join it, so that each is counted once."""
    words = {"old": part.unit.name, "new": target.name, "number": hand.decision.number}
    there = EventPart.objects.filter(event=part.event_id, unit=target).first()
    if there is None:
        note = _("Nhận từ %(old)s theo %(number)s.") % words
        EventPart.objects.filter(pk=part.pk).update(
            unit=target, note=_joined(part.note, note), revision=F("revision") + 1, updated_at=hand.now
        )
        return
    if part.nominated:
        there.nominated = (there.nominated or 0) + part.nominated
        if there.state == PartState.INVITED:
            there.state = PartState.NOMINATED
        there.revision += 1
        there.updated_at = hand.now
        there.save(update_fields=["nominated", "state", "revision", "updated_at"])
    note = _("Bàn giao cho %(new)s theo %(number)s.") % words
    EventPart.objects.filter(pk=part.pk).update(
        state=PartState.HANDED, note=_joined(part.note, note), revision=F("revision") + 1, updated_at=hand.now
    )


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip()[:500]
