"""Models of the digital-readiness self-check of small enterprises.

A check knows no person: no account, no address of a machine. Who wants to be called leaves that elsewhere, not joined
to the check.
"""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.permissions import acting
from khcn.programmes.permissions_readiness import can_keep_questions, can_read_calls, can_read_figures
from khcn.programmes.rules.readiness import Sheet, sheet_of


class QuestionnaireQuerySet(models.QuerySet["Questionnaire"]):
    """Versions by reader."""

    def visible_to(self, user: object) -> Self:
        """Keep what ``user`` may read: published ones; drafts for who writes them."""
        if can_keep_questions(acting(user)):
            return self
        return self.filter(published_at__isnull=False)


class Questionnaire(models.Model):
    """One version of the questions. Its content never changes: a change is a new version."""

    version = models.PositiveIntegerField(unique=True)
    content = models.JSONField()  # rules/readiness.py says the shape
    note = models.CharField(_("Thay đổi"), max_length=300, blank=True)
    is_current = models.BooleanField(default=False)
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = QuestionnaireQuerySet.as_manager()

    class Meta:
        ordering = ("-version",)
        verbose_name = _("Bộ câu hỏi tự chấm")
        verbose_name_plural = _("Bộ câu hỏi tự chấm")
        constraints = [
            models.UniqueConstraint(
                fields=("is_current",), condition=Q(is_current=True), name="programmes_questionnaire_one_current"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(published_at__isnull=False),
                name="programmes_questionnaire_current_is_public",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.version}"

    @property
    def sheet(self) -> Sheet:
        """The content as the rules read it."""
        return sheet_of(self.content)


class CheckQuerySet(models.QuerySet["Check"]):
    """Checks by reader."""

    def visible_to(self, user: object) -> Self:
        """Keep what ``user`` may count: readers of figures all, others nothing. Nobody reads single ones."""
        return self if can_read_figures(acting(user)) else self.none()

    def finished(self) -> Self:
        """Keep those that count, in the order in which they were finished."""
        return self.filter(finished_at__isnull=False).order_by("finished_at", "pk")


class Check(models.Model):
    """One self-check. ``scores``: points by dimension, frozen at the end; unfinished ones are deleted after a day."""

    token = models.CharField(max_length=40, unique=True)
    client_key = models.CharField(max_length=40, unique=True)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="checks")
    answers = models.JSONField(default=dict)
    kind = models.CharField(max_length=40, blank=True)
    size = models.CharField(max_length=40, blank=True)
    sector = models.CharField(max_length=40, blank=True)
    ward = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True, db_index=True)
    scores = models.JSONField(default=dict)
    overall = models.PositiveSmallIntegerField(null=True, blank=True)
    level = models.CharField(max_length=40, blank=True)

    objects = CheckQuerySet.as_manager()

    class Meta:
        ordering = ("-started_at", "-pk")
        verbose_name = _("Lượt tự chấm mức độ số")
        verbose_name_plural = _("Lượt tự chấm mức độ số")
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(overall__isnull=False),
                name="programmes_check_finished_has_scores",
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class ReadinessCallQuerySet(models.QuerySet["ReadinessCall"]):
    """Calls by reader."""

    def visible_to(self, user: object) -> Self:
        """Keep what ``user`` may read: the focal officer all, others nothing."""
        return self if can_read_calls(acting(user)) else self.none()

    def waiting(self) -> Self:
        """Keep those that nobody has called yet."""
        return self.filter(closed_at=None, erased_at=None)


class ReadinessCall(models.Model):
    """Somebody who wants to be called, by consent. Not joined to a check; ``level`` only where the person wished it."""

    token = models.CharField(max_length=40, unique=True)
    client_key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=150)
    address = models.CharField(max_length=254)
    wish = models.CharField(max_length=500, blank=True)
    level = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = ReadinessCallQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "pk")
        verbose_name = _("Đề nghị được gọi lại")
        verbose_name_plural = _("Đề nghị được gọi lại")
        indexes = [models.Index(fields=("closed_at", "created_at"), name="programmes_call_waiting")]

    def __str__(self) -> str:
        return f"{self.pk}"
