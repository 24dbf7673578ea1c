"""Monthly reports, the text to pass on, and the downloads of a market."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError
from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.months import Month, month_of
from khcn.markets.models import Market
from khcn.markets.monthly import summary_sentences
from khcn.markets.selectors.months import month_figures, months_with_figures
from khcn.markets.services.reports import ENDINGS, report_jobs, report_path, report_request
from khcn.markets.tables.market_page import market_tabs
from khcn.markets.views.access import readable_market

TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_list(request: HttpRequest, key: str) -> HttpResponse:
    """Show the months with their files; have one written."""
    market = readable_market(request, key)
    now = timezone.now()
    if request.method == "POST":
        return _request(request, market)
    today = timezone.localtime(now).date()
    months = months_with_figures(market, today, most=13)
    jobs = report_jobs(market)
    chosen = month_of(request.GET.get("thang", "")[:10])
    chosen = chosen if chosen in months else (months[0] if months else None)
    context: dict[str, Any] = {
        "market": market,
        "tabs": market_tabs(market, "reports"),
        "rows": [_row(market, month, jobs) for month in months],
        "chosen": chosen,
        "sentences": summary_sentences(month_figures(market, chosen, now)) if chosen else [],
        "year_ago": today - timedelta(days=365),
        "today": today,
        "running": bool(jobs),
    }
    return render(request, "markets/desk/reports.html", context)


def _row(market: Market, month: Month, jobs: dict[str, Any]) -> dict[str, Any]:
    files = [ending for ending in ENDINGS if report_path(market, month, ending).exists()]
    return {"month": month, "files": files, "job": jobs.get(str(month))}


def _request(request: HttpRequest, market: Market) -> HttpResponse:
    month = month_of(request.POST.get("thang", "")[:10])
    if month is None:
        raise Http404
    try:
        report_request(actor=request.user, market=market, month=month, now=timezone.now())
    except KhcnError as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            _("Đang lập báo cáo ở nền. Trang này tự tải lại; khi xong, tệp hiện ra ở dòng của tháng."),
        )
    return redirect("markets-desk:reports", key=market.key)


@login_required
@require_safe
def report_file(request: HttpRequest, key: str, month: str, kind: str) -> HttpResponseBase:
    """Give a report that was written."""
    market = readable_market(request, key)
    found = month_of(month)
    if found is None or kind not in ENDINGS:
        raise Http404
    path = report_path(market, found, kind)
    if not path.exists():
        raise Http404
    response = FileResponse(path.open("rb"), content_type=TYPES[kind])
    response["Content-Disposition"] = attachment(safe_filename(f"bao-cao-{market.key}-{found}", kind))
    response["X-Content-Type-Options"] = "nosniff"
    return response
