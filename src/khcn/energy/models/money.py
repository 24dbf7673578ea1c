"""The five tables with dates: prices, hours, VAT, emission factors, surplus rules. Each row has source and certainty."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import Band, Certainty, PriceGroup, Voltage
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order


class Sourced(models.Model):
    """Where a row comes from and how sure it is."""

    document = models.CharField(_("Văn bản"), max_length=200)
    source = models.CharField(_("Nguồn đã đọc"), max_length=300, blank=True)
    certainty = models.CharField(_("Độ chắc chắn"), max_length=8, choices=Certainty, default=Certainty.MEMORY)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    class Meta:
        abstract = True


class PriceDecision(Sourced, Dated):
    """A decision on retail prices, with the average price from which its ratios are taken (VND/kWh without VAT)."""

    average_vnd = models.DecimalField(
        _("Giá bán lẻ bình quân (đồng/kWh)"),
        max_digits=10,
        decimal_places=4,
        validators=[MinValueValidator(1)],
    )

    objects = DatedQuerySet["PriceDecision"].as_manager()

    class Meta:
        ordering = ("-valid_from",)
        verbose_name = _("Quyết định giá điện")
        verbose_name_plural = _("Quyết định giá điện")
        constraints = [
            models.UniqueConstraint(fields=("document",), name="energy_decision_once"),
            models.UniqueConstraint(fields=("valid_from",), name="energy_decision_once_a_day"),
            dates_in_order("energy_decision_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.document


class Price(models.Model):
    """One price of a decision. ``ratio``: share of the average price that it must equal when rounded (empty: unknown)."""

    decision = models.ForeignKey(PriceDecision, on_delete=models.CASCADE, related_name="prices")
    group = models.CharField(_("Nhóm khách hàng"), max_length=14, choices=PriceGroup)
    voltage = models.CharField(_("Cấp điện áp"), max_length=10, choices=Voltage, blank=True)
    band = models.CharField(_("Giờ, bậc"), max_length=8, choices=Band)
    vnd_per_kwh = models.DecimalField(
        _("Giá (đồng/kWh)"), max_digits=9, decimal_places=2, validators=[MinValueValidator(0)]
    )
    ratio = models.DecimalField(_("Tỷ lệ"), max_digits=6, decimal_places=4, null=True, blank=True)
    up_to_kwh = models.PositiveIntegerField(_("Đến (kWh)"), null=True, blank=True)
    certainty = models.CharField(_("Độ chắc chắn"), max_length=8, choices=Certainty, default=Certainty.MEMORY)

    class Meta:
        ordering = ("decision", "group", "voltage", "band")
        verbose_name = _("Giá điện")
        verbose_name_plural = _("Giá điện")
        constraints = [
            models.UniqueConstraint(fields=("decision", "group", "voltage", "band"), name="energy_price_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()} {self.get_band_display()} {self.vnd_per_kwh}"


class TariffHours(Sourced, Dated):
    """Peak and off-peak spans. ``spans``: ``[{"band", "weekdays": [0..6], "from": "17:30", "to": "22:30"}]``; the rest is normal."""

    spans = models.JSONField(_("Khung giờ"), default=list)

    objects = DatedQuerySet["TariffHours"].as_manager()

    class Meta:
        ordering = ("-valid_from",)
        verbose_name = _("Khung giờ mua điện")
        verbose_name_plural = _("Khung giờ mua điện")
        constraints = [dates_in_order("energy_hours_dates_in_order")]

    def __str__(self) -> str:
        return self.document


class VatRate(Sourced, Dated):
    """Value-added tax on electricity, percent."""

    percent = models.DecimalField(
        _("Thuế suất (%)"), max_digits=5, decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip

    objects = DatedQuerySet["VatRate"].as_manager()

    class Meta:
        ordering = ("-valid_from",)
        verbose_name = _("Thuế giá trị gia tăng")
        verbose_name_plural = _("Thuế giá trị gia tăng")
        constraints = [dates_in_order("energy_vat_dates_in_order")]

    def __str__(self) -> str:
        return f"{self.percent} %"


class EmissionFactor(Sourced):
    """Grid emission factor of one data year, tCO2/MWh, and the reporting years for which it is used."""

    data_year = models.PositiveSmallIntegerField(_("Năm số liệu"))
    t_per_mwh = models.DecimalField(
        _("Hệ số (tCO₂/MWh)"), max_digits=7, decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(3)],
    )  # fmt: skip
    used_from_year = models.PositiveSmallIntegerField(_("Dùng cho báo cáo từ năm"))
    used_to_year = models.PositiveSmallIntegerField(_("đến hết năm"), null=True, blank=True)

    class Meta:
        ordering = ("-used_from_year", "-data_year")
        verbose_name = _("Hệ số phát thải lưới điện")
        verbose_name_plural = _("Hệ số phát thải lưới điện")
        constraints = [
            models.UniqueConstraint(fields=("data_year", "used_from_year"), name="energy_factor_once")
        ]

    def __str__(self) -> str:
        return f"{self.data_year}: {self.t_per_mwh}"


class SurplusRule(Sourced, Dated):
    """What may be sold of the surplus. ``most_percent``: of the output; ``public_allowed``: public assets may sell."""

    most_percent = models.DecimalField(
        _("Bán tối đa (% sản lượng)"), max_digits=5, decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    vnd_per_kwh = models.DecimalField(
        _("Giá mua điện dư (đồng/kWh)"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    public_allowed = models.BooleanField(_("Tài sản công được bán"), default=False)

    objects = DatedQuerySet["SurplusRule"].as_manager()

    class Meta:
        ordering = ("-valid_from",)
        verbose_name = _("Quy định điện dư")
        verbose_name_plural = _("Quy định điện dư")
        constraints = [dates_in_order("energy_surplus_dates_in_order")]

    def __str__(self) -> str:
        return self.document
