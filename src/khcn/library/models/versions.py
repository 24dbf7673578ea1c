"""Versions of a published work: what its description and its files were, and what changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.models.imports import ImportBatch
from khcn.library.models.works import Work


class WorkVersion(models.Model):
    """One version. The highest number is the present one (``Work.version``); readers see it as the work itself.

    ``snapshot`` is the description as ``selectors.versions.snapshot_of`` takes it; ``files`` a list of
    ``{"sha256", "name", "mime", "kind", "size_bytes"}``. The bytes lie in the store under their hash and stay there as long
    as a version names them. ``hidden_reason``: readers see this sentence instead of the version.
    """

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("bản"))
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("có gì thay đổi"), blank=True)
    snapshot = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    hidden_reason = models.CharField(_("lý do ẩn"), max_length=500, blank=True)
    # The upload that brings this version's files; while it runs, the files that arrive belong to this version.
    batch = models.ForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("bản của tài liệu")
        verbose_name_plural = _("các bản của tài liệu")
        ordering = ["work", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["work", "number"], name="library_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="library_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.work_id}/{self.number}"


class VersionCorrection(models.Model):
    """A small correction inside a version: what was mended, without a new version."""

    version = models.ForeignKey(WorkVersion, on_delete=models.CASCADE, related_name="corrections")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("đã sửa gì"), max_length=500)

    class Meta:
        verbose_name = _("sửa nhỏ")
        verbose_name_plural = _("các sửa nhỏ")
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return self.note
