"""Bills of a site as files: the list, the empty template, and the template filled with what is known."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FormColumn
from khcn.core.exports.tables import table_response
from khcn.energy.models import Bill, Site


def bill_columns(contracts: Any) -> list[FormColumn]:
    """Return the columns of the sheet of bills of a site."""
    codes = {row.customer_code: row.customer_code for row in contracts}
    return [
        FormColumn(
            "contract",
            _("Mã khách hàng"),
            "choice",
            required=True,
            choices=codes,
            example=next(iter(codes), "PE…"),
        ),
        FormColumn("starts_on", _("Từ ngày"), "date", required=True),
        FormColumn("ends_on", _("Đến hết ngày"), "date", required=True),
        FormColumn("kwh_normal", _("kWh giờ bình thường, một giá"), "number", required=True, example=1234),
        FormColumn("kwh_peak", _("kWh giờ cao điểm"), "number", help=_("Chỉ khi hóa đơn có ba dòng kWh.")),
        FormColumn("kwh_off", _("kWh giờ thấp điểm"), "number"),
        FormColumn("before_vat", _("Tiền trước thuế (đồng)"), "integer"),
        FormColumn("vat", _("Tiền thuế (đồng)"), "integer"),
        FormColumn("total", _("Tổng cộng (đồng)"), "integer", required=True, example=2_650_000),
    ]


def bills_template(site: Site, *, filled: bool) -> HttpResponse:
    """Return the sheet of bills, empty or with the bills of the site."""
    columns = bill_columns(site.contracts.all())
    rows = [
        {
            **{column.key: getattr(bill, column.key, None) for column in columns},
            "contract": bill.contract.customer_code,
        }
        for bill in (_bills(site) if filled else ())
    ]
    content = filled_template(columns, rows, title=_("Hóa đơn tiền điện: %(site)s") % {"site": site.name})
    return workbook_response(content, _("Hóa đơn %(site)s") % {"site": site.name})


def _bills(site: Site) -> Iterator[Bill]:
    rows = Bill.objects.filter(contract__site=site).select_related("contract")
    return rows.order_by("contract__customer_code", "starts_on").iterator()


def bills_response(site: Site, kind: str) -> HttpResponseBase:
    """Return all bills of a site as CSV or XLSX."""
    columns = [
        Column(_("Mã khách hàng")), Column(_("Từ ngày")), Column(_("Đến hết ngày")), Column(_("kWh bình thường, một giá")),
        Column(_("kWh cao điểm")), Column(_("kWh thấp điểm")), Column(_("Tiền trước thuế (đồng)")),
        Column(_("Tiền thuế (đồng)")), Column(_("Tổng cộng (đồng)")), Column(_("Nguồn")),
    ]  # fmt: skip
    rows = (
        [bill.contract.customer_code, bill.starts_on, bill.ends_on, bill.kwh_normal, bill.kwh_peak, bill.kwh_off,
         bill.before_vat, bill.vat, bill.total, str(bill.get_source_display())]
        for bill in _bills(site)
    )  # fmt: skip
    return table_response(kind, columns, rows, _("Hóa đơn %(site)s") % {"site": site.name})
