"""Readings and what is derived from them.

Readings are immutable: a row holds an hour of one channel, and services only add to it. Intervals of 15 minutes are
packed by local day, with their sums beside: 157 sites x 60 series x a year are 3.4 million rows instead of 330 million.
Packing: :mod:`khcn.energy.rules.packing`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.energy.models.devices import Channel, Collector, Device
from khcn.energy.models.sites import OfSiteQuerySet, Site, System


class Batch(models.Model):
    """One delivery, once per (source, instance, seq). ``source``: ``collector:<key>``, ``device:<key>`` or ``import:<key>``."""

    source = models.CharField(max_length=100)
    instance = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    received_at = models.DateTimeField()
    readings = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    set_aside = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)
        verbose_name = _("Gói số liệu")
        verbose_name_plural = _("Gói số liệu")
        constraints = [
            models.UniqueConstraint(fields=("source", "instance", "seq"), name="energy_batch_once")
        ]
        indexes = [models.Index(fields=("received_at",), name="energy_batch_received")]

    def __str__(self) -> str:
        return f"{self.source} {self.seq}"


class ReadingHour(models.Model):
    """Readings of one channel in one hour (UTC), packed with time, value, problem code and batch of each."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()
    readings = models.PositiveIntegerField(default=0)
    packed = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("Giờ số đọc")
        verbose_name_plural = _("Giờ số đọc")
        constraints = [models.UniqueConstraint(fields=("channel", "hour"), name="energy_readinghour_once")]
        indexes = [models.Index(fields=("hour",), name="energy_readinghour_hour")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.hour:%Y-%m-%d %H}"


