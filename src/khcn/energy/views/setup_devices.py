"""Devices and collectors: their state, first readings, tokens, replacement, taking out of use."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.secrets import SealBrokenError
from khcn.energy.enums import Driver
from khcn.energy.forms.sites import CollectorForm
from khcn.energy.forms.wizard import DeviceForm, ReadingForm, ReplaceForm, RetireForm
from khcn.energy.models import Channel, Collector, Device, MeterReplacement
from khcn.energy.selectors.collector_config import COLLECTED, address_of
from khcn.energy.selectors.setup import collector_state, collectors_for, device_state
from khcn.energy.selectors.wizard import address_words, channel_table
from khcn.energy.services.collectors import (
    collector_create,
    collector_takeover,
    collector_token_renew,
    collector_update,
)
from khcn.energy.services.devices import device_retire, device_token_renew, device_update, meter_replace
from khcn.energy.services.wizard import manual_reading_add
from khcn.energy.setup_errors import engine_sentence
from khcn.energy.views.setup_base import at, connectors_only, crumbs, form_page, officers_only, row_of, sent
from khcn.energy.views.setup_sites import GET_POST
from khcn.engines.energy.metrics import metric_of
from khcn.engines.energy.types import ChannelKind


@login_required
@require_http_methods(GET_POST)
@never_cache
def device_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a device and its latest values; each form has its own button."""
    device: Device = row_of(request, Device, pk, "system", "collector")
    site = connectors_only(request, device.site)
    deed, now = request.POST.get("viec", ""), timezone.now()
    posted = {name: request.POST if deed == name else None for name in ("sua", "ngung", "thay", "chi-so")}
    forms = _forms(request, device, posted)
    token, done = "", None
    if deed == "khoa":
        token = sent(None, lambda: device_token_renew(actor=request.user, device=device, now=now)) or ""
    elif deed in posted and forms[deed].is_valid():
        done = sent(forms[deed], _deed(request, device, deed, forms[deed]))
    if done is not None:
        messages.success(request, _("Đã lưu."))
        return redirect(at("device", pk))
    context = {
        "device": device,
        "building": site,
        "state": device_state(device, now),
        "trouble": engine_sentence(device.trouble, device.trouble_params) if device.trouble else "",
        "where": _where(device),
        "channels": channel_table(device),
        "waiting": device.heard_at is None and device.driver != Driver.MANUAL,
        "unread": device.driver in COLLECTED and device.collector_id is None,
        "push_url": request.build_absolute_uri(reverse("api:push")) if device.driver == Driver.PUSH else "",
        "token": token,
        "forms": forms,
        "reading_form": forms["chi-so"],
        "manual": device.driver == Driver.MANUAL,
        "files": device.driver == Driver.FILES,
        "replacements": MeterReplacement.objects.filter(channel__device=device).select_related("channel"),
        "crumbs": crumbs((device.name, ""), site=site),
    }
    return render(request, "energy/setup/device.html", context)


def _forms(request: HttpRequest, device: Device, posted: dict[str, Any]) -> dict[str, Any]:
    names = list(DeviceForm.base_fields)
    counters = [
        channel.pk
        for channel in Channel.objects.filter(device=device)
        if metric_of(channel.metric).kind == ChannelKind.COUNTER
    ]
    return {
        "sua": DeviceForm(
            posted["sua"],
            systems=device.site.systems.all(),
            collectors=collectors_for(request.user) | Collector.objects.filter(pk=device.collector_id or 0),
            driver=device.driver,
            initial={
                name: getattr(device, f"{name}_id" if name in {"system", "collector"} else name)
                for name in names
            },
        ),
        "ngung": RetireForm(posted["ngung"], initial={"on": timezone.localdate()}),
        "thay": ReplaceForm(
            posted["thay"], channels=Channel.objects.filter(pk__in=counters), initial={"at": timezone.now()}
        ),
        "chi-so": ReadingForm(posted["chi-so"], initial={"at": timezone.now()}),
    }


