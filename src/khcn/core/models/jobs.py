"""Background work that staff can see."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.actors import LABEL_LENGTH, Actor, actor_id
from khcn.core.enums import JOB_ACTIVE, JOB_RETRYABLE, JobState
from khcn.core.visibility import VisibilityRules

job_visibility = VisibilityRules("job visibility")


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs and who may see them."""

    def visible_to(self, user: Actor) -> "JobQuerySet":
        """Return a person's own jobs and what the registered predicates add."""
        own = actor_id(user)
        if own is None:
            return self.none()
        return self.filter(Q(actor_id=own) | job_visibility.query(user))

    def active(self) -> "JobQuerySet":
        """Return jobs that wait or run."""
        return self.filter(state__in=JOB_ACTIVE)


class Job(models.Model):
    """One piece of background work. ``arguments`` hold what a retry needs (ids and options, JSON)."""

    kind = models.CharField(max_length=100)
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=12, choices=JobState, default=JobState.RUNNING)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    arguments = models.JSONField(default=dict, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    error = models.TextField(blank=True)
    worker = models.CharField(max_length=150, blank=True)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    retried_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("việc chạy nền")
        verbose_name_plural = _("việc chạy nền")
        indexes = (
            models.Index(fields=["state", "heartbeat_at"], name="core_job_state"),
            models.Index(fields=["actor", "-id"], name="core_job_actor"),
            models.Index(fields=["kind", "-id"], name="core_job_kind"),
        )
        constraints = (
            models.CheckConstraint(
                name="core_job_finished",
                condition=Q(state__in=sorted(JOB_ACTIVE), finished_at__isnull=True)
                | (~Q(state__in=sorted(JOB_ACTIVE)) & Q(finished_at__isnull=False)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} ({self.get_state_display()})"

    @property
    def is_active(self) -> bool:
        """Whether the job waits or runs."""
        return self.state in JOB_ACTIVE

    @property
    def is_retryable(self) -> bool:
        """Whether the job ended without success and nobody has retried it."""
        return self.state in JOB_RETRYABLE and self.retried_at is None

    @property
    def percent(self) -> int | None:
        """Progress in whole percent, ``None`` while the total is unknown."""
        return None if not self.total else min(100, self.done * 100 // self.total)
