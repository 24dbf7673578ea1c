"""Counting boxes, cameras, and what is drawn on their pictures."""

from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.markets.enums import ZoneKind
from khcn.markets.models.venues import KEY_CHECK, Market
from khcn.markets.permissions import reach_of

M = TypeVar("M", bound=models.Model)


class OfMarketQuerySet(models.QuerySet[M]):
    """Rows that belong to a market by ``market``; read by whoever reads that market's figures."""

    def visible_to(self, user: object) -> Self:
        """Keep the rows of markets whose figures ``user`` may read."""
        reach = reach_of(user)
        return self if reach.everything else self.filter(market__unit_id__in=reach.units)


class Box(models.Model):
    """One machine that counts. Its key is known as a hash only; ``instance`` tells two machines with one key apart.

    ``instance`` is made anew by each spool folder; a batch of another instance while this one was heard from
    recently marks ``conflict_at``.
    """

    key = models.SlugField(_("Mã máy"), max_length=60, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên máy"), max_length=150)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị quản lý")
    )
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    instance = models.CharField(max_length=40, blank=True, editable=False)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    conflict_at = models.DateTimeField(null=True, blank=True, editable=False)
    clock_offset_s = models.FloatField(default=0, editable=False)
    status = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("Máy đếm")
        verbose_name_plural = _("Máy đếm")

    def __str__(self) -> str:
        return self.name


class Camera(models.Model):
    """One camera of a market. ``sealed_sources``: its addresses, encrypted, best (sub-stream) first."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="cameras")
    box = models.ForeignKey(
        Box,
        on_delete=models.PROTECT,
        related_name="cameras",
        null=True,
        blank=True,
        verbose_name=_("Máy đếm"),
    )
    key = models.SlugField(_("Mã camera"), max_length=60, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên camera"), max_length=150)
    place = models.CharField(_("Vị trí lắp"), max_length=200, blank=True)
    sealed_sources = models.TextField(blank=True, editable=False)
    model = models.CharField(_("Mô hình nhận người"), max_length=60, blank=True)
    fps = models.DecimalField(_("Số hình mỗi giây"), max_digits=4, decimal_places=1, default=5)
    active = models.BooleanField(_("Đang dùng"), default=True)
    # What the law asks for before anybody is recorded (Law 91/2025/QH15, art. 32)
    purpose = models.CharField(_("Mục đích ghi hình"), max_length=300, blank=True)
    sign_text = models.TextField(_("Nội dung bảng thông báo"), blank=True)
    sign_placed_on = models.DateField(_("Ngày treo bảng"), null=True, blank=True)
    controller = models.CharField(_("Đơn vị chịu trách nhiệm"), max_length=200, blank=True)
    contact = models.CharField(_("Liên hệ"), max_length=200, blank=True)
    slit_scan_days = models.PositiveSmallIntegerField(_("Giữ ảnh vệt (ngày)"), default=30)
    frame_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    frame_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    last_minute_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=12, blank=True, editable=False)  # "", or a HealthKind that holds now

    objects = OfMarketQuerySet["Camera"].as_manager()

    class Meta:
        ordering = ("market", "name")
        verbose_name = _("Camera")
        verbose_name_plural = _("Camera")

    def __str__(self) -> str:
        return self.name


class Layout(models.Model):
    """What is drawn on one camera's picture, from one moment to the next: a moved line never rewrites the past.

    ``drawing`` is the JSON form of :mod:`khcn.engines.vision.layout`, whose ids are the keys of gates and zones.
    """

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="layouts")
    version = models.PositiveIntegerField()
    drawing = models.JSONField(default=dict)
    frame_width = models.PositiveIntegerField()
    frame_height = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)  # not included
    made_by = models.ForeignKey(
        "orgs.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("Vì sao vẽ lại"), max_length=300, blank=True)

    class Meta:
        ordering = ("camera", "-version")
        verbose_name = _("Bản vẽ")
        verbose_name_plural = _("Bản vẽ")
        constraints = [
            models.UniqueConstraint(fields=("camera", "version"), name="markets_layout_version"),
            models.UniqueConstraint(
                fields=("camera",), condition=Q(valid_to__isnull=True), name="markets_layout_one_in_force"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="markets_layout_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera} v{self.version}"


class Gate(models.Model):
    """A line that visitors walk through; its history outlives the line's place in the picture."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="gates")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="gates")
    key = models.SlugField(_("Mã vạch"), max_length=60, validators=[KEY_CHECK])
    name = models.CharField(_("Tên cửa"), max_length=150)
    is_entrance = models.BooleanField(
        _("Là cửa ra vào chợ"), default=True, help_text=_("Chỉ cửa ra vào được cộng vào số khách của chợ.")
    )
    active = models.BooleanField(_("Đang dùng"), default=True)

    objects = OfMarketQuerySet["Gate"].as_manager()

    class Meta:
        ordering = ("market", "name")
        verbose_name = _("Cửa")
        verbose_name_plural = _("Cửa")
        constraints = [models.UniqueConstraint(fields=("camera", "key"), name="markets_gate_key")]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """A piece of the floor; ``parties``: the stalls of the register that lie in it."""

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="zones")
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="zones")
    key = models.SlugField(_("Mã khu"), max_length=60, validators=[KEY_CHECK])
    name = models.CharField(_("Tên khu"), max_length=150)
    kind = models.CharField(_("Loại"), max_length=8, choices=ZoneKind, default=ZoneKind.AREA)
    capacity = models.PositiveIntegerField(_("Sức chứa (người)"), null=True, blank=True)
    parties = models.ManyToManyField("orgs.Party", blank=True, related_name="+", verbose_name=_("Quầy, sạp"))
    active = models.BooleanField(_("Đang dùng"), default=True)

    objects = OfMarketQuerySet["Zone"].as_manager()

    class Meta:
        ordering = ("market", "name")
        verbose_name = _("Khu")
        verbose_name_plural = _("Khu")
        constraints = [models.UniqueConstraint(fields=("camera", "key"), name="markets_zone_key")]

    def __str__(self) -> str:
        return self.name
