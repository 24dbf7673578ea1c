"""Training: topics, positions with what they require, people with their posts, uploaded rosters."""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.programmes.enums_training import Level, Staff
from khcn.programmes.permissions import acting
from khcn.programmes.permissions_training import sees_all


def person_of_deed() -> Any:
    """Return a link to who did something; empty for the system."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


class TrainingTopic(models.Model):
    """Something to be learnt: "an toàn thông tin". Without ``valid_months`` it is held for ever once learnt."""

    code = models.CharField(_("Mã"), max_length=30, unique=True)
    name = models.CharField(_("Tên chủ đề"), max_length=200)
    folded_name = models.CharField(max_length=200, blank=True, editable=False)
    sort_key = SortKeyField()
    purpose = models.CharField(_("Để làm gì"), max_length=500, blank=True)
    valid_months = models.PositiveSmallIntegerField(_("Có giá trị (tháng)"), null=True, blank=True)
    warn_days = models.PositiveSmallIntegerField(_("Báo trước khi hết hạn (ngày)"), default=90)
    audience = models.CharField(_("Dành cho"), max_length=12, choices=Staff, blank=True)  # "": both
    is_active = models.BooleanField(_("Đang dùng"), default=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("Chủ đề bồi dưỡng")
        verbose_name_plural = _("Chủ đề bồi dưỡng")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_months=None) | Q(valid_months__gte=1, valid_months__lte=600),
                name="programmes_topic_validity",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PositionQuerySet(models.QuerySet["TrainingPosition"]):
    """Positions by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep common positions and those of the units that ``user`` reads."""
        reach = acting(user, on)
        if sees_all(reach):
            return self
        return self.filter(Q(unit=None) | Q(unit_id__in=reach.units)) if reach.units else self.none()


class TrainingPosition(models.Model):
    """A position: of one unit, or (``unit`` empty) a common one, whose topics every position of that title requires."""

    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Đơn vị")
    )  # fmt: skip
    title = models.CharField(_("Chức danh, vị trí"), max_length=150)
    folded_title = models.CharField(max_length=150, editable=False)
    sort_key = SortKeyField()
    staff = models.PositiveSmallIntegerField(_("Số người theo biên chế"), null=True, blank=True)
    audience = models.CharField(_("Là"), max_length=12, choices=Staff, default=Staff.OFFICIALS)
    updated_at = models.DateTimeField()

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("Vị trí")
        verbose_name_plural = _("Vị trí")
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "folded_title"),
                condition=Q(unit__isnull=False),
                name="programmes_position_once",
            ),
            models.UniqueConstraint(
                fields=("folded_title",), condition=Q(unit=None), name="programmes_position_common_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PositionTopic(models.Model):
    """A position requires a topic, within so many months of taking office (empty: at once)."""

    position = models.ForeignKey(TrainingPosition, on_delete=models.CASCADE, related_name="requirements")
    topic = models.ForeignKey(TrainingTopic, on_delete=models.PROTECT, related_name="requirements")
    level = models.CharField(_("Mức"), max_length=12, choices=Level, default=Level.MANDATORY)
    within_months = models.PositiveSmallIntegerField(_("Trong bao nhiêu tháng"), null=True, blank=True)

    class Meta:
        ordering = ("position_id", "topic_id")
        verbose_name = _("Chủ đề của vị trí")
        verbose_name_plural = _("Chủ đề của vị trí")
        constraints = [
            models.UniqueConstraint(fields=("position", "topic"), name="programmes_requirement_once")
        ]

    def __str__(self) -> str:
        return f"{self.position_id} {self.topic_id}"


class PostQuerySet(models.QuerySet["TrainingPost"]):
    """Posts by day and reader."""

    def current(self, on: date) -> Self:
        """Keep posts held on the day ``on``."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)

    def listed(self, on: date) -> Self:
        """Keep posts that are not over on the day ``on``: also those that begin later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on))

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep posts of the units that ``user`` reads."""
        reach = acting(user, on)
        return self if sees_all(reach) else self.filter(unit_id__in=reach.units)


class PersonQuerySet(models.QuerySet["TrainingPerson"]):
    """People by reader."""

    def visible_to(self, user: object, on: date) -> Self:
        """Keep people who hold a post of a unit that ``user`` reads; who left belongs to the new unit."""
        reach = acting(user, on)
        if sees_all(reach):
            return self
        posts = TrainingPost.objects.listed(on).filter(unit_id__in=reach.units)
        return self.filter(pk__in=posts.values("person_id"))


class TrainingPerson(models.Model):
    """Somebody on a roster: a name and how to reach the person, nothing else. ``token``: secret link to the own record."""

    name = models.CharField(_("Họ và tên"), max_length=150)
    folded_name = models.CharField(max_length=150, editable=False)
    sort_key = SortKeyField()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    email = models.CharField(_("Thư điện tử"), max_length=254, blank=True)
    phone = models.CharField(_("Điện thoại"), max_length=20, blank=True)
    token = models.CharField(max_length=64, unique=True, null=True, blank=True)
    token_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        verbose_name = _("Người trong danh sách bồi dưỡng")
        verbose_name_plural = _("Người trong danh sách bồi dưỡng")
        constraints = [
            models.UniqueConstraint(
                fields=("email",), condition=~Q(email=""), name="programmes_trainee_email"
            ),
            models.UniqueConstraint(
                fields=("phone",), condition=~Q(phone=""), name="programmes_trainee_phone"
            ),
        ]
        indexes = [models.Index(fields=("folded_name",), name="programmes_trainee_name")]

    def __str__(self) -> str:
        return f"#{self.pk}"  # labels stand in the audit trail: no names there


class TrainingPost(models.Model):
    """Somebody holds a position of a unit. ``office_on``: took office (kept when the unit follows another)."""

    person = models.ForeignKey(TrainingPerson, on_delete=models.CASCADE, related_name="posts")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    position = models.ForeignKey(TrainingPosition, on_delete=models.PROTECT, related_name="posts")
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    audience = models.CharField(_("Là"), max_length=12, choices=Staff)
    office_on = models.DateField(_("Nhận nhiệm vụ từ ngày"))
    starts_on = models.DateField(_("Từ ngày"))
    ends_on = models.DateField(_("Đến ngày"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-pk")
        verbose_name = _("Vị trí của một người")
        verbose_name_plural = _("Vị trí của một người")
        constraints = [
            models.UniqueConstraint(
                fields=("person",), condition=Q(ends_on=None), name="programmes_post_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="programmes_post_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=("unit", "ends_on"), name="programmes_post_unit"),
            models.Index(fields=("ends_on", "starts_on"), name="programmes_post_day"),
        ]

    def __str__(self) -> str:
        return f"#{self.person_id} {self.starts_on}"


class RosterUpload(models.Model):
    """A roster that was read and waits for a look: nothing is written before it is applied. Its rows go afterwards."""

    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=0)
    uploaded_by = person_of_deed()
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-uploaded_at", "-pk")
        verbose_name = _("Danh sách gửi lên")
        verbose_name_plural = _("Danh sách gửi lên")
        constraints = [
            models.UniqueConstraint(
                fields=("unit", "sha256"), condition=Q(applied_at=None), name="programmes_roster_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.uploaded_at:%Y-%m-%d}"

    def stale(self, now: datetime) -> bool:
        """Whether it waited so long that it is to be read anew."""
        return (now - self.uploaded_at).days >= 2
