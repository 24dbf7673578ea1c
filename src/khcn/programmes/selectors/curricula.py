"""Reads of lessons: lists for the public and the desk, one lesson with its versions, its adaptations, its reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse

from khcn.core.references import Reference, Resolved, resolve_many
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums_curricula import LessonOrder, LessonState
from khcn.programmes.models.curricula import Curriculum, Lesson, LessonVersion
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.permissions import acting, reach_of
from khcn.programmes.rules.curricula import Content
from khcn.programmes.rules.curricula_runs import LEAST_REPORTS

LESSON = "programmes.lesson"
CURRICULUM = "programmes.curriculum"
HEAVY = ("draft", "search_text", "lineage", "drafters")
ORDERS: Mapping[str, tuple[str, ...]] = {
    LessonOrder.NEWEST: ("-published_at", "-pk"),
    LessonOrder.BEST: ("-score", "-runs_count", "pk"),
    LessonOrder.MOST: ("-runs_count", "-score", "pk"),
    LessonOrder.TITLE: ("sort_key", "pk"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of lessons was asked for; empty is everything. ``minutes`` and ``cost``: at most."""

    text: str = ""
    subject: str = ""
    grade: int | None = None
    audience: str = ""
    minutes: int | None = None
    cost: int | None = None
    order: str = LessonOrder.NEWEST
    unit: int | None = None
    state: str = ""


def narrowed(rows: QuerySet[Lesson], asked: Asked) -> QuerySet[Lesson]:
    """Keep the lessons that were asked for; words are found without regard to tone marks."""
    wanted = {"subject": asked.subject, "unit_id": asked.unit, "state": asked.state}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if asked.audience:
        rows = rows.filter(audiences__contains=f"|{asked.audience}|")
    if asked.grade is not None:
        rows = rows.filter(grade_from__lte=asked.grade).filter(
            Q(grade_to__gte=asked.grade) | Q(grade_to=None, grade_from=asked.grade)
        )
    if asked.minutes is not None:
        rows = rows.filter(minutes__lte=asked.minutes)
    if asked.cost is not None:
        rows = rows.filter(cost__lte=asked.cost)
    for word in fold(asked.text).split()[:8]:
        rows = rows.filter(search_text__contains=word)
    return rows.select_related("unit", "curriculum").defer(*HEAVY)


def public_list(asked: Asked) -> QuerySet[Lesson]:
    """Return the lessons that everybody may use; the best rated are those with enough reports."""
    rows = narrowed(Lesson.objects.published(), asked)
    if asked.order == LessonOrder.BEST:
        rows = rows.filter(runs_count__gte=LEAST_REPORTS)
    if asked.order == LessonOrder.MOST:
        rows = rows.filter(runs_count__gte=1)
    return rows.order_by(*ORDERS.get(asked.order, ORDERS[LessonOrder.NEWEST]))


def desk_list(user: Any, on: date, asked: Asked) -> QuerySet[Lesson]:
    """Return what a person reads on the desk, last changed first."""
    return narrowed(Lesson.objects.visible_to(user, on), asked).order_by("-updated_at", "-pk")


def public_curricula() -> QuerySet[Curriculum]:
    """Return the curricula that have a public lesson, with how many."""
    shown = Count("lessons", filter=Q(lessons__state=LessonState.PUBLISHED))
    return (
        Curriculum.objects.annotate(shown=shown)
        .filter(shown__gte=1)
        .select_related("unit")
        .order_by("sort_key", "pk")
    )


def desk_curricula(user: Any, on: date) -> QuerySet[Curriculum]:
    """Return the curricula that a person reads on the desk, with how many lessons they hold."""
    counts = {
        "all_lessons": Count("lessons"),
        "shown": Count("lessons", filter=Q(lessons__state=LessonState.PUBLISHED)),
    }
    return (
        Curriculum.objects.visible_to(user, on)
        .annotate(**counts)
        .select_related("unit")
        .order_by("sort_key", "pk")
    )


def curriculum_by_key(key: str) -> Curriculum | None:
    """Return a public curriculum."""
    return Curriculum.objects.public().filter(key=key).select_related("unit").first()


def lessons_of(curriculum: Curriculum, user: Any = None, on: date | None = None) -> QuerySet[Lesson]:
    """Return the lessons of a curriculum in their order: the published ones, or with ``user`` what that person reads."""
    rows = curriculum.lessons.all()
    rows = rows.filter(state=LessonState.PUBLISHED) if user is None else rows.filter(
        pk__in=Lesson.objects.visible_to(user, on).values("pk")
    )  # fmt: skip
    return rows.select_related("unit", "current").defer("search_text", "lineage").order_by("position", "pk")


def lesson_by_key(key: str) -> Lesson | None:
    """Return a lesson that everybody may see, withdrawn ones too."""
    rows = Lesson.objects.filter(state__in=(LessonState.PUBLISHED, LessonState.WITHDRAWN), key=key)
    return rows.select_related("unit", "curriculum", "current", "successor").first()


def lesson_of(user: Any, pk: int, on: date | None = None) -> Lesson | None:
    """Return a lesson that a person may read on the desk."""
    rows = Lesson.objects.visible_to(user, on).filter(pk=pk)
    return rows.select_related(
        "unit",
        "curriculum",
        "current",
        "successor",
        "forked_from__lesson__unit",
        "forked_from__lesson__current",
    ).first()


