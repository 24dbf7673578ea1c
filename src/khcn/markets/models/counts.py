"""Counts. One row holds an hour with its sixty minutes packed; days of a market are derived from hours.

Three years of minutes of forty gates are 63 million points; packed by the hour they are one million rows, which both
databases carry without partitions. ``minutes`` is packed by :mod:`khcn.markets.rules.packing`; the columns beside it
are its sums. A minute that was not measured is absent there: it is never a zero. ``hour`` and ``day`` are the
beginning of the hour in UTC, and the local day.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.markets.models.cameras import Box, Camera, Gate, OfMarketQuerySet, Zone
from khcn.markets.models.venues import Market


class GateHour(models.Model):
    """Crossings of one gate in one hour."""

    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()
    count_in = models.PositiveIntegerField(default=0)
    count_out = models.PositiveIntegerField(default=0)
    measured_s = models.FloatField(default=0)
    layout = models.PositiveIntegerField(default=0)
    minutes = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("Giờ đếm của cửa")
        verbose_name_plural = _("Giờ đếm của cửa")
        constraints = [models.UniqueConstraint(fields=("gate", "hour"), name="markets_gatehour_once")]
        indexes = [models.Index(fields=("hour",), name="markets_gatehour_hour")]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.hour:%Y-%m-%d %H}"


class ZoneHour(models.Model):
    """Presence in one zone in one hour. ``stays``: finished stays by length (bins of the vision engine)."""

    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()
    person_s = models.FloatField(default=0)
    entries = models.PositiveIntegerField(default=0)
    peak = models.PositiveIntegerField(default=0)
    measured_s = models.FloatField(default=0)
    stays = models.JSONField(default=list)
    layout = models.PositiveIntegerField(default=0)
    minutes = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("Giờ đếm của khu")
        verbose_name_plural = _("Giờ đếm của khu")
        constraints = [models.UniqueConstraint(fields=("zone", "hour"), name="markets_zonehour_once")]
        indexes = [models.Index(fields=("hour",), name="markets_zonehour_hour")]

    def __str__(self) -> str:
        return f"{self.zone_id} {self.hour:%Y-%m-%d %H}"


class CameraHour(models.Model):
    """Presence in one camera's picture in one hour, and how much of the hour was measured.

    ``heat``: seconds of presence by cell "column,row" of a 32 x 18 grid; ``lost``: seconds not measured by reason.
    """

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="hours")
    hour = models.DateTimeField()
    person_s = models.FloatField(default=0)
    peak = models.PositiveIntegerField(default=0)
    measured_s = models.FloatField(default=0)
    heat = models.JSONField(default=dict)
    lost = models.JSONField(default=dict)
    minutes = models.BinaryField(default=bytes)

    class Meta:
        verbose_name = _("Giờ đo của camera")
        verbose_name_plural = _("Giờ đo của camera")
        constraints = [models.UniqueConstraint(fields=("camera", "hour"), name="markets_camerahour_once")]
        indexes = [models.Index(fields=("hour",), name="markets_camerahour_hour")]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.hour:%Y-%m-%d %H}"


class MarketHour(models.Model):
    """Visitors of a market in one hour: the sum over its entrances. Derived; made anew when an hour changes.

    ``completeness``: share of the hour x entrances that was measured, 0 to 1. ``occupancy``: people inside on average
    after the nightly rebalancing, empty when it cannot be known. An hour in which nothing was measured has no row.
    """

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="visitor_hours")
    hour = models.DateTimeField()
    day = models.DateField()
    local_hour = models.PositiveSmallIntegerField()
    count_in = models.PositiveIntegerField(default=0)
    count_out = models.PositiveIntegerField(default=0)
    completeness = models.FloatField(default=0)
    occupancy = models.FloatField(null=True, blank=True)
    occupancy_peak = models.FloatField(null=True, blank=True)

    objects = OfMarketQuerySet["MarketHour"].as_manager()

    class Meta:
        verbose_name = _("Giờ của chợ")
        verbose_name_plural = _("Giờ của chợ")
        constraints = [models.UniqueConstraint(fields=("market", "hour"), name="markets_markethour_once")]
        indexes = [models.Index(fields=("market", "day"), name="markets_markethour_day")]

    def __str__(self) -> str:
        return f"{self.market_id} {self.hour:%Y-%m-%d %H}"


class MarketDay(models.Model):
    """Visitors of a market on one local day. Derived from its hours.

    ``drift``: in minus out at closing, before rebalancing; a figure of quality.
    """

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="visitor_days")
    day = models.DateField()
    count_in = models.PositiveIntegerField(default=0)
    count_out = models.PositiveIntegerField(default=0)
    completeness = models.FloatField(default=0)
    occupancy_peak = models.FloatField(null=True, blank=True)
    busiest_hour = models.PositiveSmallIntegerField(null=True, blank=True)
    drift = models.IntegerField(default=0)
    rebalanced_at = models.DateTimeField(null=True, blank=True)

    objects = OfMarketQuerySet["MarketDay"].as_manager()

    class Meta:
        verbose_name = _("Ngày của chợ")
        verbose_name_plural = _("Ngày của chợ")
        constraints = [models.UniqueConstraint(fields=("market", "day"), name="markets_marketday_once")]

    def __str__(self) -> str:
        return f"{self.market_id} {self.day:%Y-%m-%d}"


class Batch(models.Model):
    """One batch that a box has sent: known by its number, so that sending twice changes nothing.

    ``notes``: what was odd, by code; ``set_aside``: the parts of minutes (wire form) whose camera, gate or zone is not
    known here: they are taken in when it is, so that a gate that was registered late loses nothing.
    """

    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="batches")
    instance = models.CharField(max_length=40)
    seq = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    minutes = models.PositiveIntegerField(default=0)
    first_minute = models.DateTimeField(null=True, blank=True)
    last_minute = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    notes = models.JSONField(default=list, blank=True)
    set_aside = models.JSONField(default=list, blank=True)
    has_set_aside = models.BooleanField(default=False)

    class Meta:
        ordering = ("-received_at",)
        verbose_name = _("Lô số liệu")
        verbose_name_plural = _("Lô số liệu")
        constraints = [models.UniqueConstraint(fields=("box", "instance", "seq"), name="markets_batch_once")]
        indexes = [
            models.Index(fields=("received_at",), name="markets_batch_received"),
            models.Index(fields=("box",), condition=Q(has_set_aside=True), name="markets_batch_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.box_id} {self.seq}"


class DirtyHour(models.Model):
    """An hour of a market whose derived rows are to be made anew; removed when that is done."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="+")
    hour = models.DateTimeField()

    class Meta:
        verbose_name = _("Giờ cần tính lại")
        verbose_name_plural = _("Giờ cần tính lại")
        constraints = [models.UniqueConstraint(fields=("market", "hour"), name="markets_dirtyhour_once")]

    def __str__(self) -> str:
        return f"{self.market_id} {self.hour:%Y-%m-%d %H}"
