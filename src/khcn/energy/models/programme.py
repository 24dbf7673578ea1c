"""The programme: planning runs, projects from survey to operation, and yearly saving plans."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from khcn.energy.enums import RunState, Stage
from khcn.energy.models.sites import OfSiteQuerySet, Site, System


class RoofPlan(models.Model):
    """One run of the planner. ``spec`` and ``result`` as in the contract of ``khcn energy plan``."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="plans")
    title = models.CharField(_("Tên phương án"), max_length=150)
    spec = models.JSONField(default=dict)
    result = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    problem = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    objects = OfSiteQuerySet["RoofPlan"].as_manager()

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("Phương án điện mặt trời")
        verbose_name_plural = _("Phương án điện mặt trời")

    def __str__(self) -> str:
        return self.title


class Project(models.Model):
    """One rooftop project of a site."""

    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="projects", verbose_name=_("Công trình")
    )
    title = models.CharField(_("Tên dự án"), max_length=200)
    stage = models.CharField(_("Giai đoạn"), max_length=14, choices=Stage, default=Stage.SURVEY)
    kwp = models.DecimalField(
        _("Công suất dự kiến (kWp)"), max_digits=9, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    budget_vnd = models.DecimalField(
        _("Dự toán (đồng)"), max_digits=14, decimal_places=0, null=True, blank=True
    )
    due_on = models.DateField(_("Hạn hoàn thành"), null=True, blank=True)
    plan = models.ForeignKey(
        RoofPlan, on_delete=models.SET_NULL, related_name="projects", null=True, blank=True,
        verbose_name=_("Phương án"),
    )  # fmt: skip
    system = models.OneToOneField(
        System, on_delete=models.SET_NULL, related_name="project", null=True, blank=True,
        verbose_name=_("Hệ thống đã lắp"),
    )  # fmt: skip

    objects = OfSiteQuerySet["Project"].as_manager()

    class Meta:
        ordering = ("site", "pk")
        verbose_name = _("Dự án")
        verbose_name_plural = _("Dự án")

    def __str__(self) -> str:
        return self.title


class ProjectStep(models.Model):
    """A stage that was reached, when, and what was noted then. Kept for ever."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="steps")
    stage = models.CharField(max_length=14, choices=Stage)
    reached_on = models.DateField(_("Ngày"))
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    class Meta:
        ordering = ("project", "reached_on", "pk")
        verbose_name = _("Bước của dự án")
        verbose_name_plural = _("Bước của dự án")

    def __str__(self) -> str:
        return f"{self.project_id} {self.stage}"


class ProjectDocument(models.Model):
    """A document of a project: a reference to a work of the library (``core.references``)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents")
    reference = models.CharField(max_length=120)
    title = models.CharField(_("Tên"), max_length=300, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("project", "pk")
        verbose_name = _("Tài liệu của dự án")
        verbose_name_plural = _("Tài liệu của dự án")
        constraints = [models.UniqueConstraint(fields=("project", "reference"), name="energy_document_once")]

    def __str__(self) -> str:
        return self.title or self.reference


class SavingPlan(models.Model):
    """A unit's energy-saving plan of one year (law on energy efficiency, article 31)."""

    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị")
    )
    year = models.PositiveSmallIntegerField(
        _("Năm"), validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    target_kwh = models.DecimalField(
        _("Điện tiêu thụ không quá (kWh)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    target_percent = models.DecimalField(
        _("Tiết kiệm so với năm trước (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    renewable_kwh = models.DecimalField(
        _("Điện tái tạo tự phát (kWh)"), max_digits=12, decimal_places=0, null=True, blank=True
    )
    measures = models.TextField(_("Giải pháp"), blank=True)
    registered_on = models.DateField(_("Ngày đăng ký với địa phương"), null=True, blank=True)
    published_on = models.DateField(_("Ngày phổ biến trong đơn vị"), null=True, blank=True)

    class Meta:
        ordering = ("-year", "unit")
        verbose_name = _("Kế hoạch tiết kiệm điện")
        verbose_name_plural = _("Kế hoạch tiết kiệm điện")
        constraints = [models.UniqueConstraint(fields=("unit", "year"), name="energy_savingplan_once")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year}"
