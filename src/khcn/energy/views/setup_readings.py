"""Files of readings from a maker's portal: upload, how the columns are understood, import in the worker."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from khcn.core.models.jobs import Job
from khcn.energy import setup_store
from khcn.energy.forms.bills import FileForm
from khcn.energy.forms.readings import ColumnFormSet, TimeForm
from khcn.energy.models import Device
from khcn.energy.selectors.reading_files import FilePreview, file_preview
from khcn.energy.services.reading_files import JOB_KIND, readings_ask
from khcn.energy.setup_errors import RegisterError
from khcn.energy.views.setup_base import at, connectors_only, crumbs, row_of, sent
from khcn.energy.views.setup_sites import GET_POST


@login_required
@require_http_methods(GET_POST)
@never_cache
def readings_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file in, show its columns with a first guess, then (``?viec=``) how far its import is."""
    device: Device = row_of(request, Device, pk)
    site = connectors_only(request, device.site)
    kept = request.POST.get("tep", "")
    upload = FileForm(
        None if kept else request.POST or None, None if kept else request.FILES or None, label=_("Tệp CSV hoặc Excel"),
        accept=".csv,.txt,.xlsx,.xls", hint=_("Tệp xuất từ cổng của hãng. Gửi lại tệp trùng ngày không làm số liệu nhân đôi."),
    )  # fmt: skip
    context: dict[str, Any] = {
        "device": device,
        "building": site,
        "job": _job(request, device),
        "upload": upload,
        "crumbs": crumbs((device.name, at("device", pk)), (_("Tệp số liệu"), ""), site=site),
    }
    try:
        if kept:
            preview = file_preview(setup_store.own_path(setup_store.READINGS, request.user.pk, kept), device)
            job = _asked(request, device, kept, preview, context)
            if job is not None:
                return redirect(f"{at('readings', pk)}?viec={job.pk}")
        elif request.method == "POST" and upload.is_valid():
            kept = setup_store.keep(setup_store.READINGS, request.user.pk, upload.cleaned_data["file"])
            preview = file_preview(setup_store.path_of(setup_store.READINGS, kept), device)
            context |= _mapping(None, preview)
            context |= {"preview": preview, "kept": kept}
    except RegisterError as error:
        if upload.is_bound:
            upload.add_error("file", error.message)
        else:
            context["refused"] = error.message
    return render(request, "energy/setup/readings.html", context)


def _mapping(data: Any, preview: FilePreview) -> dict[str, Any]:
    return {
        "time_form": TimeForm(data, columns=preview.columns, initial={"time": preview.time}),
        "columns": ColumnFormSet(data, initial=preview.start, prefix="cot"),
    }


def _asked(
    request: HttpRequest, device: Device, kept: str, preview: FilePreview, context: dict[str, Any]
) -> Job | None:
    """Ask for the import with what the person chose; what is refused is shown over the same choices."""
    forms = _mapping(request.POST, preview)
    context |= {**forms, "preview": preview, "kept": kept}
    time, columns = forms["time_form"], forms["columns"]
    if not (time.is_valid() and columns.is_valid()):
        return None
    return sent(
        time,
        lambda: readings_ask(
            actor=request.user,
            device=device,
            name=kept,
            time=time.cleaned_data["time"],
            columns=[form.cleaned_data for form in columns],
            now=timezone.now(),
        ),
    )


def _job(request: HttpRequest, device: Device) -> Job | None:
    text = request.GET.get("viec", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    own = Job.objects.filter(kind=JOB_KIND, actor_id=request.user.pk, arguments__device=device.pk)
    return get_object_or_404(own, pk=int(text))
