"""Desk pages of lessons: the list, curricula, one lesson with what comes next, adaptations."""

from collections.abc import Callable
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khcn.programmes.enums_curricula import ADAPTABLE, LessonState, Subject, WorkingState
from khcn.programmes.forms.curricula import CurriculumForm, ForkForm, ReasonForm
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
from khcn.programmes.permissions import Reach
from khcn.programmes.permissions_curricula import can_draft, can_draft_any, can_report_any, can_review
from khcn.programmes.rules.curricula_diff import differences
from khcn.programmes.selectors.curricula import (
    desk_curricula,
    desk_list,
    forks_behind,
    forks_of,
    lessons_of,
    materials_seen,
)
from khcn.programmes.services import curricula_lessons as deeds
from khcn.programmes.services.curricula_books import curriculum_create, curriculum_update, lesson_move
from khcn.programmes.services.curricula_forks import lesson_fork, source_seen
from khcn.programmes.views.curricula_base import (
    asked_in,
    first_of,
    lessons_desk,
    number_in,
    readable,
    units_to_write,
)
from khcn.ui.deeds import only, sent, told


@login_required
@require_safe
def lessons(request: HttpRequest) -> HttpResponse:
    """List the lessons that the person reads."""
    reach, asked = lessons_desk(request), asked_in(request.GET)
    rows = desk_list(request.user, timezone.localdate(), asked)
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")), "asked": asked,
        "states": LessonState.choices, "subjects": Subject.choices, "writes": can_draft_any(reach),
        "narrowed": bool(request.GET.urlencode()),
    }  # fmt: skip
    return render(request, "programmes/curricula/desk_list.html", context)


