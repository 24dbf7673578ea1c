"""Pages of one camera: what it is, its form, the sign to print, and the still on which people draw."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets.camera_sources import CameraAddressError, shown_addresses
from khcn.markets.forms.cameras import CameraForm
from khcn.markets.models import Camera, Market
from khcn.markets.selectors.setup import boxes_for, camera_sheet, privacy_address
from khcn.markets.services.cameras import CameraRateError, camera_create, camera_update
from khcn.markets.services.stills import still_request
from khcn.markets.store import STILLS, private_path
from khcn.markets.views.setup_access import camera_to_set_up, market_to_set_up
from khcn.ui.qr import qr_svg

PRIVATE = "private, no-store"


@login_required
@require_safe
@never_cache
def camera_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a camera: state, addresses without their secrets, what the law asks for, drawing, tests."""
    camera = camera_to_set_up(request, pk)
    context = {"camera": camera, "sheet": camera_sheet(camera, timezone.now())}
    return render(request, "markets/setup/camera.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def camera_new(request: HttpRequest, key: str) -> HttpResponse:
    """Add a camera to a market, then go on to its page."""
    market = market_to_set_up(request, key)
    form = CameraForm(request.POST or None, boxes=boxes_for(request.user, market), market=market)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        camera = _written(
            form,
            lambda: camera_create(
                actor=request.user,
                market=market,
                values=form.values(),
                addresses=data["addresses"] or (),
                box=data["box"],
                now=timezone.now(),
            ),
        )
        if camera is not None:
            messages.success(request, _("Đã thêm camera. Việc tiếp theo: làm ảnh nền rồi vẽ vạch."))
            return redirect("markets-desk:setup-camera", pk=camera.pk)
    return _form_page(request, form, market, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def camera_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a camera."""
    camera = camera_to_set_up(request, pk)
    names = [name for name in CameraForm.base_fields if hasattr(camera, name)]
    form = CameraForm(
        request.POST or None,
        boxes=boxes_for(request.user, camera.market, camera),
        market=camera.market,
        camera=camera,
        initial={name: getattr(camera, name) for name in names},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        written = _written(
            form,
            lambda: camera_update(
                actor=request.user,
                camera=camera,
                values=form.values(),
                addresses=data["addresses"],
                box=data["box"],
                now=timezone.now(),
            ),
        )
        if written is not None:
            messages.success(request, _("Đã lưu camera."))
            return redirect("markets-desk:setup-camera", pk=pk)
    return _form_page(request, form, camera.market, camera)


def _written(form: CameraForm, write: Any) -> Camera | None:
    """Call the service; put what it refuses beside the field it is about."""
    try:
        camera: Camera = write()
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except CameraAddressError as error:
        form.add_error("addresses", error.message)
    except CameraRateError as error:
        form.add_error("fps", error.message)
    except KhcnError as error:
        form.add_error("name", error.message)
    else:
        return camera
    return None


def _form_page(request: HttpRequest, form: CameraForm, market: Market, camera: Camera | None) -> HttpResponse:
    try:
        shown = shown_addresses(camera) if camera else []
    except KhcnError as error:
        shown = []
        messages.error(request, error.message)
    context = {"form": form, "market": market, "camera": camera, "shown": shown}
    return render(request, "markets/setup/camera_form.html", context)


@login_required
@require_safe
def camera_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the sign to print and hang up, with a QR code of the page that explains it."""
    camera = camera_to_set_up(request, pk)
    address = privacy_address(camera.market)
    context = {"camera": camera, "address": address, "qr": qr_svg(address)}
    return render(request, "markets/setup/sign.html", context)


@login_required
@require_POST
def still_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the still made from the camera; it is done in the background."""
    camera = camera_to_set_up(request, pk)
    try:
        still_request(actor=request.user, camera=camera, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Đang làm ảnh nền từ camera, mất khoảng một phút. Có thể rời trang này."))
    return redirect("markets-desk:setup-camera", pk=pk)


@login_required
@require_safe
def still_image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the still to those who set up this market, and to no cache."""
    camera = camera_to_set_up(request, pk)
    still = getattr(camera, "still", None)
    if still is None:
        raise Http404
    return private_picture(STILLS, still.name)


def private_picture(kind: str, name: str) -> HttpResponseBase:
    """Return a stored picture that no browser and no proxy may keep; 404 when it is gone."""
    try:
        handle = private_path(kind, name).open("rb")
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    mime = "image/webp" if name.endswith(".webp") else "image/png"
    response = FileResponse(handle, content_type=mime)
    response["Cache-Control"] = PRIVATE
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
