"""Public pages of lessons: the list, one lesson and its versions, curricula, sheets to print, packages."""

from tempfile import SpooledTemporaryFile
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.core.exports.columns import attachment, safe_filename
from khcn.core.gate import costly
from khcn.programmes.enums import Audience
from khcn.programmes.enums_curricula import ADAPTABLE, LessonOrder, LessonState, Subject
from khcn.programmes.exports.calendar_feed import absolute
from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_curricula import can_draft_any, can_report_any
from khcn.programmes.rules.curricula_diff import differences
from khcn.programmes.rules.curricula_runs import LEAST_REPORTS
from khcn.programmes.selectors.curricula import (
    curriculum_by_key,
    forks_of,
    lesson_by_key,
    lessons_of,
    materials_seen,
    public_curricula,
    public_list,
    units_with_lessons,
    version_of,
)
from khcn.programmes.services.certificates_paper import PaperMissingError
from khcn.programmes.services.curricula_forks import successor_of
from khcn.programmes.services.curricula_package import Part, package_write
from khcn.programmes.services.curricula_papers import lesson_sheet, sheet_docx, sheet_pdf
from khcn.programmes.views.curricula_base import COSTS, DURATIONS, asked_in, number_in

CARTRIDGE = "application/vnd.ims.imsccv1p1"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_IN_PACKAGE = 200


@require_safe
@costly("programmes.lessons", per_minute=60)
def lessons(request: HttpRequest) -> HttpResponse:
    """List the lessons that everybody may use."""
    asked = asked_in(request.GET)
    query = request.GET.copy()
    for name in ("xep", "trang"):
        query.pop(name, None)
    context = {
        "page": Paginator(public_list(asked), 20).get_page(request.GET.get("trang")), "asked": asked,
        "subjects": Subject.choices, "audiences": Audience.choices, "grades": range(1, 13), "durations": DURATIONS,
        "costs": COSTS, "orders": LessonOrder.choices, "units": units_with_lessons(), "least": LEAST_REPORTS,
        "query": query.urlencode(),
        "narrowed": any((
            asked.text, asked.subject, asked.grade, asked.audience, asked.minutes, asked.cost is not None, asked.unit,
        )),
    }  # fmt: skip
    return render(request, "programmes/curricula/public_list.html", context)


@require_safe
@costly("programmes.lessons", per_minute=60)
def curricula(request: HttpRequest) -> HttpResponse:
    """List the curricula."""
    page = Paginator(public_curricula(), 30).get_page(request.GET.get("trang"))
    return render(request, "programmes/curricula/public_curricula.html", {"page": page})


@require_safe
@costly("programmes.lessons", per_minute=60)
def curriculum(request: HttpRequest, key: str) -> HttpResponse:
    """Show a curriculum with its lessons in their order."""
    row = curriculum_by_key(key)
    if row is None:
        raise Http404
    rows = list(lessons_of(row)[:MOST_IN_PACKAGE])
    minutes, cost = sum(one.minutes or 0 for one in rows), sum(one.cost for one in rows)
    context = {"row": row, "lessons": rows, "minutes": minutes, "cost": cost}
    return render(request, "programmes/curricula/public_curriculum.html", context)


def _found(key: str) -> Lesson:
    row = lesson_by_key(key)
    if row is None or row.current is None:
        raise Http404
    return row


def _version(row: Lesson, number: int | None) -> LessonVersion:
    found = row.current if number is None else version_of(row, number)
    if found is None:
        raise Http404
    return found


