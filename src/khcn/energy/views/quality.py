"""Data quality: of all sites, of one site, and the decisions that only a person can make."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.core.dates import day_of
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.energy.forms.replacement import ReplacementForm
from khcn.energy.models import QualityEvent
from khcn.energy.permissions import can_connect, can_found
from khcn.energy.quality_words import event_label, flag_counts
from khcn.energy.rules.days import zone_of
from khcn.energy.selectors.quality import (
    DECISION,
    event_for,
    quality_of_all,
    set_aside_for,
    site_quality,
)
from khcn.energy.services.finding_care import event_done, meter_replacement_confirm, set_aside_done
from khcn.energy.tables.quality import (
    all_table,
    aside_lines,
    channel_lines,
    decision_lines,
    event_events,
    parted,
    replacement_table,
    site_of,
    span_days,
    trouble_lines,
    twin_words,
)
from khcn.energy.tables.site_page import site_tabs
from khcn.energy.views.access import readable_site, require_desk
from khcn.energy.words import sentence

PAGE_SIZE = 40


@login_required
@require_safe
def quality_all(request: HttpRequest) -> HttpResponse:
    """Show every site of the reader with what waits for somebody."""
    require_desk(request)
    found = quality_of_all(request.user, timezone.now())
    page = Paginator(found.lines, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "table": all_table(list(page.object_list)) if found.lines else None,
        "page": page,
        "waiting": sum(bool(line.waits) for line in found.lines),
        "count": len(found.lines),
        "strays": aside_lines(found.strays),
        "twins": [twin_words(group) for group in found.twins],
        "can_settle": can_found(request.user),
    }
    return render(request, "energy/desk/quality_all.html", context)


@login_required
@require_safe
def quality_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show five weeks of one site: what was measured, what was doubtful, what waits."""
    place = readable_site(request, key)
    now = timezone.now()
    yesterday = timezone.localtime(now).date() - timedelta(days=1)
    last = min(day_of(request.GET.get("den"), yesterday), yesterday)
    found = site_quality(place, now, last=last, flag_counts=flag_counts)
    main, others = parted(channel_lines(found))
    context = span_days(found, yesterday) | {
        "place": place,
        "tabs": site_tabs(place, "quality"),
        "found": found,
        "channels": main,
        "others": others,
        "decisions": decision_lines(found.decisions),
        "troubles": trouble_lines(found, now),
        "events": event_events(found.events),
        "aside": aside_lines(found.set_aside),
        "replacements": replacement_table(found.replacements),
        "can_settle": can_connect(request.user, place),
    }
    return render(request, "energy/desk/quality.html", context)


def _event(request: HttpRequest, pk: int) -> QualityEvent:
    require_desk(request)
    event = event_for(request.user, pk)
    if event is None:
        raise Http404
    return event


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def event_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the engine noticed; a meter that may have been replaced is decided about here."""
    event = _event(request, pk)
    place = site_of(event)
    may = can_connect(request.user, place)
    asks = event.code == DECISION and event.done_at is None
    form = None
    if asks and may:
        zone = zone_of(place.zone)
        form = ReplacementForm(
            request.POST if request.method == "POST" else None,
            zone=zone,
            initial={
                "at": event.starts_at.astimezone(zone).replace(tzinfo=None),
                "old_value": event.params.get("before"),
                "new_value": event.params.get("after"),
            },
        )
    if request.method == "POST":
        if form is None:
            raise PermissionDenied(
                _("Bạn chưa có quyền quyết định về công tơ này, hoặc việc đã được quyết định.")
            )
        if form.is_valid() and _replace(request, event, form):
            messages.success(request, _("Đã ghi lần thay công tơ. Số liệu từ lúc đó đang được tính lại."))
            return redirect("energy-desk:quality", key=place.key)
    context = {
        "event": event,
        "place": place,
        "title": event_label(event.code),
        "words": sentence(event.code, event.params, fallback=event_label(event.code)),
        "form": form,
        "may": may,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "energy/desk/event.html", context, status=status)


def _replace(request: HttpRequest, event: QualityEvent, form: ReplacementForm) -> bool:
    values = form.cleaned_data
    at: datetime = values["at"]
    try:
        meter_replacement_confirm(
            actor=request.user,
            event=event,
            at=at,
            old_value=values["old_value"],
            new_value=values["new_value"],
            note=values["note"],
            now=timezone.now(),
        )
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        form.add_error(None, error.message)
        return False
    return True


@login_required
@require_POST
def event_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that an event was looked at."""
    event = _event(request, pk)
    try:
        event_done(actor=request.user, event=event, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    messages.success(request, _("Đã ghi là đã xem."))
    return redirect("energy-desk:quality", key=site_of(event).key)


@login_required
@require_POST
def set_aside_seen(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that something set aside was looked at; it stays kept."""
    require_desk(request)
    row = set_aside_for(request.user, pk)
    if row is None:
        raise Http404
    try:
        set_aside_done(actor=request.user, row=row, now=timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    messages.success(request, _("Đã ghi là đã xem. Số liệu gốc vẫn được giữ."))
    if row.device is not None:
        return redirect("energy-desk:quality", key=row.device.site.key)
    return redirect("energy-desk:quality-all")
