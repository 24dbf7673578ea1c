"""Exhibitors and their contacts as files; the sheet that goes down, is filled, and comes up."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FormColumn
from khcn.core.exports.tables import table_response
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.rules.exhibitions import ExhibitorKind


def exhibitor_columns() -> list[FormColumn]:
    """Return the columns of the sheet; the name tells whether a row is new."""
    return [
        FormColumn("name", _("Tên đơn vị"), required=True, max_length=200, width=36),
        FormColumn(
            "kind",
            _("Loại"),
            "choice",
            required=True,
            choices={str(label): value for value, label in ExhibitorKind.choices},
        ),
        FormColumn("text", _("Giới thiệu ngắn"), max_length=3000, width=50),
        FormColumn("website", _("Trang mạng"), max_length=300, help=_("Bắt đầu bằng https://.")),
        FormColumn("contact_name", _("Người phụ trách"), max_length=150),
        FormColumn("address", _("Điện thoại hoặc thư điện tử"), max_length=254),
    ]


def exhibitors_sheet(rows: Iterable[Exhibitor]) -> HttpResponse:
    """Return the sheet with what is there (nothing: the empty template)."""
    filled = [
        {
            "name": row.name, "kind": row.kind, "text": row.text, "website": row.website, "contact_name": row.contact_name,
            "address": row.contact_address,
        }
        for row in rows
    ]  # fmt: skip
    title = _("Đơn vị trưng bày")
    return workbook_response(filled_template(exhibitor_columns(), filled, title=title), title)


def exhibitors_table(kind: str, rows: Iterable[Any]) -> HttpResponseBase:
    """Return the list as CSV or XLSX."""
    columns = [
        Column(_("Tên đơn vị")), Column(_("Loại")), Column(_("Trạng thái")), Column(_("Gian")), Column(_("Số sản phẩm")),
        Column(_("Số khách để lại liên hệ")), Column(_("Trang mạng")), Column(_("Người phụ trách")), Column(_("Liên hệ")),
    ]  # fmt: skip
    values = (
        [
            row.name, row.get_kind_display(), row.get_state_display(), ", ".join(one.number for one in row.booths.all()),
            row.held_products, row.held_contacts, row.website, row.contact_name, row.contact_address,
        ]
        for row in rows
    )  # fmt: skip
    return table_response(kind, columns, values, _("Đơn vị trưng bày"))


def contacts_table(kind: str, rows: Sequence[VisitorContact]) -> HttpResponseBase:
    """Return what visitors left for one exhibitor."""
    columns = [
        Column(_("Tên")), Column(_("Điện thoại, thư điện tử")), Column(_("Quan tâm")), Column(_("Muốn hẹn gặp")),
        Column(_("Lúc")), Column(_("Đã trả lời")),
    ]  # fmt: skip
    values = (
        [
            row.name,
            row.address,
            row.message,
            _("Có") if row.wants_meeting else _("Không"),
            row.confirmed_at,
            row.reply,
        ]
        for row in rows
    )
    return table_response(kind, columns, values, _("Khách để lại liên hệ"))
