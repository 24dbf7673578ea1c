"""The reporting regime as data (Decree 09/2019/NĐ-CP): who reports what to whom, by when, on which form."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.plan.enums import Aggregate, Compare, RegimeContent, RegimeKind, Rung
from khcn.plan.models.plans import Plan, PlanIndicator


class Regime(models.Model):
    """One reporting regime. ``receiver``: unit that consolidates; ``superior``: unit that the whole goes to.

    ``reporters``: units and groups of units; a group stands for its members on the day a period opens.
    """

    key = models.SlugField(_("Mã"), max_length=80, unique=True)
    title = models.CharField(_("Tên báo cáo"), max_length=300)
    kind = models.CharField(_("Loại"), max_length=8, choices=RegimeKind)
    content = models.CharField(_("Nội dung"), max_length=7, choices=RegimeContent, default=RegimeContent.BOTH)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="regimes", null=True, blank=True)
    basis = models.CharField(_("Căn cứ"), max_length=300, blank=True)
    sent_by = models.CharField(_("Cách gửi"), max_length=200, blank=True)
    receiver = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị tổng hợp")
    )
    addressed_to = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Nơi nhận báo cáo"),
    )
    superior = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("Báo cáo lên"),
    )
    reporters = models.ManyToManyField("orgs.Unit", related_name="+", verbose_name=_("Đơn vị báo cáo"))
    is_template = models.BooleanField(_("Là mẫu cho báo cáo đột xuất"), default=False)
    is_active = models.BooleanField(_("Đang áp dụng"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("kind", "title")
        verbose_name = _("Chế độ báo cáo")
        verbose_name_plural = _("Chế độ báo cáo")

    def __str__(self) -> str:
        return self.title


class OutlineItem(models.Model):
    """One heading of a report's outline."""

    regime = models.ForeignKey(Regime, on_delete=models.CASCADE, related_name="outline")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(_("Đề mục"), max_length=300)
    hint = models.CharField(_("Gợi ý"), max_length=500, blank=True)
    is_required = models.BooleanField(_("Phải viết"), default=False)

    class Meta:
        ordering = ("regime", "order")
        verbose_name = _("Đề mục báo cáo")
        verbose_name_plural = _("Đề mục báo cáo")
        constraints = [models.UniqueConstraint(fields=("regime", "order"), name="plan_outline_once")]

    def __str__(self) -> str:
        return self.title


class RegimeIndicator(models.Model):
    """One row of a regime's number form. ``numerator``/``denominator``: codes for the aggregate "ratio" (percent)."""

    regime = models.ForeignKey(Regime, on_delete=models.CASCADE, related_name="indicators")
    indicator = models.ForeignKey(PlanIndicator, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField()
    group = models.CharField(_("Nhóm"), max_length=200, blank=True)
    task_code = models.CharField(_("Nhiệm vụ"), max_length=40, blank=True)
    aggregate = models.CharField(_("Cách tổng hợp"), max_length=5, choices=Aggregate, default=Aggregate.SUM)
    numerator = models.CharField(max_length=60, blank=True)
    denominator = models.CharField(max_length=60, blank=True)
    is_required = models.BooleanField(_("Phải có số"), default=False)
    target = models.DecimalField(
        _("Chỉ tiêu của kế hoạch"), max_digits=17, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ("regime", "order")
        verbose_name = _("Chỉ tiêu của báo cáo")
        verbose_name_plural = _("Chỉ tiêu của báo cáo")
        constraints = [
            models.UniqueConstraint(fields=("regime", "indicator"), name="plan_regimeindicator_once")
        ]

    def __str__(self) -> str:
        return f"{self.regime_id} {self.indicator_id}"


class RegimeRule(models.Model):
    """A validation rule between two indicators of the form, e.g. people trained at most people registered."""

    regime = models.ForeignKey(Regime, on_delete=models.CASCADE, related_name="rules")
    left = models.CharField(_("Chỉ tiêu"), max_length=60)
    compare = models.CharField(_("Quan hệ"), max_length=2, choices=Compare)
    right = models.CharField(_("So với"), max_length=60)  # a code, or a number
    message = models.CharField(_("Câu báo lỗi"), max_length=300, blank=True)
    is_warning = models.BooleanField(_("Chỉ nhắc, không chặn gửi"), default=False)

    class Meta:
        ordering = ("regime", "pk")
        verbose_name = _("Quy tắc kiểm tra")
        verbose_name_plural = _("Quy tắc kiểm tra")

    def __str__(self) -> str:
        return f"{self.left} {self.compare} {self.right}"


class ReportPeriod(models.Model):
    """One period of a regime. ``code`` as 2021-H1. Figures run from ``starts_on`` to ``cutoff``, both included.

    ``opens_on``: units may fill in from this day; ``due``: the last day on which units are in time (end of day);
    ``superior_due``: the last day of the whole. A deadline is at least one working day after the cut-off
    (Decree 09/2019, article 8.5): the service refuses anything else.
    """

    regime = models.ForeignKey(Regime, on_delete=models.CASCADE, related_name="periods")
    code = models.CharField(
        _("Kỳ"),
        max_length=20,
        validators=[RegexValidator(r"^[0-9]{4}[A-Za-z0-9-]*$", _("Mã kỳ như 2021-H1."))],
    )
    title = models.CharField(_("Tên kỳ"), max_length=300)
    starts_on = models.DateField(_("Số liệu từ ngày"))
    cutoff = models.DateField(_("Chốt số liệu ngày"))
    cutoff_proposed = models.BooleanField(default=False)  # the plan names none: a person has to confirm it
    opens_on = models.DateField(_("Mở nhận từ ngày"))
    due = models.DateField(_("Hạn của đơn vị"))
    superior_due = models.DateField(_("Hạn gửi cấp trên"), null=True, blank=True)
    task_code = models.CharField(_("Nhiệm vụ trong kế hoạch"), max_length=40, blank=True)
    request = models.TextField(_("Yêu cầu"), blank=True)  # of an ad hoc report
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)  # when the expected reports were made
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-cutoff", "regime")
        verbose_name = _("Kỳ báo cáo")
        verbose_name_plural = _("Kỳ báo cáo")
        constraints = [
            models.UniqueConstraint(fields=("regime", "code"), name="plan_period_once"),
            models.CheckConstraint(condition=Q(cutoff__gte=F("starts_on")), name="plan_period_in_order"),
            models.CheckConstraint(condition=Q(due__gt=F("cutoff")), name="plan_period_due_after_cutoff"),
        ]

    def __str__(self) -> str:
        return self.code


class Reminder(models.Model):
    """One rung of the ladder that was sent for one unit's report: never twice."""

    report = models.ForeignKey("plan.UnitReport", on_delete=models.CASCADE, related_name="reminders")
    rung = models.CharField(max_length=6, choices=Rung)
    sent_at = models.DateTimeField()
    people = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("report", "sent_at")
        verbose_name = _("Lời nhắc")
        verbose_name_plural = _("Lời nhắc")
        constraints = [models.UniqueConstraint(fields=("report", "rung"), name="plan_reminder_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.rung}"
