"""Imports: each batch, and what became of each of its files."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.library.enums import BatchOrigin, BatchState, ItemState
from khcn.library.models.taxonomy import Collection
from khcn.library.models.works import Work
from khcn.library.permissions import reach_of


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    """Reads of imports."""

    def visible_to(self, user: object) -> "ImportBatchQuerySet":
        """A person sees own imports; librarians and auditors see all."""

        reach = reach_of(user)
        if reach.everything:
            return self.all()
        return self.filter(actor_id=reach.user_id) if reach.user_id is not None else self.none()


class ImportBatch(models.Model):
    """One import: files dropped into the form, or one run of ``khcn library import``."""

    origin = models.CharField(max_length=8, choices=BatchOrigin)
    state = models.CharField(max_length=8, choices=BatchState, default=BatchState.RUNNING)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    publish = models.BooleanField(default=False)
    paths = models.JSONField(default=list, blank=True)
    # The key by which a program handed it in; when it is revoked, what still waits is not taken.
    token = models.ForeignKey(
        "core.ApiToken", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    job_id = models.PositiveBigIntegerField(null=True, blank=True)
    imported = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("đợt nhập")
        verbose_name_plural = _("đợt nhập")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_origin_display()} {self.pk}"


class ImportItem(models.Model):
    """One file (or one broken line) of an import, always in a state that a person can see."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    name = models.CharField(_("tên tệp"), max_length=1000)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=20, choices=ItemState, default=ItemState.PENDING)
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(_("chuyện gì đã xảy ra"), max_length=1000, blank=True)
    remedy = models.CharField(_("cần làm gì"), max_length=1000, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    pages = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    work = models.ForeignKey(Work, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    duplicate_of = models.ForeignKey(Work, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tệp trong đợt nhập")
        verbose_name_plural = _("tệp trong đợt nhập")
        ordering = ["position"]
        indexes = [models.Index(fields=["state"], name="library_item_state")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="library_item_position"),
            models.CheckConstraint(condition=Q(state__in=ItemState.values), name="library_item_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ItemState.FAILED) | ~Q(message=""), name="library_item_failed_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.name
