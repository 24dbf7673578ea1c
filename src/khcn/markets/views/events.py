"""Events of a market: the list with its form, and what one event did."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets.forms.events import EventForm
from khcn.markets.models import Market, MarketEvent
from khcn.markets.permissions import can_found, can_set_up
from khcn.markets.selectors.alerts import events_of
from khcn.markets.selectors.figures import EventSpan, days_between
from khcn.markets.selectors.prepared import made_at
from khcn.markets.services.events import event_add, event_remove
from khcn.markets.services.prepared import effect_of
from khcn.markets.tables.market_page import market_tabs
from khcn.markets.tables.outlook import AROUND, effect_chart, effect_words
from khcn.markets.views.access import readable_market

PAGE_SIZE = 30


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def event_list(request: HttpRequest, key: str) -> HttpResponse:
    """Show the events of a market; those who set it up add some."""
    market = readable_market(request, key)
    allowed = can_set_up(request.user, market)
    form = EventForm(request.POST or None)
    if request.method == "POST":
        if not allowed:
            raise PermissionDenied(_("Chỉ người quản lý chợ và người vận hành ghi được sự kiện."))
        if form.is_valid() and _add(request, market, form):
            return redirect("markets-desk:events", key=market.key)
    page = Paginator(events_of(market), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "market": market,
        "tabs": market_tabs(market, "events"),
        "page": page,
        "form": form if allowed else None,
        "today": timezone.localdate(),
    }
    return render(request, "markets/desk/events.html", context)


def _add(request: HttpRequest, market: Market, form: EventForm) -> bool:
    try:
        event_add(actor=request.user, market=market, now=timezone.now(), **form.cleaned_data)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("Đã ghi sự kiện. Các ngày này không còn được coi là ngày thường."))
    return True


def _event(market: Market, pk: int) -> MarketEvent:
    event = events_of(market).filter(pk=pk).first()
    if event is None:
        raise Http404
    return event


@login_required
@require_safe
def event_page(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Show what an event did: before and after, with uncertainty and a placebo test."""
    market = readable_market(request, key)
    event = _event(market, pk)
    now = timezone.now()
    today = timezone.localtime(now).date()
    span = EventSpan(event.pk, event.market_id, event.kind, event.title, event.starts_on, event.ends_on)
    rows = days_between(
        [market.pk], event.starts_on - AROUND, min(event.ends_on + AROUND, today - timedelta(days=1))
    )
    days = {row.day: row for row in rows.get(market.pk, [])}
    begun = event.starts_on < today
    found = effect_of(market, event, now) if begun else None
    shown: dict[str, Any] = {}
    if found is not None and "relative" in found:
        shown = {"sentences": effect_words(found), "made_at": made_at(found), "measured": found["measured"]}
    context = {
        "market": market,
        "event": event,
        "tabs": market_tabs(market, "events"),
        "begun": begun,
        "running": begun and event.ends_on >= today,
        "found": found,
        "chart": effect_chart(market, span, days) if days else None,
        "may_remove": can_set_up(request.user, market) and (event.market_id or can_found(request.user)),
        **shown,
    }
    return render(request, "markets/desk/event.html", context)


@login_required
@require_POST
def event_drop(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Remove an event that was noted by mistake."""
    market = readable_market(request, key)
    event = _event(market, pk)
    try:
        event_remove(actor=request.user, event=event, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    messages.success(request, _("Đã bỏ sự kiện. Các ngày này lại được coi là ngày thường."))
    return redirect("markets-desk:events", key=market.key)
