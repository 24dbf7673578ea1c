"""The words of chasing: reminders for one unit, the text about all late units to paste elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi, datetime_vi
from khcn.plan.enums import ReportState, Rung
from khcn.plan.models import UnitReport
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.selectors.chasing import PeriodTable, late_units


@dataclass(frozen=True)
class Words:
    """Subject and body of a reminder."""

    subject: str
    body: str


def reminder_words(report: UnitReport, rung: Rung, *, end: date) -> Words:
    """Return what a reminder says. ``end``: the last day on which this unit may send."""
    period = report.period
    facts = {
        "unit": report.unit_name,
        "title": period.title or period.regime.title,
        "due": date_vi(period.due),
        "end": date_vi(end),
        "cutoff": date_vi(period.cutoff),
    }
    subject = {
        Rung.OPENED: _("Mời gửi %(title)s, hạn %(due)s"),
        Rung.WEEK: _("Còn một tuần làm việc: %(title)s, hạn %(due)s"),
        Rung.DAY: _("Còn một ngày làm việc: %(title)s, hạn %(end)s"),
        Rung.LATE: _("Quá hạn: %(unit)s chưa gửi %(title)s"),
        Rung.HEAD: _("Đề nghị thủ trưởng chỉ đạo: %(unit)s chưa gửi %(title)s"),
    }[rung]
    waiting = report.state == ReportState.SUBMITTED
    ask = (
        _("Báo cáo của %(unit)s đang chờ thủ trưởng duyệt. Hãy mở báo cáo, xem rồi bấm duyệt.")
        if waiting
        else _(
            "Số liệu tính đến %(cutoff)s, phần lớn đã điền sẵn. Hãy mở báo cáo, kiểm tra, bổ sung rồi gửi."
        )
    )
    lines = [ask]
    if rung in (Rung.LATE, Rung.HEAD):
        lines.insert(0, _("Hạn gửi là hết ngày %(end)s."))
        lines.append(_("Nếu không gửi kịp, hãy đề nghị lãnh đạo đơn vị đầu mối cho nộp muộn, ghi rõ lý do."))
    else:
        lines.append(_("Hạn gửi: hết ngày %(end)s."))
    return Words(subject % facts, " ".join(lines) % facts)


def zalo_text(table: PeriodTable, now: datetime) -> str:
    """Return a text about those who have not sent, to paste into a group; empty when all have."""
    late = late_units(table)
    if not late:
        return ""
    period = table.period
    facts = {
        "now": datetime_vi(now),
        "received": table.tally.received,
        "expected": table.tally.expected,
        "title": period.title or period.regime.title,
        "due": date_vi(period.due),
        "count": len(late),
    }
    overdue = any(one.time == Timeliness.MISSING for one in late)
    head = _("%(title)s (hạn %(due)s): đến %(now)s đã có %(received)s/%(expected)s đơn vị gửi.") % facts
    ask = (
        _("Quá hạn, đề nghị gửi ngay (%(count)s đơn vị):")
        if overdue
        else _("Còn chờ báo cáo của %(count)s đơn vị:")
    ) % facts
    names = []
    for one in late:
        text = f"- {one.name}"
        if one.until:
            text += _(" (được nộp đến hết ngày %(day)s)") % {"day": date_vi(one.until)}
        names.append(text)
    return "\n".join([head, ask, *names])
