"""Reports: what my unit owes and sent, one report as a form or to read, what lies with the focal unit."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.dates import date_vi
from khcn.core.errors import PermissionDeniedError
from khcn.core.numbers import number_vi
from khcn.plan.errors import StaleError
from khcn.plan.forms.report_acts import ExceptionForm
from khcn.plan.forms.report_content import Posted, read_posted, show_posted, show_problems, stale_problem
from khcn.plan.permissions import can_accept_reports
from khcn.plan.selectors.report_form import ReportPage, saved_by_others
from khcn.plan.selectors.reports import as_lines, due_reports, head_reports, inbox, past_reports
from khcn.plan.services.prefill import changed_sentences, figures_refresh
from khcn.plan.services.report_exceptions import exception_end, exception_grant, report_excuse
from khcn.plan.services.report_moves import (
    report_accept,
    report_approve,
    report_reopen,
    report_return,
    reports_accept,
)
from khcn.plan.services.reports import ReportFaultsError, report_save
from khcn.plan.views.report_base import GET_POST, at, crumbs, desk_only, page_of
from khcn.ui.deeds import told

PAGE_SIZE: Final = 20
WRITES: Final = frozenset({"luu", "gui"})


@login_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Show what the person's units owe, what waits for the head, and what was sent before."""
    reach, now = desk_only(request), timezone.now()
    found = Paginator(past_reports(request.user, now), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "due": due_reports(request.user, now),
        "heading": head_reports(request.user, now),
        "page": found,
        "past": as_lines(list(found), now),
        "reach": reach,
        "writes": bool(reach.reporting or reach.heading),
        "focal": can_accept_reports(reach),
        "crumbs": [*crumbs()[:1], (_("Báo cáo"), "")],
    }
    return render(request, "plan/reports/list.html", context)


