"""Organisations and their units: data with dates, never code."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Self
from uuid import uuid4

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.orgs.enums import CodeScheme, SuccessionKind
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order
from khcn.orgs.models.people import Viewer, memberships_of
from khcn.orgs.permissions import can_view_all_units
from khcn.orgs.request_cache import remember, remembered

# QCVN 102:2016/BTTTT writes 000.00.19.H29; Decision 20/2020/QĐ-TTg writes it from the top: H29.19.00.000.
ELECTRONIC_ID = re.compile(r"^(\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}|[A-Z]\d{2}(\.\d{1,3}){0,3})$")


def new_unit_key() -> str:
    """Return a key for a unit that was given none."""
    return f"dv-{uuid4().hex[:12]}"


class UnitKind(models.Model):
    """A term of the installation for a sort of unit ("phường", "phòng chuyên môn"): data, never code."""

    code = models.SlugField(_("Mã"), max_length=40, unique=True)
    label = models.CharField(_("Tên gọi"), max_length=120)
    label_en = models.CharField(_("Tên gọi tiếng Anh"), max_length=120, blank=True)
    is_group = models.BooleanField(_("Là một nhóm đơn vị"), default=False)
    order = models.PositiveSmallIntegerField(_("Thứ tự"), default=100)

    class Meta:
        ordering = ("order", "label")
        verbose_name = _("Loại đơn vị")
        verbose_name_plural = _("Loại đơn vị")

    def __str__(self) -> str:
        return self.label


class UnitQuerySet(DatedQuerySet["Unit"]):
    """Units by validity, tree and reader."""

    def visible_to(self, user: Viewer, on: date | None = None) -> Self:
        """Keep what ``user`` may see: listed units for everybody, all for those who run the installation.

        The names of public bodies are public; an unlisted unit (an inspection team, a test) is also seen
        by its own members. ``on`` is the day whose memberships count (default: today, because seeing is
        about now).
        """
        held = memberships_of(user, on or timezone.localdate())
        if can_view_all_units(held):
            return self
        return self.filter(Q(is_listed=True) | Q(pk__in=[row.unit_id for row in held]))

    def descendants_of(self, unit: "Unit", *, include_self: bool = False) -> Self:
        """Keep the units below ``unit`` in the tree."""
        found = subtree_ids([unit.pk])
        return self.filter(pk__in=found if include_self else found - {unit.pk})

    def ancestors_of(self, unit: "Unit", *, include_self: bool = False) -> Self:
        """Keep the units above ``unit`` in the tree."""
        found = ancestor_ids([unit.pk])
        return self.filter(pk__in=found if include_self else found - {unit.pk})

    def alphabetical(self) -> Self:
        """Order by the terms' order, then by name in the Vietnamese alphabet."""
        return self.order_by("kind__order", "order", "sort_key", "name")


class Unit(Dated):
    """One organisation or unit, for as long as it exists under this name."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(_("Mã địa chỉ"), max_length=80, unique=True, default=new_unit_key)
    name = models.CharField(_("Tên đơn vị"), max_length=200)
    name_en = models.CharField(_("Tên tiếng Anh"), max_length=200, blank=True)
    short_name = models.CharField(_("Tên ngắn"), max_length=80, blank=True)
    kind = models.ForeignKey(
        UnitKind, on_delete=models.PROTECT, related_name="units", verbose_name=_("Loại đơn vị")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name=_("Thuộc đơn vị"),
    )
    members = models.ManyToManyField("self", symmetrical=False, related_name="groups", blank=True)
    members_complete = models.BooleanField(_("Danh sách thành viên đã đủ"), default=True)
    electronic_id = models.CharField(
        _("Mã định danh điện tử"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(ELECTRONIC_ID, _("Mã định danh có dạng 000.00.19.H29."))],
    )
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    email = models.EmailField(_("Thư điện tử"), blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=40, blank=True)
    is_listed = models.BooleanField(_("Hiện trong danh sách công khai"), default=True)
    order = models.PositiveSmallIntegerField(_("Thứ tự"), default=100)
    sort_key = SortKeyField()

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ("order", "sort_key", "name")
        verbose_name = _("Đơn vị")
        verbose_name_plural = _("Đơn vị")
        constraints = [
            dates_in_order("orgs_unit_dates_in_order"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="orgs_unit_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name, or the name when there is none."""
        return self.short_name or self.name


