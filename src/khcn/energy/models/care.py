"""Faults that were found, and the bills and baselines against which savings are proved."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import OPEN_FINDINGS, BillSource, FindingState
from khcn.energy.models.devices import Device
from khcn.energy.models.sites import Contract, OfSiteQuerySet, Site, System


class FindingQuerySet(OfSiteQuerySet["Finding"]):
    """Faults by state."""

    def unsettled(self) -> "FindingQuerySet":
        """Keep what somebody still has to do something about."""
        return self.filter(state__in=OPEN_FINDINGS)


class Finding(models.Model):
    """One fault. ``identity``: the engine's name of it, so that the next survey continues it; ``ongoing``: not over."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="findings")
    system = models.ForeignKey(
        System, on_delete=models.SET_NULL, related_name="findings", null=True, blank=True
    )
    device = models.ForeignKey(
        Device, on_delete=models.SET_NULL, related_name="findings", null=True, blank=True
    )
    identity = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ongoing = models.BooleanField(default=True)
    loss_kwh = models.FloatField(null=True)
    loss_vnd = models.DecimalField(max_digits=14, decimal_places=0, null=True)
    evidence = models.JSONField(default=dict)
    state = models.CharField(_("Trạng thái"), max_length=10, choices=FindingState, default=FindingState.NEW)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    over_told_at = models.DateTimeField(null=True, blank=True)  # since when those who were told know its end

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at",)
        verbose_name = _("Sự cố")
        verbose_name_plural = _("Sự cố")
        constraints = [models.UniqueConstraint(fields=("site", "identity"), name="energy_finding_once")]
        indexes = [models.Index(fields=("state", "site"), name="energy_finding_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d}"


class Bill(models.Model):
    """One electricity bill: both days are included; kWh by band; money VND."""

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="bills", verbose_name=_("Hợp đồng")
    )
    starts_on = models.DateField(_("Từ ngày"))
    ends_on = models.DateField(_("Đến hết ngày"))
    kwh_normal = models.DecimalField(
        _("kWh giờ bình thường, một giá"),
        max_digits=12,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    kwh_peak = models.DecimalField(
        _("kWh giờ cao điểm"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    kwh_off = models.DecimalField(
        _("kWh giờ thấp điểm"), max_digits=12, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    before_vat = models.DecimalField(
        _("Tiền trước thuế (đồng)"), max_digits=14, decimal_places=0, null=True, blank=True
    )
    vat = models.DecimalField(_("Tiền thuế (đồng)"), max_digits=14, decimal_places=0, null=True, blank=True)
    total = models.DecimalField(_("Tổng cộng (đồng)"), max_digits=14, decimal_places=0)
    source = models.CharField(max_length=6, choices=BillSource, default=BillSource.TYPED)
    raw = models.TextField(blank=True, editable=False)
    notes = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        ordering = ("contract", "-starts_on")
        verbose_name = _("Hóa đơn tiền điện")
        verbose_name_plural = _("Hóa đơn tiền điện")
        constraints = [
            models.UniqueConstraint(fields=("contract", "starts_on"), name="energy_bill_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="energy_bill_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.starts_on:%m/%Y}"


class Baseline(models.Model):
    """What a site would have used: fitted on bills before ``used_from``. ``model``: as the engine gave it, with its error."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="baselines")
    used_from = models.DateField(_("Dùng từ ngày"))
    model = models.JSONField(default=dict)
    fitted_at = models.DateTimeField()

    objects = OfSiteQuerySet["Baseline"].as_manager()

    class Meta:
        ordering = ("site", "-used_from")
        verbose_name = _("Mức tiêu thụ cơ sở")
        verbose_name_plural = _("Mức tiêu thụ cơ sở")
        constraints = [models.UniqueConstraint(fields=("site", "used_from"), name="energy_baseline_once")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.used_from}"
