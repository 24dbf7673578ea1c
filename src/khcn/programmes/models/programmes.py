"""Programmes and their sessions: what is organised, for whom, where, when, by whom."""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.programmes.enums import (
    PUBLIC_STATES,
    Audience,
    ProgrammeKind,
    ProgrammeState,
    RegistrationWay,
    SessionState,
)
from khcn.programmes.permissions import acting

BAR = "|"


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Programmes by reader."""

    def public(self) -> Self:
        """Keep what everybody may see."""
        return self.filter(state__in=PUBLIC_STATES)

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: public ones; inside readers all; a unit's people their unit's drafts."""
        reach = acting(user, on)
        if reach.everything or reach.editor:
            return self
        return self.filter(Q(state__in=PUBLIC_STATES) | Q(unit_id__in=reach.units))


class Programme(models.Model):
    """One course, workshop, visit, exhibition, contest, support call. ``key`` stands in its public address."""

    key = models.SlugField(_("Địa chỉ"), max_length=120, unique=True)
    kind = models.CharField(_("Loại"), max_length=12, choices=ProgrammeKind)
    state = models.CharField(max_length=10, choices=ProgrammeState, default=ProgrammeState.DRAFT)
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị tổ chức")
    )
    year = models.PositiveSmallIntegerField(_("Năm"))
    task = models.CharField(max_length=120, blank=True)  # reference "plan.task:17"
    task_code = models.CharField(_("Nhiệm vụ"), max_length=40, blank=True)
    title = models.CharField(_("Tên"), max_length=300)
    folded_title = models.CharField(max_length=300, blank=True, editable=False)
    sort_key = SortKeyField()
    summary = models.CharField(_("Tóm tắt một câu"), max_length=300, blank=True)
    description = models.TextField(_("Nội dung"), blank=True)
    audiences = models.CharField(_("Dành cho"), max_length=200, blank=True)  # "|pupils|teachers|"
    eligibility = models.TextField(_("Điều kiện tham gia"), blank=True)
    venue = models.CharField(_("Nơi tổ chức"), max_length=200, blank=True)
    address = models.CharField(_("Địa chỉ nơi tổ chức"), max_length=300, blank=True)
    contact = models.CharField(_("Liên hệ"), max_length=300, blank=True)  # an office, never a private person
    starts_on = models.DateField(
        _("Từ ngày"), null=True, blank=True
    )  # first and last day of its sessions or call
    ends_on = models.DateField(_("Đến ngày"), null=True, blank=True)

    registration = models.CharField(
        _("Đăng ký"), max_length=8, choices=RegistrationWay, default=RegistrationWay.PERSON
    )
    by_session = models.BooleanField(_("Đăng ký từng buổi"), default=False)
    opens_at = models.DateTimeField(_("Mở đăng ký"), null=True, blank=True)
    closes_at = models.DateTimeField(_("Đóng đăng ký"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("Số chỗ"), null=True, blank=True)  # None: no limit
    waiting_list = models.BooleanField(_("Nhận danh sách chờ khi hết chỗ"), default=True)
    needs_approval = models.BooleanField(_("Duyệt từng đăng ký"), default=False)
    questions = models.JSONField(
        _("Câu hỏi thêm"), default=list, blank=True
    )  # rules/questions.py says the shape
    purposes = models.CharField(
        max_length=120, blank=True
    )  # consents asked for besides processing: "|photo|"
    threshold_percent = models.PositiveSmallIntegerField(_("Dự ít nhất (%)"), default=80)
    keep_until = models.DateField(_("Giữ thông tin cá nhân đến"), null=True, blank=True)

    cloned_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=500, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    client_key = models.CharField(max_length=40, blank=True)  # made by the form: sending twice is once
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "-starts_on", "sort_key")
        verbose_name = _("Chương trình")
        verbose_name_plural = _("Chương trình")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="programmes_programme_in_order",
            ),
            models.CheckConstraint(
                condition=Q(threshold_percent__lte=100), name="programmes_programme_threshold"
            ),
            models.UniqueConstraint(
                fields=("created_by", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_programme_once",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "starts_on"), name="programmes_by_day"),
            models.Index(fields=("unit", "year"), name="programmes_by_unit"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audience_list(self) -> list[str]:
        """For whom, in the order of :class:`Audience`."""
        held = set(self.audiences.split(BAR))
        return [one.value for one in Audience if one.value in held]

    @property
    def audience_labels(self) -> list[str]:
        """For whom, in words."""
        return [str(Audience(one).label) for one in self.audience_list]

    @property
    def purpose_list(self) -> list[str]:
        """The consents asked for besides processing."""
        return [one for one in self.purposes.split(BAR) if one]

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.state in PUBLIC_STATES


def barred(values: Any) -> str:
    """Return choices as they are kept in one column: ``|a|b|``; empty for none."""
    rows = [str(value) for value in values]
    return f"{BAR}{BAR.join(rows)}{BAR}" if rows else ""


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep sessions of the programmes that ``user`` may read."""
        reach = acting(user, on)
        if reach.everything or reach.editor:
            return self
        return self.filter(Q(programme__state__in=PUBLIC_STATES) | Q(programme__unit_id__in=reach.units))

    def standing(self) -> Self:
        """Leave out cancelled sessions."""
        return self.exclude(state=SessionState.CANCELLED)


class Session(models.Model):
    """One meeting of a programme. ``series`` ties sessions that were made by one recurrence."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()  # 1, 2, 3 within the programme, never reused
    title = models.CharField(_("Tên buổi"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("Bắt đầu"))
    ends_at = models.DateTimeField(_("Kết thúc"))
    venue = models.CharField(_("Nơi tổ chức"), max_length=200, blank=True)  # empty: the programme's
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    link = models.URLField(_("Đường dẫn họp trực tuyến"), max_length=1000, blank=True)
    capacity = models.PositiveIntegerField(_("Số chỗ"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PLANNED)
    cancel_reason = models.CharField(max_length=500, blank=True)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    series = models.CharField(max_length=24, blank=True)
    headcount = models.PositiveIntegerField(_("Số người dự đếm được"), null=True, blank=True)  # without names
    sequence = models.PositiveIntegerField(
        default=0
    )  # iCalendar SEQUENCE: rises with each change of time or place
    updated_at = models.DateTimeField()

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "pk")
        verbose_name = _("Buổi")
        verbose_name_plural = _("Buổi")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="programmes_session_in_order"
            ),
            models.UniqueConstraint(fields=("programme", "number"), name="programmes_session_number"),
        ]
        indexes = [models.Index(fields=("starts_at", "programme"), name="programmes_session_day")]

    def __str__(self) -> str:
        return self.title or f"{self.programme_id}/{self.number}"

    def over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return self.ends_at <= now


class Trainer(models.Model):
    """Who teaches or speaks; shown to the public with the name, title and organisation only."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="trainers")
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="trainers", null=True, blank=True
    )
    name = models.CharField(_("Họ và tên"), max_length=150)
    title = models.CharField(_("Chức danh"), max_length=150, blank=True)
    organisation = models.CharField(_("Đơn vị"), max_length=200, blank=True)

    class Meta:
        ordering = ("programme_id", "pk")
        verbose_name = _("Giảng viên, báo cáo viên")
        verbose_name_plural = _("Giảng viên, báo cáo viên")

    def __str__(self) -> str:
        return self.name


class Material(models.Model):
    """A work of the library, by reference, that a programme or one of its sessions uses."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="materials")
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="materials", null=True, blank=True
    )
    record = models.CharField(max_length=120)  # reference "library.work:17"
    title = models.CharField(max_length=300)  # as it was called when it was chosen

    class Meta:
        ordering = ("programme_id", "pk")
        verbose_name = _("Tài liệu")
        verbose_name_plural = _("Tài liệu")
        constraints = [
            models.UniqueConstraint(
                fields=("programme", "record"), condition=Q(session=None), name="programmes_material_once"
            ),
            models.UniqueConstraint(
                fields=("session", "record"),
                condition=Q(session__isnull=False),
                name="programmes_material_in",
            ),
        ]

    def __str__(self) -> str:
        return self.title
