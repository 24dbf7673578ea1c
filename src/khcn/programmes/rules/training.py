"""Rules of training: how long a topic is held, where somebody stands on a day, what an own programme gives. Pure functions."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from khcn.programmes.enums_training import LACKING, Level, NeedState, RecordBasis

FOREVER = date.max


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later; where that month has no such day, its last one (29/02 + 12: 28/02)."""
    place = day.year * 12 + day.month - 1 + months
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def valid_until(held_on: date, months: int | None) -> date | None:
    """Return the last day on which a topic learnt on ``held_on`` is valid; ``None``: for ever."""
    return add_months(held_on, months) if months else None


@dataclass(frozen=True, slots=True)
class Holding:
    """One standing record of a topic: learnt on, valid until (``None``: for ever)."""

    held_on: date
    until: date | None


def best_until(holdings: Iterable[Holding], day: date) -> date | None:
    """Return until when a topic is held by the best record known on ``day``; FOREVER; ``None`` when there is none."""
    ends = [FOREVER if one.until is None else one.until for one in holdings if one.held_on <= day]
    return max(ends, default=None)


@dataclass(frozen=True, slots=True)
class Need:
    """Where somebody stands with one topic. ``until``: last valid day (``None``: for ever, or never held).

    ``days``: to the end of validity, below 0 since; of a missing topic to the day by which it must be there, below 0
    when that has passed; ``None`` when there is no such day. ``due_on``: that day.
    """

    state: NeedState
    until: date | None
    days: int | None
    due_on: date | None

    @property
    def lacking(self) -> bool:
        """Whether it is not held."""
        return self.state in LACKING

    @property
    def overdue(self) -> bool:
        """Whether it should have been there already."""
        return self.lacking and (self.due_on is None or (self.days is not None and self.days < 0))


def state_of(until: date | None, day: date, warn_days: int) -> NeedState:
    """Return the state of a topic held until ``until`` (of :func:`best_until`)."""
    if until is None:
        return NeedState.MISSING
    if until == FOREVER:
        return NeedState.HELD
    left = (until - day).days
    if left < 0:
        return NeedState.EXPIRED
    return NeedState.EXPIRING if left <= warn_days else NeedState.HELD


def need_on(
    day: date, *, until: date | None, warn_days: int, office_on: date, within_months: int | None
) -> Need:
    """Return where somebody stands on ``day``.

    :param until: of :func:`best_until`. :param warn_days: the window before the end in which it is expiring.
    :param office_on: when the person took office. :param within_months: so long after that it must be there (None: at once).
    """
    due = add_months(office_on, within_months) if within_months is not None else office_on
    state = state_of(until, day, warn_days)
    if until is None:
        return Need(state, None, (due - day).days, due)
    if until == FOREVER:
        return Need(state, None, None, due)
    return Need(state, until, (until - day).days, due)


def meets(needs: Iterable[tuple[str, Need]]) -> bool | None:
    """Return whether every mandatory topic is held; ``None`` when none is mandatory. Pairs of level and need."""
    mandatory = [need for level, need in needs if level == Level.MANDATORY]
    return not any(need.lacking for need in mandatory) if mandatory else None


def own_basis(*, reached: bool, standing: bool, revoked: bool) -> RecordBasis | None:
    """Return on what ground an own programme gives its topics to somebody; ``None``: it does not.

    A standing certificate is the ground even when attendance was taken back later; a revoked one that no other replaces
    takes the topics away even from who came often enough.
    """
    if standing:
        return RecordBasis.CERTIFICATE
    return RecordBasis.ATTENDANCE if reached and not revoked else None


def last_day_before(day: date) -> date:
    """Return the day before."""
    return day - timedelta(days=1)
