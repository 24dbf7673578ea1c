"""The five tables with dates: what applies now, their history, a new row, where a row comes from."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.dates import date_vi
from khcn.energy import permissions
from khcn.energy.forms.tables import FORMS, PriceFormSet, RerateForm, SourceForm, SpanFormSet
from khcn.energy.selectors.tables import (
    TABLES,
    copied_prices,
    copied_spans,
    line_of,
    price_table,
    removable,
    table_cards,
    table_lines,
    titles,
)
from khcn.energy.services.price_tables import row_add, row_remove, row_source_set
from khcn.energy.services.rerates import rerate_ask
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import Crumbs, at, crumbs, form_page, sent
from khcn.energy.views.setup_sites import GET_POST
from khcn.ui.deeds import only


def _readers_only(request: HttpRequest) -> None:
    only(
        permissions.can_use_desk(request.user),
        _("Bảng giá và hệ số dành cho người làm chương trình năng lượng."),
    )


def _keepers_only(request: HttpRequest) -> None:
    only(
        permissions.can_keep_tables(request.user),
        _("Bảng giá và hệ số do cán bộ tài chính hoặc cán bộ chương trình năng lượng sửa."),
    )


def _known(table: str) -> str:
    if table not in TABLES:
        raise Http404
    return titles()[table][0]


def _way(*pairs: tuple[str, str]) -> Crumbs:
    return [*crumbs()[:1], (_("Bảng giá, hệ số"), at("tables")), *pairs]


@login_required
@require_safe
def table_home(request: HttpRequest) -> HttpResponse:
    """Show the five tables with what applies today."""
    _readers_only(request)
    context = {
        "cards": table_cards(timezone.localdate()),
        "keeper": permissions.can_keep_tables(request.user),
        "crumbs": [*_way()[:-1], (_("Bảng giá, hệ số"), "")],
    }
    return render(request, "energy/setup/tables.html", context)


@login_required
@require_safe
def table_page(request: HttpRequest, table: str) -> HttpResponse:
    """Show the history of a table."""
    title = _known(table)
    _readers_only(request)
    context = {
        "table": table,
        "title": title,
        "about": titles()[table][1],
        "lines": table_lines(table, timezone.localdate()),
        "keeper": permissions.can_keep_tables(request.user),
        "crumbs": _way((title, "")),
    }
    return render(request, "energy/setup/table.html", context)


@login_required
@require_http_methods(GET_POST)
def table_row(request: HttpRequest, table: str, pk: int) -> HttpResponse:
    """Show a row with its prices; a POST corrects its source, or takes back what does not apply yet."""
    title = _known(table)
    _readers_only(request)
    row = get_object_or_404(TABLES[table], pk=pk)
    keeper = permissions.can_keep_tables(request.user)
    deed = request.POST.get("viec", "")
    form = SourceForm(
        request.POST if deed == "nguon" else None,
        initial={"source": row.source, "certainty": row.certainty, "note": row.note},
    )
    now = timezone.now()
    if request.method == "POST":
        _keepers_only(request)
        if deed == "xoa":
            try:
                sent(None, lambda: row_remove(actor=request.user, table=table, row=row, now=now))
            except RegisterError as error:
                messages.error(request, error.message)
                return redirect(at("table-row", table, pk))
            messages.success(request, _("Đã bỏ dòng chưa áp dụng; dòng trước có hiệu lực trở lại."))
            return redirect(at("table", table))
        if form.is_bound and form.is_valid():
            done = sent(
                form,
                lambda: row_source_set(
                    actor=request.user, table=table, row=row, values=form.cleaned_data, now=now
                ),
            )
            if done is not None:
                messages.success(request, _("Đã lưu nguồn và độ chắc chắn."))
                return redirect(at("table-row", table, pk))
    today = timezone.localdate()
    context = {
        "table": table,
        "line": line_of(row, today),
        "prices": price_table(row) if table == "gia" else None,
        "form": form,
        "keeper": keeper,
        "removable": removable(table, row, today),
        "crumbs": _way((title, at("table", table)), (row.document, "")),
    }
    return render(request, "energy/setup/table_row.html", context)


@login_required
@require_http_methods(GET_POST)
def table_add(request: HttpRequest, table: str) -> HttpResponse:
    """Add a row; prices and hours start from the newest one."""
    title = _known(table)
    _keepers_only(request)
    form = FORMS[table](request.POST or None)
    rows: Any = None
    if table == "gia":
        rows = PriceFormSet(request.POST or None, initial=copied_prices(), prefix="gia")
    elif table == "khung-gio":
        rows = SpanFormSet(request.POST or None, initial=copied_spans(), prefix="khung")
    if request.method == "POST" and form.is_valid() and (rows is None or rows.is_valid()):
        values = dict(form.cleaned_data)
        prices = rows.values() if table == "gia" else ()
        if table == "khung-gio":
            values["spans"] = rows.values()
        row = sent(
            form,
            lambda: row_add(
                actor=request.user, table=table, values=values, prices=prices, now=timezone.now()
            ),
        )
        if row is not None:
            messages.success(request, _effect(table, row))
            return redirect(at("table", table))
    context = {
        "table": table,
        "title": title,
        "form": form,
        "rows": rows,
        "crumbs": _way((title, at("table", table)), (_("Thêm"), "")),
    }
    return render(request, "energy/setup/table_add.html", context)


def _effect(table: str, row: Any) -> str:
    if table == "phat-thai":
        return _("Đã thêm. Hệ số dùng cho báo cáo từ năm %(year)s; báo cáo các năm trước giữ nguyên.") % {
            "year": row.used_from_year
        }
    return _("Đã thêm. Áp dụng từ ngày %(day)s; số liệu trước đó giữ nguyên.") % {
        "day": date_vi(row.valid_from)
    }


@login_required
@require_http_methods(GET_POST)
def rerate(request: HttpRequest) -> HttpResponse:
    """Have past days of a site priced by the tables as they are now."""
    _keepers_only(request)
    form = RerateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        job = sent(form, lambda: rerate_ask(actor=request.user, now=timezone.now(), **form.cleaned_data))
        if job is not None:
            messages.success(request, _("Đang tính lại. Kết quả hiện ở “Việc chạy nền”."))
            return redirect(at("tables"))
    return form_page(
        request, form, title=_("Tính lại tiền của những ngày đã qua"), way=_way(), submit=_("Tính lại"),
        lead=_("Số tiền mỗi ngày không tự đổi khi bảng giá đổi. Chỉ tính lại khi bảng giá nhập muộn hoặc từng sai."),
    )  # fmt: skip
