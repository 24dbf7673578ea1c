"""Read the calendar."""

from collections.abc import Iterable
from datetime import date

from khcn.core.calendar.proposal import propose
from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.models.calendar import CalendarDay, CalendarYear


def calendar_days(year: int) -> list[CalendarDay]:
    """Return a year's exceptions in order; unsaved proposals when nobody has taken the year over yet."""
    if CalendarYear.objects.filter(year=year).exists():
        return list(CalendarDay.objects.filter(date__year=year))
    return [
        CalendarDay(date=day.date, working=day.working, name=day.name, kind="proposed")
        for day in propose(year)
    ]


def working_calendar(years: Iterable[int]) -> WorkingCalendar:
    """Return the rules for the given years: as edited, and as proposed for years that nobody edited.

    Two queries, whatever the number of years. Ask for every year that a calculation may reach.
    """
    wanted = set(years)
    kept = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    low, high = date(min(wanted), 1, 1), date(max(wanted), 12, 31)
    stored = CalendarDay.objects.filter(date__range=(low, high)).values_list("date", "working")
    days = [(day, working) for day, working in stored if day.year in kept]
    days += [(day.date, day.working) for year in sorted(wanted - kept) for day in propose(year)]
    return WorkingCalendar(
        off=frozenset(day for day, working in days if not working),
        made_up=frozenset(day for day, working in days if working),
    )


def working_calendar_around(day: date) -> WorkingCalendar:
    """Return the rules for the year of ``day``, the one before and the one after."""
    return working_calendar(range(day.year - 1, day.year + 2))
