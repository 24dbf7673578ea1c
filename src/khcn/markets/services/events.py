"""Events that make days unlike the usual: entered by people, and those of the lunar calendar as data."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch, audit_record, snapshot
from khcn.core.errors import PermissionDeniedError
from khcn.engines.flow.lunar import lunar_day, tet
from khcn.markets import permissions
from khcn.markets.enums import EventKind
from khcn.markets.errors import VenueError
from khcn.markets.models import Market, MarketEvent, MarketHour
from khcn.markets.services.rollups import rollups_mark

LONGEST: Final = 120  # days of one event
AHEAD: Final = timedelta(days=400)
BACK: Final = timedelta(days=3 * 366)
_SHOWN = ["market_id", "kind", "title", "starts_on", "ends_on", "note"]
_MONTHS: Final = {1: "Giêng", 12: "Chạp"}


def _may(actor: Actor, market: Market | None) -> None:
    allowed = permissions.can_found(actor) if market is None else permissions.can_set_up(actor, market)
    if not allowed:
        raise PermissionDeniedError(_("Bạn chưa có quyền ghi sự kiện cho chợ này."))


def event_add(
    *,
    actor: Actor,
    market: Market | None,
    kind: str,
    title: str,
    starts_on: date,
    ends_on: date,
    now: datetime,
    note: str = "",
) -> MarketEvent:
    """Note an event of one market, or of all (``None``). The same again returns the first. Raises VenueError."""
    _may(actor, market)
    title = " ".join(title.split())
    if kind not in EventKind.values:
        raise VenueError("kind", _("Hãy chọn loại sự kiện."))
    if not title or len(title) > 200:
        raise VenueError("title", _("Hãy ghi tên sự kiện, không quá 200 ký tự."))
    if ends_on < starts_on:
        raise VenueError("ends_on", _("Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    if (ends_on - starts_on).days >= LONGEST:
        raise VenueError(
            "ends_on",
            _("Một sự kiện dài nhất %(days)s ngày. Hãy chia thành nhiều sự kiện.") % {"days": LONGEST},
        )
    held = MarketEvent.objects.filter(market=market, kind=kind, title=title, starts_on=starts_on).first()
    if held is not None:
        return held
    try:
        with transaction.atomic():
            event = MarketEvent.objects.create(
                market=market, kind=kind, title=title, starts_on=starts_on, ends_on=ends_on, note=note[:500]
            )
            audit_record(
                actor=actor, action="markets.event.add", target=event, after=snapshot(event, _SHOWN), at=now
            )
            _days_changed(event)
    except IntegrityError:  # somebody added the same at this moment
        return MarketEvent.objects.get(market=market, kind=kind, title=title, starts_on=starts_on)
    return event


def event_remove(*, actor: Actor, event: MarketEvent, now: datetime) -> None:
    """Take an event out."""
    _may(actor, event.market)
    with transaction.atomic():
        audit_record(
            actor=actor, action="markets.event.remove", target=event, before=snapshot(event, _SHOWN), at=now
        )
        _days_changed(event)
        event.delete()


def _days_changed(event: MarketEvent) -> None:
    """A closed day has no open hours: its completeness is worked out anew."""
    if event.kind != EventKind.CLOSURE:
        return
    rows = MarketHour.objects.filter(day__gte=event.starts_on, day__lte=event.ends_on)
    if event.market_id is not None:
        rows = rows.filter(market_id=event.market_id)
    rollups_mark(rows.values_list("market_id", "hour"))


def lunar_events_ensure(now: datetime) -> int:
    """Note Tết and the first and fifteenth of every lunar month as events of all markets; return how many are new.

    From three years back to a year ahead. A periodic duty; people may add to them, the same day is never noted twice.
    """
    first, last = now.date() - BACK, now.date() + AHEAD
    held = set(
        MarketEvent.objects.filter(
            market=None, kind__in=[EventKind.LUNAR, EventKind.TET], starts_on__gte=first
        ).values_list("kind", "starts_on")
    )
    new = [row for row in _lunar_events(first, last) if (row.kind, row.starts_on) not in held]
    with transaction.atomic():
        MarketEvent.objects.bulk_create(new, ignore_conflicts=True)
        if new:
            audit_batch(
                actor=None, action="markets.event.add", count=len(new), summary={"kind": "lunar"}, at=now
            )
    return len(new)


def _lunar_events(first: date, last: date) -> list[MarketEvent]:
    found: list[MarketEvent] = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        lunar = lunar_day(day)
        if lunar.day not in {1, 15}:
            continue
        month = f"tháng {_MONTHS.get(lunar.month, lunar.month)}" + (" nhuận" if lunar.leap else "")
        name = "Mùng một" if lunar.day == 1 else "Rằm"
        found.append(MarketEvent(kind=EventKind.LUNAR, title=f"{name} {month}", starts_on=day, ends_on=day))
    for year in range(first.year, last.year + 1):
        day = tet(year)
        if first <= day - timedelta(days=7) and day + timedelta(days=6) <= last:
            found.append(
                MarketEvent(
                    kind=EventKind.TET,
                    title=f"Tết Nguyên đán {year}",
                    starts_on=day - timedelta(days=7),
                    ends_on=day + timedelta(days=6),
                )
            )
    return found
