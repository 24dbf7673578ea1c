"""Plans, their versions, and what a version holds: header, sections, tasks."""

from datetime import date
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import VERSION_PUBLIC, Basis, PercentRule, TaskLevel, VersionState
from khcn.plan.permissions import acting

KEY_CHECK = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Mã chỉ gồm chữ thường không dấu, số và dấu gạch nối."))
M = TypeVar("M", bound=models.Model)


def money_field(label: object, **options: object) -> "models.DecimalField[Any, Any]":
    """Return a column of whole Vietnamese dong."""
    return models.DecimalField(label, max_digits=17, decimal_places=0, **options)  # type: ignore[arg-type]


class PlanQuerySet(models.QuerySet["Plan"]):
    """Plans by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what ``user`` may read: every plan inside, published ones outside (``None``: the system)."""
        return self if acting(user, on).plans else self.published()

    def published(self) -> Self:
        """Keep plans that the public may read."""
        return self.filter(versions__state__in=VERSION_PUBLIC).distinct()


class Plan(models.Model):
    """One plan, whatever its versions. ``full_number`` as 82/KH-UBND; ``focal_unit`` runs it; the term is data."""

    key = models.SlugField(_("Mã địa chỉ"), max_length=80, unique=True, validators=[KEY_CHECK])
    full_number = models.CharField(_("Số, ký hiệu"), max_length=60, blank=True)
    title = models.CharField(_("Tên kế hoạch"), max_length=500)
    folded_title = models.CharField(max_length=500, blank=True, editable=False)
    year = models.PositiveSmallIntegerField(_("Năm"), null=True, blank=True)
    starts_on = models.DateField(_("Thực hiện từ ngày"), null=True, blank=True)
    ends_on = models.DateField(_("Đến hết ngày"), null=True, blank=True)
    issuer = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Cơ quan ban hành"),
    )
    focal_unit = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Đơn vị đầu mối"),
    )
    kinds = models.JSONField(default=dict, blank=True)  # code -> Vietnamese name of a kind of task
    audiences = models.JSONField(default=dict, blank=True)  # code -> Vietnamese name
    created_at = models.DateTimeField()

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ("-year", "full_number")
        verbose_name = _("Kế hoạch")
        verbose_name_plural = _("Kế hoạch")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="plan_plan_dates_in_order",
            ),
            models.UniqueConstraint(
                fields=("full_number", "issuer", "year"),
                condition=~Q(full_number=""),
                name="plan_plan_number_once",
            ),
        ]

    def __str__(self) -> str:
        return self.full_number or self.title


class OfPlanQuerySet(models.QuerySet[M]):
    """Rows of a version (``version`` or through it): readable when the plan's version is."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep rows of versions that ``user`` may read: all inside, published ones outside."""
        return self if acting(user, on).plans else self.filter(version__state__in=VERSION_PUBLIC)


class VersionQuerySet(models.QuerySet["PlanVersion"]):
    """Versions by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep versions that ``user`` may read."""
        return self if acting(user, on).plans else self.filter(state__in=VERSION_PUBLIC)


class PlanVersion(models.Model):
    """One version of a plan: the document as it was decided. Once published it never changes.

    ``header``: head and foot by Decree 30 (keys of :class:`khcn.engines.plans.types.HeaderSpec`), ``purpose``,
    ``requirement``, ``budget_text``, ``reporting``; ``anomalies``: what a person had to look at;
    ``content_hash``: SHA-256 of header, sections and tasks, so that taking the same file in again changes nothing.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("Bản số"))
    state = models.CharField(max_length=14, choices=VersionState, default=VersionState.DRAFT)
    title = models.CharField(_("Trích yếu"), max_length=500)
    header = models.JSONField(default=dict, blank=True)
    reporting = models.JSONField(default=dict, blank=True)
    anomalies = models.JSONField(default=list, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    change_note = models.CharField(_("Nội dung điều chỉnh"), max_length=1000, blank=True)
    amending_document = models.CharField(_("Văn bản điều chỉnh"), max_length=120, blank=True)
    effective_on = models.DateField(_("Có hiệu lực từ ngày"), null=True, blank=True)
    comment = models.CharField(
        _("Ý kiến"), max_length=1000, blank=True
    )  # the last one of whoever returned it
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    passed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("plan", "-number")
        verbose_name = _("Bản kế hoạch")
        verbose_name_plural = _("Bản kế hoạch")
        constraints = [
            models.UniqueConstraint(fields=("plan", "number"), name="plan_version_once"),
            models.UniqueConstraint(
                fields=("plan",), condition=Q(state=VersionState.PUBLISHED), name="plan_one_version_in_force"
            ),
            models.UniqueConstraint(
                fields=("plan",),
                condition=Q(
                    state__in=[VersionState.DRAFT, VersionState.SUBMITTED, VersionState.HEAD_APPROVED]
                ),
                name="plan_one_version_in_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} v{self.number}"


class Section(models.Model):
    """One heading of a version. ``ref`` as II.4.2.1."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="sections")
    ref = models.CharField(_("Mục"), max_length=30)
    title = models.CharField(_("Tên mục"), max_length=500)
    title_en = models.CharField(_("Tên tiếng Anh"), max_length=500, blank=True)
    parent_ref = models.CharField(max_length=30, blank=True)
    order = models.PositiveSmallIntegerField()

    objects = OfPlanQuerySet["Section"].as_manager()

    class Meta:
        ordering = ("version", "order")
        verbose_name = _("Mục của kế hoạch")
        verbose_name_plural = _("Mục của kế hoạch")
        constraints = [models.UniqueConstraint(fields=("version", "ref"), name="plan_section_once")]

    def __str__(self) -> str:
        return f"{self.ref}. {self.title}"


