"""The working-day calendar: tables of real years, the laws it obeys, and editing."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.core.calendar.proposal import propose
from khcn.core.calendar.rules import LOCAL_ZONE, WorkingCalendar
from khcn.core.calendar.selectors import calendar_days, working_calendar, working_calendar_around
from khcn.core.calendar.services import (
    CalendarYearError,
    calendar_day_remove,
    calendar_propose,
    day_off_set,
    make_up_day_set,
)
from khcn.core.models import AuditEvent, CalendarDay

NOW = datetime(2020, 12, 1, 9, 0, tzinfo=LOCAL_ZONE)


def _proposed(*years: int) -> WorkingCalendar:
    days = [day for year in years for day in propose(year)]
    return WorkingCalendar(
        frozenset(day.date for day in days if not day.working),
        frozenset(day.date for day in days if day.working),
    )


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2021, 1, 1), False),  # New Year
        (date(2021, 2, 9), True),  # the last day before Tết 2021
        (date(2021, 2, 10), False),  # 29 Tết
        (date(2021, 2, 12), False),  # 1st of the lunar year
        (date(2021, 2, 16), False),  # 5th
        (date(2021, 2, 17), True),
        (date(2021, 4, 21), False),  # Hung Kings
        (date(2021, 5, 3), False),  # 1 May 2021 was a Saturday, Monday off instead
        (date(2021, 9, 3), False),
        (date(2021, 6, 5), False),  # a plain Saturday
        (date(2021, 6, 7), True),
        (date(2025, 1, 24), True),  # the last day before Tết 2025
        (date(2025, 1, 27), False),
        (date(2025, 1, 31), False),
        (date(2025, 2, 3), True),
        (date(2025, 4, 26), True),  # Saturday worked for Friday 2 May 2025
        (date(2025, 5, 2), False),
        (date(2026, 2, 13), True),
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),
        (date(2026, 8, 22), True),  # Saturday worked for Monday 31 August 2026
        (date(2026, 8, 31), False),
    ],
)
def test_real_days(day: date, works: bool) -> None:
    assert _proposed(day.year).is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2021, 6, 4), 1, date(2021, 6, 7)),  # over a weekend
        (date(2021, 2, 9), 1, date(2021, 2, 17)),  # over Tết 2021
        (date(2021, 2, 9), 5, date(2021, 2, 23)),
        (date(2021, 2, 17), -1, date(2021, 2, 9)),
        (date(2025, 4, 25), 1, date(2025, 4, 26)),  # onto a make-up Saturday
        (date(2025, 4, 29), 1, date(2025, 5, 5)),
        (date(2021, 6, 5), 0, date(2021, 6, 7)),
        (date(2021, 6, 7), 0, date(2021, 6, 7)),
        (date(2021, 12, 31), 1, date(2022, 1, 4)),  # 3 January 2022 was given for the Saturday
    ],
)
def test_adding_working_days(start: date, days: int, end: date) -> None:
    assert _proposed(2021, 2022, 2025).add_working_days(start, days) == end


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2021-06-07 07:29", "2021-06-07 07:30"),
        ("2021-06-07 07:30", "2021-06-07 07:30"),
        ("2021-06-07 11:29", "2021-06-07 11:29"),
        ("2021-06-07 11:30", "2021-06-07 13:00"),
        ("2021-06-07 16:59", "2021-06-07 16:59"),
        ("2021-06-07 17:00", "2021-06-08 07:30"),
        ("2021-06-04 17:00", "2021-06-07 07:30"),
        ("2021-02-09 22:00", "2021-02-17 07:30"),
    ],
)
def test_office_hours(at: str, opens: str) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)

    assert _proposed(2021).next_working_moment(moment(at)) == moment(opens)


def test_a_deadline_ends_when_offices_close() -> None:
    assert WorkingCalendar().end_of_working_day(date(2021, 6, 4)).isoformat() == "2021-06-04T17:00:00+07:00"


def test_a_calendar_without_working_days_is_refused() -> None:
    every = frozenset(date(2021, 1, 1) + timedelta(days=n) for n in range(400))
    with pytest.raises(ValueError, match="no working day"):
        WorkingCalendar(off=every).add_working_days(date(2021, 3, 1), 1)


days = st.dates(date(2019, 1, 1), date(2028, 12, 31))
calendars = st.builds(
    WorkingCalendar,
    st.frozensets(st.dates(date(2018, 6, 1), date(2029, 6, 1)), max_size=40),
    st.frozensets(st.dates(date(2018, 6, 1), date(2029, 6, 1)), max_size=10),
)
steps = st.integers(1, 60)


@given(calendars, days, steps)
def test_adding_and_counting_undo_each_other(calendar: WorkingCalendar, start: date, n: int) -> None:
    end = calendar.add_working_days(start, n)
    assert end > start
    assert calendar.is_working_day(end)
    assert calendar.working_days_between(start, end) == n
    assert calendar.working_days_between(end, start) == -n


@given(calendars, days, steps, steps)
def test_steps_add_up(calendar: WorkingCalendar, start: date, a: int, b: int) -> None:
    assert calendar.add_working_days(calendar.add_working_days(start, a), b) == calendar.add_working_days(
        start, a + b
    )


@given(calendars, days, steps)
def test_back_and_forth_ends_at_a_working_start(calendar: WorkingCalendar, start: date, n: int) -> None:
    start = calendar.add_working_days(start, 0)
    assert calendar.add_working_days(calendar.add_working_days(start, n), -n) == start


@given(calendars, days, days, days)
def test_counting_is_additive(calendar: WorkingCalendar, a: date, b: date, c: date) -> None:
    a, b, c = sorted((a, b, c))
    between = calendar.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(calendars, st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)))
def test_the_next_working_moment_is_open_and_never_earlier(calendar: WorkingCalendar, at: datetime) -> None:
    here = at.replace(tzinfo=LOCAL_ZONE)
    opens = calendar.next_working_moment(here)
    assert opens >= here
    assert calendar.is_working_day(opens.date())
    assert calendar.next_working_moment(opens) == opens


@pytest.mark.django_db
def test_a_year_nobody_edited_follows_the_proposal_without_any_row() -> None:
    calendar = working_calendar_around(date(2021, 6, 1))
    assert not calendar.is_working_day(date(2021, 2, 12))
    assert not CalendarDay.objects.exists()
    assert {day.date for day in calendar_days(2021)} == {day.date for day in propose(2021)}


@pytest.mark.django_db
def test_editing_takes_the_year_over_and_leaves_other_years_alone() -> None:
    # In 2026 the Government swapped Friday 2 January for Saturday 10 January; the library does not know it.
    day_off_set(actor=None, day=date(2026, 1, 2), name="Nghỉ hoán đổi", now=NOW)
    make_up_day_set(actor=None, day=date(2026, 1, 10), now=NOW)
    calendar = working_calendar([2025, 2026])
    assert not calendar.is_working_day(date(2026, 1, 2))
    assert calendar.is_working_day(date(2026, 1, 10))
    assert not calendar.is_working_day(date(2026, 2, 17))
    assert not calendar.is_working_day(date(2025, 1, 29))
    assert not CalendarDay.objects.filter(date__year=2025).exists()


@pytest.mark.django_db
def test_a_removed_holiday_stays_removed_and_edits_survive_a_new_proposal() -> None:
    calendar_propose(actor=None, year=2021, now=NOW)
    count = CalendarDay.objects.count()
    day_off_set(actor=None, day=date(2021, 7, 12), name="Mất điện", now=NOW)
    make_up_day_set(actor=None, day=date(2021, 9, 3), name="Trực", now=NOW)
    calendar_propose(actor=None, year=2021, now=NOW)
    assert CalendarDay.objects.count() == count + 1
    calendar = working_calendar([2021])
    assert (calendar.is_working_day(date(2021, 7, 12)), calendar.is_working_day(date(2021, 9, 3))) == (
        False,
        True,
    )
    assert calendar_day_remove(actor=None, day=date(2021, 7, 12), now=NOW)
    assert not calendar_day_remove(actor=None, day=date(2021, 7, 12), now=NOW)
    assert working_calendar([2021]).is_working_day(date(2021, 7, 12))


@pytest.mark.django_db
def test_every_edit_is_audited_with_what_changed() -> None:
    day_off_set(actor=None, day=date(2021, 7, 12), name="Mất điện", now=NOW)
    make_up_day_set(actor=None, day=date(2021, 7, 12), name="Mất điện", now=NOW)
    first, second = AuditEvent.objects.order_by("id")
    assert (first.before, first.after) == (None, {"working": False, "name": "Mất điện"})
    assert (second.before, second.after) == ({"working": False}, {"working": True})


@pytest.mark.django_db
@pytest.mark.parametrize("year", [1999, 2101])
def test_years_far_away_are_refused(year: int) -> None:
    with pytest.raises(CalendarYearError, match=str(year)):
        calendar_propose(actor=None, year=year, now=NOW)


@pytest.mark.django_db
def test_many_years_cost_two_queries(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        working_calendar(range(2019, 2027))
