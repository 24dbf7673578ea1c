"""Curricula, their lessons, and the versions of a lesson, which never change."""

from datetime import date
from typing import Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.programmes.enums_curricula import PUBLIC_LESSONS, LessonState, Licence, Subject, WorkingState
from khcn.programmes.permissions import acting
from khcn.programmes.rules.curricula import Content, content_of
from khcn.programmes.rules.curricula_runs import LEAST_REPORTS


class CurriculumQuerySet(models.QuerySet["Curriculum"]):
    """Curricula by reader."""

    def public(self) -> Self:
        """Keep those with a lesson that everybody may read."""
        lessons = Lesson.objects.filter(curriculum=OuterRef("pk"), state=LessonState.PUBLISHED)
        return self.filter(Exists(lessons))

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: with public lessons; inside readers all; a unit's people their unit's."""
        reach = acting(user, on)
        if reach.everything or reach.editor:
            return self
        lessons = Lesson.objects.filter(curriculum=OuterRef("pk"), state__in=PUBLIC_LESSONS)
        return self.filter(Exists(lessons) | Q(unit_id__in=reach.units))


class Curriculum(models.Model):
    """A row of lessons in their order. It is public as soon as one of its lessons is."""

    key = models.SlugField(_("Địa chỉ"), max_length=120, unique=True)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    title = models.CharField(_("Tên"), max_length=200)
    sort_key = SortKeyField()
    summary = models.CharField(_("Giới thiệu"), max_length=1000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = CurriculumQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("Chương trình học liệu")
        verbose_name_plural = _("Chương trình học liệu")
        constraints = [
            models.UniqueConstraint(
                fields=("created_by", "client_key"), condition=~Q(client_key=""), name="programmes_curriculum_once"
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class LessonQuerySet(models.QuerySet["Lesson"]):
    """Lessons by reader."""

    def published(self) -> Self:
        """Keep what everybody may use."""
        return self.filter(state=LessonState.PUBLISHED)

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: public ones; inside readers all; a unit's people their unit's drafts."""
        reach = acting(user, on)
        if reach.everything or reach.editor:
            return self
        return self.filter(Q(state__in=PUBLIC_LESSONS) | Q(unit_id__in=reach.units))


class Lesson(models.Model):
    """One lesson. ``draft`` is the working copy; what the public reads is :attr:`current`.

    The columns for lists (title to cost) are those of the newest version, or of the draft before the first. ``lineage``
    names every version that an adaptation comes from, nearest first, as they stood when it was made.
    """

    curriculum = models.ForeignKey(Curriculum, on_delete=models.PROTECT, related_name="lessons")
    position = models.PositiveSmallIntegerField(default=1)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    key = models.SlugField(_("Địa chỉ"), max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=LessonState, default=LessonState.DRAFT)
    working = models.CharField(max_length=10, choices=WorkingState, default=WorkingState.DRAFT)
    draft = models.JSONField(null=True, blank=True)  # rules/curricula.py says the shape
    drafters = models.JSONField(
        default=list, blank=True
    )  # who wrote in the working copy: they never approve it
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=500, blank=True)
    current = models.ForeignKey(
        "programmes.LessonVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    title = models.CharField(_("Tên bài"), max_length=200)
    sort_key = SortKeyField()
    search_text = models.TextField(blank=True, editable=False)
    summary = models.CharField(_("Tóm tắt"), max_length=500, blank=True)
    subject = models.CharField(_("Môn"), max_length=12, choices=Subject, blank=True)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)
    grade_from = models.PositiveSmallIntegerField(null=True, blank=True)
    grade_to = models.PositiveSmallIntegerField(null=True, blank=True)
    audiences = models.CharField(max_length=200, blank=True)  # "|pupils|teachers|"
    minutes = models.PositiveSmallIntegerField(_("Thời lượng"), null=True, blank=True)
    cost = models.BigIntegerField(_("Chi phí một lớp"), default=0)
    licence = models.CharField(_("Giấy phép"), max_length=20, choices=Licence, default=Licence.BY)

    forked_from = models.ForeignKey(
        "programmes.LessonVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="forks"
    )
    lineage = models.JSONField(default=list, blank=True)
    source_seen_at = models.DateTimeField(
        null=True, blank=True
    )  # the owner knows what the source did until then

    published_at = models.DateTimeField(null=True, blank=True)  # of the newest version
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=500, blank=True)
    successor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    runs_count = models.PositiveIntegerField(default=0)
    pupils_total = models.PositiveIntegerField(default=0)
    rating_sum = models.PositiveIntegerField(default=0)
    score = models.PositiveSmallIntegerField(default=0)  # damped mean in thousandths

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ("curriculum_id", "position", "pk")
        verbose_name = _("Bài học")
        verbose_name_plural = _("Bài học")
        constraints = [
            models.UniqueConstraint(
                fields=("created_by", "client_key"), condition=~Q(client_key=""), name="programmes_lesson_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "submitted")) | Q(current__isnull=False), name="programmes_lesson_public"
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="programmes_lesson_why",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=("state", "-published_at"), name="programmes_lesson_newest"),
            models.Index(fields=("state", "-score"), name="programmes_lesson_best"),
            models.Index(fields=("state", "-runs_count"), name="programmes_lesson_most"),
            models.Index(fields=("state", "sort_key"), name="programmes_lesson_title"),
            models.Index(fields=("unit", "state"), name="programmes_lesson_unit"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it, be it that it was withdrawn."""
        return self.state in PUBLIC_LESSONS

    @cached_property
    def content(self) -> Content:
        """What the working copy says, or the newest version where nobody works on it."""
        return content_of(self.draft) if self.draft is not None else self.published

    @cached_property
    def published(self) -> Content:
        """What the newest version says; empty before the first."""
        return content_of(self.current.content) if self.current else Content()

    @property
    def is_rated(self) -> bool:
        """Whether enough schools reported for a mean to say something."""
        return self.runs_count >= LEAST_REPORTS

    @property
    def rating(self) -> float:
        """The damped mean, 1 to 5."""
        return self.score / 1000


class VersionImmutableError(TypeError):
    """Somebody tried to change a version."""


class LessonVersionQuerySet(models.QuerySet["LessonVersion"]):
    """Versions: read and added, never changed."""

    def update(self, **_values: Any) -> NoReturn:
        """Refuse."""
        raise VersionImmutableError("a version of a lesson never changes")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise VersionImmutableError("a version of a lesson is never deleted")


class LessonVersion(models.Model):
    """What a lesson said when it was published: numbered from 1, kept for ever."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    note = models.CharField(_("Đã đổi gì"), max_length=500)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LessonVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        verbose_name = _("Phiên bản bài học")
        verbose_name_plural = _("Phiên bản bài học")
        constraints = [
            models.UniqueConstraint(fields=("lesson", "number"), name="programmes_lesson_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.lesson_id}/{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep a new version; refuse to change an old one."""
        if not self._state.adding:
            raise VersionImmutableError("a version of a lesson never changes")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse."""
        raise VersionImmutableError("a version of a lesson is never deleted")

    @cached_property
    def said(self) -> Content:
        """What it says."""
        return content_of(self.content)
