"""The working-day calendar: what differs from "Monday to Friday"."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.core.enums import DayKind


class CalendarYear(models.Model):
    """A year whose days are kept here; a year without a row follows the proposal of the library."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    proposed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("năm của lịch làm việc")
        verbose_name_plural = _("các năm của lịch làm việc")

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """One exception: a day off, or (``working``) a day worked although it is a weekend or a holiday."""

    date = models.DateField(unique=True)
    working = models.BooleanField(default=False)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=10, choices=DayKind, default=DayKind.EDITED)

    class Meta:
        verbose_name = _("ngày của lịch làm việc")
        verbose_name_plural = _("các ngày của lịch làm việc")
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
