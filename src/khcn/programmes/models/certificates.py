"""Certificates and how they are verified: a batch goes from draft to approval to its decision's number."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import BatchState
from khcn.programmes.models.programmes import Programme
from khcn.programmes.models.registrations import Registration
from khcn.programmes.permissions import acting, can_read_certificates


class CertificateBatchQuerySet(models.QuerySet["CertificateBatch"]):
    """Batches by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep batches that ``user`` may read: the focal unit, the clerk and the auditor all, nobody else any."""
        return self if can_read_certificates(acting(user, on)) else self.none()


class CertificateBatch(models.Model):
    """Certificates that one decision grants. ``submitted_at``: a draft that waits for the head of the focal unit.

    The clerk's number and day of the decision issue an approved batch; from then on nothing in it changes.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="certificate_batches")
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.DRAFT)
    title = models.CharField(_("Tên giấy"), max_length=80)
    text = models.CharField(_("Nội dung chứng nhận"), max_length=400)
    place = models.CharField(_("Nơi ký"), max_length=60, blank=True)
    signer_name = models.CharField(_("Người ký"), max_length=100)
    signer_position = models.CharField(_("Chức vụ người ký"), max_length=150)
    decision_number = models.CharField(_("Số quyết định"), max_length=60, blank=True)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=500, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    numbered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = CertificateBatchQuerySet.as_manager()

    class Meta:
        ordering = ("-prepared_at", "-pk")
        verbose_name = _("Đợt cấp giấy chứng nhận")
        verbose_name_plural = _("Đợt cấp giấy chứng nhận")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="issued") | (Q(decision_date__isnull=False) & ~Q(decision_number="")),
                name="programmes_batch_numbered",
            )
        ]
        indexes = [models.Index(fields=("state", "-prepared_at"), name="programmes_batch_state")]

    def __str__(self) -> str:
        return f"{self.title} {self.decision_number}".strip()


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates by reader and standing."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep certificates whose batch ``user`` may read."""
        return self if can_read_certificates(acting(user, on)) else self.none()

    def issued(self) -> Self:
        """Keep those of issued batches, revoked ones too."""
        return self.filter(batch__state=BatchState.ISSUED)

    def standing(self) -> Self:
        """Keep issued ones that were not revoked."""
        return self.issued().filter(revoked_at=None)


class Certificate(models.Model):
    """One person's certificate. ``name`` as printed; emptied when the person is erased. The code verifies it."""

    batch = models.ForeignKey(CertificateBatch, on_delete=models.CASCADE, related_name="certificates")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="certificates")
    name = models.CharField(_("Tên trên giấy"), max_length=150, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=24, unique=True)
    number = models.PositiveIntegerField(
        null=True, blank=True
    )  # 1, 2, 3 in its batch, given when it is issued
    issued_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=500, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    superseded_by = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("batch_id", "number", "pk")
        verbose_name = _("Giấy chứng nhận")
        verbose_name_plural = _("Giấy chứng nhận")
        constraints = [
            models.UniqueConstraint(fields=("batch", "registration"), name="programmes_certificate_once"),
            models.UniqueConstraint(fields=("batch", "number"), name="programmes_certificate_number"),
        ]

    def __str__(self) -> str:
        return self.code
