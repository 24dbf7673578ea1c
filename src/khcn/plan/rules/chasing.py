"""Pure rules of reports that are waited for: in time or late, and which reminder is due. No database, no clock."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from khcn.core.calendar.rules import WorkingCalendar
from khcn.plan.enums import Rung

WEEK_DAYS: Final = 5  # working days before the deadline
HEAD_DAYS: Final = 3  # working days after it: long enough to answer the first word


class Timeliness(TextChoices):
    """How a report stands towards its deadline. Computed, never stored."""

    ON_TIME = "on_time", _("Đúng hạn")
    LATE = "late", _("Trễ")
    RETURNED = "returned", _("Đang sửa theo ý kiến")
    PENDING = "pending", _("Chưa đến hạn")
    MISSING = "missing", _("Quá hạn, chưa gửi")
    EXCUSED = "excused", _("Không phải báo cáo")


RECEIVED: Final = frozenset({Timeliness.ON_TIME, Timeliness.LATE})


def timeliness(*, sent_on: date | None, with_focal: bool, excused: bool, due: date, on: date) -> Timeliness:
    """Tell how a report stands on the day ``on``.

    An exception lets a unit send later, it does not make it in time. ``sent_on``: the local day on which its head first
    approved it; ``with_focal``: it lies with the focal unit now, not returned.
    """
    if sent_on is None:
        if excused:
            return Timeliness.EXCUSED
        return Timeliness.MISSING if on > due else Timeliness.PENDING
    if not with_focal:
        return Timeliness.RETURNED
    return Timeliness.ON_TIME if sent_on <= due else Timeliness.LATE


@dataclass(frozen=True, slots=True)
class Tally:
    """How many reports: the figures of a reporting-rate summary. ``returned`` ones are not received now."""

    expected: int = 0
    received: int = 0
    on_time: int = 0
    late: int = 0
    pending: int = 0
    missing: int = 0
    returned: int = 0
    excused: int = 0
    exceptions: int = 0

    @property
    def rate(self) -> float | None:
        """The share received, 0 to 1."""
        return self.received / self.expected if self.expected else None

    @property
    def on_time_rate(self) -> float | None:
        """The share received in time, 0 to 1."""
        return self.on_time / self.expected if self.expected else None


def tally(stands: Collection[Timeliness], *, exceptions: int = 0) -> Tally:
    """Count reports; those who owe nothing are not expected."""
    count = Counter(stands)
    excused = count[Timeliness.EXCUSED]
    on_time, late = count[Timeliness.ON_TIME], count[Timeliness.LATE]
    return Tally(
        expected=len(stands) - excused,
        received=on_time + late,
        on_time=on_time,
        late=late,
        pending=count[Timeliness.PENDING],
        missing=count[Timeliness.MISSING],
        returned=count[Timeliness.RETURNED],
        excused=excused,
        exceptions=exceptions,
    )


def rung_days(
    *, opens_on: date, due: date, calendar: WorkingCalendar, until: date | None = None
) -> dict[Rung, date]:
    """Return the working day from which each rung of the ladder is due.

    ``until``: an exception that lets this unit send later moves what comes after the deadline.
    """
    end = max(due, until) if until else due
    return {
        Rung.OPENED: calendar.add_working_days(opens_on, 0),
        Rung.WEEK: calendar.add_working_days(due, -WEEK_DAYS),
        Rung.DAY: calendar.add_working_days(end, -1),
        Rung.LATE: calendar.add_working_days(end, 1),
        Rung.HEAD: calendar.add_working_days(end, HEAD_DAYS),
    }


def rung_due(days: Mapping[Rung, date], *, on: date, sent: Collection[str], opens_on: date) -> Rung | None:
    """Return the newest rung that is due on the day ``on``, unless it or a later one was sent.

    After days without a worker only this one goes out: what it says holds everything the older ones said.
    """
    if on < opens_on:
        return None
    ladder = list(Rung)
    due = [rung for rung in ladder if days[rung] <= on]
    if not due:
        return None
    newest = due[-1]
    later = set(ladder[ladder.index(newest) :])
    return None if later & set(sent) else newest
