"""Consolidated reports: what the focal unit makes of the units' reports, frozen when it is issued."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import ROLL_ISSUED, RollState
from khcn.plan.models.documents import Document
from khcn.plan.models.regimes import ReportPeriod
from khcn.plan.permissions import acting


class RollQuerySet(models.QuerySet["Consolidation"]):
    """Consolidated reports by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read (matrix 4.2): everything for the focal unit, leaders, finance and auditors; from
        the leader's approval on for clerks; issued ones for units and the superior agency; published ones for all.
        """
        reach = acting(user, on)
        if reach.everything:
            return self
        if reach.clerk:
            return self.filter(state__in=[*ROLL_ISSUED, RollState.APPROVED])
        issued = self.filter(state__in=ROLL_ISSUED)
        return issued if reach.plans or reach.superior else issued.filter(published_at__isnull=False)


class Consolidation(models.Model):
    """One consolidated report of a period. ``totals``: the last computation (also what the pages show while drafting).

    ``snapshot`` with ``snapshot_hash`` (SHA-256 of its canonical JSON) is written once, when it is issued, and holds
    every unit row behind every total; what units correct later shows as a difference and never alters it.
    """

    period = models.ForeignKey(ReportPeriod, on_delete=models.PROTECT, related_name="consolidations")
    number = models.PositiveSmallIntegerField(_("Lần"), default=1)
    state = models.CharField(max_length=13, choices=RollState, default=RollState.DRAFT)
    title = models.CharField(_("Trích yếu"), max_length=500)
    totals = models.JSONField(default=dict, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    snapshot = models.JSONField(null=True, blank=True)
    snapshot_hash = models.CharField(max_length=64, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revision = models.PositiveIntegerField(default=0)
    comment = models.CharField(_("Ý kiến"), max_length=1000, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)  # a person decided that the public reads it
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("Lý do thay thế"), max_length=500, blank=True)  # of a replacement

    objects = RollQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("Báo cáo tổng hợp")
        verbose_name_plural = _("Báo cáo tổng hợp")
        constraints = [
            models.UniqueConstraint(fields=("period", "number"), name="plan_roll_once"),
            models.UniqueConstraint(
                fields=("period",),
                condition=Q(
                    state__in=[
                        RollState.DRAFT,
                        RollState.SUBMITTED,
                        RollState.HEAD_APPROVED,
                        RollState.APPROVED,
                    ]
                ),
                name="plan_one_roll_in_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period_id} {self.number}"


class RollText(models.Model):
    """One heading of a consolidated report: the text as edited, and what was gathered from the units."""

    roll = models.ForeignKey(Consolidation, on_delete=models.CASCADE, related_name="texts")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    gathered = models.JSONField(
        default=list, blank=True
    )  # [{"unit", "text"}] of the units that wrote something
    edited = models.BooleanField(default=False)  # a person changed it: gathering again keeps it

    class Meta:
        ordering = ("roll", "order")
        verbose_name = _("Phần lời tổng hợp")
        verbose_name_plural = _("Phần lời tổng hợp")
        constraints = [models.UniqueConstraint(fields=("roll", "order"), name="plan_rolltext_once")]

    def __str__(self) -> str:
        return self.title