@login_required
@require_safe
def curricula(request: HttpRequest) -> HttpResponse:
    """List the curricula that the person reads."""
    reach = lessons_desk(request)
    rows = desk_curricula(request.user, timezone.localdate())
    page = Paginator(rows, 30).get_page(request.GET.get("trang"))
    return render(
        request, "programmes/curricula/desk_curricula.html", {"page": page, "writes": can_draft_any(reach)}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def curriculum_new(request: HttpRequest) -> HttpResponse:
    """Make a curriculum."""
    reach = lessons_desk(request)
    only(
        can_draft_any(reach),
        _("Chỉ người báo cáo của đơn vị và chuyên viên đầu mối lập chương trình học liệu."),
    )
    units = units_to_write(reach)
    initial = {"unit": first_of(units), "client_key": token_hex(16)}
    form = CurriculumForm(request.POST or None, units=units, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = sent(
            form, lambda: curriculum_create(actor=request.user, now=timezone.now(), **form.cleaned_data)
        )
        if made is not None:
            messages.success(request, _("Đã lập chương trình học liệu. Tiếp theo hãy soạn bài đầu tiên."))
            return redirect("curricula-desk:curriculum", pk=made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/curricula/desk_curriculum_form.html", {"form": form}, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def curriculum(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a curriculum; change its words, the order of its lessons."""
    reach, now = lessons_desk(request), timezone.now()
    today = timezone.localdate(now)
    row = get_object_or_404(Curriculum.objects.visible_to(request.user, today).select_related("unit"), pk=pk)
    form = CurriculumForm(
        request.POST if "title" in request.POST else None,
        initial={"title": row.title, "summary": row.summary},
    )
    if moved := number_in(request.POST.get("len") or request.POST.get("xuong")):
        get_object_or_404(row.lessons, pk=moved)
        told(
            request,
            lambda: lesson_move(actor=request.user, lesson_id=moved, up="len" in request.POST, now=now),
        )
        return redirect("curricula-desk:curriculum", pk=pk)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        words = {"title": data["title"], "summary": data["summary"]}
        if sent(form, lambda: curriculum_update(actor=request.user, curriculum_id=pk, now=now, **words)):
            messages.success(request, _("Đã lưu."))
            return redirect("curricula-desk:curriculum", pk=pk)
    rows = list(lessons_of(row, request.user, today))
    writes = can_draft(reach, row.unit_id)
    context = {
        "row": row, "lessons": rows, "form": form, "writes": writes, "orders": writes or can_review(reach, row.unit_id),
        "public": any(one.state == LessonState.PUBLISHED for one in rows),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "programmes/curricula/desk_curriculum.html", context, status=status)


@login_required
@require_safe
def lesson(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one lesson as it is worked on: what it says, what comes next, its versions."""
    row, reach = readable(request, pk)
    return _shown(request, row, reach, None)


def _successors(row: Lesson) -> Any:
    return Lesson.objects.published().filter(curriculum_id=row.curriculum_id).exclude(pk=row.pk)


def _shown(request: HttpRequest, row: Lesson, reach: Reach, form: ReasonForm | None) -> HttpResponse:
    waits, reviews = row.working == WorkingState.SUBMITTED, can_review(reach, row.unit_id)
    writes = can_draft(reach, row.unit_id)
    mine = request.user.pk in {
        row.submitted_by_id, *row.drafters, None if row.current_id else row.created_by_id,
    }  # fmt: skip
    working = row.working != WorkingState.NONE
    context = {
        "row": row, "said": row.content, "working": working, "materials": materials_seen(row.content, request.user),
        "changes": differences(row.published, row.content) if row.current_id and working else [],
        "versions": row.versions.select_related("published_by").defer("content"), "forks": forks_of(row),
        "edits": writes and not waits and row.state != LessonState.WITHDRAWN,
        "submits": writes and row.working == WorkingState.DRAFT and row.state != LessonState.WITHDRAWN,
        "returns": waits and reviews, "approves": waits and reviews and not mine, "mine": waits and reviews and mine,
        "withdraws": reviews and row.state == LessonState.PUBLISHED,
        "behind": writes and row.forked_from_id is not None
        and forks_behind(request.user, timezone.localdate()).filter(pk=row.pk).exists(),
        "reason_form": form or ReasonForm(lessons=_successors(row)), "reports": can_report_any(reach) and row.current_id,
        "adapts": can_draft_any(reach) and row.state == LessonState.PUBLISHED and row.published.licence in ADAPTABLE,
    }  # fmt: skip
    status = 422 if form is not None else 200
    return render(request, "programmes/curricula/desk_lesson.html", context, status=status)


@login_required
@require_POST
def lesson_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, return, publish, withdraw, drop a draft, say that the source is known."""
    row, reach = readable(request, pk)
    post, step = request.POST, request.POST.get("viec", "")
    base: dict[str, Any] = {"actor": request.user, "lesson_id": pk, "now": timezone.now()}
    if step == "rut":
        return _withdraw(request, row, reach, base)
    done: Callable[[], object] | None = {
        "gui": lambda: deeds.lesson_submit(**base),
        "tra-lai": lambda: deeds.lesson_return(**base, reason=post.get("reason", "")),
        "cong-bo": lambda: deeds.lesson_publish(
            **base, note=post.get("note", ""), revision=number_in(post.get("revision")) or 0
        ),
        "xoa-nhap": lambda: deeds.lesson_drop(**base),
        "da-xem-goc": lambda: source_seen(**base),
    }.get(step)  # fmt: skip
    if done is None:
        raise Http404
    result = told(request, done)
    if result is not None:
        messages.success(request, _("Đã ghi."))
    if result is False:  # the lesson went with its draft
        return redirect("curricula-desk:curriculum", pk=row.curriculum_id)
    return redirect("curricula-desk:lesson", pk=pk)


def _withdraw(request: HttpRequest, row: Lesson, reach: Reach, base: dict[str, Any]) -> HttpResponse:
    form = ReasonForm(request.POST, lessons=_successors(row))
    if form.is_valid():
        newer = form.cleaned_data["successor"]
        reason, successor_id = form.cleaned_data["reason"], newer.pk if newer else None
        if sent(form, lambda: deeds.lesson_withdraw(**base, reason=reason, successor_id=successor_id)):
            messages.success(request, _("Đã rút bài. Trang công khai nói rõ lý do."))
            return redirect("curricula-desk:lesson", pk=row.pk)
    return _shown(request, row, reach, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fork(request: HttpRequest, version_pk: int) -> HttpResponse:
    """Take a version over for a unit of one's own."""
    reach = lessons_desk(request)
    only(can_draft_any(reach), _("Chỉ người báo cáo của đơn vị và chuyên viên đầu mối làm bản phỏng tác."))
    version = get_object_or_404(LessonVersion.objects.select_related("lesson__unit"), pk=version_pk)
    units = units_to_write(reach)
    form = ForkForm(
        request.POST or None, units=units, initial={"unit": first_of(units), "client_key": token_hex(16)}
    )
    if request.method == "POST" and form.is_valid():
        made = sent(
            form,
            lambda: lesson_fork(
                actor=request.user, version_id=version_pk, now=timezone.now(), **form.cleaned_data
            ),
        )
        if made is not None:
            messages.success(request, _("Đã chép thành bản nháp của đơn vị bạn. Hãy sửa rồi gửi duyệt."))
            return redirect("curricula-desk:lesson", pk=made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "version": version, "source": version.lesson}
    return render(request, "programmes/curricula/desk_fork.html", context, status=status)
