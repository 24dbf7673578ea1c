"""Desk pages of training: needs, people, one person, records, suggestions, the own record."""

import secrets
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.orgs.models import Unit
from khcn.programmes.enums_training import WANTED, NeedState, RecordState, Staff
from khcn.programmes.exports.training import needs_file, records_file, state_words
from khcn.programmes.forms.support import number_in
from khcn.programmes.forms.training import AccountForm, EndForm, MoveForm, PersonForm, ReasonForm, RecordForm
from khcn.programmes.models.training import TrainingPerson, TrainingPost
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_training import can_keep, can_verify, sees_people
from khcn.programmes.selectors.training import (
    Asked,
    person_of,
    positions_list,
    post_now,
    posts_list,
    record_of,
    records_list,
    records_of,
    suggestions,
    topics_active,
    units_for,
    waiting_records,
    with_predecessors,
)
from khcn.programmes.selectors.training_needs import needs_of, needs_table
from khcn.programmes.services.training_people import (
    link_send,
    person_account,
    person_end,
    person_move,
    person_save,
)
from khcn.programmes.services.training_records import (
    EVIDENCE,
    record_enter,
    record_refuse,
    record_verify,
    record_void,
)
from khcn.programmes.services.training_sync import link_decide
from khcn.programmes.views.support import query_without
from khcn.programmes.views.training_base import PAGE, asked_of, frame, kept_units, people_page, unit_kept
from khcn.ui.deeds import sent, told

MOST_FILE: Final = 20_000


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show who needs what: by topic and by unit; who only reads figures goes to the summary."""
    reach = reach_of(request.user)
    if not sees_people(reach):
        return redirect("training-desk:summary" if reach.leader or reach.superior else "training-desk:mine")
    today, asked = timezone.localdate(), asked_of(request)
    units = with_predecessors(asked.unit, today) if asked.unit else None
    table = needs_table(request.user, today, units=units)
    names = dict(Unit.objects.filter(pk__in=table.by_unit).values_list("pk", "name"))
    topics = {one.pk: one for one in topics_active()}
    lines = sorted(
        ((topics[pk], one) for pk, one in table.by_topic.items() if pk in topics),
        key=lambda pair: -pair[1].lacking,
    )
    by_unit = sorted(
        ((pk, names.get(pk, ""), one) for pk, one in table.by_unit.items()),
        key=lambda row: (-row[2].lacking, row[1]),
    )
    context = frame(
        request, table=table, topics=lines, units=by_unit, asked=asked, unit_choices=units_for(request.user, today),
        waiting=waiting_records(request.user, today).count(), suggested=len(suggestions(request.user, today)),
        wanting=len(set().union(*table.wanting.values())) if table.wanting else 0,
    )  # fmt: skip
    return render(request, "programmes/training/home.html", context)


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponseBase:
    """List people with what they need; as a file too."""
    reach, today, asked = people_page(request), timezone.localdate(), asked_of(request)
    rows = posts_list(request.user, asked, today)
    ids = (
        [pk for pk, who in rows.values_list("pk", "person_id") if who in chosen]
        if (chosen := _chosen(request, asked)) is not None
        else None
    )
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        found = list(rows[:MOST_FILE]) if ids is None else _by_ids(rows, ids[:MOST_FILE])
        return needs_file(kind, needs_of(found, today), today)
    page: Any = Paginator(rows if ids is None else ids, PAGE).get_page(request.GET.get("trang"))
    shown = list(page.object_list) if ids is None else _by_ids(rows, list(page.object_list))
    context = frame(
        request, page=page, lines=needs_of(shown, today), asked=asked, units=units_for(request.user, today),
        topics=topics_active(), audiences=Staff.choices, query=query_without(request, "trang", "tep"),
        keeps=bool(kept_units(request, reach, today)), states=[one for one in NeedState.choices if one[0] != NeedState.HELD],
    )  # fmt: skip
    return render(request, "programmes/training/people.html", context)


def _chosen(request: HttpRequest, asked: Asked) -> set[int] | None:
    """Return the people who want what the list was asked for; ``None``: it was asked for everybody."""
    if asked.state not in {*WANTED, "can"} and not asked.topic:
        return None
    wanting = needs_table(request.user, timezone.localdate(), topic=asked.topic).wanting
    states = [asked.state] if asked.state in wanting else list(wanting)
    return set().union(*(wanting[one] for one in states))


def _by_ids(rows: Any, ids: list[int]) -> list[TrainingPost]:
    """Return posts in the order of their ids; few at a time, databases have limits."""
    found: dict[int, TrainingPost] = {}
    for start in range(0, len(ids), 500):
        found |= {one.pk: one for one in rows.filter(pk__in=ids[start : start + 500])}
    return [found[pk] for pk in ids if pk in found]


def _person(request: HttpRequest, pk: int) -> tuple[TrainingPerson, TrainingPost, Reach]:
    reach, today = people_page(request), timezone.localdate()
    person = person_of(request.user, pk, today)
    post = post_now(person, today) if person else None
    if person is None or post is None:
        raise Http404
    post.person = person
    return person, post, reach


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: needs, results, posts; and the deeds of who keeps the roster."""
    row, post, reach = _person(request, pk)
    today = timezone.localdate()
    forms: dict[str, Any] = {
        "end_form": EndForm(prefix="thoi"), "account_form": AccountForm(prefix="tk", initial={"username": row.user.username if row.user else ""}),
        "move_form": MoveForm(prefix="chuyen", units=Unit.objects.in_force(today).filter(kind__is_group=False).order_by("order", "sort_key")),
    }  # fmt: skip
    faulty = False
    if request.method == "POST":
        if _person_deed(request, row, post, forms):
            messages.success(request, _("Đã ghi."))
            kept = person_of(request.user, pk, today)
            return redirect("training-desk:person", pk=pk) if kept else redirect("training-desk:people")
        faulty = True
    context = frame(
        request, row=row, post=post, needs=needs_of([post], today)[0], records=[(one, state_words(one)) for one in records_of(row)],
        posts=row.posts.select_related("unit", "position").order_by("-starts_on"), keeps=can_keep(reach, post.unit_id, today),
        verifies=can_verify(reach, post.unit_id, today), suggested=suggestions(request.user, today, person=pk), **forms,
    )  # fmt: skip
    return render(request, "programmes/training/person.html", context, status=422 if faulty else 200)


