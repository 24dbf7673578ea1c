"""Collectors, devices and their channels: what measures, how it is reached, what it said last."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import DeviceKind, Driver, MeterRole, TestState
from khcn.energy.models.sites import KEY_CHECK, OfSiteQuerySet, Site, System
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order


class Collector(models.Model):
    """A machine at a site that reads devices and sends what they say. ``token_hash`` of its token, shown once."""

    key = models.SlugField(_("Mã máy thu thập"), max_length=60, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên máy"), max_length=150)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    instance = models.CharField(max_length=40, blank=True, editable=False)
    status = models.JSONField(default=dict, blank=True, editable=False)
    heard_at = models.DateTimeField(_("Nghe lần cuối"), null=True, blank=True, editable=False)
    clock_skew_s = models.FloatField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(_("Đang dùng"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("Máy thu thập")
        verbose_name_plural = _("Máy thu thập")

    def __str__(self) -> str:
        return self.name


class Device(Dated):
    """One meter, inverter or sensor. ``address_sealed``: where it is and its secrets, sealed (``core.secrets``)."""

    key = models.SlugField(_("Mã thiết bị"), max_length=80, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên thiết bị"), max_length=150)
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="devices", verbose_name=_("Công trình")
    )
    system = models.ForeignKey(
        System,
        on_delete=models.PROTECT,
        related_name="devices",
        null=True,
        blank=True,
        verbose_name=_("Hệ thống"),
    )
    kind = models.CharField(_("Loại"), max_length=10, choices=DeviceKind)
    role = models.CharField(_("Đo gì"), max_length=10, choices=MeterRole, default=MeterRole.NONE)
    driver = models.CharField(_("Cách kết nối"), max_length=8, choices=Driver)
    template = models.CharField(_("Mẫu thiết bị"), max_length=60, blank=True)
    address_sealed = models.TextField(blank=True, editable=False)
    options = models.JSONField(default=dict, blank=True)
    rated_kw = models.DecimalField(
        _("Công suất định mức (kW)"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    kwp = models.DecimalField(
        _("Công suất tấm pin nối vào (kWp)"), max_digits=9, decimal_places=3, null=True, blank=True
    )
    serial = models.CharField(_("Số sê-ri"), max_length=80, blank=True)
    poll_s = models.PositiveIntegerField(_("Đọc mỗi (giây)"), default=60)
    collector = models.ForeignKey(
        Collector, on_delete=models.SET_NULL, related_name="devices", null=True, blank=True,
        verbose_name=_("Máy thu thập"),
    )  # fmt: skip
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    heard_at = models.DateTimeField(null=True, blank=True, editable=False)
    trouble = models.CharField(max_length=40, blank=True, editable=False)
    trouble_params = models.JSONField(default=dict, blank=True, editable=False)
    trouble_since = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OfSiteQuerySet["Device"].as_manager()

    class Meta:
        ordering = ("site", "name")
        verbose_name = _("Thiết bị")
        verbose_name_plural = _("Thiết bị")
        constraints = [dates_in_order("energy_device_dates_in_order")]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """One series of a device, and its latest value. Limits left empty come from the metric or the device's rating.

    ``raw_from``: raw readings before this moment were removed by the retention; what was derived of them stays.
    """

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="channels")
    metric = models.CharField(_("Đại lượng"), max_length=60)
    resolution = models.FloatField(_("Bước nhỏ nhất (kWh)"), default=0.01)
    modulus = models.FloatField(_("Quay về 0 ở (kWh)"), null=True, blank=True)
    lowest = models.FloatField(_("Thấp nhất hợp lý"), null=True, blank=True)
    highest = models.FloatField(_("Cao nhất hợp lý"), null=True, blank=True)
    counts = models.BooleanField(_("Tính vào số liệu của công trình"), default=True)
    last_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_value = models.FloatField(null=True, blank=True, editable=False)
    raw_from = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DatedQuerySet["Channel"].as_manager()

    class Meta:
        ordering = ("device", "metric")
        verbose_name = _("Kênh đo")
        verbose_name_plural = _("Kênh đo")
        constraints = [models.UniqueConstraint(fields=("device", "metric"), name="energy_channel_once")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.metric}"


class MeterReplacement(models.Model):
    """A meter was changed: from ``at`` the channel counts anew. Written by a person, kept for ever."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="replacements")
    at = models.DateTimeField(_("Thay lúc"))
    old_value = models.FloatField(_("Chỉ số cuối của công tơ cũ (kWh)"), null=True, blank=True)
    new_value = models.FloatField(_("Chỉ số đầu của công tơ mới (kWh)"), null=True, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    class Meta:
        ordering = ("channel", "at")
        verbose_name = _("Lần thay công tơ")
        verbose_name_plural = _("Lần thay công tơ")
        constraints = [models.UniqueConstraint(fields=("channel", "at"), name="energy_replacement_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.at:%Y-%m-%d %H:%M}"


class ConnectionTest(models.Model):
    """One try to reach a device, from this machine or through a collector. ``spec_sealed`` as ``Device.address_sealed``."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="tests", null=True, blank=True)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    collector = models.ForeignKey(
        Collector, on_delete=models.CASCADE, related_name="tests", null=True, blank=True
    )
    spec_sealed = models.TextField(editable=False)
    state = models.CharField(max_length=8, choices=TestState, default=TestState.ASKED)
    result = models.JSONField(default=dict, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = OfSiteQuerySet["ConnectionTest"].as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("Lần thử kết nối")
        verbose_name_plural = _("Lần thử kết nối")

    def __str__(self) -> str:
        return f"{self.state} {self.asked_at:%Y-%m-%d %H:%M}"
