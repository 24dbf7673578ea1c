"""When each periodic duty runs next, shared by all workers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodicRun(models.Model):
    """One periodic duty. ``busy_until`` is the lease of the worker that runs it now."""

    name = models.CharField(max_length=100, primary_key=True)
    next_at = models.DateTimeField()
    busy_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("việc định kỳ")
        verbose_name_plural = _("việc định kỳ")

    def __str__(self) -> str:
        return self.name
