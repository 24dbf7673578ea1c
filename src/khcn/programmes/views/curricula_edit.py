"""Desk pages that write a lesson: what it is about, its steps, its equipment (also as Excel), its works of the library."""

from collections.abc import Callable
from dataclasses import replace
from secrets import token_hex
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.exports.filled import workbook_response
from khcn.core.references import find_references
from khcn.programmes.enums_curricula import Hazard, Licence
from khcn.programmes.forms.curricula import (
    ITEM_FIELDS,
    STEP_FIELDS,
    LessonForm,
    RowsForm,
    SheetForm,
    item_rows,
    items_in,
    step_rows,
    steps_in,
    typed_rows,
)
from khcn.programmes.models.curricula import Curriculum, Lesson
from khcn.programmes.permissions_curricula import can_draft
from khcn.programmes.rules.curricula import MOST_ITEMS, MOST_STEPS, Content, LinkedWork
from khcn.programmes.services.curricula_lessons import WORK, lesson_create, lesson_save
from khcn.programmes.services.curricula_sheet import equipment_read, equipment_template
from khcn.programmes.views.base import words_in
from khcn.programmes.views.curricula_base import lessons_desk, number_in, readable, writable
from khcn.ui.deeds import only, sent, told

FIELDS = (
    "title", "summary", "objectives", "subject", "grade_from", "grade_to", "age_from", "age_to", "minutes", "safety",
    "credits", "licence",
)  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a lesson in a curriculum."""
    reach, now = lessons_desk(request), timezone.now()
    rows = Curriculum.objects.visible_to(request.user, timezone.localdate(now)).select_related("unit")
    book = get_object_or_404(rows, pk=pk)
    only(can_draft(reach, book.unit_id), _("Bạn chỉ soạn được bài của đơn vị mình."))
    form = LessonForm(
        request.POST or None, initial={"client_key": token_hex(16), "licence": Licence.BY_SA, "minutes": 45}
    )
    if request.method == "POST" and form.is_valid():
        made = sent(
            form,
            lambda: lesson_create(
                actor=request.user, curriculum=book, content=form.content(Content()), now=now,
                client_key=form.cleaned_data["client_key"],
            ),
        )  # fmt: skip
        if made is not None:
            messages.success(request, _("Đã lưu bản nháp. Tiếp theo hãy ghi các bước."))
            return redirect("curricula-desk:steps", pk=made.pk)
    return _page(request, "desk_lesson_form", {"form": form, "book": book})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a lesson is about."""
    row, _reach = writable(request, pk)
    said = row.content
    initial: dict[str, Any] = {name: getattr(said, name) for name in FIELDS}
    form = LessonForm(
        request.POST or None, licence_fixed=bool(row.lineage),
        initial=initial | {"audiences": list(said.audiences), "revision": row.revision},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        revision = form.cleaned_data["revision"] or 0
        if _saved(request, row, form, lambda: form.content(said), revision):
            return redirect("curricula-desk:lesson", pk=pk)
    return _page(request, "desk_lesson_form", {"form": form, "row": row, "book": row.curriculum})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def steps(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the steps; a row that is left empty goes."""
    row, _reach = writable(request, pk)
    form = RowsForm(request.POST or None, initial={"revision": row.revision})
    rows = step_rows(row.content)
    if request.method == "POST" and form.is_valid():
        typed = typed_rows(request.POST, STEP_FIELDS, MOST_STEPS + 1)
        revision = form.cleaned_data["revision"]
        if _saved(request, row, form, lambda: replace(row.content, steps=steps_in(typed)), revision):
            return redirect("curricula-desk:steps", pk=pk)
        rows = [*typed, {}]
    return _page(request, "desk_steps", {"form": form, "row": row, "rows": rows, "said": row.content})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def equipment(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the equipment, in rows or by a filled sheet, which takes the place of all rows."""
    row, _reach = writable(request, pk)
    by_sheet = "sheet" in request.FILES or request.POST.get("viec") == "bang"
    first = {"revision": row.revision}
    form = RowsForm(request.POST if request.method == "POST" and not by_sheet else None, initial=first)
    filled = {"data": request.POST, "files": request.FILES} if by_sheet else {}
    sheet_form = SheetForm(initial=first, **filled)  # type: ignore[arg-type]  # a form's own words
    rows = item_rows(row.content)
    used: forms.Form = sheet_form if by_sheet else form
    if request.method == "POST" and used.is_valid():
        typed = typed_rows(request.POST, ITEM_FIELDS, MOST_ITEMS + 1)

        def content() -> Content:
            items = equipment_read(used.cleaned_data["sheet"]) if by_sheet else items_in(typed)
            return replace(row.content, equipment=items)

        if _saved(request, row, used, content, used.cleaned_data["revision"]):
            return redirect("curricula-desk:equipment", pk=pk)
        rows = rows if by_sheet else [*typed, {}]
    context = {
        "form": form, "sheet_form": sheet_form, "row": row, "rows": rows, "hazards": Hazard.choices, "said": row.content,
    }  # fmt: skip
    return _page(request, "desk_equipment", context)


@login_required
@require_safe
def equipment_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the equipment as a sheet to fill in."""
    row, _reach = readable(request, pk)
    return workbook_response(
        equipment_template(row.content), _("Thiết bị - %(title)s") % {"title": row.content.title}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def materials(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose works of the library."""
    row, _reach = writable(request, pk)
    held = row.content.materials
    if request.method == "POST":
        gone, record = request.POST.get("bo", ""), request.POST.get("record", "")
        works = tuple(one for one in held if one.record != gone)
        works = (*works, LinkedWork(record[:120], "")) if record else works
        content = replace(row.content, materials=works)
        revision = number_in(request.POST.get("revision")) or 0
        base: dict[str, Any] = {"actor": request.user, "lesson_id": pk, "now": timezone.now()}
        if told(request, lambda: lesson_save(**base, content=content, revision=revision)) is not None:
            messages.success(request, _("Đã ghi."))
        return redirect("curricula-desk:materials", pk=pk)
    asked = words_in(request.GET)
    context = {
        "row": row, "materials": held, "asked_work": asked, "works": find_references(WORK, asked, request.user, limit=8),
    }  # fmt: skip
    return _page(request, "desk_materials", context)


def _saved(
    request: HttpRequest, row: Lesson, form: forms.Form, content: Callable[[], Content], revision: int
) -> bool:
    """Write the working copy; ``False``: the form says why not."""
    done = sent(
        form,
        lambda: lesson_save(
            actor=request.user, lesson_id=row.pk, content=content(), revision=revision, now=timezone.now()
        ),
    )
    if done is not None:
        messages.success(request, _("Đã lưu bản nháp."))
    return done is not None


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"programmes/curricula/{name}.html", context, status=status)
