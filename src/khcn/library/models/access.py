"""Notes that reviewers write, and requests of the public to take a work down."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import NoteKind, TakedownReason, TakedownState
from khcn.library.models.works import Work


class WorkNote(models.Model):
    """A sentence from one person to those who work on a work; the public never sees it."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=NoteKind)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("ghi chú")
        verbose_name_plural = _("ghi chú")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.text[:80]


class TakedownRequest(models.Model):
    """Somebody outside asks that a work be taken down."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="takedowns")
    reason = models.CharField(_("lý do"), max_length=16, choices=TakedownReason)
    text = models.TextField(_("nội dung yêu cầu"), max_length=5000)
    name = models.CharField(_("họ tên"), max_length=150)
    contact = models.CharField(_("thư điện tử hoặc điện thoại"), max_length=200)
    state = models.CharField(max_length=10, choices=TakedownState, default=TakedownState.OPEN)
    received_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(_("trả lời"), blank=True)

    class Meta:
        verbose_name = _("yêu cầu gỡ bỏ")
        verbose_name_plural = _("yêu cầu gỡ bỏ")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=TakedownState.OPEN)
                | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False) & ~Q(decision="")),
                name="library_takedown_decided_by_someone",
            )
        ]

    def __str__(self) -> str:
        return self.get_reason_display()
