"""Desk pages of a roster by Excel: the template, the file that came back, a look at what it will do, and doing it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.exports.filled import filled_template, workbook_response
from khcn.orgs.models import Unit
from khcn.programmes.forms.training import ReasonForm, RosterForm
from khcn.programmes.models.training import TrainingPost
from khcn.programmes.permissions_training import can_keep
from khcn.programmes.rules.training_roster import Change
from khcn.programmes.selectors.training import upload_of
from khcn.programmes.services.training_roster import roster_apply, roster_upload, upload_plan
from khcn.programmes.services.training_sheet import roster_columns
from khcn.programmes.views.training_base import frame, kept_units, people_page, unit_kept
from khcn.ui.deeds import only, sent


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster(request: HttpRequest) -> HttpResponseBase:
    """Hand out the template, filled with who is known; take a roster in for a look."""
    reach = people_page(request)
    unit = unit_kept(request, reach)
    if request.GET.get("tep") == "mau":
        return _template(unit)
    form = RosterForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        row = sent(
            form,
            lambda: roster_upload(
                actor=request.user, unit=unit, file=file, name=file.name or "", now=timezone.now()
            ),
        )
        if row is not None:
            return redirect("training-desk:roster-look", pk=row.pk)
    context = frame(request, form=form, unit=unit, units=kept_units(request, reach, timezone.localdate()))
    return render(
        request, "programmes/training/roster.html", context, status=422 if request.method == "POST" else 200
    )


def _template(unit: Unit) -> HttpResponseBase:
    today = timezone.localdate()
    posts = TrainingPost.objects.listed(today).filter(unit=unit).select_related("person", "position", "party")
    rows = (
        {
            "name": one.person.name, "position": one.position.title, "audience": one.audience, "email": one.person.email,
            "party": one.party.name if one.party else "", "phone": one.person.phone, "starts_on": one.starts_on, "ends_on": one.ends_on,
        }
        for one in posts.order_by("person__sort_key", "pk")
    )  # fmt: skip
    title = _("Danh sách bồi dưỡng")
    return workbook_response(filled_template(roster_columns(), rows, title=title), title)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_look(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what an uploaded roster will do, row by row; do it."""
    reach, today = people_page(request), timezone.localdate()
    row = upload_of(request.user, pk, today)
    if row is None:
        raise Http404(_("Danh sách này không còn. Hãy gửi lại tệp."))
    only(
        can_keep(reach, row.unit_id, today),
        _("Danh sách do người báo cáo của đơn vị và chuyên viên đầu mối ghi."),
    )
    form = ReasonForm()  # carries what the service refuses
    status = 200
    if request.method == "POST":
        form = ReasonForm({"reason": "-"})
        form.is_valid()
        done = sent(form, lambda: roster_apply(actor=request.user, upload_id=pk, now=timezone.now()))
        if done is not None:
            words = {
                "new": done.outcome["new"] + done.outcome["joins"],
                "changed": done.outcome["changed"],
                "same": done.outcome["same"],
            }
            messages.success(
                request, _("Đã ghi: %(new)s người mới, %(changed)s người sửa, %(same)s người như cũ.") % words
            )
            return redirect(f"{reverse('training-desk:people')}?don-vi={row.unit_id}")
        status = 422
    plan = upload_plan(row, today) if row.applied_at is None else None
    labels = {Change.NEW: (_("Mới"), "good"), Change.JOINS: (_("Về đơn vị"), "good"), Change.CHANGED: (_("Sửa"), "watch"), Change.SAME: (_("Như cũ"), "neutral")}  # fmt: skip
    lines = [(one, *labels[one.change]) for one in plan.lines] if plan else []
    context = frame(
        request, row=row, plan=plan, lines=lines, form=form, stale=row.stale(timezone.now()),
        counts={str(one): plan.count(one) for one in Change} if plan else {},
    )  # fmt: skip
    return render(request, "programmes/training/roster_look.html", context, status=status)
