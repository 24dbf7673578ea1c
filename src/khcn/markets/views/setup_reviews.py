"""Checking the counts of a gate from its slit-scans."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets.enums import ReviewSource
from khcn.markets.forms.care import CountForm
from khcn.markets.models import SlitScan
from khcn.markets.selectors.reviews import HOUR, STAMP, gate_page, review_page
from khcn.markets.services.reviews import review_record, slit_scan_look
from khcn.markets.store import SLIT_SCANS
from khcn.markets.views.setup_access import gate_to_set_up
from khcn.markets.views.setup_cameras import private_picture


@login_required
@require_safe
def gate_reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a gate's measured error, its reviews and the hours that wait for one."""
    gate = gate_to_set_up(request, pk)
    page = gate_page(gate, timezone.now())
    return render(request, "markets/setup/gate.html", {"gate": gate, "page": page})


def hour_of(stamp: str) -> datetime:
    """Read the hour in an address (UTC, ``2026031603``). :raises Http404:"""
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise Http404 from None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hour_review(request: HttpRequest, pk: int, stamp: str) -> HttpResponse:
    """Show the slit-scan of an hour; a POST keeps what the reviewer counted on it."""
    gate = gate_to_set_up(request, pk)
    hour = hour_of(stamp)
    page = review_page(gate, hour)
    if page.scan is None:
        raise Http404
    review: Any = page.review
    start = {"true_in": review.true_in, "true_out": review.true_out, "note": review.note} if review else None
    form = CountForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            review_record(
                actor=request.user,
                gate=gate,
                source=ReviewSource.SLIT_SCAN,
                started_at=hour,
                ended_at=hour + HOUR,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã lưu kết quả kiểm đếm; sai số đã được tính lại."))
            return redirect("markets-desk:setup-gate", pk=pk)
    return render(request, "markets/setup/review.html", {"gate": gate, "page": page, "form": form})


@login_required
@require_safe
def slit_scan_image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give a slit-scan to those who set up this market; every look is noted."""
    scan = get_object_or_404(SlitScan.objects.select_related("gate__market"), pk=pk)
    gate_to_set_up(request, scan.gate_id)
    try:
        name = slit_scan_look(actor=request.user, scan=scan, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    if not name:
        raise Http404
    return private_picture(SLIT_SCANS, name)
