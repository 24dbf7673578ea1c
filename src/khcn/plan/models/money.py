"""Money of the plan: the yearly estimate, its lines, and what was allocated, committed, paid and settled.

All amounts are whole dong. The sums on a line are kept beside its entries in the same transaction, so that one
conditional UPDATE of the line settles who was first and no line is ever spent above its allocation.
"""

from datetime import date
from typing import Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import EntryKind, EntryState, EstimateState
from khcn.plan.models.plans import Plan, money_field
from khcn.plan.permissions import acting


class EstimateQuerySet(models.QuerySet["Estimate"]):
    """Estimates by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep estimates that ``user`` may read: all of them, or those with a line of an own unit."""
        reach = acting(user, on)
        return self if reach.money else self.filter(lines__unit_id__in=reach.units).distinct()


class Estimate(models.Model):
    """One year's estimate (dự toán) of the plan's money; a supplement of the same year is an estimate of its own.

    ``drafted_by`` began it, ``submitted_by`` handed it to the leader: neither approves it.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="estimates", null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("Năm ngân sách"))
    title = models.CharField(_("Tên dự toán"), max_length=300)
    source = models.CharField(_("Nguồn kinh phí"), max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=EstimateState, default=EstimateState.DRAFT)
    decision = models.CharField(_("Quyết định giao dự toán"), max_length=120, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.CharField(_("Lý do trả lại"), max_length=500, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = EstimateQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "title")
        verbose_name = _("Dự toán năm")
        verbose_name_plural = _("Dự toán năm")
        constraints = [models.UniqueConstraint(fields=("year", "title"), name="plan_estimate_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.year}"


class LineQuerySet(models.QuerySet["BudgetLine"]):
    """Lines by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep lines whose money ``user`` may read."""
        reach = acting(user, on)
        return self if reach.money else self.filter(unit_id__in=reach.units)


class BudgetLine(models.Model):
    """One line of an estimate: what for (task, state-budget code), whose, how much. The four sums follow the entries.

    ``allocated``: confirmed allocations; ``committed``: commitments that stand (proposed or confirmed); ``paid``:
    disbursements that stand; ``settled``: what the settlement recognised.
    """

    estimate = models.ForeignKey(Estimate, on_delete=models.CASCADE, related_name="lines")
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị sử dụng")
    )
    task_code = models.CharField(_("Nhiệm vụ"), max_length=40, blank=True)
    title = models.CharField(_("Nội dung chi"), max_length=500)
    budget_code = models.CharField(_("Mục lục ngân sách"), max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    estimated = money_field(_("Dự toán (đồng)"), default=0, validators=[MinValueValidator(0)])
    allocated = money_field(_("Đã giao (đồng)"), default=0, editable=False)
    committed = money_field(_("Đã cam kết (đồng)"), default=0, editable=False)
    paid = money_field(_("Đã giải ngân (đồng)"), default=0, editable=False)
    settled = money_field(_("Đã quyết toán (đồng)"), default=0, editable=False)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        ordering = ("estimate", "order", "pk")
        verbose_name = _("Dòng dự toán")
        verbose_name_plural = _("Dòng dự toán")
        constraints = [
            models.CheckConstraint(condition=Q(estimated__gte=0), name="plan_line_estimate_positive"),
            models.CheckConstraint(
                condition=Q(allocated__gte=0, committed__gte=0, paid__gte=0, settled__gte=0),
                name="plan_line_sums_positive",
            ),
            models.CheckConstraint(
                condition=Q(committed__lte=F("allocated")), name="plan_line_within_allocation"
            ),
            models.CheckConstraint(
                condition=Q(paid__lte=F("committed")), name="plan_line_paid_within_commitment"
            ),
            models.CheckConstraint(condition=Q(settled__lte=F("paid")), name="plan_line_settled_within_paid"),
        ]
        indexes = [models.Index(fields=("unit", "estimate"), name="plan_line_unit")]

    def __str__(self) -> str:
        return self.title


class MoneyEntry(models.Model):
    """One deed with money on a line; never changed but for its state. ``amount`` of an allocation may be negative.

    ``commitment``: what a disbursement pays; ``paid`` there follows it; ``released``: the part of a commitment that
    will never be paid and went back to the line. ``reference``: what it belongs to in another app ("kind:id"), booked
    through the port, or the print of the row of a sheet: among entries that stand, once for each kind.
    """

    line = models.ForeignKey(BudgetLine, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("Loại"), max_length=12, choices=EntryKind)
    state = models.CharField(_("Trạng thái"), max_length=10, choices=EntryState, default=EntryState.PROPOSED)
    amount = money_field(_("Số tiền (đồng)"))
    paid = money_field(_("Đã giải ngân (đồng)"), default=0, editable=False)  # of a commitment
    released = money_field(_("Đã giải tỏa (đồng)"), default=0, editable=False)  # of a commitment
    happened_on = models.DateField(_("Ngày"))
    document = models.CharField(_("Chứng từ, hợp đồng"), max_length=120, blank=True)
    partner = models.CharField(_("Đơn vị thụ hưởng"), max_length=200, blank=True)
    text = models.CharField(_("Nội dung"), max_length=500)
    commitment = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("Cam kết chi"),
    )
    reference = models.CharField(max_length=120, blank=True)
    reason = models.CharField(_("Lý do"), max_length=500, blank=True)  # of a refusal or a cancellation
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("line", "happened_on", "pk")
        verbose_name = _("Bút toán")
        verbose_name_plural = _("Bút toán")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=EntryKind.ALLOCATION) | Q(amount__gt=0), name="plan_entry_positive"
            ),
            models.CheckConstraint(
                condition=Q(paid__lte=F("amount") - F("released")) | Q(paid=0, released=0),
                name="plan_entry_paid_within",
            ),
            models.UniqueConstraint(
                fields=("kind", "reference"),
                condition=~Q(reference="") & Q(state__in=[EntryState.PROPOSED, EntryState.CONFIRMED]),
                name="plan_entry_reference_once",
            ),
        ]
        indexes = [models.Index(fields=("state", "kind"), name="plan_entry_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class MoneyFile(models.Model):
    """A supporting document of an entry, in the private store."""

    entry = models.ForeignKey(MoneyEntry, on_delete=models.CASCADE, related_name="files")
    title = models.CharField(_("Tên tệp"), max_length=200)
    file = models.CharField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("entry", "pk")
        verbose_name = _("Chứng từ")
        verbose_name_plural = _("Chứng từ")

    def __str__(self) -> str:
        return self.title
