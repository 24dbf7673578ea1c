"""Desk pages of what training is measured by: topics, positions, what a programme teaches."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.orgs.models import Unit
from khcn.programmes.forms.training import PositionForm, TopicForm
from khcn.programmes.forms.training_more import TeachesForm
from khcn.programmes.models.training import TrainingPosition, TrainingTopic
from khcn.programmes.permissions_training import can_keep, can_set_up
from khcn.programmes.selectors.training import positions_list, topics_active, topics_with_counts, units_for
from khcn.programmes.services.training_setup import (
    position_remove,
    position_save,
    programme_teaches,
    topic_save,
)
from khcn.programmes.services.training_sync import programme_sync
from khcn.programmes.views.base import frame as programme_frame
from khcn.programmes.views.base import readable
from khcn.programmes.views.training_base import asked_of, frame, kept_units, officer_page, people_page
from khcn.ui.deeds import only, sent, told


@login_required
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """List topics."""
    people_page(request)
    return render(request, "programmes/training/topics.html", frame(request, topics=topics_with_counts()))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def topic(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a topic."""
    officer_page(request)
    row = get_object_or_404(TrainingTopic, pk=pk) if pk else None
    names = ("code", "name", "purpose", "valid_months", "warn_days", "audience", "is_active")
    initial = {name: getattr(row, name) for name in names} if row else {}
    form = TopicForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        saved = sent(
            form, lambda: topic_save(actor=request.user, wish=form.wish(), now=timezone.now(), topic_id=pk)
        )
        if saved is not None:
            messages.success(request, _("Đã lưu chủ đề."))
            return redirect("training-desk:topics")
    context = frame(request, form=form, row=row)
    return render(
        request,
        "programmes/training/topic_form.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_safe
def positions(request: HttpRequest) -> HttpResponse:
    """List the positions of a unit, or the common ones, with what they require."""
    reach, today, asked = people_page(request), timezone.localdate(), asked_of(request)
    units = units_for(request.user, today)
    unit = next((one for one in units if one.pk == asked.unit), None)
    if unit is None and not can_set_up(reach) and len(units) == 1 and "chung" not in request.GET:
        unit = units[0]
    rows = positions_list(request.user, today, unit.pk if unit else None)
    keeps = can_keep(reach, unit.pk, today) if unit else can_set_up(reach)
    context = frame(request, rows=rows, unit=unit, units=units, keeps=keeps)
    return render(request, "programmes/training/positions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def position(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a position; delete one that nobody ever held."""
    reach, today = people_page(request), timezone.localdate()
    row = (
        TrainingPosition.objects.visible_to(request.user, today).select_related("unit").filter(pk=pk).first()
        if pk
        else None
    )
    if pk and row is None:
        raise Http404
    unit = row.unit if row else _unit_asked(request)
    allowed = can_keep(reach, unit.pk, today) if unit else can_set_up(reach)
    only(
        allowed,
        _("Vị trí của đơn vị do người báo cáo của đơn vị ghi; vị trí chung do chuyên viên đầu mối ghi."),
    )
    back = reverse("training-desk:positions") + (f"?don-vi={unit.pk}" if unit else "?chung=1")
    if request.POST.get("viec") == "xoa" and row is not None:
        if told(
            request,
            lambda: position_remove(actor=request.user, position_id=row.pk, now=timezone.now()) or True,
        ):
            messages.success(request, _("Đã xóa vị trí."))
            return redirect(back)
        return redirect("training-desk:position", pk=row.pk)
    form = PositionForm(
        request.POST if request.method == "POST" else None, topics=topics_active(), position=row
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        saved = sent(
            form,
            lambda: position_save(
                actor=request.user, unit=unit, title=data["title"], staff=data["staff"], audience=data["audience"],
                required=form.required(), now=timezone.now(), position_id=pk,
            ),
        )  # fmt: skip
        if saved is not None:
            messages.success(request, _("Đã lưu vị trí."))
            return redirect(back)
    context = frame(request, form=form, row=row, unit=unit, back=back)
    return render(
        request,
        "programmes/training/position_form.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _unit_asked(request: HttpRequest) -> Unit | None:
    reach, asked = people_page(request), asked_of(request)
    if asked.unit is None:
        return None
    found = next(
        (one for one in kept_units(request, reach, timezone.localdate()) if one.pk == asked.unit), None
    )
    if found is None:
        raise Http404
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which topics a programme teaches; who came often enough has them."""
    row, reach = readable(request, pk)
    people_page(request)
    held = {one.topic_id: one for one in row.training_topics.all()}
    editable = can_set_up(reach)
    form = TeachesForm(request.POST if request.method == "POST" else None, topics=topics_active(), held=held)
    if request.method == "POST":
        only(editable, _("Chủ đề của chương trình do chuyên viên đầu mối ghi."))
        if request.POST.get("viec") == "cap-nhat":
            changed = programme_sync(programme=row, now=timezone.now())
            messages.success(request, _("Đã cập nhật %(n)s kết quả.") % {"n": changed})
            return redirect("training-desk:programme", pk=pk)
        if form.is_valid():
            done = sent(
                form,
                lambda: programme_teaches(
                    actor=request.user, programme=row, hours=form.hours(), now=timezone.now()
                ),
            )
            if done is not None:
                messages.success(request, _("Đã lưu; %(n)s kết quả thay đổi.") % {"n": done})
                return redirect("training-desk:programme", pk=pk)
    context = programme_frame(request, row, form=form, held=held.values(), editable=editable)
    return render(
        request,
        "programmes/training/programme.html",
        context,
        status=422 if request.method == "POST" else 200,
    )
