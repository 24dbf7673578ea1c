"""Harvesting on the desk: sources, adding one, its runs and its questions. Only librarians come here."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.models.jobs import Job
from khcn.engines.oai.types import Choice
from khcn.library import permissions
from khcn.library.forms.harvest import FORMAT_NAMES, AddressForm, SourceForm
from khcn.library.harvest_enums import OPEN_RUNS
from khcn.library.models import HarvestItem, HarvestSource
from khcn.library.selectors.desk import deposit_units
from khcn.library.selectors.harvest import source_problems, source_runs, sources_for
from khcn.library.services.harvest_runs import harvest_start
from khcn.library.services.harvest_sources import (
    PreviewLine,
    Probe,
    item_decide,
    source_add,
    source_decide_deletions,
    source_pause,
    source_preview,
    source_probe,
    source_resume,
    source_update,
)
from khcn.library.services.harvest_stop import harvest_stop
from khcn.library.tables.harvest import (
    preview_meta,
    question,
    run_state,
    schedule_text,
    source_line,
    source_state,
)


def _check(request: HttpRequest) -> None:
    if not permissions.can_keep(request.user):
        raise PermissionDenied(_("Chỉ thủ thư quản lý việc thu thập từ nguồn khác."))


def _source(request: HttpRequest, pk: int) -> HarvestSource:
    _check(request)
    return get_object_or_404(sources_for(request.user), pk=pk)


@login_required
@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """Show the sources, each with how it stands."""
    _check(request)
    lines = [source_line(source) for source in sources_for(request.user)]
    return render(request, "library/harvest/list.html", {"lines": lines})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_new(request: HttpRequest) -> HttpResponse:
    """Add a source in two steps: its address, then what to choose from what it offers; with a look at ten records."""
    _check(request)
    address = AddressForm(request.POST or None)
    context: dict[str, Any] = {"address": address}
    if request.method == "POST" and address.is_valid():
        try:
            probe = source_probe(actor=request.user, base_url=address.cleaned_data["base_url"])
        except KhcnError as error:
            address.add_error("base_url", error.message)
        else:
            done = _choose(request, address.cleaned_data["base_url"], probe, context)
            if done is not None:
                return redirect("library-desk:harvest-source", pk=done.pk)
    return render(request, "library/harvest/new.html", context)


def _choose(
    request: HttpRequest, base_url: str, probe: Probe, context: dict[str, Any]
) -> HarvestSource | None:
    """Show what the source offers; look at records, or add it, as the button says."""
    deed = request.POST.get("viec", "")
    form = SourceForm(
        request.POST if deed in {"xem", "luu"} else None, sets=probe.sets, formats=probe.formats,
        units=deposit_units(request.user, timezone.localdate()),
        initial={"name": probe.identity.name, "metadata": probe.best_format},
    )  # fmt: skip
    context |= {"form": form, "probe": probe, "base_url": base_url}
    if not form.is_bound or not form.is_valid():
        return None
    values = form.source_values()
    try:
        if deed == "luu":
            done = source_add(
                actor=request.user, base_url=base_url, probe=probe, values=values, now=timezone.now()
            )
            messages.success(request, _("Đã thêm nguồn. Lần thu thập đầu bắt đầu trong ít phút."))
            return done
        context |= _preview(request, base_url, values)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        form.add_error(
            getattr(error, "field", None) if getattr(error, "field", "") in form.fields else None,
            error.message,
        )
    return None


def _preview(request: HttpRequest, base_url: str, values: dict[str, Any]) -> dict[str, Any]:
    lines: list[PreviewLine] = source_preview(
        actor=request.user,
        base_url=base_url,
        prefix=values["prefix"],
        set_spec=values["set_spec"],
        rights=values["rights"],
    )
    return {"preview": [(line, preview_meta(line)) for line in lines], "previewed": True}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one source, its runs and what to decide; a POST does what its button says."""
    source = _source(request, pk)
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            shown = _act(request, source)
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
            shown = None
        if shown is None:
            return redirect("library-desk:harvest-source", pk=pk)
        context |= shown
    runs = source_runs(source)
    current = runs[0] if runs and runs[0].state in OPEN_RUNS else None
    job = Job.objects.filter(pk=current.job_id or 0).first() if current else None
    context |= {
        "source": source,
        "state": source_state(source),
        "schedule": schedule_text(source),
        "format_name": FORMAT_NAMES.get(source.prefix, source.prefix),
        "runs": [(run, run_state(run)) for run in runs],
        "current": current,
        "job": job,
        "problems": source_problems(source).count(),
    }
    return render(request, "library/harvest/source.html", context)


