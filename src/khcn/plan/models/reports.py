"""Reports of units: one for each expected unit and period, its figures with their sources, its texts and moves."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import ReportMove, ReportState
from khcn.plan.models.plans import PlanIndicator
from khcn.plan.models.regimes import OutlineItem, ReportPeriod
from khcn.plan.permissions import acting


class ReportQuerySet(models.QuerySet["UnitReport"]):
    """Reports by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep reports that ``user`` may read: those of the own units (closed predecessors too), or all inside."""
        reach = acting(user, on)
        return self if reach.everything else self.filter(unit_id__in=reach.units)


class UnitReport(models.Model):
    """The report that one unit owes for one period. ``unit_name``: as the unit was called in that period, for ever.

    ``revision`` counts writes: a form that shows an older one is refused, so two phones never overwrite each other.
    ``submitted_at``: first time its head approved it (the moment that counts as "in time or late").
    ``excused``: a person decided that this unit owes nothing (dissolved in the middle of the period), with reason.
    """

    period = models.ForeignKey(ReportPeriod, on_delete=models.CASCADE, related_name="reports")
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    unit_name = models.CharField(max_length=200)
    state = models.CharField(_("Trạng thái"), max_length=9, choices=ReportState, default=ReportState.EXPECTED)
    revision = models.PositiveIntegerField(default=0)
    prefilled_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_to_head_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    comment = models.CharField(_("Ý kiến"), max_length=1000, blank=True)
    excused = models.CharField(_("Lý do không phải báo cáo"), max_length=300, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)  # of what was sent, printed on the receipt
    updated_at = models.DateTimeField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("period", "unit__order", "unit__sort_key")
        verbose_name = _("Báo cáo của đơn vị")
        verbose_name_plural = _("Báo cáo của đơn vị")
        constraints = [models.UniqueConstraint(fields=("period", "unit"), name="plan_report_once")]
        indexes = [models.Index(fields=("unit", "state"), name="plan_report_unit")]

    def __str__(self) -> str:
        return f"{self.period_id} {self.unit_id}"


class ReportFigure(models.Model):
    """One figure of a report. ``computed``: what recorded activity says; ``value``: what the unit reports.

    They differ only with a ``reason``. ``sources``: at most some hundred references "kind:id" behind ``computed``;
    ``completeness`` 0 to 1; ``note``: a sentence of the indicator about its error.
    """

    report = models.ForeignKey(UnitReport, on_delete=models.CASCADE, related_name="figures")
    indicator = models.ForeignKey(PlanIndicator, on_delete=models.PROTECT, related_name="+")
    computed = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True)
    value = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True)
    reason = models.CharField(_("Lý do sửa số"), max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True)
    completeness = models.FloatField(null=True, blank=True)
    sources = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("report", "indicator__order")
        verbose_name = _("Số liệu báo cáo")
        verbose_name_plural = _("Số liệu báo cáo")
        constraints = [
            models.UniqueConstraint(fields=("report", "indicator"), name="plan_figure_once"),
            models.CheckConstraint(
                condition=Q(computed__isnull=True)
                | Q(value=F("computed"))
                | ~Q(reason="")
                | Q(value__isnull=True),
                name="plan_figure_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.indicator_id}"


class ReportText(models.Model):
    """What a unit wrote under one heading of the outline."""

    report = models.ForeignKey(UnitReport, on_delete=models.CASCADE, related_name="texts")
    heading = models.ForeignKey(OutlineItem, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("report", "heading__order")
        verbose_name = _("Lời báo cáo")
        verbose_name_plural = _("Lời báo cáo")
        constraints = [models.UniqueConstraint(fields=("report", "heading"), name="plan_reporttext_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.heading_id}"


class ReportFile(models.Model):
    """An attachment of a report, in the private store."""

    report = models.ForeignKey(UnitReport, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(_("Tên tệp"), max_length=200)
    file = models.CharField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("report", "pk")
        verbose_name = _("Tệp kèm báo cáo")
        verbose_name_plural = _("Tệp kèm báo cáo")

    def __str__(self) -> str:
        return self.title


class ReportStep(models.Model):
    """One move of a report, with the comment that went with it; never changed. Shown as its timeline."""

    report = models.ForeignKey(UnitReport, on_delete=models.CASCADE, related_name="moves")
    move = models.CharField(max_length=9, choices=ReportMove)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    comment = models.CharField(max_length=1000, blank=True)
    content = models.JSONField(default=dict, blank=True)  # figures and texts as sent, kept at every approval
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("report", "at", "pk")
        verbose_name = _("Bước của báo cáo")
        verbose_name_plural = _("Bước của báo cáo")

    def __str__(self) -> str:
        return f"{self.report_id} {self.move}"


class ReportException(models.Model):
    """A closed form reopened for one unit by the head of the focal unit: recorded, dated, visible."""

    report = models.ForeignKey(UnitReport, on_delete=models.CASCADE, related_name="exceptions")
    until = models.DateField(_("Được nộp đến hết ngày"))
    reason = models.CharField(_("Lý do"), max_length=500)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # taken back

    class Meta:
        ordering = ("report", "-granted_at")
        verbose_name = _("Cho nộp muộn")
        verbose_name_plural = _("Cho nộp muộn")

    def __str__(self) -> str:
        return f"{self.report_id} {self.until}"
