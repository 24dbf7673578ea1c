"""Communication work, and taking part in what others organise."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import Channel, EventKind, PartState
from khcn.plan.models.plans import Plan
from khcn.plan.permissions import acting


class Campaign(models.Model):
    """One campaign: what is told, to whom, with which kit. Units enter what they did for it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="campaigns", null=True, blank=True)
    task_code = models.CharField(_("Nhiệm vụ"), max_length=40, blank=True)
    title = models.CharField(_("Tên đợt tuyên truyền"), max_length=300)
    message = models.TextField(_("Nội dung tuyên truyền"), blank=True)
    kit_text = models.TextField(_("Bài phát thanh, lời đăng sẵn"), blank=True)
    starts_on = models.DateField(_("Từ ngày"))
    ends_on = models.DateField(_("Đến hết ngày"))
    units = models.ManyToManyField(
        "orgs.Unit", related_name="+", blank=True, verbose_name=_("Đơn vị thực hiện")
    )
    is_open = models.BooleanField(_("Đang nhận số liệu"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-starts_on", "title")
        verbose_name = _("Đợt tuyên truyền")
        verbose_name_plural = _("Đợt tuyên truyền")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="plan_campaign_in_order")
        ]

    def __str__(self) -> str:
        return self.title


class KitFile(models.Model):
    """A file of a campaign's kit: leaflet, picture, sound; a library work by reference."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="kit")
    title = models.CharField(_("Tên"), max_length=200)
    record = models.CharField(max_length=120, blank=True)
    file = models.CharField(max_length=200, blank=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ("campaign", "pk")
        verbose_name = _("Tài liệu tuyên truyền")
        verbose_name_plural = _("Tài liệu tuyên truyền")

    def __str__(self) -> str:
        return self.title


class OwnUnitQuerySet(models.QuerySet["Outreach"]):
    """Rows of a unit by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep rows that ``user`` may read: the own units' and, for inside readers, all."""
        reach = acting(user, on)
        return self if reach.everything else self.filter(unit_id__in=reach.units)

    def standing(self) -> Self:
        """Leave out what was taken back."""
        return self.filter(removed_at=None)


class Outreach(models.Model):
    """What one unit did on one day through one channel: how often, how many people (estimated or counted)."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="outreach"
    )
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    task_code = models.CharField(max_length=40, blank=True)
    channel = models.CharField(_("Hình thức"), max_length=12, choices=Channel)
    happened_on = models.DateField(_("Ngày"))
    count = models.PositiveIntegerField(_("Số lượt, số bản"), default=1)
    people = models.PositiveIntegerField(_("Số người tiếp cận"), null=True, blank=True)
    people_counted = models.BooleanField(_("Số người đếm được, không phải ước tính"), default=False)
    place = models.CharField(_("Nơi"), max_length=200, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    link = models.URLField(_("Đường dẫn bài đăng"), max_length=1000, blank=True)
    photo = models.CharField(max_length=200, blank=True, editable=False)
    client_key = models.CharField(max_length=40, blank=True)  # made by the phone: sending twice is once
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = OwnUnitQuerySet.as_manager()

    class Meta:
        ordering = ("-happened_on", "-pk")
        verbose_name = _("Việc tuyên truyền")
        verbose_name_plural = _("Việc tuyên truyền")
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "client_key"), condition=~Q(client_key=""), name="plan_outreach_sent_once"
            )
        ]
        indexes = [models.Index(fields=("unit", "happened_on"), name="plan_outreach_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.channel} {self.happened_on}"


class OutsideEvent(models.Model):
    """Something that somebody else organises and invites to."""

    title = models.CharField(_("Tên hoạt động"), max_length=300)
    kind = models.CharField(_("Loại"), max_length=12, choices=EventKind)
    organiser = models.CharField(_("Đơn vị tổ chức"), max_length=200)
    task_code = models.CharField(_("Nhiệm vụ"), max_length=40, blank=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    document = models.CharField(_("Văn bản mời"), max_length=120, blank=True)
    received_on = models.DateField(_("Nhận ngày"))
    starts_on = models.DateField(_("Diễn ra từ ngày"))
    ends_on = models.DateField(_("Đến hết ngày"))
    reply_by = models.DateField(_("Hạn cử người"), null=True, blank=True)
    place = models.CharField(_("Địa điểm"), max_length=300, blank=True)
    seats = models.PositiveIntegerField(_("Số người được mời"), null=True, blank=True)
    note = models.TextField(_("Nội dung"), blank=True)
    file = models.CharField(max_length=200, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-starts_on", "title")
        verbose_name = _("Hoạt động do nơi khác tổ chức")
        verbose_name_plural = _("Hoạt động do nơi khác tổ chức")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="plan_outsideevent_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.title


class EventPart(models.Model):
    """One unit's part in somebody else's event. Counts of people only: no names of minors are kept."""

    event = models.ForeignKey(OutsideEvent, on_delete=models.CASCADE, related_name="parts")
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    state = models.CharField(max_length=10, choices=PartState, default=PartState.INVITED)
    passed_on = models.DateField(_("Chuyển ngày"))
    nominated = models.PositiveIntegerField(_("Số người cử"), null=True, blank=True)
    attended = models.PositiveIntegerField(_("Số người dự"), null=True, blank=True)
    audience = models.CharField(_("Đối tượng"), max_length=40, blank=True)
    awards = models.PositiveIntegerField(_("Số giải"), default=0)
    award_text = models.CharField(_("Giải thưởng"), max_length=500, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("event", "unit__order", "unit__sort_key")
        verbose_name = _("Đơn vị tham gia")
        verbose_name_plural = _("Đơn vị tham gia")
        constraints = [models.UniqueConstraint(fields=("event", "unit"), name="plan_eventpart_once")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.unit_id}"
