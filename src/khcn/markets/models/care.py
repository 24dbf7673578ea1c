"""Looking after counts: camera trouble, alerts, reviews of gates, clips, stills and who looked at a picture."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.markets.enums import AlertKind, AlertState, ClipState, HealthKind, ReviewSource
from khcn.markets.models.cameras import Box, Camera, Gate, OfMarketQuerySet, Zone
from khcn.markets.models.venues import Market


class CameraTrouble(models.Model):
    """A span in which a camera could not be trusted; its counts of that span are not measured."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="troubles")
    kind = models.CharField(_("Loại"), max_length=12, choices=HealthKind)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("Sự cố camera")
        verbose_name_plural = _("Sự cố camera")
        constraints = [
            models.UniqueConstraint(fields=("camera", "kind", "started_at"), name="markets_trouble_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="markets_trouble_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class Alert(models.Model):
    """Something the people of a market are told at once. ``thing``: what it is about, as one word ("zone:7")."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(_("Loại"), max_length=10, choices=AlertKind)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    box = models.ForeignKey(Box, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    thing = models.CharField(max_length=40, blank=True, editable=False)
    state = models.CharField(max_length=5, choices=AlertState, default=AlertState.OPEN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    limit = models.FloatField(null=True, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OfMarketQuerySet["Alert"].as_manager()

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("Cảnh báo")
        verbose_name_plural = _("Cảnh báo")
        indexes = [models.Index(fields=("market", "state"), name="markets_alert_state")]
        constraints = [
            models.UniqueConstraint(
                fields=("market", "kind", "thing"),
                condition=Q(ended_at__isnull=True) & ~Q(thing=""),
                name="markets_alert_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"


class SlitScan(models.Model):
    """The slit-scan of one gate and hour: the only picture of a live camera that reaches the disk, for some days.

    ``name``: file name below the private folder ``slit-scans``; empty once deleted.
    """

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="slit_scans")
    hour = models.DateTimeField()
    name = models.CharField(max_length=200, blank=True)
    columns_per_s = models.FloatField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-hour",)
        verbose_name = _("Ảnh vệt")
        verbose_name_plural = _("Ảnh vệt")
        constraints = [models.UniqueConstraint(fields=("gate", "hour"), name="markets_slitscan_once")]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.hour:%Y-%m-%d %H}"


class GateReview(models.Model):
    """A person's count of one gate over a span, beside the system's: from these the measured error comes."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="reviews")
    source = models.CharField(_("Cách đếm"), max_length=10, choices=ReviewSource)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    true_in = models.PositiveIntegerField()
    true_out = models.PositiveIntegerField()
    system_in = models.PositiveIntegerField()
    system_out = models.PositiveIntegerField()
    layout = models.PositiveIntegerField(default=0)
    model = models.CharField(max_length=60, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-started_at",)
        verbose_name = _("Lần kiểm đếm")
        verbose_name_plural = _("Lần kiểm đếm")
        constraints = [
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="markets_review_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} {self.started_at:%Y-%m-%d %H:%M}"


class Clip(models.Model):
    """An uploaded recording: private, deleted after analysis, a day at most. ``result``: numbers only."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="clips")
    state = models.CharField(max_length=8, choices=ClipState, default=ClipState.WAITING)
    name = models.CharField(
        max_length=200, blank=True
    )  # file below the private folder "clips"; empty once deleted
    title = models.CharField(max_length=200, blank=True)
    drawing = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    message = models.CharField(max_length=500, blank=True)
    job_id = models.PositiveBigIntegerField(null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    delete_by = models.DateTimeField()

    class Meta:
        ordering = ("-uploaded_at",)
        verbose_name = _("Đoạn ghi hình thử")
        verbose_name_plural = _("Đoạn ghi hình thử")

    def __str__(self) -> str:
        return f"{self.camera_id} {self.uploaded_at:%Y-%m-%d %H:%M}"


class Still(models.Model):
    """The set-up still: a median background with nobody visible, blurred. One a camera."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="still")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Ảnh nền để vẽ")
        verbose_name_plural = _("Ảnh nền để vẽ")

    def __str__(self) -> str:
        return f"{self.camera_id} {self.made_at:%Y-%m-%d %H:%M}"


class PreviewGrant(models.Model):
    """The time-limited leave to look at one camera's blurred picture, with its reason; every look is audited."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="preview_grants")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("Lý do xem"), max_length=300)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    looks = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-granted_at",)
        verbose_name = _("Lượt được xem ảnh")
        verbose_name_plural = _("Lượt được xem ảnh")

    def __str__(self) -> str:
        return f"{self.camera_id} {self.person_id} {self.granted_at:%Y-%m-%d %H:%M}"
