"""Pure rules of working time: no database, no clock.

Offices work Monday to Friday, 07:30-11:30 and 13:00-17:00 local time. A day off in the calendar beats a
weekday, a make-up day (worked instead of another) beats both a weekend and a holiday.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WORKING_HOURS = ((time(7, 30), time(11, 30)), (time(13, 0), time(17, 0)))
_SATURDAY = 5
_LONGEST_BREAK = 60  # days; no calendar that leaves no working day for so long is right
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingCalendar:
    """What differs from Monday to Friday. ``made_up`` wins over ``off``."""

    off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Return whether offices work on ``day``."""
        if day in self.made_up:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def add_working_days(self, start: date, days: int) -> date:
        """Return the working day that lies ``days`` working days after ``start`` (before, when negative).

        The day of ``start`` itself is not counted, as in "within 5 working days from the day of receipt".
        With 0 the result is ``start``, or the next working day when offices are closed then.
        """
        if days == 0:
            return start if self.is_working_day(start) else self.add_working_days(start, 1)
        walk = self._walk(start, _ONE_DAY if days > 0 else -_ONE_DAY)
        for _count in range(abs(days)):
            day = next(walk)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after ``start`` up to ``end`` inclusive; negative reversed.

        It undoes :meth:`add_working_days`: ``working_days_between(d, add_working_days(d, n)) == n`` for ``n
        >= 1``.
        """
        if end < start:
            return -self.working_days_between(end, start)
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, span + 1))

    def next_working_moment(self, at: datetime) -> datetime:
        """Return ``at`` when offices are open then, otherwise the moment when they next open.

        :param at: an aware moment; the result is in local time.
        """
        here = at.astimezone(LOCAL_ZONE)
        if self.is_working_day(here.date()):
            for opens, closes in WORKING_HOURS:
                if here.time() < opens:
                    return datetime.combine(here.date(), opens, LOCAL_ZONE)
                if here.time() < closes:
                    return here
        return datetime.combine(self.add_working_days(here.date(), 1), WORKING_HOURS[0][0], LOCAL_ZONE)

    def end_of_working_day(self, day: date) -> datetime:
        """Return the moment when offices close on ``day``: a deadline "by 5 June" ends then."""
        return datetime.combine(day, WORKING_HOURS[-1][1], LOCAL_ZONE)

    def _walk(self, start: date, step: timedelta) -> Iterator[date]:
        day, closed = start, 0
        while closed <= _LONGEST_BREAK:
            day += step
            closed = 0 if self.is_working_day(day) else closed + 1
            if not closed:
                yield day
        raise ValueError(f"the calendar has no working day within {_LONGEST_BREAK} days of {start}")
