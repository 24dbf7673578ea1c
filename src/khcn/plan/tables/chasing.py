"""Tables of who reported when."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.core.dates import date_vi, datetime_vi
from khcn.core.numbers import percent_vi
from khcn.plan.enums import Rung
from khcn.plan.roll_words import MISSING
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.selectors.chasing import PeriodRate, PeriodTable, Rates, Stand, UnitRate, state_words
from khcn.ui.parts import Column, State, Table, Tone

_TONES: dict[Timeliness, Tone] = {
    Timeliness.ON_TIME: "good",
    Timeliness.LATE: "watch",
    Timeliness.RETURNED: "info",
    Timeliness.PENDING: "neutral",
    Timeliness.MISSING: "bad",
    Timeliness.EXCUSED: "neutral",
}
SHORT: dict[Timeliness, str] = {  # one sign a period, explained under the table
    Timeliness.ON_TIME: "Đ",
    Timeliness.LATE: "T",
    Timeliness.RETURNED: "S",
    Timeliness.PENDING: "C",
    Timeliness.MISSING: "K",
    Timeliness.EXCUSED: "M",
}


def time_state(time: Timeliness) -> State:
    """Return how a report stands, in words and a shape."""
    return State(label=str(time.label), tone=_TONES[time])


def legend() -> str:
    """Return what the signs of the history mean."""
    return _(
        "Các kỳ trước: Đ đúng hạn, T trễ, S đang sửa, C chưa đến hạn, K không gửi, M không phải báo cáo."
    )


def history_words(stand: Stand) -> str:
    """Return how a unit stood before: ``2025-H2 Đ, 2025-H1 T``."""
    return ", ".join(f"{past.code} {SHORT[past.time]}" for past in stand.history) or MISSING


def reminder_words(stand: Stand) -> str:
    """Return the newest reminder; says so when nobody got it."""
    if not stand.reminders:
        return MISSING
    last = stand.reminders[-1]
    text = f"{Rung(last.rung).label}, {date_vi(last.sent_at)}"
    return text if last.people else f"{text} ({_('chưa có người nhận')})"


def exception_words(stand: Stand) -> str:
    """Return until when a unit may send, and why."""
    if stand.until is None:
        return stand.report.excused
    return _("đến %(day)s: %(why)s") % {"day": date_vi(stand.until), "why": stand.until_reason}


def stands_table(found: PeriodTable) -> Table:
    """Return the table of a period, each unit leading to its report."""
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("plan-desk:report", args=[one.report.pk]), one.name),
            time_state(one.time),
            one.sent_on or MISSING,
            state_words(one.report),
            reminder_words(one),
            exception_words(one) or MISSING,
            history_words(one),
        ]
        for one in found.stands
    ]
    return Table(caption=_("Tình hình gửi báo cáo"), hide_caption=True, columns=[
        Column(label=_("Đơn vị")), Column(label=_("Đúng hạn hay trễ")), Column(label=_("Ngày gửi")),
        Column(label=_("Trạng thái")), Column(label=_("Nhắc gần nhất")), Column(label=_("Nộp muộn, miễn")),
        Column(label=_("Các kỳ trước")),
    ], rows=rows, sticky=True)  # fmt: skip


def stand_heads() -> list[str]:
    """Return the columns of the file of a period."""
    return [
        _("Đơn vị"), _("Đúng hạn hay trễ"), _("Gửi lúc"), _("Trạng thái"), _("Lần nhắc"), _("Nhắc gần nhất"),
        _("Được nộp đến hết ngày"), _("Lý do"), _("Các kỳ trước"),
    ]  # fmt: skip


def stand_cells(one: Stand) -> list[Any]:
    """Return a unit for the file of a period."""
    return [
        one.name, str(one.time.label), one.report.submitted_at, state_words(one.report), len(one.reminders),
        reminder_words(one) if one.reminders else "", one.until, one.until_reason or one.report.excused,
        history_words(one) if one.history else "",
    ]  # fmt: skip


def _share(value: float | None) -> str:
    return MISSING if value is None else percent_vi(value, 0)


def periods_table(rates: Sequence[PeriodRate]) -> Table:
    """Return the rates by period."""
    rows = [
        [
            format_html('<a href="{}">{}</a>', reverse("plan-desk:chasing-period", args=[one.period.pk]),
                        f"{one.period.code}: {one.period.title or one.period.regime.title}"),
            one.period.due, one.tally.expected, one.tally.received, _share(one.tally.rate), one.tally.on_time,
            _share(one.tally.on_time_rate), one.tally.late, one.tally.missing + one.tally.pending + one.tally.returned,
            one.tally.excused, one.tally.exceptions,
        ]
        for one in rates
    ]  # fmt: skip
    return Table(caption=_("Theo kỳ"), hide_caption=True, columns=[
        Column(label=_("Kỳ")), Column(label=_("Hạn")), Column(label=_("Phải gửi"), numeric=True),
        Column(label=_("Đã gửi"), numeric=True), Column(label=_("Tỷ lệ"), numeric=True),
        Column(label=_("Đúng hạn"), numeric=True), Column(label=_("Tỷ lệ đúng hạn"), numeric=True),
        Column(label=_("Trễ"), numeric=True), Column(label=_("Chưa gửi"), numeric=True),
        Column(label=_("Được miễn"), numeric=True), Column(label=_("Cho nộp muộn"), numeric=True),
    ], rows=rows, sticky=True)  # fmt: skip


def units_table(rates: Sequence[UnitRate]) -> Table:
    """Return the ranking of units."""
    rows = [
        [
            one.name, one.place, one.tally.expected, one.tally.received, one.tally.on_time,
            _share(one.tally.on_time_rate), one.tally.late, one.tally.missing + one.tally.returned, one.tally.exceptions,
        ]
        for one in rates
    ]  # fmt: skip
    return Table(caption=_("Theo đơn vị"), hide_caption=True, columns=[
        Column(label=_("Đơn vị")), Column(label=_("Hạng"), numeric=True), Column(label=_("Phải gửi"), numeric=True),
        Column(label=_("Đã gửi"), numeric=True), Column(label=_("Đúng hạn"), numeric=True),
        Column(label=_("Tỷ lệ đúng hạn"), numeric=True), Column(label=_("Trễ"), numeric=True),
        Column(label=_("Không gửi"), numeric=True), Column(label=_("Cho nộp muộn"), numeric=True),
    ], rows=rows, sticky=True)  # fmt: skip


def rate_heads() -> list[str]:
    """Return the columns of the file of rates: one row a period, then one row a unit."""
    return [
        _("Kỳ hoặc đơn vị"), _("Loại"), _("Hạng"), _("Hạn"), _("Phải gửi"), _("Đã gửi"), _("Đúng hạn"), _("Trễ"),
        _("Chưa gửi"), _("Được miễn"), _("Cho nộp muộn"), _("Tỷ lệ đúng hạn (%)"),
    ]  # fmt: skip


def rate_cells(rates: Rates) -> list[list[Any]]:
    """Return the rows of the file of rates."""

    def figures(tally: Any) -> list[Any]:
        waiting = tally.missing + tally.pending + tally.returned
        share = None if tally.on_time_rate is None else round(tally.on_time_rate * 100, 1)
        return [
            tally.expected, tally.received, tally.on_time, tally.late, waiting, tally.excused, tally.exceptions, share,
        ]  # fmt: skip

    periods = [
        [f"{one.period.code}: {one.period.title}", _("Kỳ"), None, one.period.due, *figures(one.tally)]
        for one in rates.periods
    ]
    units = [[one.name, _("Đơn vị"), one.place, None, *figures(one.tally)] for one in rates.units]
    return [*periods, *units]


def updated_words(found: PeriodTable, now: Any) -> str:
    """Return since when the page is right."""
    return _("Lúc %(now)s") % {"now": datetime_vi(now)}
