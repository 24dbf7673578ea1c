"""What the area ``curricula`` offers to the other rooms."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.core.demo import Progress
from khcn.core.indicators import Figure, indicators
from khcn.core.references import Reference, resolvers, searchers
from khcn.programmes.areas import DemoPart, Todo, demo_parts, todo_lists
from khcn.programmes.desk_menu import learning_menu
from khcn.programmes.enums_curricula import LessonState, WorkingState
from khcn.programmes.indicators import ProgrammeIndicator
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_curricula import can_handle_incidents, has_desk
from khcn.programmes.selectors.curricula import (
    CURRICULUM,
    HEAVY,
    LESSON,
    forks_behind,
    resolve_curricula,
    resolve_lessons,
    search_lessons,
)
from khcn.programmes.selectors.curricula_figures import LESSON_FIGURES
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

MOST_TODOS = 50


class LessonIndicator(ProgrammeIndicator):
    """A figure whose rows come from lessons, not from programmes."""

    def _figure(self, rows: Sequence[Any]) -> Figure:
        made = ProgrammeIndicator._figure(self, rows)
        return replace(made, sources=tuple(Reference(LESSON, one.id) for one in made.sources))


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu."""
    if not has_desk(reach_of(request.user)):
        return None
    return NavItem(label=_("Bài học, học liệu"), url=reverse("curricula-desk:lessons"))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return what waits for this person: to review, to mend, sources that moved, incidents."""
    reach = reach_of(request.user)
    if not has_desk(reach):
        return []
    found: list[Todo] = []

    def add(words: str, rows: Any, *, tone: str = "watch") -> None:
        found.extend(
            Todo(text=words % {"title": one.title}, url=reverse("curricula-desk:lesson", args=[one.pk]), tone=tone,
                 where=one.curriculum.title)
            for one in rows.select_related("curriculum").defer(*HEAVY[1:3])[:MOST_TODOS]
        )  # fmt: skip

    lessons = Lesson.objects.exclude(state=LessonState.WITHDRAWN).order_by("submitted_at", "pk")
    waiting = lessons.filter(working=WorkingState.SUBMITTED).exclude(submitted_by_id=reach.user_id)
    if reach.officer or reach.heading:
        add(
            _("Duyệt bài học: %(title)s"),
            waiting if reach.officer else waiting.filter(unit_id__in=reach.heading),
        )
    if reach.reporting:
        returned = lessons.filter(working=WorkingState.DRAFT, unit_id__in=reach.reporting).exclude(
            return_reason=""
        )
        add(_("Sửa bài bị trả lại: %(title)s"), returned, tone="bad")
    if reach.officer or reach.reporting:
        behind = forks_behind(request.user, local_date(now))
        add(_("Bài gốc có thay đổi, xem lại bản phỏng tác: %(title)s"), behind)
    if can_handle_incidents(reach):
        found += _incidents()
    return found


def _incidents() -> list[Todo]:
    rows = (
        LessonRun.objects.standing().filter(incident=True, handled_at=None).select_related("lesson", "unit")
    )
    return [
        Todo(text=_("Sự cố an toàn khi dạy: %(title)s (%(unit)s)") % {"title": one.lesson.title, "unit": one.unit.name},
             url=reverse("curricula-desk:run", args=[one.pk]), tone="bad", where=one.lesson.title)
        for one in rows.order_by("reported_at", "pk")[:MOST_TODOS]
    ]  # fmt: skip


def _demo(progress: Progress, now: datetime) -> None:
    import_module("khcn.programmes.curricula_demo").load(progress, now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    learning_menu.register("curricula", MenuEntry(10, menu_entry))
    todo_lists.register("curricula", todos)
    resolvers.register(LESSON, resolve_lessons)
    resolvers.register(CURRICULUM, resolve_curricula)
    searchers.register(LESSON, search_lessons)
    demo_parts.register("curricula", DemoPart(110, _demo))
    for key, one in LESSON_FIGURES.items():
        indicators.register(f"programmes.{key}", LessonIndicator(one.title, one.unit, one.read, one.mean))
