"""Support with equipment and materials: calls, requests with their items, hand-overs, the inventory and its loans."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.orgs.enums import PartyKind
from khcn.programmes.enums import (
    OPEN_STATES,
    AssetState,
    Audience,
    SupportFileKind,
    SupportSource,
    SupportState,
)
from khcn.programmes.models.programmes import BAR, Programme
from khcn.programmes.permissions import acting, can_read_support


def _person() -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


def _dong(label: Any = "", **more: Any) -> Any:
    return models.DecimalField(label, max_digits=17, decimal_places=0, **more)


class SupportCall(models.Model):
    """The rules of a call. Without a programme it is the standing one: requests at any time (there is only one)."""

    programme = models.OneToOneField(
        Programme, on_delete=models.PROTECT, related_name="support", null=True, blank=True
    )
    is_open = models.BooleanField(_("Đang nhận đề nghị"), default=True)
    task_code = models.CharField(_("Mã nhiệm vụ của kế hoạch"), max_length=40, blank=True)
    budget_year = models.PositiveSmallIntegerField(_("Năm ngân sách"), null=True, blank=True)
    most_vnd = _dong(_("Mỗi đề nghị nhiều nhất"), null=True, blank=True)
    limit_vnd = _dong(_("Trưởng đơn vị đầu mối được duyệt đến"), default=Decimal(50_000_000))
    party_kinds = models.CharField(_("Ai được đề nghị"), max_length=120, blank=True)  # "|school|enterprise|"
    apart_months = models.PositiveSmallIntegerField(_("Cách lần được hỗ trợ trước (tháng)"), default=12)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("Đợt nhận đề nghị hỗ trợ")
        verbose_name_plural = _("Đợt nhận đề nghị hỗ trợ")
        constraints = [
            models.UniqueConstraint(
                Value(1), condition=Q(programme=None), name="programmes_supportcall_one_standing"
            ),
            models.CheckConstraint(condition=Q(limit_vnd__gte=0), name="programmes_supportcall_limit"),
        ]

    def __str__(self) -> str:
        return self.programme.title if self.programme else str(_("Đề nghị hỗ trợ ngoài đợt"))

    @property
    def kinds(self) -> list[str]:
        """The kinds of organisations that may ask; empty: all."""
        return [one for one in self.party_kinds.split(BAR) if one]

    @property
    def audiences(self) -> list[str]:
        """For whom; empty: all."""
        return self.programme.audience_list if self.programme else []

    @property
    def task(self) -> str:
        """The task of the plan whose money is used."""
        return self.task_code or (self.programme.task_code if self.programme else "")

    def takes(self, now: datetime) -> bool:
        """Whether new requests may come in now."""
        programme = self.programme
        if not self.is_open or programme is None:
            return self.is_open
        return (
            programme.state in OPEN_STATES
            and (programme.opens_at is None or programme.opens_at <= now)
            and (programme.closes_at is None or now < programme.closes_at)
        )


class SupportQuerySet(models.QuerySet["SupportRequest"]):
    """Requests by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep requests that ``user`` may read: who decides about them all, a unit its own. Drafts are the asker's."""
        reach = acting(user, on)
        rows = self.exclude(state=SupportState.DRAFT)
        if can_read_support(reach, None):
            return rows
        return rows.filter(unit_id__in=reach.units)