def _act(request: HttpRequest, source: HarvestSource) -> dict[str, Any] | None:
    """Do what the button says; return what is to be shown at once, ``None`` to go back to the page."""
    deed, actor, now = request.POST.get("viec", ""), request.user, timezone.now()
    if deed == "xem":
        values = {"prefix": source.prefix, "set_spec": source.set_spec, "rights": source.rights}
        return _preview(request, source.base_url, values)
    if deed in {"chay", "chay-het"}:
        harvest_start(actor=actor, source=source, now=now, full=deed == "chay-het")
        messages.success(request, _("Đã xếp việc thu thập vào hàng đợi; tiến độ hiện ngay dưới đây."))
    elif deed == "dung":
        harvest_stop(actor=actor, source=source, now=now)
        messages.success(request, _("Đã dừng. Phần đã nhận được giữ; lần tới đọc tiếp từ chỗ này."))
    elif deed == "tam-ngung":
        source_pause(actor=actor, source=source, now=now)
    elif deed == "tiep-tuc":
        source_resume(actor=actor, source=source, now=now)
    elif deed in {"rut", "giu"}:
        source_decide_deletions(actor=actor, source=source, withdraw=deed == "rut", now=now)
        messages.success(request, _("Đã ghi quyết định của bạn."))
    else:
        raise Http404
    return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the settings of a source; a POST may first ask it what it has now, or look at records as they would come.

    The address stays: another address is another source.
    """
    source = _source(request, pk)
    deed = request.POST.get("viec", "")
    sets, formats = [Choice(source.set_spec, source.set_name)] if source.set_spec else [], _formats_of(source)
    fault = ""
    if request.method == "POST" and (deed == "hoi" or _is_asked_for_more(request, sets, formats)):
        try:
            probe = source_probe(actor=request.user, base_url=source.base_url)
        except KhcnError as error:
            fault = error.message
        else:
            sets, formats = _with_all(sets, probe.sets), _with_all(formats, probe.formats)
    form = SourceForm(
        request.POST or None, sets=sets, formats=formats,
        units=deposit_units(request.user, timezone.localdate()), initial=_settings_of(source),
    )  # fmt: skip
    context = {"source": source, "form": form, "asked": deed == "hoi" and not fault, "sets": len(sets)}
    valid = request.method == "POST" and form.is_valid()
    if fault:
        form.add_error(None, fault)
    elif valid and deed != "hoi":
        try:
            if deed != "xem":
                source_update(
                    actor=request.user, source=source, values=form.source_values(), now=timezone.now()
                )
                messages.success(request, _("Đã lưu thiết lập của nguồn."))
                return redirect("library-desk:harvest-source", pk=pk)
            context |= _preview(request, source.base_url, form.source_values())
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            field = getattr(error, "field", "")
            form.add_error(field if field in form.fields else None, error.message)
    return render(request, "library/harvest/edit.html", context)


def _is_asked_for_more(request: HttpRequest, sets: list[Choice], formats: list[Choice]) -> bool:
    """Whether a set or format was chosen that only the source itself can vouch for."""
    chosen_set, chosen_format = request.POST.get("set_spec", ""), request.POST.get("metadata", "")
    return bool(
        (chosen_set and chosen_set not in {one.key for one in sets})
        or (chosen_format and chosen_format not in {one.key for one in formats})
    )


def _with_all(known: list[Choice], offered: list[Choice]) -> list[Choice]:
    """Return what the source offers, with what is used now even when it is not offered any more."""
    offered_keys = {one.key for one in offered}
    return [*offered, *(one for one in known if one.key not in offered_keys)]


def _settings_of(source: HarvestSource) -> dict[str, Any]:
    plain = (
        "name",
        "set_spec",
        "rights",
        "offer_again",
        "delete_percent",
        "most_works",
        "answer_mb",
        "at_hour",
    )
    return {
        **{name: getattr(source, name) for name in plain},
        "metadata": source.prefix,
        "every_hours": str(source.every_hours),
        "collection": source.collection_id,
        "unit": source.unit_id,
        "publish": "1" if source.publish else "",
    }


def _formats_of(source: HarvestSource) -> list[Choice]:
    return [Choice(key) for key in dict.fromkeys([source.prefix, "oai_dc"])]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def source_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the records of a source that need a look; a POST settles one of them."""
    source = _source(request, pk)
    if request.method == "POST":
        number = request.POST.get("muc", "")
        chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
        item = get_object_or_404(HarvestItem, source=source, pk=chosen)
        try:
            item_decide(
                actor=request.user, item=item, follow=request.POST.get("theo") == "nguon", now=timezone.now()
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("Đã ghi quyết định của bạn."))
        return redirect("library-desk:harvest-questions", pk=pk)
    page = Paginator(source_problems(source), 25).get_page(request.GET.get("trang"))
    context = {"source": source, "page": page, "questions": [question(item) for item in page.object_list]}
    return render(request, "library/harvest/questions.html", context)
