"""Alerts: the list, and "seen"."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from khcn.core.errors import PermissionDeniedError
from khcn.markets.models import Alert
from khcn.markets.selectors.alerts import STATES, alerts_for
from khcn.markets.selectors.figures import visible_markets
from khcn.markets.services.alerts import alert_seen as alert_mark_seen
from khcn.markets.tables.alerts import alert_lines, alert_tabs
from khcn.markets.views.access import require_desk

PAGE_SIZE = 25


@login_required
@require_safe
def alert_list(request: HttpRequest) -> HttpResponse:
    """Show the alerts of the reader's markets, those that nobody has seen first."""
    require_desk(request)
    markets = visible_markets(request.user, timezone.localdate())
    market = next((row for row in markets if row.key == request.GET.get("cho", "")), None)
    state = request.GET.get("hop", "")
    state = state if state in STATES else "tat-ca"
    rows = alerts_for(request.user, market=market.key if market else "", state=state)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "lines": alert_lines(page.object_list, request.user),
        "page": page,
        "markets": markets,
        "market": market,
        "state": state,
        "tabs": alert_tabs(market.key if market else "", state),
    }
    return render(request, "markets/desk/alerts.html", context)


@login_required
@require_POST
def alert_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that an alert was seen."""
    alert = get_object_or_404(Alert.objects.visible_to(request.user).select_related("market"), pk=pk)
    try:
        changed = alert_mark_seen(actor=request.user, alert=alert, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    messages.success(
        request, _("Đã đánh dấu là đã xem.") if changed else _("Cảnh báo này đã được xem hoặc đã hết.")
    )
    return redirect(f"{reverse('markets-desk:alerts')}?cho={alert.market.key}")