def _deed(request: HttpRequest, device: Device, deed: str, form: Any) -> Any:
    """Return the service call of one form."""
    actor, now, data = request.user, timezone.now(), form.cleaned_data
    if deed == "sua":
        values = {**form.values(), "options": _options(device, str(form.values()["role"]))}
        return lambda: device_update(actor=actor, device=device, values=values, now=now)
    if deed == "ngung":
        return lambda: device_retire(actor=actor, device=device, on=data["on"], now=now)
    if deed == "thay":
        old, new = (None if data[name] is None else float(data[name]) for name in ("old_value", "new_value"))
        return lambda: meter_replace(
            actor=actor,
            channel=data["channel"],
            at=data["at"],
            old_value=old,
            new_value=new,
            note=data["note"],
            now=now,
        )
    return lambda: manual_reading_add(
        actor=actor, device=device, metric=data["metric"], at=data["at"], value=float(data["value"]), now=now
    )


def _options(device: Device, role: str) -> dict[str, Any]:
    """The driver must know what the meter measures: it names the values by it."""
    rest = {name: value for name, value in device.options.items() if name != "role"}
    return rest if role == "none" else {**rest, "role": role}


def _where(device: Device) -> str:
    try:
        return address_words(address_of(device))
    except SealBrokenError as error:
        return error.message


@login_required
@require_safe
def collector_list(request: HttpRequest) -> HttpResponse:
    """Show the collectors with their state."""
    officers_only(request)
    now = timezone.now()
    rows = Collector.objects.select_related("unit").prefetch_related("devices")
    context = {
        "rows": [(row, collector_state(row, now)) for row in rows],
        "crumbs": crumbs((_("Máy thu thập"), "")),
    }
    return render(request, "energy/setup/collectors.html", context)


@login_required
@require_http_methods(GET_POST)
def collector_new(request: HttpRequest) -> HttpResponse:
    """Add a collector."""
    officers_only(request)
    form = CollectorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = sent(
            form, lambda: collector_create(actor=request.user, now=timezone.now(), **form.cleaned_data)
        )
        if row is not None:
            messages.success(request, _("Đã thêm máy thu thập. Hãy tạo khóa rồi cài theo hướng dẫn."))
            return redirect(at("collector", row.pk))
    return form_page(
        request, form, title=_("Thêm máy thu thập"), way=crumbs((_("Máy thu thập"), at("collectors"))),
        submit=_("Thêm máy thu thập"),
        lead=_("Một máy tính nhỏ đặt ở công trình, đọc thiết bị trong mạng nội bộ và gửi số liệu về đây, kể cả khi mất mạng một lúc."),
    )  # fmt: skip


@login_required
@require_http_methods(GET_POST)
@never_cache
def collector_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a collector; a POST renames it, makes a new token (shown this once) or accepts another machine."""
    officers_only(request)
    row = get_object_or_404(Collector.objects.select_related("unit"), pk=pk)
    deed, now, token = request.POST.get("viec", ""), timezone.now(), ""
    form = CollectorForm(
        request.POST if deed == "sua" else None, initial={"name": row.name, "unit": row.unit_id}
    )
    done: object = None
    if deed == "khoa":
        token = sent(None, lambda: collector_token_renew(actor=request.user, collector=row, now=now)) or ""
    elif deed == "nhan":
        sent(None, lambda: collector_takeover(actor=request.user, collector=row, now=now))
        done = row
    elif deed in {"tat", "bat"}:
        values = {"is_active": deed == "bat"}
        done = sent(None, lambda: collector_update(actor=request.user, collector=row, values=values, now=now))
    elif form.is_bound and form.is_valid():
        data = form.cleaned_data
        done = sent(
            form,
            lambda: collector_update(
                actor=request.user, collector=row, values={"name": data["name"]}, unit=data["unit"], now=now
            ),
        )
    if done is not None:
        messages.success(request, _("Đã lưu máy thu thập."))
        return redirect(at("collector", pk))
    context = {
        "collector": row,
        "state": collector_state(row, now),
        "other": (row.status or {}).get("other_instance"),
        "form": form,
        "token": token,
        "centre": request.build_absolute_uri("/").rstrip("/"),
        "devices": row.devices.select_related("site"),
        "crumbs": crumbs((_("Máy thu thập"), at("collectors")), (row.name, "")),
    }
    return render(request, "energy/setup/collector.html", context)
