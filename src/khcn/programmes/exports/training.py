"""Training as files: needs, records, summaries, proposals; the own record as Excel and JSON."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column, attachment
from khcn.core.exports.tables import table_response
from khcn.programmes.models.training import TrainingPerson, TrainingPost
from khcn.programmes.models.training_more import CourseBatch, NeedsAnswer, ProposedPerson, TrainingRecord
from khcn.programmes.selectors.training import WantedRow
from khcn.programmes.selectors.training_needs import PersonNeeds
from khcn.programmes.selectors.training_summary import Sum


def needs_file(kind: str, rows: Iterable[PersonNeeds], day: date) -> HttpResponseBase:
    """Return one row a person and required topic; a person without any has one row."""
    heads = [
        _("Họ và tên"), _("Đơn vị"), _("Chức danh"), _("Từ ngày"), _("Mã chủ đề"), _("Chủ đề"), _("Mức"), _("Tình trạng"),
        _("Có giá trị đến"), _("Phải có trước ngày"), _("Còn (ngày)"),
    ]  # fmt: skip

    def cells() -> Iterable[list[Any]]:
        for row in rows:
            post = row.post
            who = [post.person.name, post.unit.name, post.position.title, post.office_on]
            for one in row.needs:
                need = one.need
                yield [
                    *who,
                    one.topic.code,
                    one.topic.name,
                    one.level,
                    need.state.label,
                    need.until,
                    need.due_on,
                    need.days,
                ]
            if not row.needs:
                yield [*who, "", "", "", _("Vị trí chưa có yêu cầu"), None, None, None]

    return table_response(
        kind,
        [Column(head) for head in heads],
        cells(),
        _("Nhu cầu bồi dưỡng %(day)s") % {"day": day.isoformat()},
    )


RECORD_HEADS = (
    "Họ và tên", "Đơn vị", "Chủ đề", "Khóa học", "Nơi tổ chức", "Ngày hoàn thành", "Có giá trị đến", "Số tiết, giờ", "Số giấy",
    "Nguồn", "Tình trạng",
)  # fmt: skip


def _record(row: TrainingRecord) -> list[Any]:
    return [
        row.person.name, row.unit.name, row.topic.name, row.title, row.organiser, row.held_on, row.valid_until, row.hours,
        number_of(row), row.get_basis_display(), state_words(row),
    ]  # fmt: skip


def number_of(row: TrainingRecord) -> str:
    """Return the number of the certificate: entered, or that of the own one."""
    return row.certificate_number or (row.certificate.code if row.certificate else "")


def state_words(row: TrainingRecord) -> str:
    """Return whether a record counts, in words."""
    if row.certificate is not None and row.certificate.revoked_at is not None:
        return _("Giấy chứng nhận đã bị thu hồi")
    return str(row.get_state_display())


def records_file(kind: str, rows: Iterable[TrainingRecord]) -> HttpResponseBase:
    """Return records, one a row."""
    columns = [Column(_(head)) for head in RECORD_HEADS]
    return table_response(kind, columns, (_record(row) for row in rows), _("Kết quả bồi dưỡng"))


def summary_file(kind: str, rows: Sequence[Sum], total: Sum, *, first: str, year: int) -> HttpResponseBase:
    """Return one table of the yearly summary with its total."""
    heads = [first, _("Số người"), _("Đã học trong năm"), _("Lượt hoàn thành"), _("Số tiết, giờ"), _("Yêu cầu còn thiếu"), _("Người có yêu cầu bắt buộc"), _("Đáp ứng đủ"), _("Tỷ lệ đáp ứng (%)")]  # fmt: skip
    total.name = _("Toàn địa bàn")
    cells: Iterable[list[Any]] = (
        [one.name, one.people, one.trained, one.records, one.hours, one.lacking, one.bound, one.meeting,
         round(100 * one.share, 1) if one.share is not None else None]
        for one in [*rows, total]
    )  # fmt: skip
    return table_response(
        kind, [Column(head) for head in heads], cells, _("Tổng hợp bồi dưỡng %(year)s") % {"year": year}
    )


def wanted_file(kind: str, rows: Sequence[WantedRow], year: int) -> HttpResponseBase:
    """Return what units want of each topic."""
    heads = [_("Chủ đề"), _("Số đơn vị"), _("Số người"), _("Cần ngay"), _("Cần trong năm"), _("Khi có điều kiện"), _("Trực tiếp"), _("Trực tuyến"), _("Kết hợp")]  # fmt: skip
    cells: Iterable[list[Any]] = (
        [one.topic.name, one.units, one.people, *(one.by_priority.get(key, 0) for key in (1, 2, 3)),
         *(one.by_form.get(key, 0) for key in ("room", "online", "mixed"))]
        for one in rows
    )  # fmt: skip
    return table_response(
        kind, [Column(head) for head in heads], cells, _("Nhu cầu bồi dưỡng năm %(year)s") % {"year": year}
    )


def answers_file(kind: str, answers: Sequence[NeedsAnswer], year: int) -> HttpResponseBase:
    """Return which unit answered when."""
    heads = [_("Đơn vị"), _("Trả lời lúc"), _("Muộn"), _("Số người cần"), _("Ý kiến khác")]
    cells: Iterable[list[Any]] = (
        [one.unit.name, one.submitted_at, one.is_late, getattr(one, "wanted", None), one.note]
        for one in answers
    )
    return table_response(
        kind, [Column(head) for head in heads], cells, _("Đơn vị trả lời năm %(year)s") % {"year": year}
    )


def batch_file(kind: str, batch: CourseBatch, people: Iterable[ProposedPerson]) -> HttpResponseBase:
    """Return who of a batch goes to which course."""
    heads = [_("Họ và tên"), _("Đơn vị"), _("Khóa học"), _("Chủ đề"), _("Nơi tổ chức"), _("Từ ngày"), _("Đến ngày"), _("Kinh phí (đồng)"), _("Kết quả")]  # fmt: skip
    cells: Iterable[list[Any]] = (
        [one.person.name, one.proposal.unit.name, one.proposal.course, one.proposal.topic.name, one.proposal.organiser,
         one.proposal.starts_on, one.proposal.ends_on, one.proposal.cost_vnd, one.get_outcome_display()]
        for one in people
    )  # fmt: skip
    return table_response(kind, [Column(head) for head in heads], cells, batch.title)


def own_json(
    person: TrainingPerson,
    posts: Sequence[TrainingPost],
    records: Sequence[TrainingRecord],
    needs: PersonNeeds | None,
) -> HttpResponse:
    """Return all that is kept about somebody, as JSON."""
    document = {
        "name": person.name, "email": person.email, "phone": person.phone,
        "posts": [
            {"unit": one.unit.name, "position": one.position.title, "from": one.starts_on, "to": one.ends_on} for one in posts
        ],
        "records": [
            {"topic": one.topic.code, "topic_name": one.topic.name, "course": one.title, "organiser": one.organiser,
             "held_on": one.held_on, "valid_until": one.valid_until, "hours": str(one.hours) if one.hours is not None else None,
             "certificate": number_of(one), "basis": one.basis, "state": state_words(one)}
            for one in records
        ],
        "needs": [
            {"topic": one.topic.code, "level": one.level, "state": one.need.state, "until": one.need.until, "due": one.need.due_on}
            for one in (needs.needs if needs else ())
        ],
    }  # fmt: skip
    text = json.dumps(document, ensure_ascii=False, indent=1, default=lambda value: value.isoformat())
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = attachment("ket-qua-boi-duong.json")
    return response
