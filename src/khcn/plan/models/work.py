"""Work items: what one unit owes of one task, and how far it is."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import ITEM_COUNTED, ITEM_OPEN, VERSION_PUBLIC, EvidenceKind, ItemState
from khcn.plan.models.plans import Plan, Task
from khcn.plan.permissions import acting


class ItemQuerySet(models.QuerySet["WorkItem"]):
    """Work items by reader and state."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: everything inside (matrix: view D), items of published plans outside."""
        return self if acting(user, on).plans else self.filter(task__version__state__in=VERSION_PUBLIC)

    def counted(self) -> Self:
        """Leave out items that were dropped or handed over."""
        return self.filter(state__in=ITEM_COUNTED)

    def late(self, on: date) -> Self:
        """Keep items that are not done although their last day is before ``on``."""
        return self.filter(state__in=ITEM_OPEN, due__lt=on)


class WorkItem(models.Model):
    """What one unit owes of one task; made when a version is published, carried over by (plan, code, unit).

    ``task``: the task in the version in force. ``due``: its deadline, or the report period's for a report task (kept
    here so that lists sort by it; refreshed when either changes). ``percent`` follows the task's rule at every write.
    ``unit_name``: the unit's name when it was done or handed over: later names never change old figures.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="items")
    code = models.CharField(max_length=40)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    unit_name = models.CharField(max_length=200, blank=True)
    state = models.CharField(_("Trạng thái"), max_length=12, choices=ItemState, default=ItemState.TODO)
    percent = models.PositiveSmallIntegerField(_("Hoàn thành (%)"), default=0)
    due = models.DateField(_("Hạn"), null=True, blank=True)
    started_on = models.DateField(_("Bắt đầu thực tế"), null=True, blank=True)
    done_on = models.DateField(_("Hoàn thành ngày"), null=True, blank=True)
    result = models.TextField(_("Kết quả"), blank=True)
    difficulties = models.TextField(_("Khó khăn, kiến nghị"), blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    handed_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="taken_from"
    )
    revision = models.PositiveIntegerField(
        default=0
    )  # counts writes; a form that shows an older one is refused
    updated_at = models.DateTimeField()

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ("plan", "task__order", "unit__order", "unit__sort_key")
        verbose_name = _("Việc của đơn vị")
        verbose_name_plural = _("Việc của đơn vị")
        constraints = [
            models.UniqueConstraint(fields=("plan", "code", "unit"), name="plan_item_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="plan_item_percent"),
        ]
        indexes = [
            models.Index(fields=("unit", "state", "due"), name="plan_item_unit"),
            models.Index(fields=("state", "due"), name="plan_item_due"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.unit_id}"


class WorkStep(models.Model):
    """One step of a work item, for the rule "by steps"."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("Bước"), max_length=300)
    due = models.DateField(_("Hạn"), null=True, blank=True)
    done_on = models.DateField(_("Xong ngày"), null=True, blank=True)

    class Meta:
        ordering = ("item", "order", "pk")
        verbose_name = _("Bước thực hiện")
        verbose_name_plural = _("Bước thực hiện")

    def __str__(self) -> str:
        return self.title


class ProgressNote(models.Model):
    """What a unit said about an item at one moment; never changed. ``unit``: who said it (cooperating units too)."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="notes")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    unit_name = models.CharField(max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ItemState)
    percent = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    difficulties = models.TextField(blank=True)

    class Meta:
        ordering = ("item", "-at", "-pk")
        verbose_name = _("Ghi nhận tiến độ")
        verbose_name_plural = _("Ghi nhận tiến độ")

    def __str__(self) -> str:
        return f"{self.item_id} {self.at:%Y-%m-%d}"


class Evidence(models.Model):
    """What shows that something was done. ``record``: a core reference "kind:id"; ``people``: at a session."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="evidence")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("Loại"), max_length=8, choices=EvidenceKind)
    title = models.CharField(_("Tên"), max_length=300)
    link = models.URLField(_("Đường dẫn"), max_length=1000, blank=True)
    record = models.CharField(max_length=120, blank=True)
    file = models.CharField(max_length=200, blank=True, editable=False)  # its name in the private store
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    held_on = models.DateField(_("Ngày tổ chức"), null=True, blank=True)
    people = models.PositiveIntegerField(_("Số người dự"), null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("item", "-added_at", "-pk")
        verbose_name = _("Minh chứng")
        verbose_name_plural = _("Minh chứng")

    def __str__(self) -> str:
        return self.title


class FeedToken(models.Model):
    """The secret address of a unit's calendar feed. ``digest``: of the token (see ``core.api.tokens``)."""

    unit = models.ForeignKey("orgs.Unit", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("unit", "user")
        verbose_name = _("Địa chỉ lịch")
        verbose_name_plural = _("Địa chỉ lịch")

    def __str__(self) -> str:
        return f"{self.unit_id} {self.user_id}"
