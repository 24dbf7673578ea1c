"""How often works are opened and downloaded, by day and by month; never by whom.

``views`` and ``downloads`` count as COUNTER does: two within 30 seconds by the same visitor are one. The ``unique``
ones count a visitor once an hour for each work.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.library.models.works import Work


class UsageDay(models.Model):
    """Views and downloads of one work on one local day."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)
    unique_views = models.PositiveIntegerField(default=0, db_default=0)
    unique_downloads = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("lượt xem, tải theo ngày")
        verbose_name_plural = _("lượt xem, tải theo ngày")
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["work", "day"], name="library_usage_once_a_day")]
        indexes = [models.Index(fields=["day"], name="library_usage_day")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.day:%Y-%m-%d}"


class UsageMonth(models.Model):
    """Sums of ``UsageDay`` over one month (``month`` is its first day), so that pages need not add up days."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="usage_months")
    month = models.DateField()
    views = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)
    unique_views = models.PositiveIntegerField(default=0)
    unique_downloads = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("lượt xem, tải theo tháng")
        verbose_name_plural = _("lượt xem, tải theo tháng")
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["work", "month"], name="library_usage_once_a_month")]
        indexes = [models.Index(fields=["month"], name="library_usage_month")]

    def __str__(self) -> str:
        return f"{self.work_id} {self.month:%Y-%m}"


class UsageIntake(models.Model):
    """A file of the spool that was added up: none is ever added up twice, whatever broke off in between."""

    name = models.CharField(max_length=120, unique=True)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tệp đếm lượt đã cộng")
        verbose_name_plural = _("tệp đếm lượt đã cộng")

    def __str__(self) -> str:
        return self.name