def version_of(lesson: Lesson, number: int) -> LessonVersion | None:
    """Return one version of a lesson."""
    return lesson.versions.filter(number=number).first()


def forks_of(lesson: Lesson) -> list[Lesson]:
    """Return the public adaptations of any version of a lesson."""
    rows = Lesson.objects.published().filter(forked_from__lesson=lesson)
    return list(rows.select_related("unit", "forked_from").defer(*HEAVY).order_by("sort_key", "pk")[:50])


def materials_seen(said: Content, user: Any) -> list[tuple[str, Resolved | None]]:
    """Return the works of the library that a lesson uses: each title with what this reader may open, if anything."""
    references = [Reference.parse(one.record) for one in said.materials]
    found = resolve_many(references, user)
    pairs = zip(said.materials, references, strict=True)
    return [(found[ref].title if ref in found else one.title, found.get(ref)) for one, ref in pairs]


@dataclass(frozen=True, slots=True)
class RunsAsked:
    """What a list of reports was asked for."""

    unit: int | None = None
    lesson: int | None = None
    incidents: bool = False
    year: int | None = None


def runs_list(user: Any, on: date, asked: RunsAsked) -> QuerySet[LessonRun]:
    """Return reports that a person reads, the latest first."""
    rows = LessonRun.objects.visible_to(user, on)
    wanted = {"unit_id": asked.unit, "lesson_id": asked.lesson, "ran_on__year": asked.year}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if asked.incidents:
        rows = rows.filter(incident=True)
    return rows.select_related("lesson", "version", "unit").defer(
        "version__content", *(f"lesson__{name}" for name in HEAVY)
    ).order_by("-ran_on", "-pk")  # fmt: skip


def runs_sums(rows: QuerySet[LessonRun]) -> dict[str, int]:
    """Return how many standing reports, pupils and schools these are."""
    sums = rows.filter(withdrawn_at=None).order_by().aggregate(
        runs=Count("pk"), pupils=Sum("pupils"), units=Count("unit", distinct=True)
    )  # fmt: skip
    return {name: value or 0 for name, value in sums.items()}


def run_of(user: Any, pk: int, on: date | None = None) -> LessonRun | None:
    """Return a report that a person may read."""
    rows = LessonRun.objects.visible_to(user, on).filter(pk=pk)
    return rows.select_related("lesson", "version", "unit", "reported_by", "handled_by").first()


def forks_behind(user: Any, on: date) -> QuerySet[Lesson]:
    """Return adaptations of the person's units whose source has a newer version, or was withdrawn, since they looked."""
    reach = acting(user, on)
    rows = Lesson.objects.exclude(forked_from=None).exclude(state=LessonState.WITHDRAWN)
    if not reach.officer:
        rows = rows.filter(unit_id__in=reach.reporting)
    else:
        rows = rows.filter(Q(unit_id__in=reach.reporting | reach.units) | Q(created_by_id=reach.user_id))
    source = "forked_from__lesson__"
    newer = Q(**{f"{source}published_at__gt": F("source_seen_at")}) | Q(
        **{f"{source}withdrawn_at__gt": F("source_seen_at")}
    )
    return rows.filter(newer).select_related("forked_from__lesson").defer(*HEAVY).order_by("pk")


def units_with_lessons() -> QuerySet[Unit]:
    """Return the units that published a lesson, for a filter."""
    return Unit.objects.filter(pk__in=Lesson.objects.published().values("unit")).alphabetical()


def _numbers(ids: Iterable[str]) -> list[int]:
    return [int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 12]


def _resolved(row: Lesson) -> Resolved:
    address = (
        reverse("curricula:lesson", args=[row.key])
        if row.is_public
        else reverse("curricula-desk:lesson", args=[row.pk])
    )
    return Resolved(Reference(LESSON, str(row.pk)), row.title, address)


def resolve_lessons(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these lessons."""
    rows = Lesson.objects.filter(pk__in=_numbers(ids))
    allowed = rows.filter(pk__in=Lesson.objects.visible_to(user).values("pk")) if user else rows.filter(
        state__in=(LessonState.PUBLISHED, LessonState.WITHDRAWN)
    )  # fmt: skip
    return {str(row.pk): _resolved(row) for row in allowed.defer(*HEAVY)}


def resolve_curricula(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these curricula."""
    rows = Curriculum.objects.visible_to(user) if user else Curriculum.objects.public()
    desk = bool(user) and reach_of(user).desk
    return {
        str(row.pk): Resolved(
            Reference(CURRICULUM, str(row.pk)), row.title,
            reverse("curricula-desk:curriculum", args=[row.pk]) if desk else reverse("curricula:curriculum", args=[row.key]),
        )
        for row in rows.filter(pk__in=_numbers(ids))
    }  # fmt: skip


def search_lessons(query: str, user: Any, *, limit: int) -> Sequence[Resolved]:
    """Return lessons that fit the words."""
    rows = Lesson.objects.visible_to(user) if user else Lesson.objects.published()
    return [_resolved(row) for row in narrowed(rows, Asked(text=query)).order_by("sort_key", "pk")[:limit]]
