"""Reports of schools as a spreadsheet: counts and words about the lesson, no names."""

from collections.abc import Iterable

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.models.curricula_runs import LessonRun


def runs_table(kind: str, rows: Iterable[LessonRun]) -> HttpResponseBase:
    """Return the list of reports."""
    heads = [
        _("Ngày dạy"), _("Trường, đơn vị"), _("Bài học"), _("Phiên bản"), _("Lớp"), _("Khối"), _("Số học sinh"),
        _("Số phút"), _("Đánh giá"), _("Điều làm tốt"), _("Điều chưa tốt"), _("Sự cố an toàn"), _("Đã xử lý"),
        _("Đã rút"),
    ]  # fmt: skip
    lines = (
        [
            one.ran_on, one.unit.name, one.lesson.title, one.version.number, one.class_name, one.grade, one.pupils,
            one.minutes, one.rating, one.worked, one.wrong, one.incident_note if one.incident else "", one.handled_note,
            one.withdraw_reason if one.withdrawn_at else "",
        ]
        for one in rows
    )  # fmt: skip
    return table_response(kind, [Column(head) for head in heads], lines, _("Các lần dạy"))
