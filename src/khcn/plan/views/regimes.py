"""Regimes and periods for the focal officer, and the ad hoc request."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.numbers import number_vi
from khcn.plan.enums import Aggregate, Compare
from khcn.plan.forms.regimes import BLANK_ROWS, PeriodForm, RegimeForm, RequestForm, read_form, start_of_year
from khcn.plan.models import Regime, ReportPeriod
from khcn.plan.rules.regime_forms import Form
from khcn.plan.selectors.expected import expected_on
from khcn.plan.selectors.regimes import (
    all_indicators,
    next_days,
    regime_page,
    regimes_list,
    reporting_units,
    templates,
    with_counts,
)
from khcn.plan.selectors.reports import choosable_units
from khcn.plan.services.ad_hoc import ad_hoc_request, request_text, usual_due
from khcn.plan.services.indicator_names import indicator_add
from khcn.plan.services.periods import (
    PeriodDaysError,
    period_close,
    period_create,
    period_open,
    period_update,
)
from khcn.plan.services.regimes import (
    RegimeError,
    regime_create,
    regime_form,
    regime_form_set,
    regime_update,
)
from khcn.plan.views.report_base import GET_POST, at, crumbs, desk_only, officers_page
from khcn.ui.deeds import told


def _way(*pairs: tuple[str, str]) -> Any:
    return crumbs((_("Chế độ báo cáo"), at("regimes")), *pairs)


def _refused(form: Any, error: KhcnError) -> None:
    """Put what a service refused beside its field."""
    if isinstance(error, PermissionDeniedError):
        raise PermissionDenied(error.message) from error
    if isinstance(error, PeriodDaysError):
        for fault in error.faults:
            form.add_error(fault.item if fault.item in form.fields else None, fault.message)
        return
    item = getattr(error, "item", "")
    form.add_error(item if item in form.fields else None, error.message)


@login_required
@require_safe
def regimes(request: HttpRequest) -> HttpResponse:
    """Show the regimes."""
    reach = desk_only(request)
    if not reach.everything:
        raise PermissionDenied(_("Trang này dành cho đơn vị đầu mối, lãnh đạo và người giám sát."))
    running, asked = regimes_list()
    context = {
        "running": running,
        "asked": asked,
        "officer": reach.officer,
        "crumbs": crumbs((_("Chế độ báo cáo"), "")),
    }
    return render(request, "plan/reports/regimes.html", context)


def _regime_of(request: HttpRequest, pk: int) -> Regime:
    reach = desk_only(request)
    if not reach.everything:
        raise PermissionDenied(_("Trang này dành cho đơn vị đầu mối, lãnh đạo và người giám sát."))
    return get_object_or_404(
        Regime.objects.select_related("receiver", "addressed_to", "superior", "plan"), pk=pk
    )


@login_required
@require_safe
def regime(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one regime: who reports what, its periods."""
    found = _regime_of(request, pk)
    context = {
        "page": regime_page(found, timezone.localdate()),
        "regime": found,
        "officer": desk_only(request).officer,
        "crumbs": _way((found.title, "")),
    }
    return render(request, "plan/reports/regime.html", context)


