"""What schools report after teaching a lesson: counts and words about the lesson, never a name of a pupil."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.models.curricula import Lesson, LessonVersion
from khcn.programmes.permissions import acting
from khcn.programmes.rules.curricula_runs import EDIT_DAYS


class LessonRunQuerySet(models.QuerySet["LessonRun"]):
    """Reports by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: inside readers all; a unit's people their unit's; the public none."""
        reach = acting(user, on)
        if reach.everything:
            return self
        return self.filter(unit_id__in=reach.units)

    def standing(self) -> Self:
        """Leave out what was withdrawn."""
        return self.filter(withdrawn_at=None)


class LessonRun(models.Model):
    """One class that was taught one version of a lesson on one day."""

    lesson = models.ForeignKey(Lesson, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(LessonVersion, on_delete=models.PROTECT, related_name="runs")
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Trường, đơn vị")
    )
    ran_on = models.DateField(_("Ngày dạy"))
    class_name = models.CharField(_("Lớp"), max_length=40)
    folded_class = models.CharField(max_length=40, editable=False)
    grade = models.PositiveSmallIntegerField(_("Khối"), null=True, blank=True)
    pupils = models.PositiveIntegerField(_("Số học sinh"))
    minutes = models.PositiveSmallIntegerField(_("Đã dạy (phút)"))
    worked = models.TextField(_("Điều làm tốt"), blank=True)
    wrong = models.TextField(_("Điều chưa tốt"), blank=True)
    rating = models.PositiveSmallIntegerField(_("Đánh giá"))
    incident = models.BooleanField(_("Có sự cố an toàn"), default=False)
    incident_note = models.TextField(_("Sự cố"), blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    handled_note = models.CharField(max_length=500, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reported_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdraw_reason = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = LessonRunQuerySet.as_manager()

    class Meta:
        ordering = ("-ran_on", "-pk")
        verbose_name = _("Lần dạy")
        verbose_name_plural = _("Lần dạy")
        constraints = [
            models.UniqueConstraint(
                fields=("lesson", "unit", "ran_on", "folded_class"),
                condition=Q(withdrawn_at=None),
                name="programmes_run_once",
            ),
            models.UniqueConstraint(
                fields=("reported_by", "client_key"), condition=~Q(client_key=""), name="programmes_run_sent_once"
            ),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="programmes_run_rating"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=("unit", "ran_on"), name="programmes_run_unit"),
            models.Index(fields=("ran_on",), name="programmes_run_day"),
            models.Index(
                fields=("reported_at",), condition=Q(incident=True, handled_at=None, withdrawn_at=None),
                name="programmes_run_incidents",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.lesson_id}, {self.class_name}, {self.ran_on}"

    def editable(self, now: datetime) -> bool:
        """Whether its unit may still change it."""
        return self.withdrawn_at is None and now <= self.reported_at + timedelta(days=EDIT_DAYS)
