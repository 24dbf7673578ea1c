"""Communication work as files: the list, the template down, filled, and read back."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FormColumn
from khcn.core.exports.tables import table_response
from khcn.orgs.models import Unit
from khcn.plan.enums import Channel
from khcn.plan.models import Campaign, EventPart, Outreach
from khcn.plan.rules.comms import AUDIENCES


def outreach_columns(units: Sequence[Unit], campaigns: Sequence[Campaign]) -> list[FormColumn]:
    """Return the columns of the sheet; ``item``: number of an entry that is there, empty for a new one."""
    return [
        FormColumn(
            "item", _("Số của việc"), "integer",
            help=_("Để trống khi thêm việc mới. Dòng đã có thì giữ nguyên số này để sửa."), width=12,
        ),
        FormColumn("unit", _("Đơn vị"), "choice", required=True, choices={unit.name: str(unit.pk) for unit in units}),
        FormColumn("happened_on", _("Ngày"), "date", required=True),
        FormColumn(
            "channel", _("Hình thức"), "choice", required=True,
            choices={str(label): value for value, label in Channel.choices},
        ),
        FormColumn("count", _("Số lượt, số bản"), "integer", required=True, example=1),
        FormColumn("people", _("Số người tiếp cận"), "integer", example=120),
        FormColumn("counted", _("Đếm được"), "yes_no", help=_("Có: đếm được. Không hoặc để trống: ước tính.")),
        FormColumn(
            "campaign", _("Đợt tuyên truyền"), "choice", width=40,
            choices={f"{one.title} ({one.pk})": str(one.pk) for one in campaigns},
        ),
        FormColumn("place", _("Nơi"), max_length=200),
        FormColumn("link", _("Đường dẫn bài đăng"), max_length=1000),
        FormColumn("note", _("Ghi chú"), max_length=500, width=40),
    ]  # fmt: skip


def outreach_sheet(columns: Sequence[FormColumn], rows: Sequence[Outreach]) -> HttpResponse:
    """Return the sheet with what is there (nothing: the empty template)."""
    filled = [
        {
            "item": row.pk, "unit": str(row.unit_id), "happened_on": row.happened_on, "channel": row.channel,
            "count": row.count, "people": row.people, "counted": _("Có") if row.people_counted else None,
            "campaign": str(row.campaign_id) if row.campaign_id else None, "place": row.place, "link": row.link,
            "note": row.note,
        }
        for row in rows
    ]  # fmt: skip
    content = filled_template(columns, filled, title=_("Việc tuyên truyền"))
    return workbook_response(content, _("Việc tuyên truyền"))


def outreach_table(kind: str, rows: Sequence[Outreach]) -> HttpResponseBase:
    """Return entries as CSV or XLSX."""
    columns = [
        Column(_("Ngày")), Column(_("Đơn vị")), Column(_("Hình thức")), Column(_("Đợt tuyên truyền")),
        Column(_("Nhiệm vụ")), Column(_("Số lượt, số bản")), Column(_("Số người tiếp cận")),
        Column(_("Đếm được")), Column(_("Nơi")), Column(_("Đường dẫn")), Column(_("Ghi chú")), Column(_("Người ghi")),
    ]  # fmt: skip
    values = (
        [
            row.happened_on, row.unit.name, row.get_channel_display(), row.campaign.title if row.campaign else "",
            row.task_code, row.count, row.people, _("Có") if row.people_counted else _("Không"), row.place, row.link,
            row.note, row.entered_by.get_full_name() if row.entered_by else "",
        ]
        for row in rows
    )  # fmt: skip
    return table_response(kind, columns, values, _("Việc tuyên truyền"))


def parts_table(kind: str, rows: Sequence[EventPart]) -> HttpResponseBase:
    """Return the units' parts in others' events as CSV or XLSX."""
    columns = [
        Column(_("Hoạt động")), Column(_("Loại")), Column(_("Đơn vị tổ chức")), Column(_("Từ ngày")),
        Column(_("Đến hết ngày")), Column(_("Đơn vị")), Column(_("Trạng thái")), Column(_("Số người cử")),
        Column(_("Số người dự")), Column(_("Đối tượng")), Column(_("Số giải")), Column(_("Giải thưởng")), Column(_("Ghi chú")),
    ]  # fmt: skip

    def values(row: Any) -> list[Any]:
        event = row.event
        return [
            event.title, event.get_kind_display(), event.organiser, event.starts_on, event.ends_on, row.unit.name,
            row.get_state_display(), row.nominated, row.attended, str(AUDIENCES.get(row.audience, row.audience)),
            row.awards, row.award_text, row.note,
        ]  # fmt: skip

    return table_response(kind, columns, (values(row) for row in rows), _("Tham gia hoạt động của nơi khác"))
