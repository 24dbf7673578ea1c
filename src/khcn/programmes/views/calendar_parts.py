"""The desk page with who teaches, which works of the library are used, and which task of the plan is carried out."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.references import Reference, find_references, resolve
from khcn.programmes.enums import EDITABLE_STATES
from khcn.programmes.forms.calendar import TrainerForm
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import can_run
from khcn.programmes.services import calendar_programmes as deeds
from khcn.programmes.services import calendar_sessions as sessions
from khcn.programmes.views.base import frame, readable, runnable, words_in
from khcn.ui.deeds import sent, told

WORK, TASK = "library.work", "plan.task"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def parts(request: HttpRequest, pk: int) -> HttpResponse:
    """Show trainers, works and the task; add and remove them."""
    row, reach = readable(request, pk)
    form = TrainerForm()
    if request.method == "POST":
        runnable(request, pk)
        if request.POST.get("viec") == "trainer":
            form = TrainerForm(request.POST)
            base: dict[str, Any] = {"actor": request.user, "programme_id": pk, "now": timezone.now()}
            done: object = form.is_valid() and sent(
                form, lambda: sessions.trainer_add(**base, **form.cleaned_data)
            )
        else:
            done = told(request, _deed(request, row))
            if done is None:
                return redirect("programmes-desk:programme-parts", pk=pk)
        if done:
            messages.success(request, _("Đã ghi."))
            return redirect("programmes-desk:programme-parts", pk=pk)
    runs = can_run(reach, row.unit_id) and row.state in EDITABLE_STATES
    work, task = (words_in(request.GET, name) for name in ("tim", "nhiem-vu"))
    context = frame(
        request, row, form=form, runs=runs, trainers=row.trainers.all(), materials=row.materials.all(),
        asked_work=work, asked_task=task, works=find_references(WORK, work, request.user, limit=8) if runs else (),
        tasks=find_references(TASK, task, request.user, limit=8) if runs else (),
        task=resolve(Reference.parse(row.task), request.user) if row.task else None,
    )  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/calendar/parts.html", context, status=status)


def _deed(request: HttpRequest, row: Programme) -> Callable[[], object]:
    """Return what a button asks for. Raises Http404 for what belongs to another programme or is no deed."""
    sent_in, now = request.POST, timezone.now()
    base: dict[str, Any] = {"actor": request.user, "programme_id": row.pk, "now": now}
    for name in ("trainer_gone", "material_gone"):
        if name in sent_in:
            number = sent_in[name]
            rows = row.trainers if name == "trainer_gone" else row.materials
            one = (
                rows.filter(pk=int(number)).first()
                if number.isascii() and number.isdigit() and len(number) < 12
                else None
            )
            if one is None:
                raise Http404
            return lambda: _removed(name, one.pk, request, now)
    if "record" in sent_in:
        return lambda: sessions.material_add(**base, record=sent_in["record"])
    if "task" in sent_in:
        return lambda: deeds.programme_task_set(**base, task=sent_in["task"])
    raise Http404


def _removed(name: str, pk: int, request: HttpRequest, now: Any) -> bool:
    if name == "trainer_gone":
        sessions.trainer_remove(actor=request.user, trainer_id=pk, now=now)
    else:
        sessions.material_remove(actor=request.user, material_id=pk, now=now)
    return True
