"""The register of documents that the installation drafts and issues (Decree 30/2020/NĐ-CP, articles 10-19).

Not a document-management system by annex VI of the decree: it drafts, checks the format, numbers, and keeps the signed
file with its hash. Nothing here imitates a signature.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import DocumentState, FileRole, SigningMode
from khcn.plan.permissions import acting


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: all for the focal unit, leaders, clerks and auditors; else the own units'."""
        reach = acting(user, on)
        if reach.everything or reach.clerk:
            return self
        return self.filter(Q(agency_id__in=reach.units) | Q(drafting_unit_id__in=reach.units))


class Document(models.Model):
    """One document. ``type_code`` by annex III (KH, BC, TTr, GM, BB, TB, CV, QĐ ...), ``number`` within agency and year.

    ``numbered_type`` tells the series: agencies number each type apart or all together, a choice of the register.
    ``source``: what it was made from ("kind:id"). ``format_check``: the last result of the format check.
    """

    agency = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Cơ quan ban hành")
    )
    drafting_unit = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Đơn vị soạn thảo"),
    )
    type_code = models.CharField(_("Loại văn bản"), max_length=10)
    symbol = models.CharField(_("Ký hiệu"), max_length=40, blank=True)
    number = models.PositiveIntegerField(_("Số"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("Năm"), null=True, blank=True)
    series = models.CharField(max_length=10, blank=True)
    dated = models.DateField(_("Ngày văn bản"), null=True, blank=True)
    subject = models.CharField(_("Trích yếu"), max_length=500)
    folded_subject = models.CharField(max_length=500, blank=True, editable=False)
    signer_name = models.CharField(_("Người ký"), max_length=150, blank=True)
    signer_position = models.CharField(_("Chức vụ người ký"), max_length=150, blank=True)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signing_mode = models.CharField(_("Hình thức ký"), max_length=4, choices=SigningMode, blank=True)
    recipients = models.JSONField(default=list, blank=True)
    pages = models.PositiveSmallIntegerField(_("Số trang"), null=True, blank=True)
    copies = models.PositiveSmallIntegerField(_("Số bản"), null=True, blank=True)
    state = models.CharField(max_length=16, choices=DocumentState, default=DocumentState.DRAFT)
    source = models.CharField(max_length=120, blank=True)
    format_check = models.JSONField(default=dict, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    reason = models.CharField(_("Lý do"), max_length=500, blank=True)  # of a replacement or recall
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    content_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    format_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    numbered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "-number", "-drafted_at")
        verbose_name = _("Văn bản")
        verbose_name_plural = _("Văn bản")
        constraints = [
            models.UniqueConstraint(
                fields=("agency", "year", "series", "number"),
                condition=Q(number__isnull=False),
                name="plan_document_number_once",
            )
        ]
        indexes = [models.Index(fields=("state", "agency"), name="plan_document_state")]

    def __str__(self) -> str:
        return f"{self.number or '…'}/{self.symbol}"


class DocumentCounter(models.Model):
    """The last number given in one series of one agency and year; ``series`` empty: all types together."""

    agency = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    series = models.CharField(max_length=10, blank=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("agency", "year", "series")
        verbose_name = _("Sổ số văn bản")
        verbose_name_plural = _("Sổ số văn bản")
        constraints = [models.UniqueConstraint(fields=("agency", "year", "series"), name="plan_counter_once")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.year} {self.series}: {self.last}"


class DocumentFile(models.Model):
    """A file of a document, in the private store, with its SHA-256. A signed file is never replaced."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="files")
    role = models.CharField(max_length=8, choices=FileRole)
    title = models.CharField(_("Tên tệp"), max_length=200)
    file = models.CharField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("document", "pk")
        verbose_name = _("Tệp văn bản")
        verbose_name_plural = _("Tệp văn bản")

    def __str__(self) -> str:
        return self.title