class Task(models.Model):
    """One task of a version; ``code`` (II.1.1-a) names the same task in every version.

    ``needs_confirming``: proposed by a reader of running text, a person has to look at it before it is submitted.
    ``indicators``: codes of :class:`khcn.plan.models.PlanIndicator`; ``target``: what the percentage counts up to.
    """

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="tasks")
    section = models.ForeignKey(
        Section, on_delete=models.PROTECT, related_name="tasks", null=True, blank=True
    )
    code = models.CharField(_("Mã nhiệm vụ"), max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    level = models.CharField(_("Thuộc phần"), max_length=10, choices=TaskLevel, default=TaskLevel.PROGRAMME)
    kind = models.CharField(_("Loại việc"), max_length=30, blank=True)
    title = models.CharField(_("Tên nhiệm vụ"), max_length=500)
    folded_title = models.CharField(max_length=500, blank=True, editable=False)
    title_en = models.CharField(_("Tên tiếng Anh"), max_length=500, blank=True)
    text = models.TextField(_("Nguyên văn"), blank=True)
    audience = models.JSONField(default=list, blank=True)
    lead = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Đơn vị chủ trì"),
    )
    lead_basis = models.CharField(
        _("Căn cứ giao chủ trì"), max_length=20, choices=Basis, default=Basis.UNKNOWN
    )
    coop_basis = models.CharField(
        _("Căn cứ giao phối hợp"), max_length=20, choices=Basis, default=Basis.UNKNOWN
    )
    fan_out = models.BooleanField(_("Giao từng đơn vị phối hợp"), default=False)
    cadence = models.CharField(_("Nhịp thực hiện"), max_length=40, blank=True)
    starts_on = models.DateField(_("Bắt đầu"), null=True, blank=True)
    deadline = models.DateField(_("Hạn"), null=True, blank=True)
    deadline_basis = models.CharField(_("Căn cứ của hạn"), max_length=40, blank=True)
    expected_result = models.CharField(_("Kết quả dự kiến"), max_length=1000, blank=True)
    indicators = models.JSONField(default=list, blank=True)
    percent_rule = models.CharField(
        _("Cách tính phần trăm"), max_length=10, choices=PercentRule, default=PercentRule.STATE
    )
    target = models.DecimalField(_("Chỉ tiêu"), max_digits=17, decimal_places=2, null=True, blank=True)
    target_indicator = models.CharField(_("Chỉ tiêu tính theo"), max_length=60, blank=True)
    amount = money_field(_("Kinh phí dự kiến (đồng)"), null=True, blank=True)
    period_code = models.CharField(_("Kỳ báo cáo"), max_length=20, blank=True)  # of a task of level report
    needs_confirming = models.BooleanField(_("Cần người xác nhận"), default=False)
    extra = models.JSONField(default=dict, blank=True)

    objects = OfPlanQuerySet["Task"].as_manager()

    class Meta:
        ordering = ("version", "order", "code")
        verbose_name = _("Nhiệm vụ")
        verbose_name_plural = _("Nhiệm vụ")
        constraints = [
            models.UniqueConstraint(fields=("version", "code"), name="plan_task_once"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(deadline__isnull=True)
                | Q(deadline__gte=F("starts_on")),
                name="plan_task_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class TaskUnit(models.Model):
    """A cooperating unit (or group of units) of a task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="cooperating")
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("task", "order")
        verbose_name = _("Đơn vị phối hợp")
        verbose_name_plural = _("Đơn vị phối hợp")
        constraints = [models.UniqueConstraint(fields=("task", "unit"), name="plan_taskunit_once")]

    def __str__(self) -> str:
        return f"{self.task_id} {self.unit_id}"


class PlanIndicator(models.Model):
    """An indicator that tasks and reports name by its code. ``source``: key in ``core.indicators`` that pre-fills it.

    ``external_code``: its code in the statistics of the superior agency.
    """

    code = models.CharField(_("Mã chỉ tiêu"), max_length=60, unique=True)
    title = models.CharField(_("Tên chỉ tiêu"), max_length=300)
    title_en = models.CharField(_("Tên tiếng Anh"), max_length=300, blank=True)
    unit = models.CharField(_("Đơn vị tính"), max_length=60, blank=True)
    source = models.CharField(_("Lấy số từ"), max_length=80, blank=True)
    decimals = models.PositiveSmallIntegerField(_("Số chữ số thập phân"), default=0)
    external_code = models.CharField(_("Mã ở biểu thống kê cấp trên"), max_length=60, blank=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("order", "code")
        verbose_name = _("Chỉ tiêu")
        verbose_name_plural = _("Chỉ tiêu")

    def __str__(self) -> str:
        return self.title
