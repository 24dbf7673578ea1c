"""Deadlines of reports (Decree 09/2019/NĐ-CP, article 8.5): pure rules over days and a working calendar.

A deadline lies at least one working day after the cut-off of the figures; where reports climb several levels, each level
has its own deadline, at least one working day after the one below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.dates import date_vi, weekday_vi

PROPOSED_CUTOFF_DAYS: Final = 5  # working days before the last day, where a plan names no cut-off
PROPOSED_OPENING_DAYS: Final = 10  # working days before the last day
LONGEST_PERIOD_DAYS: Final = 800  # nobody reports on more than two years; guards the day-by-day counting


@dataclass(frozen=True, slots=True)
class PeriodDays:
    """The days of one period: figures from ``starts_on`` to ``cutoff``, entry from ``opens_on``, deadlines by level."""

    starts_on: date
    cutoff: date
    opens_on: date
    due: date
    superior_due: date | None = None


@dataclass(frozen=True, slots=True)
class DayFault:
    """One day that cannot stand. ``item``: name of the field."""

    item: str
    message: str


def earliest_due(calendar: WorkingCalendar, cutoff: date) -> date:
    """Return the first day that may be a deadline for figures up to ``cutoff``."""
    return calendar.add_working_days(cutoff, 1)


def check_days(calendar: WorkingCalendar, days: PeriodDays) -> Sequence[DayFault]:
    """Return everything wrong with the days of a period, in the order of its fields."""
    faults = []
    if days.cutoff < days.starts_on:
        faults.append(
            DayFault(
                "cutoff",
                _(
                    "Ngày chốt số liệu (%(cutoff)s) ở trước ngày bắt đầu kỳ (%(start)s). Hãy sửa một trong hai ngày."
                )
                % {"cutoff": date_vi(days.cutoff), "start": date_vi(days.starts_on)},
            )
        )
    elif (days.cutoff - days.starts_on).days > LONGEST_PERIOD_DAYS:
        faults.append(
            DayFault("starts_on", _("Kỳ báo cáo dài hơn hai năm. Hãy kiểm tra lại năm của hai ngày."))
        )
    if (fault := _too_early(calendar, days.cutoff, days.due, "due")) is not None:
        faults.append(fault)
    if days.opens_on > days.due:
        faults.append(
            DayFault("opens_on", _("Ngày mở nhận ở sau hạn báo cáo. Hãy mở nhận từ hạn trở về trước."))
        )
    if days.superior_due is not None and days.superior_due < earliest_due(calendar, days.due):
        faults.append(
            DayFault(
                "superior_due",
                _(
                    "Hạn gửi cấp trên phải sau hạn của đơn vị (%(due)s) ít nhất 1 ngày làm việc: sớm nhất là %(first)s."
                )
                % {"due": date_vi(days.due), "first": _named(earliest_due(calendar, days.due))},
            )
        )
    return tuple(faults)


def _too_early(calendar: WorkingCalendar, cutoff: date, due: date, item: str) -> DayFault | None:
    first = earliest_due(calendar, cutoff)
    if due >= first:
        return None
    text = _(
        "Hạn báo cáo %(due)s chưa cách ngày chốt số liệu %(cutoff)s đủ 1 ngày làm việc (khoản 5 Điều 8 Nghị định "
        "09/2019/NĐ-CP). Hãy chọn hạn từ %(first)s trở đi, hoặc chốt số liệu sớm hơn."
    )
    return DayFault(item, text % {"due": date_vi(due), "cutoff": date_vi(cutoff), "first": _named(first)})


def _named(day: date) -> str:
    return f"{weekday_vi(day)} {date_vi(day)}"


def proposed_cutoff(calendar: WorkingCalendar, due: date) -> date:
    """Return the cut-off to propose where only the last day is known."""
    return calendar.add_working_days(due, -PROPOSED_CUTOFF_DAYS)


def proposed_opening(calendar: WorkingCalendar, due: date) -> date:
    """Return from which day units may fill in, where nobody said."""
    return calendar.add_working_days(due, -PROPOSED_OPENING_DAYS)
