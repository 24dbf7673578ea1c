"""Looking at a camera by right: the request with its reason, and each single look."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.markets import permissions
from khcn.markets.forms.care import PreviewForm
from khcn.markets.models import Camera, Market
from khcn.markets.services.previews import MOST_LOOKS, preview_ask, preview_grant, preview_look
from khcn.markets.views.setup_cameras import PRIVATE


def camera_to_look_at(request: HttpRequest, pk: int) -> Camera:
    """Return a camera that this person may ask to look at: 404 where the market is none of theirs, else 403."""
    camera = get_object_or_404(Camera.objects.select_related("market__unit"), pk=pk)
    if not permissions.can_preview(request.user, camera.market):
        if not Market.objects.visible_to(request.user).filter(pk=camera.market_id).exists():
            raise Http404
        raise PermissionDenied(
            _(
                "Bạn chưa được cấp quyền xem ảnh camera. Hãy nhờ quản trị cấp vai trò “Người được xem ảnh camera”."
            )
        )
    return camera


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for five minutes, or look while they last."""
    camera = camera_to_look_at(request, pk)
    form = PreviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            preview_ask(
                actor=request.user, camera=camera, reason=form.cleaned_data["reason"], now=timezone.now()
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("reason", error.message)
        else:
            return redirect("markets-desk:setup-preview", pk=pk)
    grant = preview_grant(actor=request.user, camera=camera, now=timezone.now())
    context = {
        "camera": camera,
        "form": form,
        "grant": grant,
        "left": MOST_LOOKS - grant.looks if grant else 0,
        "can_set_up": permissions.can_set_up(request.user, camera.market),
    }
    return render(request, "markets/setup/preview.html", context)


@login_required
@require_safe
def preview_image(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one blurred picture; it is counted, audited, and kept nowhere."""
    camera = camera_to_look_at(request, pk)
    try:
        look = preview_look(actor=request.user, camera=camera, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        response = HttpResponse(error.message, status=error.status, content_type="text/plain; charset=utf-8")
    else:
        response = HttpResponse(look.data, content_type="image/webp")
    response["Cache-Control"] = PRIVATE
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
