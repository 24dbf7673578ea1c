"""Sites, their roofs and systems, and the contracts by which they buy electricity."""

from datetime import date
from typing import Self, TypeVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.energy.enums import BuildingKind, GridKind, Mounting, PriceGroup, Voltage
from khcn.energy.permissions import reach_of
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order

KEY_CHECK = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Mã chỉ gồm chữ thường không dấu, số và dấu gạch nối."))
M = TypeVar("M", bound=models.Model)


class SiteQuerySet(DatedQuerySet["Site"]):
    """Sites by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep the sites whose full figures ``user`` may read; none for the public (see ``listed``)."""
        reach = reach_of(user, on)
        return self if reach.everything else self.filter(unit_id__in=reach.units)

    def listed(self) -> Self:
        """Keep the sites whose totals are published."""
        return self.filter(is_public=True)


class OfSiteQuerySet(DatedQuerySet[M]):
    """Rows with a ``site``; ``visible_to`` follows the site's unit."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep the rows of sites whose figures ``user`` may read."""
        reach = reach_of(user, on)
        return self if reach.everything else self.filter(site__unit_id__in=reach.units)


class Site(Dated):
    """One building or compound of a unit with its own connection to the grid."""

    key = models.SlugField(_("Mã địa chỉ"), max_length=60, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên công trình"), max_length=150)
    sort_key = SortKeyField()
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    kind = models.CharField(_("Loại công trình"), max_length=14, choices=BuildingKind)
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    latitude = models.DecimalField(_("Vĩ độ"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("Kinh độ"), max_digits=8, decimal_places=5, null=True, blank=True)
    altitude_m = models.FloatField(_("Độ cao (m)"), null=True, blank=True)
    zone = models.CharField(_("Múi giờ"), max_length=60, default="Asia/Ho_Chi_Minh")
    floor_area_m2 = models.DecimalField(
        _("Diện tích sàn (m²)"), max_digits=9, decimal_places=1, null=True, blank=True,
        validators=[MinValueValidator(1)],
    )  # fmt: skip
    people = models.PositiveIntegerField(_("Số người sử dụng"), null=True, blank=True)
    is_public = models.BooleanField(_("Công bố số liệu"), default=False)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "name")
        verbose_name = _("Công trình")
        verbose_name_plural = _("Công trình")
        constraints = [dates_in_order("energy_site_dates_in_order")]

    def __str__(self) -> str:
        return self.name


class Roof(models.Model):
    """One roof face. Azimuth: degrees clockwise from north (180 is south)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="roofs")
    name = models.CharField(_("Tên mái"), max_length=100)
    area_m2 = models.DecimalField(_("Diện tích (m²)"), max_digits=8, decimal_places=1)
    usable_percent = models.PositiveSmallIntegerField(
        _("Phần lắp được (%)"), default=70, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    tilt_deg = models.FloatField(
        _("Độ dốc (độ)"), default=10, validators=[MinValueValidator(0), MaxValueValidator(90)]
    )
    azimuth_deg = models.FloatField(
        _("Hướng (độ, từ hướng bắc theo chiều kim đồng hồ)"), default=180,
        validators=[MinValueValidator(0), MaxValueValidator(360)],
    )  # fmt: skip
    shading_percent = models.FloatField(
        _("Bị che bóng (%)"), default=0, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    mounting = models.CharField(_("Cách lắp"), max_length=6, choices=Mounting, default=Mounting.ROOF)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    objects = OfSiteQuerySet["Roof"].as_manager()

    class Meta:
        ordering = ("site", "name")
        verbose_name = _("Mái")
        verbose_name_plural = _("Mái")
        constraints = [models.UniqueConstraint(fields=("site", "name"), name="energy_roof_once")]

    def __str__(self) -> str:
        return self.name


class System(Dated):
    """One PV system; ``valid_from`` is the day it went into operation. ``kwp``: DC power at STC; ``ac_kw``: inverters."""

    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="systems", verbose_name=_("Công trình")
    )
    name = models.CharField(_("Tên hệ thống"), max_length=150)
    kwp = models.DecimalField(
        _("Công suất tấm pin (kWp)"), max_digits=9, decimal_places=3, validators=[MinValueValidator(0)]
    )
    ac_kw = models.DecimalField(
        _("Công suất biến tần (kW)"), max_digits=9, decimal_places=3, validators=[MinValueValidator(0)]
    )
    battery_kwh = models.DecimalField(_("Pin lưu trữ (kWh)"), max_digits=9, decimal_places=2, default=0)
    grid = models.CharField(_("Đấu nối"), max_length=14, choices=GridKind, default=GridKind.WITHOUT_SALE)
    notified_on = models.DateField(_("Ngày thông báo phát triển"), null=True, blank=True)
    price_vnd = models.DecimalField(
        _("Giá trị đầu tư (đồng)"), max_digits=14, decimal_places=0, null=True, blank=True
    )
    temperature_coefficient = models.FloatField(
        _("Hệ số nhiệt độ (%/°C)"),
        default=-0.35,
        help_text=_("Ghi trên nhãn tấm pin, thường từ -0,30 đến -0,45."),
    )
    losses_percent = models.FloatField(_("Tổn hao (%)"), default=14.0)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    objects = OfSiteQuerySet["System"].as_manager()

    class Meta:
        ordering = ("site", "name")
        verbose_name = _("Hệ thống điện mặt trời")
        verbose_name_plural = _("Hệ thống điện mặt trời")
        constraints = [
            models.UniqueConstraint(fields=("site", "name"), name="energy_system_once"),
            dates_in_order("energy_system_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.name


class SystemArray(models.Model):
    """Modules of a system that look the same way."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="arrays")
    roof = models.ForeignKey(Roof, on_delete=models.SET_NULL, null=True, blank=True, related_name="arrays")
    kwp = models.DecimalField(_("Công suất (kWp)"), max_digits=9, decimal_places=3)
    tilt_deg = models.FloatField(_("Độ dốc (độ)"), default=10)
    azimuth_deg = models.FloatField(_("Hướng (độ)"), default=180)
    mounting = models.CharField(_("Cách lắp"), max_length=6, choices=Mounting, default=Mounting.ROOF)

    class Meta:
        ordering = ("system", "pk")
        verbose_name = _("Dàn pin")
        verbose_name_plural = _("Dàn pin")

    def __str__(self) -> str:
        return f"{self.kwp} kWp {self.tilt_deg:g}/{self.azimuth_deg:g}"


class Contract(Dated):
    """A contract with the electricity seller: one customer code (PE...)."""

    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("Công trình")
    )
    customer_code = models.CharField(_("Mã khách hàng"), max_length=20, unique=True)
    supplier = models.CharField(_("Bên bán điện"), max_length=150, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=300, blank=True)

    objects = OfSiteQuerySet["Contract"].as_manager()

    class Meta:
        ordering = ("site", "customer_code")
        verbose_name = _("Hợp đồng mua điện")
        verbose_name_plural = _("Hợp đồng mua điện")
        constraints = [dates_in_order("energy_contract_dates_in_order")]

    def __str__(self) -> str:
        return self.customer_code


class TariffAssignment(Dated):
    """By which group and voltage a contract is billed, from one day to another."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="tariffs")
    group = models.CharField(_("Nhóm khách hàng"), max_length=14, choices=PriceGroup)
    voltage = models.CharField(_("Cấp điện áp"), max_length=10, choices=Voltage)
    time_of_use = models.BooleanField(_("Theo thời điểm sử dụng"), default=False)

    objects = DatedQuerySet["TariffAssignment"].as_manager()

    class Meta:
        ordering = ("contract", "valid_from")
        verbose_name = _("Nhóm giá áp dụng")
        verbose_name_plural = _("Nhóm giá áp dụng")
        constraints = [
            models.UniqueConstraint(fields=("contract", "valid_from"), name="energy_tariff_once_a_day"),
            dates_in_order("energy_tariff_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()} {self.get_voltage_display()}"