@login_required
@require_http_methods(GET_POST)
@never_cache
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report: a form for who writes it, a page to read for the others. A POST does one thing (``viec``)."""
    page = page_of(request, pk)
    if request.method != "POST":
        return _shown(request, page)
    deed = request.POST.get("viec", "luu")
    if deed in WRITES:
        return _written(request, page, submit=deed == "gui")
    if deed in DEEDS:
        return DEEDS[deed](request, page)
    messages.error(request, _("Không rõ cần làm gì. Hãy bấm lại nút trên trang."))
    return redirect(at("report", pk))


def _shown(request: HttpRequest, page: ReportPage, **context: Any) -> HttpResponse:
    may_write = page.may_write
    values = {
        "page": page,
        "report": page.report,
        "period": page.report.period,
        "crumbs": crumbs((page.report.period.title or page.report.period.code, "")),
        "exception_form": ExceptionForm() if page.rights.grant else None,
        **context,
    }
    template = "form" if may_write else "read"
    return render(request, f"plan/reports/{template}.html", values, status=context.get("status", 200))


def _written(request: HttpRequest, page: ReportPage, *, submit: bool) -> HttpResponse:
    posted = read_posted(request.POST, page)
    if posted.problems and page.may_write:
        return _again(request, page, posted, posted.problems)
    try:
        saved = report_save(
            actor=request.user, report_id=page.report.pk, revision=posted.revision, content=posted.content,
            now=timezone.now(), submit=submit, confirmed=posted.confirmed,
        )  # fmt: skip
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except ReportFaultsError as error:
        return _again(request, page, posted, list(error.problems))
    except StaleError as error:
        return _stale(request, page, posted, error)
    for note in saved.notes:
        messages.info(request, note)
    if saved.submitted:
        messages.success(
            request, _("Đã gửi thủ trưởng duyệt. Báo cáo được tính là nộp khi thủ trưởng duyệt.")
        )
        return redirect(at("report", page.report.pk))
    if saved.problems:
        fresh = page_of(request, page.report.pk)
        return _again(request, fresh, posted, list(saved.problems), saved=True)
    messages.success(request, _("Đã lưu bản nháp."))
    return redirect(at("report", page.report.pk))


def _again(
    request: HttpRequest, page: ReportPage, posted: Posted, problems: list[Any], *, saved: bool = False
) -> HttpResponse:
    """Show the form with what was typed and what is wrong with it."""
    show_posted(page, posted)
    links = show_problems(page, problems)
    context = {
        "faults": [link for link in links if not link[2]],
        "cautions": [link for link in links if link[2]],
        "saved_anyway": saved,
        "failed": not saved,
        "status": 200 if saved else 422,
    }
    return _shown(request, page, **context)


def _stale(request: HttpRequest, page: ReportPage, posted: Posted, error: StaleError) -> HttpResponse:
    """Show both versions: what the person typed in the fields, what was saved meanwhile beside those that differ."""
    fresh = page_of(request, page.report.pk)
    same_person = request.user.pk in {fresh.report.submitted_by_id, fresh.report.written_by_id}
    if (
        not fresh.may_write
        and same_person
        and fresh.report.sent_to_head_at is not None
        and not _differs(fresh, posted)
    ):
        messages.info(request, _("Báo cáo đã được gửi rồi; lần bấm thứ hai không gửi thêm bản nào."))
        return redirect(at("report", page.report.pk))
    saved_by_others(fresh, posted.figures, posted.texts)
    for one in fresh.figures:
        one.reason = posted.reasons.get(one.code, one.reason)
    links = show_problems(fresh, [stale_problem(error.message)])
    return _shown(request, fresh, faults=links, failed=True, both=True, status=409)


def _differs(page: ReportPage, posted: Posted) -> bool:
    texts = {one.pk: one.text for one in page.texts}
    typed = any(not one.says(posted.figures[one.code]) for one in page.figures if one.code in posted.figures)
    return typed or any(posted.texts[pk].split() != texts.get(pk, "").split() for pk in posted.texts)


def _refresh(request: HttpRequest, page: ReportPage) -> HttpResponse:
    """Save what was typed, then bring the recorded figures up to date: a refresh never loses a word."""
    posted, now = read_posted(request.POST, page), timezone.now()
    if posted.problems:
        return _again(request, page, posted, posted.problems)
    try:
        saved = report_save(
            actor=request.user,
            report_id=page.report.pk,
            revision=posted.revision,
            content=posted.content,
            now=now,
        )
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except ReportFaultsError as error:
        return _again(request, page, posted, list(error.problems))
    except StaleError as error:
        return _stale(request, page, posted, error)
    changes = told(
        request,
        lambda: figures_refresh(
            actor=request.user, report_id=page.report.pk, revision=saved.report.revision, now=timezone.now()
        ),
    )
    if changes is not None:
        words = changed_sentences(changes)
        messages.info(
            request, _("Đã cập nhật số liệu ghi nhận, có thay đổi:")
        ) if words else messages.success(request, _("Đã cập nhật số liệu ghi nhận; không có gì thay đổi."))
        for sentence in words[:15]:
            messages.info(request, sentence)
    return redirect(at("report", page.report.pk))


def _approve(request: HttpRequest, page: ReportPage) -> HttpResponse:
    revision = read_posted(request.POST, page).revision
    done = told(
        request,
        lambda: report_approve(
            actor=request.user, report_id=page.report.pk, revision=revision, now=timezone.now()
        ),
    )
    if done is not None:
        messages.success(request, _("Đã duyệt và gửi đơn vị đầu mối. Biên nhận ở cuối trang."))
    return redirect(at("report", page.report.pk))


def _return(request: HttpRequest, page: ReportPage) -> HttpResponse:
    words = request.POST.get("y-kien", "")
    done = told(
        request,
        lambda: report_return(
            actor=request.user, report_id=page.report.pk, comment=words, now=timezone.now()
        ),
    )
    if done is not None:
        messages.success(request, _("Đã trả lại để sửa, kèm ý kiến của bạn."))
    return redirect(at("report", page.report.pk))


def _accept(request: HttpRequest, page: ReportPage) -> HttpResponse:
    words = request.POST.get("y-kien", "")
    done = told(
        request,
        lambda: report_accept(
            actor=request.user, report_id=page.report.pk, comment=words, now=timezone.now()
        ),
    )
    if done is not None:
        messages.success(request, _("Đã tiếp nhận báo cáo của %(unit)s.") % {"unit": done.unit_name})
    return redirect(
        f"{at('report-inbox')}?ky={page.report.period_id}" if done else at("report", page.report.pk)
    )


def _reopen(request: HttpRequest, page: ReportPage) -> HttpResponse:
    words = request.POST.get("y-kien", "")
    done = told(
        request,
        lambda: report_reopen(
            actor=request.user, report_id=page.report.pk, comment=words, now=timezone.now()
        ),
    )
    if done is not None:
        messages.success(request, _("Đã mở lại báo cáo để đơn vị sửa."))
    return redirect(at("report", page.report.pk))


def _grant(request: HttpRequest, page: ReportPage) -> HttpResponse:
    form = ExceptionForm(request.POST)
    if not form.is_valid():
        return _shown(request, page, exception_form=form, status=422)
    done = told(
        request,
        lambda: exception_grant(
            actor=request.user, report_id=page.report.pk, until=form.cleaned_data["until"],
            reason=form.cleaned_data["reason"], now=timezone.now(),
        ),
    )  # fmt: skip
    if done is not None:
        messages.success(
            request, _("Đã cho nộp muộn đến hết ngày %(until)s.") % {"until": date_vi(done.until)}
        )
    return redirect(at("report", page.report.pk))


def _end_exception(request: HttpRequest, page: ReportPage) -> HttpResponse:
    wanted = request.POST.get("ngoai-le", "")
    own = next((one for one in page.exceptions if str(one.pk) == wanted), None)
    if own is not None and told(
        request, lambda: exception_end(actor=request.user, exception_id=own.pk, now=timezone.now())
    ):
        messages.success(request, _("Đã rút lại việc cho nộp muộn."))
    return redirect(at("report", page.report.pk))


def _excuse(request: HttpRequest, page: ReportPage) -> HttpResponse:
    taking_back = bool(page.report.excused)
    words = "" if taking_back else request.POST.get("y-kien", "")
    if not taking_back and not words.strip():
        messages.error(request, _("Hãy ghi lý do miễn báo cáo, ví dụ số quyết định sáp nhập."))
        return redirect(at("report", page.report.pk))
    done = told(
        request,
        lambda: report_excuse(actor=request.user, report_id=page.report.pk, reason=words, now=timezone.now()),
    )
    if done is not None:
        messages.success(
            request, _("Đã bỏ việc miễn báo cáo.") if taking_back else _("Đã miễn báo cáo kỳ này.")
        )
    return redirect(at("report", page.report.pk))


DEEDS: Final[dict[str, Callable[[HttpRequest, ReportPage], HttpResponse]]] = {
    "cap-nhat": _refresh,
    "duyet": _approve,
    "tra-lai": _return,
    "tiep-nhan": _accept,
    "mo-lai": _reopen,
    "cho-muon": _grant,
    "thoi-cho-muon": _end_exception,
    "mien": _excuse,
}


@login_required
@require_http_methods(GET_POST)
@never_cache
def report_inbox(request: HttpRequest) -> HttpResponse:
    """Show the reports of a period to the focal unit; a POST accepts the ticked ones."""
    reach = desk_only(request)
    if not reach.everything:
        raise PermissionDenied(_("Trang tiếp nhận dành cho đơn vị đầu mối, lãnh đạo và người giám sát."))
    text = request.GET.get("ky", "")
    period_id = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    if request.method == "POST":
        if not can_accept_reports(reach):
            raise PermissionDenied(_("Báo cáo do đơn vị đầu mối tiếp nhận."))
        return _accept_many(request, period_id)
    found = inbox(request.user, timezone.now(), period_id)
    context = {
        "inbox": found,
        "may_accept": can_accept_reports(reach),
        "officer": reach.officer,
        "crumbs": crumbs((_("Tiếp nhận"), "")),
    }
    return render(request, "plan/reports/inbox.html", context)


def _accept_many(request: HttpRequest, period_id: int | None) -> HttpResponse:
    ids = [
        int(text)
        for text in request.POST.getlist("bao-cao")
        if text.isascii() and text.isdigit() and len(text) < 18
    ]
    accepted, gone = reports_accept(actor=request.user, report_ids=ids[:500], now=timezone.now())
    if accepted:
        text = ngettext("Đã tiếp nhận %(count)s báo cáo.", "Đã tiếp nhận %(count)s báo cáo.", accepted)
        messages.success(request, text % {"count": number_vi(accepted)})
    if gone:
        text = _("%(count)s báo cáo vừa được người khác xử lý nên không đổi gì.")
        messages.warning(request, text % {"count": number_vi(gone)})
    if not ids:
        messages.error(request, _("Chưa chọn báo cáo nào. Hãy đánh dấu ít nhất một báo cáo rồi bấm lại."))
    return redirect(f"{at('report-inbox')}?ky={period_id}" if period_id else at("report-inbox"))
