"""Edit the calendar. Who may do so is decided by the caller's app (core has no roles)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.calendar.proposal import propose
from khcn.core.enums import DayKind
from khcn.core.errors import KhcnError
from khcn.core.models.calendar import CalendarDay, CalendarYear
from khcn.core.references import Reference

FIRST_YEAR, LAST_YEAR = 2000, 2100


class CalendarYearError(KhcnError):
    """A year outside what the calendar covers."""

    code = "calendar-year"


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        text = _("Lịch làm việc chỉ có từ năm %(first)s đến năm %(last)s; bạn chọn năm %(year)s.")
        raise CalendarYearError(text % {"first": FIRST_YEAR, "last": LAST_YEAR, "year": year})


def _take_over(year: int, now: datetime) -> bool:
    """Copy the proposal of a year into the table once; return whether that was done now."""
    _row, made = CalendarYear.objects.get_or_create(year=year, defaults={"proposed_at": now})
    if made:
        days = [
            CalendarDay(date=day.date, working=day.working, name=day.name, kind=DayKind.PROPOSED)
            for day in propose(year)
        ]
        CalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    return made


def calendar_propose(*, actor: Actor, year: int, now: datetime) -> list[CalendarDay]:
    """Fill a year from the ``holidays`` library; days that people entered or changed stay as they are.

    Asked again (after an update of the library) it replaces only untouched proposals.

    :raises CalendarYearError: for a year outside 2000-2100.
    """
    _check_year(year)
    with transaction.atomic():
        if not _take_over(year, now):
            CalendarDay.objects.filter(date__year=year, kind=DayKind.PROPOSED).delete()
            taken = set(CalendarDay.objects.filter(date__year=year).values_list("date", flat=True))
            fresh = [day for day in propose(year) if day.date not in taken]
            CalendarDay.objects.bulk_create(
                CalendarDay(date=day.date, working=day.working, name=day.name, kind=DayKind.PROPOSED)
                for day in fresh
            )
            CalendarYear.objects.filter(year=year).update(proposed_at=now)
        days = list(CalendarDay.objects.filter(date__year=year))
        audit_record(
            actor=actor,
            action="core.calendar.propose",
            target=Reference("core.calendaryear", str(year)),
            after={"days": len(days)},
            at=now,
        )
    return days


def _set_day(*, actor: Actor, day: date, working: bool, name: str, now: datetime) -> CalendarDay:
    _check_year(day.year)
    with transaction.atomic():
        _take_over(day.year, now)
        row = CalendarDay.objects.select_for_update().filter(date=day).first()
        before = snapshot(row, ["working", "name"]) if row else None
        row = row or CalendarDay(date=day)
        row.working, row.name, row.kind = working, name.strip()[:150], DayKind.EDITED
        row.save()
        audit_record(
            actor=actor,
            action="core.calendar.edit",
            target=row,
            before=before,
            after=snapshot(row, ["working", "name"]),
            at=now,
        )
    return row


def day_off_set(*, actor: Actor, day: date, name: str, now: datetime) -> CalendarDay:
    """Make ``day`` a day off, e.g. a Friday swapped for a Saturday. Its year is taken over first."""
    return _set_day(actor=actor, day=day, working=False, name=name or _("Ngày nghỉ"), now=now)


def make_up_day_set(*, actor: Actor, day: date, name: str = "", now: datetime) -> CalendarDay:
    """Make ``day`` a worked day although it is a weekend or a holiday. Its year is taken over first."""
    return _set_day(actor=actor, day=day, working=True, name=name or _("Ngày làm bù"), now=now)


def calendar_day_remove(*, actor: Actor, day: date, now: datetime) -> bool:
    """Let ``day`` follow the weekday again; return whether there was anything to remove."""
    _check_year(day.year)
    with transaction.atomic():
        _take_over(day.year, now)
        row = CalendarDay.objects.select_for_update().filter(date=day).first()
        if row is None:
            return False
        audit_record(
            actor=actor,
            action="core.calendar.remove",
            target=row,
            before=snapshot(row, ["working", "name"]),
            at=now,
        )
        row.delete()
    return True
