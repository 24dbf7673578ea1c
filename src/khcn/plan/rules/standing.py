"""Until when a report may be handed in: pure rules over days. Whether it came in time: :mod:`khcn.plan.rules.chasing`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from khcn.core.calendar.rules import LOCAL_ZONE, WorkingCalendar

CORRECTING_DAYS: Final = 3  # working days to correct what the focal unit returned, when the deadline is past


def local_day(moment: datetime) -> date:
    """Return the day of a moment in Viet Nam: a report approved at 23:59:59 on the last day is in time."""
    return moment.astimezone(LOCAL_ZONE).date()


@dataclass(frozen=True, slots=True)
class Window:
    """Until when a report may be handed in. ``by_exception``: only because the head of the focal unit granted it."""

    last_day: date
    by_exception: bool = False
    correcting: bool = False
    closed: bool = False

    def is_open(self, now: datetime) -> bool:
        """Return whether it may be handed in at ``now``."""
        return not self.closed and local_day(now) <= self.last_day


def window(
    *,
    due: date,
    closed_at: datetime | None,
    exceptions: Iterable[date],
    returned_on: date | None,
    calendar: WorkingCalendar,
) -> Window:
    """Return until when a report may be handed in.

    :param exceptions: end dates of exceptions in force.
    :param returned_on: the day on which the focal unit returned a report that had come in; its correction is not a late
        hand-in, so it may come some working days later.
    """
    found = Window(due, closed=closed_at is not None)
    if returned_on is not None:
        until = calendar.add_working_days(returned_on, CORRECTING_DAYS)
        if until > found.last_day or found.closed:
            found = Window(max(until, due) if not found.closed else until, correcting=True)
    latest = max(exceptions, default=None)
    if latest is not None and (latest > found.last_day or found.closed):
        found = Window(latest, by_exception=True)
    return found