def _person_deed(
    request: HttpRequest, row: TrainingPerson, post: TrainingPost, forms: dict[str, Any]
) -> bool:
    deed, now, actor, unit = request.POST.get("viec", ""), timezone.now(), request.user, post.unit
    base: dict[str, Any] = {"actor": actor, "person_id": row.pk, "now": now}
    if deed == "gui":
        return told(request, lambda: link_send(unit=unit, **base) or True) is not None
    names = {"thoi": "end_form", "tk": "account_form", "chuyen": "move_form"}
    if deed not in names:
        raise Http404
    old = forms[names[deed]]
    more = {"units": old.fields["unit"].queryset} if deed == "chuyen" else {}
    form = forms[names[deed]] = type(old)(request.POST, prefix=deed, **more)
    if not form.is_valid():
        return False
    data = form.cleaned_data
    writes = {
        "thoi": lambda: person_end(unit=unit, ends_on=data["ends_on"], **base),
        "tk": lambda: person_account(unit=unit, username=data["username"], **base),
        "chuyen": lambda: person_move(
            unit=data["unit"], position=data["position"], starts_on=data["starts_on"], **base
        ),
    }
    return sent(form, writes[deed]) is not None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Write somebody in by hand."""
    reach = people_page(request)
    unit = unit_kept(request, reach)
    return _person_form(request, unit, None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct somebody."""
    _row, post, _reach = _person(request, pk)
    return _person_form(request, post.unit, post)


