"""Desk pages of the self-check: figures, versions of the questions, who wants to be called."""

import json
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.columns import attachment
from khcn.programmes.exports.readiness import lines_file
from khcn.programmes.forms.readiness import CloseForm, UploadForm
from khcn.programmes.models.readiness import Questionnaire, ReadinessCall
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_readiness import can_keep_questions, can_read_calls, can_read_figures
from khcn.programmes.selectors.readiness import (
    BREAKDOWNS,
    Whole,
    breakdown_of,
    check_years,
    whole_of,
)
from khcn.programmes.services.readiness_calls import call_close
from khcn.programmes.services.readiness_questions import (
    questionnaire_load,
    questionnaire_publish,
    questionnaire_upload,
)
from khcn.ui.charts.model import BarItem, Chart, bars
from khcn.ui.deeds import only, sent, told
from khcn.ui.parts import Tab

PAGE: Final = 30


def _frame(request: HttpRequest, reach: Reach, **context: Any) -> dict[str, Any]:
    pages = [("home", _("Số liệu"), True), ("questions", _("Bộ câu hỏi"), can_keep_questions(reach)), ("calls", _("Gọi lại"), can_read_calls(reach))]  # fmt: skip
    tabs = []
    for name, label, may in pages:
        url = reverse(f"readiness-desk:{name}")
        here = request.path == url if name == "home" else request.path.startswith(url)
        if may:
            tabs.append(Tab(label=label, url=url, current=here))
    return {"tabs": tabs if len(tabs) > 1 else [], **context}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Show the figures of a year: all together, or by one breakdown; the same table as a file."""
    reach = reach_of(request.user)
    only(can_read_figures(reach), _("Số liệu này dành cho đơn vị đầu mối, lãnh đạo và người giám sát."))
    now = timezone.now()
    questionnaire, this_year = questionnaire_load(now=now), timezone.localdate(now).year
    years = check_years(request.user) or [this_year]
    asked, by = request.GET.get("nam", ""), request.GET.get("theo", "")
    year = next((one for one in years if str(one) == asked), years[0])
    by = by if by in BREAKDOWNS else ""
    whole = whole_of(request.user, questionnaire, year) if not by else None
    lines = breakdown_of(request.user, questionnaire, by, year) if by else []
    sheet = questionnaire.sheet
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        title = _("Mức độ số năm %(year)s") % {"year": year} if by != "nam" else _("Mức độ số theo năm")
        first = str(BREAKDOWNS[by]) if by else _("Phạm vi")
        return lines_file(kind, lines if whole is None else [whole.line], sheet, first=first, title=title)
    context = _frame(
        request, reach, whole=whole, lines=lines, sheet=sheet, year=year, years=years, by=by, by_label=BREAKDOWNS.get(by, ""),
        breakdowns=BREAKDOWNS.items(), chart=_chart(whole, year) if whole else None,
    )  # fmt: skip
    return render(request, "programmes/readiness/desk_home.html", context)


def _chart(whole: Whole, year: int) -> Chart | None:
    known = [one for one in whole.spreads if one.mean is not None]
    if not known or whole.line.count is None:
        return None
    weakest = min(known, key=lambda one: one.mean or 0)
    return bars(
        title=_("%(name)s là phần thấp nhất năm %(year)s") % {"name": weakest.label, "year": year},
        unit=_("điểm trên 100"), source=_("Tự chấm mức độ số, %(n)s lượt") % {"n": whole.line.count},
        items=[BarItem(label=one.label, value=one.mean, highlight=one is weakest) for one in whole.spreads],
        label_word=_("Phần"), value_word=_("Điểm trung bình"),
    )  # fmt: skip


def _keeper(request: HttpRequest) -> Reach:
    reach = reach_of(request.user)
    only(can_keep_questions(reach), _("Bộ câu hỏi do chuyên viên đầu mối giữ."))
    return reach


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest) -> HttpResponseBase:
    """List the versions; take a new one as a file."""
    reach, now, status = _keeper(request), timezone.now(), 200
    questionnaire_load(now=now)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            row = sent(
                form,
                lambda: questionnaire_upload(
                    actor=request.user, file=data["file"], note=data["note"], now=now
                ),
            )
            if row is not None:
                messages.success(
                    request, _("Đã lưu bản %(n)s, chưa dùng. Xem lại rồi bấm Dùng bản này.") % {"n": row.version}
                )  # fmt: skip
                return redirect("readiness-desk:version", pk=row.pk)
    rows = Questionnaire.objects.visible_to(request.user).defer("content").select_related("created_by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    context = _frame(request, reach, page=page, form=form)
    return render(request, "programmes/readiness/desk_questions.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one version as people will answer it; download it; make it the current one."""
    reach = _keeper(request)
    row = Questionnaire.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        told(
            request, lambda: questionnaire_publish(actor=request.user, questionnaire=row, now=timezone.now())
        )
        return redirect("readiness-desk:version", pk=pk)
    if request.GET.get("tep") == "json":
        text = json.dumps(row.content, ensure_ascii=False, indent=1) + "\n"
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = attachment(f"muc-do-so-ban-{row.version}.json")
        response["X-Content-Type-Options"] = "nosniff"
        return response
    context = _frame(request, reach, row=row, sheet=row.sheet)
    return render(request, "programmes/readiness/desk_version.html", context)


@login_required
@require_safe
def calls(request: HttpRequest) -> HttpResponse:
    """List who wants to be called: waiting first, or those that are closed."""
    reach = _caller(request)
    over = request.GET.get("xem") == "da-goi"
    rows = ReadinessCall.objects.visible_to(request.user).filter(erased_at=None)
    rows = rows.filter(closed_at__isnull=False).order_by("-closed_at", "-pk") if over else rows.waiting()
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    context = _frame(request, reach, page=page, over=over)
    return render(request, "programmes/readiness/desk_calls.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show one wish to be called; write down what came of it."""
    reach = _caller(request)
    row = ReadinessCall.objects.visible_to(request.user).filter(pk=pk, erased_at=None).first()
    if row is None:
        raise Http404
    form, status = CloseForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            note = form.cleaned_data["note"]
            sent(form, lambda: call_close(actor=request.user, call=row, note=note, now=timezone.now()))
            if form.is_valid():
                messages.success(request, _("Đã ghi kết quả cuộc gọi."))
                return redirect("readiness-desk:calls")
    facts = [
        (_("Liên hệ"), row.address),
        (_("Muốn được giúp"), row.wish or "–"),
        (_("Mức tự chấm"), row.level or "–"),
    ]
    context = _frame(request, reach, call=row, form=form, facts=facts)
    return render(request, "programmes/readiness/desk_call.html", context, status=status)


def _caller(request: HttpRequest) -> Reach:
    reach = reach_of(request.user)
    only(can_read_calls(reach), _("Tên và số điện thoại ở đây chỉ dành cho chuyên viên đầu mối."))
    return reach
