"""Who came to which session; people who were on no list; links for phones at the gate."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.programmes.enums import Audience, Sex
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.attendance import Presence, Source

GRACE: Final = timedelta(
    hours=48
)  # what a phone collected in time is still taken so long after its link ended


class Attendance(models.Model):
    """One person at one session. ``at``: when, by the server's clock; ``at_phone``: what the phone's own clock said."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="attendance")
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="attendance")
    state = models.CharField(max_length=8, choices=Presence, default=Presence.PRESENT)
    at = models.DateTimeField()
    at_server = models.DateTimeField()
    at_phone = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=6, choices=Source)
    device_key = models.CharField(max_length=40, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("session_id", "registration_id")
        verbose_name = _("Điểm danh")
        verbose_name_plural = _("Điểm danh")
        constraints = [
            models.UniqueConstraint(fields=("session", "registration"), name="programmes_attendance_once")
        ]
        indexes = [models.Index(fields=("registration", "state"), name="programmes_attended")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.registration_id}"


class CheckInLink(models.Model):
    """A secret link for one session, handed to a helper at the gate. It ends by itself and can be cut."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="check_in_links")
    token = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("Giao cho ai, ở cửa nào"), max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("session_id", "pk")
        verbose_name = _("Liên kết điểm danh")
        verbose_name_plural = _("Liên kết điểm danh")

    def __str__(self) -> str:
        return f"{self.session_id} {self.pk}"

    def opens(self, now: datetime) -> bool:
        """Whether its page opens."""
        return self.revoked_at is None and now < self.expires_at

    def receives(self, now: datetime) -> bool:
        """Whether what a phone kept is still taken."""
        return self.revoked_at is None and now < self.expires_at + GRACE


class WalkIn(models.Model):
    """People who came but are ticked by no name: somebody without registration, or the counted number of a group.

    ``key``: made by the phone or the form, so that the same is entered once.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="walk_ins")
    group = models.ForeignKey(
        RegistrationGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="counts"
    )
    key = models.CharField(max_length=40)
    name = models.CharField(_("Họ và tên"), max_length=150, blank=True)
    organisation = models.CharField(_("Nơi làm việc, học tập"), max_length=200, blank=True)
    audience = models.CharField(_("Đối tượng"), max_length=12, choices=Audience, blank=True)
    sex = models.CharField(_("Giới tính"), max_length=8, choices=Sex, blank=True)
    count = models.PositiveSmallIntegerField(_("Số người"), default=1)
    source = models.CharField(max_length=6, choices=Source)
    at = models.DateTimeField()
    at_server = models.DateTimeField()
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("session_id", "pk")
        verbose_name = _("Người dự không có trong danh sách")
        verbose_name_plural = _("Người dự không có trong danh sách")
        constraints = [
            models.UniqueConstraint(fields=("session", "key"), name="programmes_walkin_once"),
            models.UniqueConstraint(
                fields=("session", "group"),
                condition=Q(group__isnull=False),
                name="programmes_groupcount_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.key}"


class CheckInReceipt(models.Model):
    """What became of one item of a phone: the same key again is answered from here and does nothing."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(CheckInLink, on_delete=models.PROTECT, related_name="receipts")
    key = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8)
    at_server = models.DateTimeField()

    class Meta:
        ordering = ("session_id", "pk")
        verbose_name = _("Lượt gửi từ điện thoại")
        verbose_name_plural = _("Lượt gửi từ điện thoại")
        constraints = [models.UniqueConstraint(fields=("session", "key"), name="programmes_receipt_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.key}"
