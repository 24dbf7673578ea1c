"""Fixity: what the last look at each original found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import FIXITY_FAULTS, FixityState


class FileCheck(models.Model):
    """The last check of the bytes that lie in the store under ``sha256``, whichever works use them."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    state = models.CharField(_("kết quả"), max_length=10, choices=FixityState)
    found_sha256 = models.CharField(max_length=64, blank=True)
    checked_at = models.DateTimeField(_("kiểm tra lúc"))
    since = models.DateTimeField(_("từ lúc"))

    class Meta:
        verbose_name = _("lần kiểm tra tệp gốc")
        verbose_name_plural = _("lần kiểm tra tệp gốc")
        ordering = ["checked_at"]
        indexes = [
            models.Index(fields=["checked_at"], name="library_check_oldest"),
            models.Index(
                fields=["sha256"], name="library_check_faults", condition=Q(state__in=sorted(FIXITY_FAULTS))
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=FixityState.values), name="library_check_state")
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.get_state_display()}"