class UnitCode(Dated):
    """A unit's code in one list, with dates: codes are reused for other units later."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(_("Danh mục"), max_length=20, choices=CodeScheme.choices)
    code = models.CharField(_("Mã"), max_length=40)

    objects = DatedQuerySet["UnitCode"].as_manager()

    class Meta:
        ordering = ("scheme", "code", "valid_from")
        verbose_name = _("Mã của đơn vị")
        verbose_name_plural = _("Mã của đơn vị")
        constraints = [
            dates_in_order("orgs_unitcode_dates_in_order"),
            models.UniqueConstraint(fields=("scheme", "code", "valid_from"), name="orgs_unitcode_once_a_day"),
            models.UniqueConstraint(
                fields=("scheme", "code"),
                condition=Q(valid_from__isnull=True),
                name="orgs_unitcode_one_open_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.code}"


class SuccessionDecision(models.Model):
    """One decision that merges, splits or renames units; its moves are :class:`UnitSuccession` rows.

    Dates do what dates can: units, codes and roles begin and end by themselves. What is open is handed over on the
    effective day (``handed_over_at``; ``outcome``: how many of what). ``exceptions``: what is open (a reference like
    "plan.workitem:12", or a group like "task:IV.7" or "person:name/role") -> key of the unit that takes it instead of
    the default one; "-": nobody. ``written``: what recording changed, so that a decision that is not in force yet can
    be taken back.
    """

    number = models.CharField(_("Số, ký hiệu quyết định"), max_length=60)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    effective_on = models.DateField(_("Ngày có hiệu lực"))
    note = models.CharField(_("Trích yếu"), max_length=300, blank=True)
    exceptions = models.JSONField(default=dict, blank=True)
    written = models.JSONField(default=dict, blank=True, editable=False)
    outcome = models.JSONField(default=dict, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        "orgs.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(editable=False)
    handed_over_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-effective_on", "-pk")
        verbose_name = _("Quyết định sắp xếp đơn vị")
        verbose_name_plural = _("Quyết định sắp xếp đơn vị")
        constraints = [
            models.UniqueConstraint(fields=("number", "effective_on"), name="orgs_successiondecision_once")
        ]

    def __str__(self) -> str:
        return self.number


class UnitSuccession(models.Model):
    """One unit's work passing to another by a decision; a merge of three units is three rows.

    ``is_default``: the successor that takes what is open and carries the past in figures; of the rows of one
    predecessor and decision at most one. ``predecessor_ends``: false when the predecessor lives on beside the new unit.
    """

    decision = models.ForeignKey(
        SuccessionDecision, on_delete=models.PROTECT, related_name="moves", null=True, blank=True
    )
    is_default = models.BooleanField(_("Nhận việc đang mở và số liệu cũ"), default=True, db_default=True)
    predecessor_ends = models.BooleanField(_("Đơn vị cũ kết thúc"), default=True, db_default=True)

    kind = models.CharField(_("Hình thức"), max_length=10, choices=SuccessionKind.choices)
    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions_out")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions_in")
    decision_number = models.CharField(_("Số, ký hiệu quyết định"), max_length=60)
    decision_date = models.DateField(_("Ngày quyết định"), null=True, blank=True)
    effective_date = models.DateField(_("Ngày có hiệu lực"))
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    class Meta:
        ordering = ("effective_date", "pk")
        verbose_name = _("Kế thừa giữa các đơn vị")
        verbose_name_plural = _("Kế thừa giữa các đơn vị")
        constraints = [
            models.UniqueConstraint(
                fields=("predecessor", "successor", "effective_date"), name="orgs_unitsuccession_once"
            ),
            models.CheckConstraint(
                condition=~Q(predecessor=F("successor")), name="orgs_unitsuccession_between_two_units"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} -> {self.successor} ({self.effective_date:%d/%m/%Y})"


def subtree_ids(unit_ids: Iterable[int]) -> set[int]:
    """Return the ids of ``unit_ids`` and of every unit below them.

    One query for the whole tree (a few hundred pairs): no path column that a forgotten update could spoil.
    """
    children: dict[int, list[int]] = defaultdict(list)
    for pk, parent_id in Unit.objects.exclude(parent=None).order_by().values_list("pk", "parent_id"):
        children[parent_id or 0].append(pk)
    found: set[int] = set()
    waiting = list(unit_ids)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children[pk])
    return found


def ancestor_ids(unit_ids: Iterable[int]) -> set[int]:
    """Return the ids of ``unit_ids`` and of every unit above them."""
    parents = dict(Unit.objects.order_by().values_list("pk", "parent_id"))
    found: set[int] = set()
    for start in unit_ids:
        pk: int | None = start
        while pk is not None and pk not in found:
            found.add(pk)
            pk = parents.get(pk)
    return found


def predecessor_ids(unit_ids: Iterable[int], on: date) -> set[int]:
    """Return the ids of ``unit_ids`` and of every unit whose past they have taken over by the day ``on``."""
    before = _predecessors(on)
    found: set[int] = set()
    waiting = list(unit_ids)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(before.get(pk, ()))
    return found


def _predecessors(on: date) -> dict[int, list[int]]:
    """Return the predecessors of every successor by the day ``on``; asked once a request."""
    known: dict[int, list[int]] | None = remembered(("predecessors", on))
    if known is None:
        known = defaultdict(list)
        rows = UnitSuccession.objects.filter(effective_date__lte=on).order_by()
        for successor_id, predecessor_id in rows.values_list("successor_id", "predecessor_id"):
            known[successor_id].append(predecessor_id)
        remember(("predecessors", on), known)
    return known


def successor_ids(unit_ids: Iterable[int]) -> set[int]:
    """Return the ids of ``unit_ids`` and of every unit that ever followed them, whatever the day."""
    after: dict[int, list[int]] = defaultdict(list)
    for predecessor_id, successor_id in UnitSuccession.objects.order_by().values_list(
        "predecessor_id", "successor_id"
    ):
        after[predecessor_id].append(successor_id)
    found: set[int] = set()
    waiting = list(unit_ids)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(after[pk])
    return found
