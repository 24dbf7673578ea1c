"""Other repositories whose works are shown here: the sources, each run, and every record with what became of it."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import Rights
from khcn.library.harvest_enums import ItemProblem, RunState, SourceState
from khcn.library.models.taxonomy import Collection
from khcn.library.models.works import Work
from khcn.library.permissions import can_keep

PREFIX = "oai:"  # of ``Work.external_source``; what follows is the key of the source


class HarvestSourceQuerySet(models.QuerySet["HarvestSource"]):
    """Reads of sources."""

    def visible_to(self, user: Any) -> Self:
        """Librarians see the sources; nobody else has business with them."""
        return self.all() if can_keep(user) else self.none()


class HarvestSource(models.Model):
    """One repository, one set and one format of it, and how far it has been read.

    Position: ``since`` is the datestamp from which the next list starts (moved only when a list was read to its end);
    ``token`` continues the list that is being read. Lease: whoever holds ``busy_by`` until ``busy_until`` reads.
    """

    key = models.SlugField(_("mã"), max_length=36, unique=True)
    name = models.CharField(_("tên nguồn"), max_length=200)
    base_url = models.URLField(_("địa chỉ OAI-PMH"), max_length=1000)
    set_spec = models.CharField(_("bộ"), max_length=500, blank=True)
    set_name = models.CharField(max_length=300, blank=True)
    prefix = models.CharField(_("định dạng"), max_length=100, default="oai_dc")
    granularity = models.CharField(max_length=6, default="day")
    deleted_records = models.CharField(max_length=10, default="no")
    private_network = models.BooleanField(default=False)
    every_hours = models.PositiveIntegerField(_("lịch"), default=24)
    collection = models.ForeignKey(
        Collection, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("bộ sưu tập")
    )
    unit = models.ForeignKey(
        "orgs.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đơn vị phụ trách"),
    )
    rights = models.CharField(_("quyền sử dụng"), max_length=24, choices=Rights, default=Rights.UNKNOWN)
    publish = models.BooleanField(_("đăng ngay"), default=False)
    offer_again = models.BooleanField(_("chia sẻ tiếp"), default=False)
    delete_percent = models.PositiveSmallIntegerField(_("ngưỡng xoá"), default=10)
    most_works = models.PositiveIntegerField(_("nhiều nhất mỗi lần"), null=True, blank=True)
    answer_mb = models.PositiveSmallIntegerField(_("cỡ câu trả lời (MB)"), default=32, db_default=32)
    at_hour = models.PositiveSmallIntegerField(_("giờ bắt đầu"), null=True, blank=True)

    state = models.CharField(max_length=8, choices=SourceState, default=SourceState.ACTIVE)
    last_error = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_full_at = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    since = models.CharField(max_length=20, blank=True)
    token = models.TextField(blank=True)
    busy_by = models.CharField(max_length=32, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    objects = HarvestSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("nguồn thu thập")
        verbose_name_plural = _("nguồn thu thập")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["state", "next_run_at"], name="library_harvest_due")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SourceState.values), name="library_source_state"),
            models.CheckConstraint(condition=Q(delete_percent__lte=100), name="library_source_percent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def external_source(self) -> str:
        """The value of ``Work.external_source`` of its works."""
        return PREFIX + self.key


class HarvestRun(models.Model):
    """One reading of a source from its first page to its last, over any number of interruptions."""

    source = models.ForeignKey(HarvestSource, models.CASCADE, related_name="runs")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=RunState, default=RunState.QUEUED)
    full = models.BooleanField(default=False)
    since = models.CharField(max_length=20, blank=True)
    next_since = models.CharField(max_length=20, blank=True)
    listed = models.BooleanField(default=False)  # the list was read to its end; deletions may follow
    mark = models.CharField(max_length=24, blank=True)  # a token seen earlier, by which endless circles show
    total = models.PositiveIntegerField(null=True, blank=True)
    pages = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    # So many new and changed works and this turn of the run ends; the next goes on. Empty: to the end of the list.
    stop_at = models.PositiveIntegerField(null=True, blank=True)
    resumed = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    job_id = models.PositiveBigIntegerField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("lần thu thập")
        verbose_name_plural = _("lần thu thập")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="library_run_state"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=["queued", "running"]), name="library_run_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"

    @property
    def enough(self) -> bool:
        """Whether this turn took as many works as the source's operator allows."""
        return self.stop_at is not None and self.new + self.changed >= self.stop_at


class HarvestItem(models.Model):
    """One record of a source. ``digest``: of the record as last seen; ``written``: of the work as we last wrote it.

    ``held`` keeps a record that was not taken over, so that a librarian may still take it. ``gone``: the source deleted
    it in this run, not yet carried out.
    """

    source = models.ForeignKey(HarvestSource, models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=200)
    identifier = models.TextField(_("mã ở nguồn"))
    work = models.ForeignKey(Work, models.SET_NULL, null=True, blank=True, related_name="+")
    duplicate_of = models.ForeignKey(Work, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    written = models.CharField(max_length=64, blank=True)
    datestamp = models.CharField(max_length=20, blank=True)
    deleted = models.BooleanField(default=False)
    gone = models.BooleanField(default=False)
    problem = models.CharField(max_length=12, choices=ItemProblem, blank=True)
    message = models.TextField(blank=True)
    held = models.JSONField(null=True, blank=True)
    seen_run = models.ForeignKey(HarvestRun, models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("biểu ghi thu thập")
        verbose_name_plural = _("biểu ghi thu thập")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["source", "problem"], name="library_harvest_problem", condition=~Q(problem="")
            ),
            models.Index(fields=["source", "gone"], name="library_harvest_gone", condition=Q(gone=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="library_harvest_once"),
            models.CheckConstraint(
                condition=Q(problem__in=ItemProblem.values), name="library_harvest_problem_known"
            ),
        ]

    def __str__(self) -> str:
        return self.identifier