def _person_form(request: HttpRequest, unit: Unit, post: TrainingPost | None) -> HttpResponse:
    today = timezone.localdate()
    titles = [one.title for one in positions_list(request.user, today, unit.pk)]
    initial: dict[str, Any] = {}
    if post is not None:
        who = post.person
        initial = {
            "name": who.name, "position": post.position.title, "audience": post.audience, "party": post.party_id, "email": who.email,
            "phone": who.phone, "starts_on": post.starts_on, "ends_on": post.ends_on,
        }  # fmt: skip
    form = PersonForm(request.POST if request.method == "POST" else None, titles=titles, initial=initial)
    if request.method == "POST" and form.is_valid():
        pk = post.person_id if post else None
        row = sent(
            form,
            lambda: person_save(
                actor=request.user, unit=unit, wish=form.wish(), now=timezone.now(), person_id=pk
            ),
        )
        if row is not None:
            messages.success(request, _("Đã ghi."))
            return redirect("training-desk:person", pk=row.pk)
    context = frame(request, form=form, unit=unit, post=post)
    return render(
        request,
        "programmes/training/person_form.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a course of others."""
    row, post, _reach = _person(request, pk)
    form = RecordForm(
        request.POST if request.method == "POST" else None, request.FILES or None, topics=topics_active(),
        initial={"client_key": secrets.token_urlsafe(18), "topic": number_in(request.GET.get("chu-de"))},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        found = sent(
            form,
            lambda: record_enter(
                actor=request.user, person_id=pk, wish=form.wish(), client_key=data["client_key"], now=timezone.now(), evidence=data["evidence"]
            ),
        )  # fmt: skip
        if found is not None:
            messages.success(request, _("Đã ghi. Kết quả được tính sau khi có người xác nhận."))
            return redirect("training-desk:person", pk=pk)
    context = frame(request, form=form, row=row, post=post)
    return render(
        request,
        "programmes/training/record_form.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


@login_required
@require_safe
def records(request: HttpRequest) -> HttpResponseBase:
    """List records; as a file too."""
    people_page(request)
    today, asked = timezone.localdate(), asked_of(request)
    if asked.state not in RecordState.values:
        asked = Asked(words=asked.words, unit=asked.unit, topic=asked.topic, year=asked.year)
    rows = records_list(request.user, asked, today)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        return records_file(kind, rows[:MOST_FILE])
    page = Paginator(rows, PAGE).get_page(request.GET.get("trang"))
    context = frame(
        request, page=page, lines=[(one, state_words(one)) for one in page], asked=asked, units=units_for(request.user, today),
        topics=topics_active(), states=RecordState.choices, query=query_without(request, "trang", "tep"),
    )  # fmt: skip
    return render(request, "programmes/training/records.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """One record: verify, refuse, take back."""
    reach, today = people_page(request), timezone.localdate()
    row = record_of(request.user, pk, today)
    if row is None:
        raise Http404
    form = ReasonForm(request.POST if request.POST.get("viec") in {"tu-choi", "huy"} else None)
    if request.method == "POST" and _record_deed(request, pk, form):
        messages.success(request, _("Đã ghi."))
        return redirect("training-desk:record", pk=pk)
    post = post_now(row.person, today)
    verifies = post is not None and can_verify(reach, post.unit_id, today)
    context = frame(
        request, row=row, words=state_words(row), form=form, verifies=verifies and row.entered_by_id != request.user.pk,
        may_void=verifies and row.state == RecordState.VERIFIED and row.programme_id is None,
    )  # fmt: skip
    return render(request, "programmes/training/record.html", context, status=422 if form.is_bound else 200)


def _record_deed(request: HttpRequest, pk: int, form: ReasonForm) -> bool:
    base: dict[str, Any] = {"actor": request.user, "record_id": pk, "now": timezone.now()}
    deed = request.POST.get("viec", "")
    if deed == "xac-nhan":
        return told(request, lambda: record_verify(**base)) is not None
    if deed not in {"tu-choi", "huy"}:
        raise Http404
    if not form.is_valid():
        return False
    write = record_refuse if deed == "tu-choi" else record_void
    return sent(form, lambda: write(reason=form.cleaned_data["reason"], **base)) is not None


@login_required
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out the paper of a record."""
    people_page(request)
    row = record_of(request.user, pk, timezone.localdate())
    if row is None or not row.evidence:
        raise Http404
    return EVIDENCE.response(row.evidence, row.evidence_title)


@login_required
@require_safe
def suggested(request: HttpRequest) -> HttpResponse:
    """List registrations that may be somebody of a roster."""
    reach, today = people_page(request), timezone.localdate()
    rows = suggestions(request.user, today)
    context = frame(request, lines=[(one, can_keep(reach, one.post.unit_id, today)) for one in rows])
    return render(request, "programmes/training/suggestions.html", context)


@login_required
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Say whether a registration is somebody."""
    people_page(request)
    registration, person_id = number_in(request.POST.get("dang-ky")), number_in(request.POST.get("nguoi"))
    if registration is None or person_id is None:
        raise Http404
    same = request.POST.get("la") == "co"
    done = told(
        request,
        lambda: link_decide(
            actor=request.user,
            registration_id=registration,
            person_id=person_id,
            same=same,
            now=timezone.now(),
        ),
    )
    if done is not None:
        messages.success(
            request,
            _("Đã gắn. Kết quả của chương trình đã vào hồ sơ.")
            if same
            else _("Đã ghi: không phải người này."),
        )
    return redirect("training-desk:suggestions")