class SupportRequest(models.Model):
    """What a school or an enterprise asks for. The contact manages it by secret link; amounts in whole dong."""

    call = models.ForeignKey(SupportCall, on_delete=models.PROTECT, related_name="requests")
    state = models.CharField(max_length=10, choices=SupportState, default=SupportState.DRAFT)
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    unit = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Địa bàn"),
    )
    organisation = models.CharField(_("Trường, doanh nghiệp, tổ chức"), max_length=200)
    folded_organisation = models.CharField(max_length=200, blank=True, editable=False)
    sort_key = SortKeyField()
    organisation_kind = models.CharField(_("Loại"), max_length=30, choices=PartyKind)
    registration_code = models.CharField(_("Mã số thuế, mã trường"), max_length=40, blank=True)
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    audience = models.CharField(_("Phục vụ cho"), max_length=12, choices=Audience, blank=True)
    contact_name = models.CharField(_("Người liên hệ"), max_length=150, blank=True)
    contact_address = models.CharField(max_length=254)  # proven by a code; of a paper it may be empty
    token = models.CharField(max_length=64, unique=True)
    client_key = models.CharField(max_length=40, blank=True)
    purpose = models.TextField(_("Dùng để làm gì"), blank=True)
    source = models.CharField(max_length=5, choices=SupportSource, default=SupportSource.WEB, db_default="web")  # fmt: skip
    received_on = models.DateField(null=True, blank=True)  # of a paper

    asked = _dong(_("Đề nghị"), default=Decimal(0))
    recommended = _dong(_("Kiến nghị"), default=Decimal(0))
    approved = _dong(_("Duyệt"), default=Decimal(0))
    delivered = _dong(_("Đã giao"), default=Decimal(0))
    task_code = models.CharField(max_length=40, blank=True)  # as they were when the money was committed
    budget_year = models.PositiveSmallIntegerField(null=True, blank=True)

    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = _person()
    check_note = models.CharField(_("Ý kiến kiểm tra"), max_length=1000, blank=True)
    funded_at = models.DateTimeField(null=True, blank=True)
    funded_by = _person()
    funds_note = models.CharField(_("Ý kiến tài chính"), max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = _person()
    decision_note = models.CharField(max_length=1000, blank=True)  # also the reason of a refusal
    return_reason = models.CharField(max_length=1000, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)  # the contact says that it has arrived
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.CharField(max_length=500, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = SupportQuerySet.as_manager()

    class Meta:
        ordering = ("-submitted_at", "-pk")
        verbose_name = _("Đề nghị hỗ trợ")
        verbose_name_plural = _("Đề nghị hỗ trợ")
        constraints = [
            models.UniqueConstraint(
                fields=("call", "client_key"), condition=~Q(client_key=""), name="programmes_support_once"
            ),
            models.CheckConstraint(
                condition=Q(delivered__lte=F("approved")) & Q(approved__lte=F("asked")),
                name="programmes_support_amounts",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(decided_by=None) | ~Q(decided_by=F("checked_by")),
                name="programmes_support_four_eyes",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "submitted_at"), name="programmes_support_state"),
            models.Index(fields=("unit", "decided_at"), name="programmes_support_unit"),
        ]

    def __str__(self) -> str:
        return self.organisation


class SupportItem(models.Model):
    """One thing that is asked for. ``number``: 1, 2, 3 in its request."""

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("Tên thiết bị, vật tư"), max_length=200)
    specification = models.CharField(_("Thông số, yêu cầu"), max_length=500, blank=True)
    unit = models.CharField(_("Đơn vị tính"), max_length=30)
    quantity = models.PositiveIntegerField(_("Số lượng"))
    unit_price = _dong(_("Đơn giá"))
    price_source = models.CharField(_("Nguồn giá"), max_length=200, blank=True)
    recommended_quantity = models.PositiveIntegerField(null=True, blank=True)
    recommended_price = _dong(null=True, blank=True)
    approved_quantity = models.PositiveIntegerField(null=True, blank=True)
    approved_price = _dong(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("request_id", "number")
        verbose_name = _("Khoản đề nghị")
        verbose_name_plural = _("Khoản đề nghị")
        constraints = [
            models.UniqueConstraint(fields=("request", "number"), name="programmes_supportitem_number"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(unit_price__gte=0)
                & (Q(approved_quantity=None) | Q(approved_quantity__lte=F("quantity"))),
                name="programmes_supportitem_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asked(self) -> Decimal:
        """What is asked for it."""
        return Decimal(self.quantity * self.unit_price)

    @property
    def recommended(self) -> Decimal | None:
        """What is recommended for it."""
        return _times(self.recommended_quantity, self.recommended_price)

    @property
    def approved(self) -> Decimal | None:
        """What was approved for it."""
        return _times(self.approved_quantity, self.approved_price)


def _times(quantity: int | None, price: Decimal | None) -> Decimal | None:
    return None if quantity is None or price is None else quantity * price


class SupportFile(models.Model):
    """A quotation, another paper, or what shows the result; private."""

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=SupportFileKind)
    title = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("request_id", "pk")
        verbose_name = _("Tệp của đề nghị")
        verbose_name_plural = _("Tệp của đề nghị")
        constraints = [
            models.UniqueConstraint(fields=("request", "kind", "sha256"), name="programmes_supportfile_once")
        ]

    def __str__(self) -> str:
        return self.title


class Handover(models.Model):
    """One hand-over: who gave what to whom, where; its amount was paid under the reference of this row."""

    request = models.ForeignKey(SupportRequest, on_delete=models.PROTECT, related_name="handovers")
    number = models.PositiveSmallIntegerField()
    handed_on = models.DateField(_("Ngày bàn giao"))
    place = models.CharField(_("Nơi bàn giao"), max_length=200)
    giver = models.CharField(_("Bên giao (họ tên, chức vụ)"), max_length=200)
    receiver = models.CharField(_("Bên nhận (họ tên, chức vụ)"), max_length=200)
    amount = _dong(_("Số tiền"))
    invoice = models.CharField(_("Số hóa đơn, chứng từ"), max_length=120, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    photo = models.CharField(max_length=200, blank=True)
    document_id = models.BigIntegerField(null=True, blank=True)  # of the register: the minutes
    client_key = models.CharField(max_length=40)
    entered_by = _person()
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("request_id", "number")
        verbose_name = _("Lần bàn giao")
        verbose_name_plural = _("Lần bàn giao")
        constraints = [
            models.UniqueConstraint(fields=("request", "number"), name="programmes_handover_number"),
            models.UniqueConstraint(fields=("request", "client_key"), name="programmes_handover_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="programmes_handover_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.number}"


class HandoverItem(models.Model):
    """How many of an item were handed over."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(SupportItem, on_delete=models.PROTECT, related_name="handed")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ("handover_id", "item_id")
        verbose_name = _("Khoản bàn giao")
        verbose_name_plural = _("Khoản bàn giao")
        constraints = [
            models.UniqueConstraint(fields=("handover", "item"), name="programmes_handoveritem_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="programmes_handoveritem_some"),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id}: {self.item_id}"


class ProjectResult(models.Model):
    """What came of the support, told by the contact; read by the focal officer."""

    request = models.OneToOneField(SupportRequest, on_delete=models.CASCADE, related_name="result")
    text = models.TextField(_("Kết quả"))
    people = models.PositiveIntegerField(_("Số người đã dùng"), null=True, blank=True)
    submitted_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = _person()

    class Meta:
        verbose_name = _("Kết quả sử dụng")
        verbose_name_plural = _("Kết quả sử dụng")

    def __str__(self) -> str:
        return str(self.request_id)


class UnitThingsQuerySet(models.QuerySet["Asset"]):
    """Things by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep things that ``user`` may read: those who read every request all, a unit its own."""
        reach = acting(user, on)
        return self if can_read_support(reach, None) else self.filter(unit_id__in=reach.units)


class Asset(models.Model):
    """A thing that is lent, not given."""

    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị quản lý")
    )
    serial = models.CharField(_("Mã, số sê-ri"), max_length=60)
    name = models.CharField(_("Tên thiết bị"), max_length=200)
    folded_name = models.CharField(max_length=200, blank=True, editable=False)
    state = models.CharField(_("Tình trạng"), max_length=8, choices=AssetState, default=AssetState.STOCK)
    condition = models.CharField(_("Mô tả tình trạng"), max_length=300, blank=True)
    added_at = models.DateTimeField()

    objects = UnitThingsQuerySet.as_manager()

    class Meta:
        ordering = ("name", "serial")
        verbose_name = _("Thiết bị trong kho")
        verbose_name_plural = _("Thiết bị trong kho")
        constraints = [models.UniqueConstraint(fields=("unit", "serial"), name="programmes_asset_serial")]

    def __str__(self) -> str:
        return f"{self.name} ({self.serial})"


class Loan(models.Model):
    """A thing lent to an organisation until a day."""

    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="loans")
    request = models.ForeignKey(
        SupportRequest, on_delete=models.PROTECT, related_name="loans", null=True, blank=True
    )
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    borrower = models.CharField(_("Bên mượn"), max_length=200)
    contact_address = models.CharField(_("Liên hệ của bên mượn"), max_length=254, blank=True)
    lent_on = models.DateField(_("Ngày giao"))
    due_on = models.DateField(_("Hẹn trả"))
    returned_on = models.DateField(_("Ngày trả"), null=True, blank=True)
    condition = models.CharField(_("Tình trạng khi trả"), max_length=300, blank=True)
    extended = models.PositiveSmallIntegerField(default=0)
    extension_note = models.CharField(max_length=300, blank=True)
    lent_by = _person()

    class Meta:
        ordering = ("due_on", "pk")
        verbose_name = _("Lần cho mượn")
        verbose_name_plural = _("Lần cho mượn")
        constraints = [
            models.UniqueConstraint(
                fields=("asset",), condition=Q(returned_on=None), name="programmes_loan_one_at_a_time"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("lent_on")), name="programmes_loan_in_order"),
        ]
        indexes = [models.Index(fields=("returned_on", "due_on"), name="programmes_loan_due")]

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.borrower}"