@require_safe
@costly("programmes.lesson", per_minute=60)
def lesson(request: HttpRequest, key: str, number: int | None = None) -> HttpResponse:
    """Show one lesson: the newest version, or an older one that says so."""
    row = _found(key)
    version = _version(row, number)
    said, reach = version.said, reach_of(request.user)
    context = {
        "row": row, "version": version, "said": said, "older": version.pk != row.current_id,
        "withdrawn": row.state == LessonState.WITHDRAWN, "newer": successor_of(row) if row.withdrawn_at else None,
        "materials": materials_seen(said, request.user), "forks": forks_of(row),
        "versions": row.versions.defer("content"), "least": LEAST_REPORTS,
        "adapts": can_draft_any(reach) and row.state == LessonState.PUBLISHED and said.licence in ADAPTABLE,
        "reports": can_report_any(reach), "url": absolute(reverse("curricula:lesson", args=[key])),
    }  # fmt: skip
    response = render(request, "programmes/curricula/public_lesson.html", context)
    if context["older"] or context["withdrawn"]:
        response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@costly("programmes.lesson", per_minute=60, noindex=True)
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Show what changed between two versions; the newest and the one before it when none are named."""
    row = _found(key)
    newest = row.current.number if row.current else 1
    after = _version(row, number_in(request.GET.get("den")) or newest)
    before = _version(row, number_in(request.GET.get("tu")) or max(1, after.number - 1))
    context = {
        "row": row, "before": before, "after": after, "versions": row.versions.defer("content"),
        "changes": differences(before.said, after.said),
    }  # fmt: skip
    return render(request, "programmes/curricula/public_compare.html", context)


@require_safe
@costly("programmes.lesson_file", per_minute=20, noindex=True, shared=True)
def sheet(request: HttpRequest, key: str, who: str, kind: str) -> HttpResponseBase:
    """Give the teacher's or the pupils' sheet as DOCX or PDF."""
    row = _found(key)
    version = _version(row, number_in(request.GET.get("phien-ban")))
    where = absolute(reverse("curricula:version", args=[key, version.number]))
    printed = lesson_sheet(row, version, teacher=who == "giao-vien", where=where)
    try:
        content = sheet_docx(printed) if kind == "docx" else sheet_pdf(printed)
    except PaperMissingError as error:
        text = _("Máy chủ chưa vẽ được PDF. Hãy tải bản Word, hoặc báo quản trị.")
        return HttpResponse(
            f"{text} ({error.code})", status=error.status, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse(content, content_type=DOCX if kind == "docx" else "application/pdf")
    name = _("Kế hoạch bài dạy") if who == "giao-vien" else _("Phiếu học sinh")
    response["Content-Disposition"] = attachment(safe_filename(f"{name} - {version.said.title}", kind))
    return response


@require_safe
@costly("programmes.lesson_file", per_minute=20, noindex=True, shared=True)
def lesson_package(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give one lesson as a Common Cartridge."""
    row = _found(key)
    if row.state == LessonState.WITHDRAWN:
        raise Http404
    version = _version(row, number_in(request.GET.get("phien-ban")))
    return _package(
        request, version.said.title, f"khcn-lesson-{row.pk}-v{version.number}", [_part(row, version)]
    )


@require_safe
@costly("programmes.lesson_file", per_minute=20, noindex=True, shared=True)
def curriculum_package(request: HttpRequest, key: str) -> HttpResponseBase:
    """Give a whole curriculum as a Common Cartridge: the newest version of each published lesson."""
    row = curriculum_by_key(key)
    if row is None:
        raise Http404
    parts = [_part(one, one.current) for one in lessons_of(row)[:MOST_IN_PACKAGE] if one.current]
    return _package(request, row.title, f"khcn-curriculum-{row.pk}", parts)


def _part(row: Lesson, version: LessonVersion) -> Part:
    return Part(row, version, absolute(reverse("curricula:version", args=[row.key, version.number])))


def _package(request: HttpRequest, title: str, identifier: str, parts: list[Part]) -> HttpResponseBase:
    file: Any = SpooledTemporaryFile(max_size=8 * 2**20)  # noqa: SIM115  # the response closes it
    package_write(file, title=title, identifier=identifier, parts=parts, reader=request.user)
    file.seek(0)
    response = FileResponse(file, content_type=CARTRIDGE)
    response["Content-Disposition"] = attachment(safe_filename(title, "imscc"))
    response["Cache-Control"] = "private, no-store"  # which files are inside depends on the reader
    return response
