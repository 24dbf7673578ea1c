"""Who takes part: registrations of persons and groups, and the codes by which people without an account prove an address."""

from datetime import date
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.programmes.enums import STANDING, Audience, RegistrationState, Sex
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.permissions import acting

M = TypeVar("M", bound=models.Model)


class OfProgrammeQuerySet(models.QuerySet[M]):
    """Rows about people of a programme, by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep rows that ``user`` may read: the focal unit and the auditor all, a unit its own programmes'."""
        reach = acting(user, on)
        if reach.officer or reach.focal_head or reach.auditor:
            return self
        return self.filter(programme__unit_id__in=reach.units)


class ContactCode(models.Model):
    """A code of six digits sent to a phone or a mail address. Only its hash is kept; it dies with use, age or guessing."""

    address = models.CharField(max_length=254)  # mail address or +84... number, clean
    purpose = models.CharField(max_length=60)  # "registration:17": a code is good for one thing only
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-sent_at", "-pk")
        verbose_name = _("Mã xác nhận")
        verbose_name_plural = _("Mã xác nhận")
        indexes = [models.Index(fields=("address", "purpose", "sent_at"), name="programmes_code_of")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.sent_at:%Y-%m-%d %H:%M}"


class RegistrationGroup(models.Model):
    """A class or a team of people registered by a school, an enterprise, a unit. Its contact manages it by secret link."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="groups")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="groups", null=True, blank=True
    )
    name = models.CharField(_("Trường, đơn vị, doanh nghiệp"), max_length=200)
    folded_name = models.CharField(max_length=200, blank=True, editable=False)
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    label = models.CharField(_("Lớp, tổ, đoàn"), max_length=100, blank=True)
    contact_name = models.CharField(_("Người phụ trách"), max_length=150, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)  # proven by a code
    token = models.CharField(max_length=64, unique=True)  # secret link of the contact
    ticket = models.CharField(max_length=24, unique=True)  # QR of the whole group
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "created_at", "pk")
        verbose_name = _("Đoàn đăng ký")
        verbose_name_plural = _("Đoàn đăng ký")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "client_key"), condition=~Q(client_key=""), name="programmes_group_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RegistrationQuerySet(OfProgrammeQuerySet["Registration"]):
    """Registrations by reader and state."""

    def standing(self) -> Self:
        """Keep those that were neither refused nor cancelled."""
        return self.filter(state__in=STANDING)

    def confirmed(self) -> Self:
        """Keep those that hold a seat."""
        return self.filter(state=RegistrationState.CONFIRMED)


class Registration(models.Model):
    """One person's seat, or wish for one. ``arrival`` orders the waiting list; ``session`` only where people choose one.

    A pupil never has an account: the class's contact writes the pupil in. After ``erased_at`` no personal data is left
    and the row still counts.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="registrations")
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="registrations", null=True, blank=True
    )
    group = models.ForeignKey(
        RegistrationGroup, on_delete=models.PROTECT, related_name="people", null=True, blank=True
    )
    arrival = models.PositiveIntegerField()  # 1, 2, 3 in its programme (and session where people choose one)
    state = models.CharField(max_length=10, choices=RegistrationState)
    name = models.CharField(_("Họ và tên"), max_length=150)
    folded_name = models.CharField(max_length=150, blank=True, editable=False)
    sort_key = SortKeyField()
    audience = models.CharField(_("Bạn là"), max_length=12, choices=Audience)
    sex = models.CharField(_("Giới tính"), max_length=8, choices=Sex, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("Năm sinh"), null=True, blank=True)
    organisation = models.CharField(_("Trường, đơn vị, nơi làm việc"), max_length=200, blank=True)
    class_name = models.CharField(_("Lớp"), max_length=60, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)  # proven by a code; empty inside a group
    guardian_name = models.CharField(_("Cha mẹ hoặc người giám hộ"), max_length=150, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    is_minor = models.BooleanField(default=False)
    token = models.CharField(
        max_length=64, unique=True, null=True, blank=True
    )  # secret link; none inside a group
    ticket = models.CharField(max_length=24, unique=True)  # in the QR
    client_key = models.CharField(max_length=40, blank=True)  # made by the form: sending twice is once
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    refuse_reason = models.CharField(max_length=500, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "arrival", "pk")
        verbose_name = _("Đăng ký")
        verbose_name_plural = _("Đăng ký")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "arrival"), condition=Q(session=None), name="programmes_arrival"
            ),
            models.UniqueConstraint(
                fields=("session", "arrival"),
                condition=Q(session__isnull=False),
                name="programmes_arrival_in",
            ),
            models.UniqueConstraint(
                fields=("programme", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_registration_once",
            ),
        ]
        indexes = [
            models.Index(fields=("programme", "session", "state"), name="programmes_seats"),
            models.Index(fields=("created_at",), name="programmes_registered"),
        ]

    def __str__(self) -> str:
        return self.name
