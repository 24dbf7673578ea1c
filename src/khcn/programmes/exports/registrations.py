"""Registrations and the consent ledger as files."""

from collections.abc import Iterable, Iterator

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.questions import answer_words


def registrations_table(kind: str, programme: Programme, rows: Iterable[Registration]) -> HttpResponseBase:
    """Return the list of who registered, with the answers to the programme's questions."""
    questions = programme.questions
    columns = [
        Column(_("Thứ tự")), Column(_("Họ và tên")), Column(_("Tình trạng")), Column(_("Là")), Column(_("Năm sinh")),
        Column(_("Giới tính")), Column(_("Lớp")), Column(_("Trường, đơn vị")), Column(_("Đoàn")),
        Column(_("Cha mẹ hoặc người giám hộ")), Column(_("Liên hệ")), Column(_("Đăng ký lúc")),
        *(Column(str(one["label"])) for one in questions),
    ]  # fmt: skip

    def lines() -> Iterator[list[object]]:
        for row in rows:
            yield [
                row.arrival, row.name, row.get_state_display(), row.get_audience_display(), row.birth_year,
                row.get_sex_display(), row.class_name, row.organisation, row.group.name if row.group else "",
                row.guardian_name, row.contact_address, row.created_at,
                *(answer_words(row.answers.get(one["key"], "")) for one in questions),
            ]  # fmt: skip

    return table_response(kind, columns, lines(), _("Danh sách đăng ký"))  # type: ignore[arg-type]


def consents_table(kind: str, rows: Iterable[Consent]) -> HttpResponseBase:
    """Return the ledger of consents of a programme."""
    columns = [
        Column(_("Người")), Column(_("Mục đích")), Column(_("Bản")), Column(_("Ai đồng ý")), Column(_("Họ tên người đồng ý")),
        Column(_("Cách")), Column(_("Lúc")), Column(_("Rút lúc")), Column(_("Nội dung")),
    ]  # fmt: skip
    lines = (
        [
            row.subject_name, row.get_purpose_display(), row.text.version, row.get_by_display(), row.by_name,
            row.get_form_display(), row.given_at, row.withdrawn_at, row.text.text,
        ]
        for row in rows
    )  # fmt: skip
    return table_response(kind, columns, lines, _("Sổ đồng ý"))
