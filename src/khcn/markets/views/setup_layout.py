"""Pages of the drawing: the editor, the versions and what changed, and the stalls of a zone."""

from typing import Any

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
from khcn.markets.forms.drawing import DrawingForms, start_values
from khcn.markets.models import Camera, Layout
from khcn.markets.selectors.drawings import frame_of, layout_in_force, picture_of
from khcn.markets.selectors.layouts import layout_versions, stalls_to_choose, version_page
from khcn.markets.services.layouts import layout_restore, layout_save, zone_stalls_set
from khcn.markets.views.setup_access import camera_to_set_up, zone_to_set_up


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def layout_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw gates, zones, exclusions and the floor on the camera's still."""
    camera = camera_to_set_up(request, pk)
    layout = layout_in_force(camera)
    forms = DrawingForms(request.POST or None, start=_start(camera, layout))
    mistakes: list[str] = []
    if request.method == "POST" and forms.is_valid():
        data = forms.save.cleaned_data
        try:
            saved = layout_save(
                actor=request.user,
                camera=camera,
                drawn=forms.drawn(),
                width=data["width"],
                height=data["height"],
                based_on=data["based_on"],
                note=data["note"],
                now=timezone.now(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            mistakes.append(error.message)
        else:
            messages.success(
                request,
                _("Đã lưu bản vẽ số %(version)s, có hiệu lực từ bây giờ.") % {"version": saved.version},
            )
            return redirect("markets-desk:setup-layout", pk=pk)
    return render(request, "markets/setup/layout.html", _page(camera, layout, forms, mistakes))


def _start(camera: Camera, layout: Layout | None) -> dict[str, Any]:
    width, height = frame_of(camera)
    drawing = fitted(layout, width, height)
    gates = {gate.key: gate for gate in camera.gates.all()}
    zones = {zone.key: zone for zone in camera.zones.all()}
    return start_values(drawing, gates, zones, version=layout.version if layout else 0, size=(width, height))


def fitted(layout: Layout | None, width: int, height: int) -> dict[str, Any]:
    """Return the drawing in the pixels of the still, which may be of another size than the last one."""
    from khcn.engines.vision.errors import LayoutError  # noqa: PLC0415  # beside their only use
    from khcn.engines.vision.layout import parse_layout  # noqa: PLC0415
    from khcn.engines.vision.types import Size  # noqa: PLC0415

    if layout is None:
        return {}
    if (layout.frame_width, layout.frame_height) == (width, height):
        return dict(layout.drawing)
    try:
        return parse_layout(layout.drawing).checked_for(Size(width, height)).as_json()
    except LayoutError:
        return dict(layout.drawing)


def _page(camera: Camera, layout: Layout | None, forms: DrawingForms, mistakes: list[str]) -> dict[str, Any]:
    width, height = frame_of(camera)
    return {
        "camera": camera,
        "layout": layout,
        "forms": forms,
        "mistakes": mistakes,
        "picture": picture_of(camera, {**fitted(layout, width, height), "frame": [width, height]}),
        "still": getattr(camera, "still", None),
        "words": editor_words(),
    }


def editor_words() -> dict[str, str]:
    """Return the sentences that the editor's script says; it has none of its own."""
    return {
        "in": _("vào"),
        "out": _("ra"),
        "gate": _("Cửa"),
        "zone": _("Khu"),
        "exclusion": _("Vùng bỏ qua"),
        "ground": _("Mặt sàn"),
        "point": _("{name}, điểm {n} trên {of}: x {x}, y {y}"),
        "drawing": _(
            "Đang vẽ {name}. Chạm vào ảnh để đặt điểm, hoặc dùng phím mũi tên rồi phím cách. Enter: xong. Esc: thôi."
        ),
        "placed": _("Đã đặt điểm {n} tại x {x}, y {y}."),
        "cursor": _("Con trỏ tại x {x}, y {y}."),
        "done": _("Đã vẽ xong {name}. Hãy đặt tên và lưu."),
        "few": _("Cần ít nhất {n} điểm."),
        "cancelled": _("Đã thôi vẽ."),
        "undone": _("Đã hoàn tác."),
        "redone": _("Đã làm lại."),
        "removed": _("Đã bỏ {name}."),
        "restored": _("Đã lấy lại {name}."),
        "moved": _("x {x}, y {y}"),
        "unreadable": _("Chưa đọc được tọa độ này."),
        "crosses": _("{name} tự cắt chính nó. Hãy kéo lại các điểm."),
        "remove": _("Bỏ"),
        "restore": _("Lấy lại"),
        "leave": _("Bản vẽ chưa lưu."),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def version_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every version of a camera's drawing with what changed; a POST draws as an old one did."""
    camera = camera_to_set_up(request, pk)
    if request.method == "POST":
        chosen = get_object_or_404(Layout, camera=camera, version=request.POST.get("version") or 0)
        current = layout_in_force(camera)
        try:
            layout_restore(
                actor=request.user,
                layout=chosen,
                based_on=current.version if current else 0,
                now=timezone.now(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, _("Đã dùng lại bản vẽ số %(n)s như một bản mới.") % {"n": chosen.version}
            )
        return redirect("markets-desk:setup-versions", pk=pk)
    context = {"camera": camera, "versions": layout_versions(camera)}
    return render(request, "markets/setup/versions.html", context)


@login_required
@require_safe
def version_show(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Show one version over the still, beside the one before it."""
    camera = camera_to_set_up(request, pk)
    layout = get_object_or_404(Layout, camera=camera, version=version)
    return render(
        request, "markets/setup/version.html", {"camera": camera, "page": version_page(camera, layout)}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def zone_stalls(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which stalls of the register lie in a zone."""
    zone = zone_to_set_up(request, pk)
    query = request.GET.get("q", "").strip()
    choice = stalls_to_choose(request.user, zone, query, timezone.localdate())
    if request.method == "POST":
        shown = {party.pk for party in choice.parties}
        picked = {int(value) for value in request.POST.getlist("sap") if value.isdigit()} & shown
        kept = set(zone.parties.values_list("pk", flat=True)) - shown
        try:
            zone_stalls_set(actor=request.user, zone=zone, party_ids=picked | kept, now=timezone.now())
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        messages.success(request, _("Đã lưu quầy, sạp của %(zone)s.") % {"zone": zone.name})
        return redirect("markets-desk:setup-camera", pk=zone.camera_id)
    return render(request, "markets/setup/stalls.html", {"zone": zone, "choice": choice, "query": query})
