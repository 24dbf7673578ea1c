"""Counts of lessons over a period by unit, each in one query: what the indicators of reports are made of."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from django.db.models import Count, Min, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from khcn.core.indicators import Period
from khcn.programmes.models.curricula import LessonVersion
from khcn.programmes.models.curricula_runs import LessonRun
from khcn.programmes.selectors.figures import FigureOf, Row, within


def _first_versions(period: Period, *, forks: bool) -> Iterator[Row]:
    rows = within(
        LessonVersion.objects.filter(number=1, lesson__forked_from__isnull=not forks), "published_at", period
    )
    pairs = rows.order_by().values_list("lesson__unit_id", "lesson_id")
    return (Row(unit, lesson, Decimal(1)) for unit, lesson in pairs)


def lessons_published(period: Period) -> Iterator[Row]:
    """Lessons of a unit's own whose first version came out in the period; withdrawn later or not."""
    return _first_versions(period, forks=False)


def forks_published(period: Period) -> Iterator[Row]:
    """Adaptations whose first version came out in the period."""
    return _first_versions(period, forks=True)


def runs(period: Period) -> Iterator[Row]:
    """Classes that were taught a lesson in the period, by the unit that taught."""
    found = _standing(period).values_list("unit_id", "lesson_id").annotate(n=Count("pk"))
    return (Row(unit, lesson, Decimal(n)) for unit, lesson, n in found)


def pupils(period: Period) -> Iterator[Row]:
    """Pupils of those classes: turns, not heads."""
    found = _standing(period).values_list("unit_id", "lesson_id").annotate(n=Sum("pupils"))
    return (Row(unit, lesson, Decimal(n)) for unit, lesson, n in found)


def schools(period: Period) -> Iterator[Row]:
    """Units that taught at least one lesson in the period."""
    found = _standing(period).values_list("unit_id").annotate(lesson=Min("lesson_id"))
    return (Row(unit, lesson, Decimal(1)) for unit, lesson in found)


def ratings(period: Period) -> Iterator[Row]:
    """Marks from 1 to 5: their sum and how many there are."""
    found = _standing(period).values_list("unit_id", "lesson_id").annotate(total=Sum("rating"), n=Count("pk"))
    return (Row(unit, lesson, Decimal(total), n) for unit, lesson, total, n in found)


def _standing(period: Period) -> QuerySet[LessonRun]:
    return LessonRun.objects.standing().filter(ran_on__gte=period.start, ran_on__lte=period.end).order_by()


LESSON_FIGURES: Final[dict[str, FigureOf]] = {
    "lessons": FigureOf(_("Số bài học đã công bố"), _("bài"), lessons_published),
    "lessons.forks": FigureOf(_("Số bản phỏng tác đã công bố"), _("bài"), forks_published),
    "lessons.runs": FigureOf(_("Số lượt lớp đã dạy bài học"), _("lượt lớp"), runs),
    "lessons.pupils": FigureOf(_("Số lượt học sinh được học"), _("lượt người"), pupils),
    "lessons.schools": FigureOf(_("Số trường, đơn vị đã dạy"), _("đơn vị"), schools),
    "lessons.rating": FigureOf(
        _("Điểm đánh giá bài học trung bình (1 đến 5)"), _("điểm"), ratings, mean=True
    ),
}
