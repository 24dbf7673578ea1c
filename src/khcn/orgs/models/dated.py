"""Validity in time, shared by units, codes and memberships. Both ends are included; an empty end is open."""

from datetime import date
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

M = TypeVar("M", bound=models.Model)


class DatedQuerySet(models.QuerySet[M]):
    """Rows with ``valid_from`` and ``valid_to``."""

    def in_force(self, on: date) -> Self:
        """Keep rows whose validity includes the day ``on``."""
        started = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
        not_over = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        return self.filter(started & not_over)


class Dated(models.Model):
    """A row that holds from one day to another, both included."""

    valid_from = models.DateField(_("Có hiệu lực từ ngày"), null=True, blank=True)
    valid_to = models.DateField(_("Hết ngày"), null=True, blank=True)

    class Meta:
        abstract = True

    def in_force(self, on: date) -> bool:
        """Whether the row holds on the day ``on``."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


def dates_in_order(name: str, first: str = "valid_from", last: str = "valid_to") -> models.CheckConstraint:
    """Return the constraint that a validity does not end before it begins."""
    either_open: dict[str, Any] = {f"{first}__isnull": True}
    end_open: dict[str, Any] = {f"{last}__isnull": True}
    ordered: dict[str, Any] = {f"{last}__gte": F(first)}
    return models.CheckConstraint(condition=Q(**either_open) | Q(**end_open) | Q(**ordered), name=name)
