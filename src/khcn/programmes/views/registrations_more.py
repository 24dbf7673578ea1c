"""Further desk pages: a registration by hand, from a sheet, the questions, the ledger of consents."""

import secrets
from hashlib import sha256
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import formset_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.filled import filled_template, workbook_response
from khcn.programmes.enums import ConsentPurpose
from khcn.programmes.exports.registrations import consents_table
from khcn.programmes.forms.registrations import HandForm, ListForm, QuestionForm
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.programmes import Session
from khcn.programmes.permissions import can_read_consents
from khcn.programmes.rules.registrations import PeopleError
from khcn.programmes.services.registrations import group_create, registration_create
from khcn.programmes.services.registrations_groups import PAPERS
from khcn.programmes.services.registrations_questions import questions_save
from khcn.programmes.services.registrations_sheet import people_columns, sheet_read
from khcn.programmes.views.base import frame, readable, runnable
from khcn.ui.deeds import only, sent

SPARE: Final = 2


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a registration that came on paper or by telephone."""
    programme, _reach = runnable(request, pk)
    sessions = list(programme.sessions.all()) if programme.by_session else []
    posted = request.POST if request.method == "POST" else None
    form = HandForm(
        posted, programme=programme, sessions=sessions, initial={"client_key": secrets.token_hex(16)}
    )
    if posted is not None and form.is_valid():
        data = form.cleaned_data
        session = (
            Session.objects.filter(programme=programme, pk=data["session"]).first() if sessions else None
        )
        row = sent(
            form,
            lambda: registration_create(
                programme=programme, person=form.person(), now=timezone.now(), session=session, actor=request.user,
                address=data["address"], client_key=data["client_key"], approved=True,
            ),
        )  # fmt: skip
        if row is not None:
            messages.success(request, _("Đã ghi: %(state)s.") % {"state": row.get_state_display()})
            return redirect("programmes-desk:registrations", pk=pk)
    context = frame(request, programme, form=form)
    return render(
        request, "programmes/registrations/desk_hand.html", context, status=422 if posted is not None else 200
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the template; take a list of paper registrations in: all of it, or nothing with the faults."""
    programme, _reach = runnable(request, pk)
    if request.GET.get("tep") == "mau":
        content = filled_template(people_columns(programme), [], title=programme.title)
        return workbook_response(content, _("Danh sách đăng ký"))
    sessions = list(programme.sessions.all()) if programme.by_session else []
    form = ListForm(request.POST or None, request.FILES or None, sessions=sessions)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        print_of = sha256(file.read()).hexdigest()[:32]
        file.seek(0)

        def take() -> Any:
            found = sheet_read(file, programme)
            if found.faults:
                raise PeopleError(
                    _("Có dòng chưa đúng nên chưa ghi ai. Sửa rồi gửi lại."), tuple(found.faults)
                )
            chosen = form.cleaned_data.get("session")
            session = programme.sessions.filter(pk=chosen).first() if chosen else None
            return group_create(
                programme=programme, now=timezone.now(), name=_("Danh sách giấy của đơn vị"), people=found.people,
                session=session, actor=request.user, client_key=f"x{print_of}", approved=True,
            )  # fmt: skip

        group = sent(form, take)
        if group is not None:
            messages.success(request, _("Đã ghi %(n)s người.") % {"n": group.people.count()})
            return redirect("programmes-desk:registration-group", pk=pk, row=group.pk)
    context = frame(request, programme, form=form)
    return render(
        request,
        "programmes/registrations/desk_sheet.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the questions of a programme; an emptied one goes."""
    programme, _reach = runnable(request, pk)
    numbers = {one["key"]: number for number, one in enumerate(programme.questions, start=1)}
    initial = []
    for one in programme.questions:
        when = next(iter((one.get("show_if") or {}).items()), ("", ""))
        value = {"yes": _("Có"), "no": _("Không")}.get(when[1], when[1])
        initial.append(
            {"key": one["key"], "label": one["label"], "kind": one["kind"], "required": one["required"],
             "choices": "\n".join(one.get("choices", [])), "audience": one.get("audience", []), "if_key": numbers.get(when[0], ""), "if_value": value}
        )  # fmt: skip
    forms_of = formset_factory(QuestionForm, extra=SPARE, max_num=20)
    formset = forms_of(
        request.POST if request.method == "POST" else None, initial=initial,
        form_kwargs={"audiences": programme.audience_list},
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        status = 422
        if formset.is_valid():
            rows = [one.cleaned_data for one in formset.forms if one.cleaned_data.get("label")]
            first = formset.forms[0]
            saved = sent(
                first,
                lambda: questions_save(
                    actor=request.user, programme=programme, rows=rows, now=timezone.now()
                ),
            )
            if saved is not None:
                messages.success(request, _("Đã lưu các câu hỏi."))
                return redirect("programmes-desk:registration-questions", pk=pk)
    context = frame(request, programme, formset=formset)
    return render(request, "programmes/registrations/desk_questions.html", context, status=status)


@login_required
@require_safe
def consents(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the ledger of consents: text, version, time, who; hand it out."""
    programme, reach = readable(request, pk)
    only(
        can_read_consents(reach, programme.unit_id),
        _("Sổ đồng ý chỉ dành cho đơn vị tổ chức, chuyên viên đầu mối và kiểm toán."),
    )
    rows = Consent.objects.filter(programme=programme).select_related("text").order_by("-given_at", "-pk")
    purpose = request.GET.get("muc-dich", "")
    if purpose in ConsentPurpose.values:
        rows = rows.filter(purpose=purpose)
    kind = request.GET.get("tep", "")
    if kind in {"csv", "xlsx"}:
        return consents_table(kind, rows.iterator(500))
    page = Paginator(rows, 50).get_page(request.GET.get("trang"))
    context = frame(request, programme, page=page, purposes=ConsentPurpose.choices, purpose=purpose)
    return render(request, "programmes/registrations/desk_consents.html", context)


@login_required
@require_safe
def paper(request: HttpRequest, pk: int, row: int) -> HttpResponseBase:
    """Hand out the scan of a signed paper, to those who read the ledger."""
    programme, reach = readable(request, pk)
    only(can_read_consents(reach, programme.unit_id), _("Phiếu đồng ý chỉ dành cho người đọc sổ đồng ý."))
    found = get_object_or_404(Consent, programme=programme, pk=row)
    if not found.paper:
        raise Http404
    return PAPERS.response(found.paper, f"phieu-dong-y-{found.pk}.{found.paper.rpartition('.')[2]}")
