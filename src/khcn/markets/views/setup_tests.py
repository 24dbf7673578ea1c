"""Trying a drawing out: on an uploaded recording, on a minute of the camera, or beside a person who clicks."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.models.jobs import Job
from khcn.markets.enums import UNFINISHED_CLIPS, HealthKind, ReviewSource
from khcn.markets.forms.care import ClipForm, SittingForm
from khcn.markets.models import Camera, Clip, Gate
from khcn.markets.selectors.drawings import layout_in_force, picture_of
from khcn.markets.selectors.reviews import clip_tallies
from khcn.markets.selectors.system_counts import system_count
from khcn.markets.services.clips import clip_live, clip_upload
from khcn.markets.services.reviews import LONGEST, review_record
from khcn.markets.views.setup_access import camera_to_set_up


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def clip_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a recording in, or start a minute at the camera; list the tests so far."""
    camera = camera_to_set_up(request, pk)
    live = request.POST.get("viec") == "truc-tiep"
    form = ClipForm(None if live else request.POST or None, None if live else request.FILES or None)
    if request.method == "POST" and (live or form.is_valid()):
        now = timezone.now()
        try:
            if live:
                clip = clip_live(actor=request.user, camera=camera, now=now)
            else:
                clip = clip_upload(actor=request.user, camera=camera, file=form.cleaned_data["clip"], now=now)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            if live:
                messages.error(request, error.message)
            else:
                form.add_error("clip", error.message)
        else:
            return redirect("markets-desk:setup-clip", pk=clip.pk)
    context = {
        "camera": camera,
        "form": form,
        "clips": Clip.objects.filter(camera=camera)[:20],
        "layout": layout_in_force(camera),
    }
    return render(request, "markets/setup/clips.html", context)


@login_required
@require_safe
@never_cache
def clip_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a test is, then what it counted, over the drawing."""
    clip = get_object_or_404(Clip, pk=pk)
    camera = camera_to_set_up(request, clip.camera_id)
    names = _names(camera)
    context = {
        "clip": clip,
        "camera": camera,
        "running": clip.state in UNFINISHED_CLIPS,
        "job": Job.objects.filter(pk=clip.job_id or 0).first(),
        "tallies": clip_tallies(clip, names),
        "zones": [
            {**zone, "name": names.get(zone["id"], zone["id"])} for zone in clip.result.get("zones") or ()
        ],
        "health": [_health(event) for event in clip.result.get("health") or ()],
        "picture": picture_of(camera, clip.drawing),
        "marks": (clip.result.get("crossings") or [])[:500],
    }
    return render(request, "markets/setup/clip.html", context)


def _health(event: dict[str, Any]) -> tuple[str, float]:
    """Return an event of the engine as its word and second."""
    kind = str(event.get("kind", ""))
    return str(HealthKind(kind).label) if kind in HealthKind.values else kind, float(event.get("start") or 0)


def _names(camera: Camera) -> dict[str, str]:
    rows: list[Any] = [*camera.gates.all(), *camera.zones.all()]
    return {row.key: row.name for row in rows}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def clicker(request: HttpRequest, pk: int) -> HttpResponse:
    """Count by hand at the gate; saving compares with what the system counted in the same minutes."""
    camera = camera_to_set_up(request, pk)
    gates = camera.gates.filter(active=True).order_by("name")
    now = timezone.now()
    if not gates:
        messages.error(request, _("Camera này chưa vẽ cửa nào nên chưa có gì để đếm."))
        return redirect("markets-desk:setup-camera", pk=pk)
    begin = timezone.localtime(now).replace(second=0, microsecond=0) - timedelta(minutes=15)
    form = SittingForm(
        request.POST or None,
        gates=gates,
        initial={"start": begin, "end": begin + timedelta(minutes=10), "gate": request.GET.get("cua")},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            review = review_record(
                actor=request.user,
                gate=data["gate"],
                source=ReviewSource.CLICKER if data["clicked"] else ReviewSource.MANUAL,
                started_at=data["start"],
                ended_at=data["end"],
                true_in=data["true_in"],
                true_out=data["true_out"],
                note=data["note"],
                now=now,
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error(None, error.message)
        else:
            said = {
                "system_in": review.system_in,
                "in": review.true_in,
                "system_out": review.system_out,
                "out": review.true_out,
            }
            messages.success(
                request,
                _("Đã lưu. Hệ thống đếm vào %(system_in)s, bạn %(in)s; ra %(system_out)s, bạn %(out)s.")
                % said,
            )
            return redirect(f"{reverse('markets-desk:setup-gate', args=[data['gate'].pk])}?da-luu=1")
    context = {"camera": camera, "form": form, "gates": gates, "now": now}
    return render(request, "markets/setup/clicker.html", context)


@login_required
@require_safe
@never_cache
def clicker_counts(request: HttpRequest, pk: int) -> JsonResponse:
    """Give the system's count of one gate in a span, for the page that counts beside it."""
    camera = camera_to_set_up(request, pk)
    gate = get_object_or_404(Gate, camera=camera, pk=request.GET.get("cua") or 0)
    start, end = _moment(request, "tu"), _moment(request, "den")
    if start is None or end is None or not start < end <= start + LONGEST:
        return JsonResponse({"in": 0, "out": 0, "missing": 0, "minutes": []}, status=400)
    counted = system_count(gate, start, end)
    minutes = [[at.isoformat(), ins, outs] for at, ins, outs in counted.minutes]
    return JsonResponse(
        {"in": counted.count_in, "out": counted.count_out, "missing": counted.missing, "minutes": minutes}
    )


def _moment(request: HttpRequest, name: str) -> datetime | None:
    try:
        found = parse_datetime(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