class SetAside(models.Model):
    """What could not be taken in, kept as it came, with the reason; a person sees it on the data-quality page."""

    source = models.CharField(max_length=100)
    collector = models.ForeignKey(
        Collector, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    device = models.ForeignKey(Device, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField()
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    raw = models.TextField(blank=True)
    readings = models.PositiveIntegerField(default=1)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-pk")
        verbose_name = _("Số liệu để riêng")
        verbose_name_plural = _("Số liệu để riêng")
        indexes = [models.Index(fields=("device", "received_at"), name="energy_setaside_device")]

    def __str__(self) -> str:
        return f"{self.code} {self.received_at:%Y-%m-%d %H:%M}"


class Touched(models.Model):
    """A window of a channel that must be derived anew."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="touched")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("Khoảng cần tính lại")
        verbose_name_plural = _("Khoảng cần tính lại")

    def __str__(self) -> str:
        return f"{self.channel_id} {self.starts_at:%Y-%m-%d %H:%M}"


class IntervalDay(models.Model):
    """The intervals of one channel on one local day. Derived.

    ``total``: kWh of the day (mean for gauges), empty when nothing is known; ``measured``/``expected``: intervals;
    ``flags``: number of intervals by quality bit; ``peak_kw``: highest mean power of an interval.
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="days")
    day = models.DateField()
    total = models.FloatField(null=True)
    peak_kw = models.FloatField(null=True)
    measured = models.PositiveSmallIntegerField(default=0)
    expected = models.PositiveSmallIntegerField(default=96)
    flags = models.JSONField(default=dict)
    packed = models.BinaryField(default=bytes)
    derived_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Ngày của kênh đo")
        verbose_name_plural = _("Ngày của kênh đo")
        constraints = [models.UniqueConstraint(fields=("channel", "day"), name="energy_intervalday_once")]
        indexes = [models.Index(fields=("day",), name="energy_intervalday_day")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class QualityEvent(models.Model):
    """Something the interval engine noticed: a reset, a jump, a clock that was wrong. ``code`` has its sentence there."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="events")
    code = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    params = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        verbose_name = _("Ghi nhận về số liệu")
        verbose_name_plural = _("Ghi nhận về số liệu")
        constraints = [
            models.UniqueConstraint(fields=("channel", "code", "starts_at"), name="energy_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.starts_at:%Y-%m-%d %H:%M}"


class Figures(models.Model):
    """Figures of one local day. Energies kWh, money VND, empty when not known. ``versions``: rows of the tables used."""

    day = models.DateField()
    production_kwh = models.FloatField(null=True)
    expected_kwh = models.FloatField(null=True)
    poa_kwh_m2 = models.FloatField(null=True)
    poa_measured = models.BooleanField(default=False)
    lost_kwh = models.FloatField(null=True)
    availability = models.FloatField(null=True)
    completeness = models.FloatField(default=0)
    peak_kw = models.FloatField(null=True)
    versions = models.JSONField(default=dict)
    derived_at = models.DateTimeField()

    class Meta:
        abstract = True


class SystemDay(Figures):
    """One system on one local day. Derived."""

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="days")

    class Meta:
        verbose_name = _("Ngày của hệ thống")
        verbose_name_plural = _("Ngày của hệ thống")
        constraints = [models.UniqueConstraint(fields=("system", "day"), name="energy_systemday_once")]

    def __str__(self) -> str:
        return f"{self.system_id} {self.day}"


class SiteDay(Figures):
    """One site on one local day. Derived. Money is of the tariff of that day and is never priced anew by a later one."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="days")
    import_kwh = models.FloatField(null=True)
    export_kwh = models.FloatField(null=True)
    load_kwh = models.FloatField(null=True)
    self_consumed_kwh = models.FloatField(null=True)
    savings_vnd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    surplus_vnd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    cost_vnd = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    co2_kg = models.FloatField(null=True)

    objects = OfSiteQuerySet["SiteDay"].as_manager()

    class Meta:
        verbose_name = _("Ngày của công trình")
        verbose_name_plural = _("Ngày của công trình")
        constraints = [models.UniqueConstraint(fields=("site", "day"), name="energy_siteday_once")]
        indexes = [models.Index(fields=("day",), name="energy_siteday_day")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.day}"


class SiteMonth(models.Model):
    """Sums of a site's days in one month (``month``: its first day), so that an overview reads few rows. Derived."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="months")
    month = models.DateField()
    figures = models.JSONField(default=dict)
    production_kwh = models.FloatField(null=True)
    savings_vnd = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    co2_kg = models.FloatField(null=True)
    completeness = models.FloatField(default=0)
    derived_at = models.DateTimeField()

    objects = OfSiteQuerySet["SiteMonth"].as_manager()

    class Meta:
        verbose_name = _("Tháng của công trình")
        verbose_name_plural = _("Tháng của công trình")
        constraints = [models.UniqueConstraint(fields=("site", "month"), name="energy_sitemonth_once")]
        indexes = [models.Index(fields=("month",), name="energy_sitemonth_month")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.month:%Y-%m}"


class KpiRecord(models.Model):
    """A key figure as it was computed: value, definition, inputs, versions of the tables, completeness. Never overwritten:
    computing it again with other inputs or tables makes a new ``version``.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="kpis")
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="kpis", null=True, blank=True)
    key = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    value = models.FloatField(null=True)
    unit = models.CharField(max_length=20, blank=True)
    inputs = models.JSONField(default=dict)
    versions = models.JSONField(default=dict)
    completeness = models.FloatField(null=True)
    definition = models.CharField(max_length=60)
    note = models.CharField(max_length=60, blank=True)
    computed_at = models.DateTimeField()

    objects = OfSiteQuerySet["KpiRecord"].as_manager()

    class Meta:
        ordering = ("-ends_on", "key", "-version")
        verbose_name = _("Chỉ số")
        verbose_name_plural = _("Chỉ số")
        constraints = [
            models.UniqueConstraint(
                fields=("site", "key", "starts_on", "ends_on", "version"),
                condition=models.Q(system__isnull=True),
                name="energy_kpi_site_once",
            ),
            models.UniqueConstraint(
                fields=("system", "key", "starts_on", "ends_on", "version"),
                condition=models.Q(system__isnull=False),
                name="energy_kpi_system_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.starts_on} - {self.ends_on}"
