"""A market itself: added by operators, its details and opening hours kept by its manager."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.errors import PermissionDeniedError
from khcn.markets import permissions
from khcn.markets.errors import VenueError
from khcn.markets.forms.venues import HoursForm, MarketForm
from khcn.markets.models import Market
from khcn.markets.rules.hours import OpenSpan
from khcn.markets.services.venues import hours_set, market_create, market_update
from khcn.markets.views.setup_access import market_to_set_up

DETAILS = ("name", "address", "capacity", "floor_width_m", "floor_depth_m", "is_public", "public_minimum")


def _refused(form: forms.Form, error: VenueError) -> None:
    form.add_error(error.field if error.field in form.fields else None, error.message)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def market_new(request: HttpRequest) -> HttpResponse:
    """Add a market."""
    if not permissions.can_found(request.user):
        raise PermissionDenied(_("Chợ do người vận hành đếm khách ở các chợ thêm vào."))
    form = MarketForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            market = market_create(
                actor=request.user,
                key=data["key"],
                name=data["name"],
                unit=data["unit"],
                now=timezone.now(),
                values=form.values(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except VenueError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã thêm chợ. Hãy ghi giờ mở cửa, rồi thêm camera."))
            return redirect("markets-desk:setup-market-edit", key=market.key)
    return render(request, "markets/setup/market_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def market_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change details or opening hours; each form has its own button."""
    market = market_to_set_up(request, key)
    deed = request.POST.get("viec", "")
    details = MarketForm(
        request.POST if deed == "chi-tiet" else None,
        market=market,
        initial={name: getattr(market, name) for name in DETAILS},
    )
    hours = HoursForm(request.POST if deed == "gio" else None, spans=_spans(market), prefix="gio")
    try:
        if details.is_bound and details.is_valid():
            values = {**details.values(), "name": details.cleaned_data["name"]}
            market_update(actor=request.user, market=market, now=timezone.now(), values=values)
            messages.success(request, _("Đã lưu thông tin chợ."))
            return redirect("markets-desk:setup-market", key=key)
        if hours.is_bound and hours.is_valid():
            hours_set(
                actor=request.user,
                market=market,
                spans=hours.spans(),
                valid_from=hours.cleaned_data["valid_from"],
                now=timezone.now(),
            )
            messages.success(request, _("Đã lưu giờ mở cửa."))
            return redirect("markets-desk:setup-market", key=key)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except VenueError as error:
        _refused(hours if hours.is_bound else details, error)
    context = {"market": market, "form": details, "hours": hours}
    return render(request, "markets/setup/market_form.html", context)


def _spans(market: Market) -> list[OpenSpan]:
    rows = market.hours.in_force(timezone.localdate()).order_by("weekday", "opens")
    return [OpenSpan(row.weekday, row.opens, row.closes) for row in rows]
