"""What judging keeps, whatever is judged: criteria, seats, conflicts of interest, sheets, points, frozen scores.

Contests and the councils of research topics have models of their own on these fields, and one code that works on them:
:mod:`khcn.programmes.services.conflicts`, :mod:`khcn.programmes.rules.contest_scoring`.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CriterionFields(models.Model):
    """One criterion: points from 0 to ``most``, weight, least, and what given points mean (anchors)."""

    key = models.SlugField(max_length=40)
    title = models.CharField(_("Tiêu chí"), max_length=200)
    most = models.DecimalField(_("Điểm tối đa"), max_digits=5, decimal_places=2)
    weight = models.DecimalField(_("Hệ số"), max_digits=5, decimal_places=2, default=1)
    least = models.DecimalField(_("Điểm tối thiểu"), max_digits=5, decimal_places=2, null=True, blank=True)
    anchors = models.JSONField(default=list, blank=True)  # [{"points": 10, "text": "..."}]
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(most__gt=0, weight__gt=0), name="%(app_label)s_%(class)s_positive"),
            models.CheckConstraint(
                condition=Q(least=None) | Q(least__lte=F("most")), name="%(app_label)s_%(class)s_least"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title


class SeatFields(models.Model):
    """A seat in a council. ``organisation``: where the person works, whose work is never judged by them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    organisation = models.CharField(_("Nơi công tác"), max_length=200, blank=True)
    folded_organisation = models.CharField(max_length=200, blank=True, editable=False)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    remove_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        abstract = True


class ConflictFields(models.Model):
    """What a juror declared before anything opened, or what was found."""

    has_conflict = models.BooleanField()
    found = models.BooleanField(default=False)  # by the system, from school or unit
    reason = models.CharField(max_length=500, blank=True)
    declared_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)  # by the officer, with a reason in the trail

    class Meta:
        abstract = True


class SheetFields(models.Model):
    """What came of a juror's sheet. ``submitted_at``: after that only an officer can reopen it."""

    comment = models.TextField(blank=True)
    total = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    assigned_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    void_at = models.DateTimeField(null=True, blank=True)  # a juror left or has a conflict: never counted
    void_reason = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class FrozenFields(models.Model):
    """Frozen scores. ``frozen``: everything the ranking needs, hashed; a thawed one stays on record."""

    frozen = models.JSONField()
    sha256 = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    thawed_at = models.DateTimeField(null=True, blank=True)
    thaw_reason = models.CharField(max_length=500, blank=True)
    minutes = models.PositiveBigIntegerField(null=True, blank=True)  # document id of the register

    class Meta:
        abstract = True
