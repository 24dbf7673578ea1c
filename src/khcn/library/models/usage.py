"""How often works are opened and downloaded, by day; never by whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.library.models.works import Work


class UsageDay(models.Model):
    """Views and downloads of one work on one local day."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("lượt xem, tải theo ngày")
        verbose_name_plural = _("lượt xem, tải theo ngày")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["work", "day"], name="library_usage_once_a_day")]
        indexes = [models.Index(fields=["day"], name="library_usage_day")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.day:%Y-%m-%d}"
