"""Files of a work, stored once by content, and the pages of text read from them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import ItemState, TextSource
from khcn.library.models.works import Work


class WorkFile(models.Model):
    """One original file. The bytes lie in the store under ``sha256`` and are never changed."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64, db_index=True)
    original_name = models.CharField(_("tên tệp"), max_length=255)
    kind = models.CharField(_("loại tệp"), max_length=16, blank=True)
    mime = models.CharField(max_length=127, default="application/octet-stream")
    size_bytes = models.PositiveBigIntegerField()
    encoding = models.CharField(_("bảng mã"), max_length=20, blank=True)
    state = models.CharField(max_length=20, choices=ItemState, default=ItemState.PENDING)
    page_count = models.PositiveIntegerField(default=0)
    has_thumbnail = models.BooleanField(default=False)
    warnings = models.JSONField(default=list, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tệp")
        verbose_name_plural = _("tệp")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["work", "sha256"], name="library_file_once"),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="library_file_state"),
        ]

    def __str__(self) -> str:
        return self.original_name


class Page(models.Model):
    """The text of one page. ``number`` counts through the work, ``file_page`` through its file, from 1."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="pages")
    file = models.ForeignKey(WorkFile, on_delete=models.CASCADE, null=True, blank=True, related_name="pages")
    number = models.PositiveIntegerField()
    file_page = models.PositiveIntegerField(default=1)
    text = models.TextField(blank=True)
    source = models.CharField(max_length=4, choices=TextSource, default=TextSource.TEXT)
    encoding = models.CharField(max_length=20, default="unicode")
    # 0..1, the mean of the words' confidence as the recogniser states it; empty for text that was there.
    confidence = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("trang")
        verbose_name_plural = _("trang")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["work", "number"], name="library_page_number"),
            models.CheckConstraint(
                condition=Q(number__gte=1, file_page__gte=1), name="library_page_from_one"
            ),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=1),
                name="library_page_confidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work_id}/{self.number}"