@login_required
@require_http_methods(GET_POST)
def regime_new(request: HttpRequest) -> HttpResponse:
    """Make a regime."""
    officers_page(request)
    form = RegimeForm(request.POST or None, units=choosable_units(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            made = regime_create(
                actor=request.user, facts=form.facts(), form=Form(), reporters=list(form.cleaned_data["reporters"]),
                now=timezone.now(),
            )  # fmt: skip
        except KhcnError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã lập chế độ báo cáo. Hãy chọn số liệu và đề mục."))
            return redirect(at("regime-form", made.pk))
    return _form(request, form, _("Chế độ báo cáo mới"), _("Lập chế độ"), _way((_("Mới"), "")))


def _form(request: HttpRequest, form: Any, title: str, submit: str, way: Any, **context: Any) -> HttpResponse:
    values = {"form": form, "title": title, "submit": submit, "crumbs": way, **context}
    return render(request, "plan/reports/one_form.html", values, status=422 if form.errors else 200)


@login_required
@require_http_methods(GET_POST)
def regime_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a regime says and who reports."""
    officers_page(request)
    found = _regime_of(request, pk)
    names = [name for name in RegimeForm.base_fields if name != "reporters"]
    initial = {name: getattr(found, name) for name in names} | {"reporters": found.reporters.all()}
    form = RegimeForm(request.POST or None, units=choosable_units(timezone.localdate()), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            regime_update(
                actor=request.user, regime=found, facts=form.facts(found),
                reporters=list(form.cleaned_data["reporters"]), now=timezone.now(),
            )  # fmt: skip
        except KhcnError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã lưu chế độ báo cáo."))
            return redirect(at("regime", pk))
    way = _way((found.title, at("regime", pk)), (_("Sửa"), ""))
    return _form(request, form, _("Sửa chế độ báo cáo"), _("Lưu"), way)


@login_required
@require_http_methods(GET_POST)
def regime_form_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change outline, number form and rules; a title in the last row adds an indicator to the register."""
    officers_page(request)
    found = _regime_of(request, pk)
    form, error = regime_form(found), ""
    if request.method == "POST":
        try:
            if request.POST.get("viec") == "them":
                indicator_add(
                    actor=request.user, title=request.POST.get("ten", ""), unit=request.POST.get("dvt", ""),
                    decimals=request.POST.get("le", "0"), now=timezone.now(),
                )  # fmt: skip
                messages.success(request, _("Đã thêm chỉ tiêu vào danh mục. Hãy đánh dấu để dùng."))
                return redirect(f"{at('regime-form', pk)}#chi-tieu-moi")
            form = read_form(request.POST, all_indicators(), form)
            regime_form_set(actor=request.user, regime=found, form=form, now=timezone.now())
        except RegimeError as refused:
            error = refused.message
        else:
            messages.success(request, _("Đã lưu biểu số liệu và đề cương."))
            return redirect(at("regime", pk))
    chosen = {row.code: row for row in form.figures}
    blanks = [None] * BLANK_ROWS
    context = {
        "regime": found,
        "error": error,
        "rows": [(one, chosen.get(one.code)) for one in all_indicators()],
        "headings": [*form.headings, *blanks],
        "rules": [*form.rules, *blanks],
        "codes": [(row.code, row.code) for row in form.figures],
        "aggregates": Aggregate.choices,
        "compares": Compare.choices,
        "crumbs": _way((found.title, at("regime", pk)), (_("Biểu và đề cương"), "")),
    }
    return render(request, "plan/reports/regime_form.html", context, status=422 if error else 200)


@login_required
@require_http_methods(GET_POST)
def period_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a period, its days proposed after the last one."""
    officers_page(request)
    found = _regime_of(request, pk)
    days = next_days(found, timezone.localdate())
    initial = {
        name: getattr(days, name) for name in ("starts_on", "cutoff", "opens_on", "due", "superior_due")
    }
    form = PeriodForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = period_create(
                actor=request.user, regime=found, code=data["code"], title=data["title"], days=form.days(),
                request=data["request"], now=timezone.now(),
            )  # fmt: skip
        except KhcnError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã lập kỳ báo cáo; hệ thống tự mở nhận vào đúng ngày."))
            return redirect(at("period", made.pk))
    way = _way((found.title, at("regime", pk)), (_("Kỳ mới"), ""))
    return _form(request, form, _("Kỳ báo cáo mới"), _("Lập kỳ"), way)


@login_required
@require_http_methods(GET_POST)
def period(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a period with its days; a POST changes them, opens or closes it."""
    reach = desk_only(request)
    if not reach.everything:
        raise PermissionDenied(_("Trang này dành cho đơn vị đầu mối, lãnh đạo và người giám sát."))
    found: Any = get_object_or_404(
        with_counts(ReportPeriod.objects.select_related("regime__receiver")), pk=pk
    )
    names = ("title", "starts_on", "cutoff", "opens_on", "due", "superior_due", "request")
    editing = request.method == "POST" and request.POST.get("viec", "luu") == "luu"
    form = PeriodForm(
        request.POST if editing else None, fixed=True, initial={name: getattr(found, name) for name in names}
    )
    if request.method == "POST":
        officers_page(request)
        if not editing:
            _period_deed(request, found)
            return redirect(at("period", pk))
        if form.is_valid() and _period_saved(request, found, form):
            return redirect(at("period", pk))
    expected = expected_on(found.regime, found.opens_on)
    context = {
        "period": found,
        "regime": found.regime,
        "form": form if reach.officer else None,
        "units": expected.units,
        "gone": expected.gone,
        "text": request_text(found, address=request.build_absolute_uri(at("reports"))),
        "crumbs": _way((found.regime.title, at("regime", found.regime_id)), (found.code, "")),
    }
    return render(request, "plan/reports/period.html", context, status=422 if form.errors else 200)


def _period_saved(request: HttpRequest, found: ReportPeriod, form: PeriodForm) -> bool:
    try:
        period_update(
            actor=request.user, period=found, title=form.cleaned_data["title"], days=form.days(),
            request=form.cleaned_data["request"], now=timezone.now(),
        )  # fmt: skip
    except KhcnError as error:
        _refused(form, error)
        return False
    messages.success(request, _("Đã lưu các ngày của kỳ báo cáo."))
    return True


def _period_deed(request: HttpRequest, found: ReportPeriod) -> None:
    deed, now = request.POST.get("viec"), timezone.now()
    if deed == "mo":
        count = told(request, lambda: period_open(actor=request.user, period=found, now=now))
        if count is not None:
            text = _("Đã mở kỳ: thêm %(count)s báo cáo chờ nhận.")
            messages.success(request, text % {"count": number_vi(count)})
    elif deed in {"dong", "mo-lai"} and told(
        request, lambda: period_close(actor=request.user, period=found, now=now, closed=deed == "dong")
    ):
        messages.success(request, _("Đã đóng kỳ báo cáo.") if deed == "dong" else _("Đã mở lại kỳ báo cáo."))


@login_required
@require_http_methods(GET_POST)
def ad_hoc(request: HttpRequest) -> HttpResponse:
    """Ask units for a report: pick a template, then say what, until when, from whom."""
    officers_page(request)
    offered = templates()
    wanted = request.GET.get("mau", "")
    template = next((one for one in offered if str(one.pk) == wanted), None)
    way = crumbs((_("Báo cáo đột xuất"), ""))
    if template is None:
        return render(request, "plan/reports/ad_hoc_pick.html", {"templates": offered, "crumbs": way})
    today = timezone.localdate()
    initial = {
        "title": template.title,
        "starts_on": start_of_year(today),
        "cutoff": today,
        "due": usual_due(today),
        "units": [unit.pk for unit in expected_on(template, today).units],
    }
    form = RequestForm(request.POST or None, units=reporting_units(template, today), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            sent = ad_hoc_request(
                actor=request.user, template=template, title=data["title"], request=data["request"],
                units=list(data["units"]), starts_on=data["starts_on"], cutoff=data["cutoff"], due=data["due"],
                now=timezone.now(),
            )  # fmt: skip
        except KhcnError as error:
            _refused(form, error)
        else:
            text = _("Đã gửi yêu cầu đến %(units)s đơn vị, %(people)s người.")
            messages.success(
                request, text % {"units": number_vi(sent.units), "people": number_vi(sent.people)}
            )
            if sent.unreached:
                text = _("Chưa có tài khoản nào ở: %(names)s. Hãy nhắn trực tiếp bằng đoạn chữ bên dưới.")
                messages.warning(request, text % {"names": ", ".join(sent.unreached[:20])})
            return redirect(at("period", sent.period.pk))
    lead = _("Biểu và đề cương lấy theo mẫu “%(title)s”.") % {"title": template.title}
    return _form(request, form, _("Yêu cầu báo cáo đột xuất"), _("Gửi yêu cầu"), way, lead=lead)
