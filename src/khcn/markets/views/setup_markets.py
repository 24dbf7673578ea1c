"""The set-up homes: all markets that one sets up, one market, its details, and the counting boxes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets import permissions
from khcn.markets.forms.boxes import BoxForm
from khcn.markets.models import Box
from khcn.markets.selectors.setup import box_state, market_setup, markets_to_set_up
from khcn.markets.services.boxes import box_create, box_takeover, box_token_renew, box_update
from khcn.markets.views.setup_access import market_to_set_up


@login_required
@require_safe
def market_list(request: HttpRequest) -> HttpResponse:
    """Show the markets that this person sets up; with a single one, go there at once."""
    markets = list(markets_to_set_up(request.user))
    founder = permissions.can_found(request.user)
    if not markets and not founder:
        raise PermissionDenied(_("Vai trò của bạn không thiết lập chợ nào. Hãy nhờ quản trị cấp vai trò."))
    if len(markets) == 1 and not founder:
        return redirect("markets-desk:setup-market", key=markets[0].key)
    return render(request, "markets/setup/markets.html", {"markets": markets, "founder": founder})


@login_required
@require_safe
def market_home(request: HttpRequest, key: str) -> HttpResponse:
    """Show what is set up at a market and what is to do next."""
    market = market_to_set_up(request, key)
    context = {
        "market": market,
        "setup": market_setup(market, timezone.now()),
        "founder": permissions.can_found(request.user),
    }
    return render(request, "markets/setup/market.html", context)


def _founders_only(request: HttpRequest) -> None:
    if not permissions.can_found(request.user):
        raise PermissionDenied(_("Máy đếm do người vận hành đếm khách ở các chợ quản lý."))


@login_required
@require_safe
def box_list(request: HttpRequest) -> HttpResponse:
    """Show the counting boxes with their state."""
    _founders_only(request)
    now = timezone.now()
    boxes = [
        (box, box_state(box, now)) for box in Box.objects.select_related("unit").prefetch_related("cameras")
    ]
    return render(request, "markets/setup/boxes.html", {"boxes": boxes})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def box_new(request: HttpRequest) -> HttpResponse:
    """Add a counting box."""
    _founders_only(request)
    form = BoxForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            box = box_create(
                actor=request.user, key=data["key"], name=data["name"], unit=data["unit"], now=timezone.now()
            )
        except KhcnError as error:
            form.add_error("key", error.message)
        else:
            return redirect("markets-desk:setup-box", pk=box.pk)
    return render(request, "markets/setup/box_form.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def box_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a box; a POST renames it, makes a new token (shown this once) or accepts another machine."""
    _founders_only(request)
    box = get_object_or_404(Box.objects.select_related("unit"), pk=pk)
    deed = request.POST.get("viec", "")
    form = BoxForm(
        request.POST if deed == "sua" else None, initial={"name": box.name, "unit": box.unit_id}, box=box
    )
    token = ""
    now = timezone.now()
    try:
        if deed == "khoa":
            token = box_token_renew(actor=request.user, box=box, now=now)
        elif deed == "nhan":
            box_takeover(actor=request.user, box=box, now=now)
            messages.success(request, _("Từ bây giờ, máy nào gửi trước với khóa này là máy đếm."))
            return redirect("markets-desk:setup-box", pk=pk)
        elif form.is_bound and form.is_valid():
            data = form.cleaned_data
            box_update(actor=request.user, box=box, name=data["name"], unit=data["unit"], now=now)
            messages.success(request, _("Đã lưu máy đếm."))
            return redirect("markets-desk:setup-box", pk=pk)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    context = {
        "box": box,
        "form": form,
        "token": token,
        "state": box_state(box, now),
        "cameras": box.cameras.select_related("market").order_by("name"),
    }
    return render(request, "markets/setup/box.html", context)
