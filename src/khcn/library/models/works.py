"""The work: one thing the library holds, with its description, its state and who may read it."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.library.enums import Rights, Visibility, WorkKind, WorkState
from khcn.library.models.taxonomy import Audience, Collection, Subject
from khcn.library.permissions import Reach, reach_of

if TYPE_CHECKING:
    from khcn.library.models.legal import LegalRecord


class WorkQuerySet(models.QuerySet["Work"]):
    """Every read of works starts here."""

    def readable_by(self, reach: Reach) -> Self:
        """Published works that somebody with this reach may open. The same predicate as the index tokens."""
        published = self.filter(state=WorkState.PUBLISHED)
        if reach.everything:
            return published
        allowed = Q(visibility=Visibility.PUBLIC)
        if reach.signed_in:
            allowed |= Q(visibility=Visibility.SIGNED_IN)
        if reach.units:
            named = Work.units.through.objects.filter(unit_id__in=reach.units).values("work_id")
            allowed |= Q(visibility=Visibility.UNITS, pk__in=named)
        seen = Q(embargoed=False) & allowed
        if reach.units:
            seen |= Q(owner_unit_id__in=reach.units)
        return published.filter(seen)

    def published_to(self, user: Any) -> Self:
        """Published works that ``user`` (or a visitor) may open."""
        return self.readable_by(reach_of(user))

    def visible_to(self, user: Any) -> Self:
        """What ``user`` may see anywhere: what is published to them, own deposits and those of their units.

        Librarians and auditors see every state; nobody else sees another unit's unpublished work.
        """
        reach = reach_of(user)
        if reach.everything:
            return self.all()
        seen = Q(pk__in=Work.objects.readable_by(reach).values("pk"))
        if reach.user_id is not None:
            seen |= Q(submitted_by_id=reach.user_id)
        if reach.units:
            seen |= Q(owner_unit_id__in=reach.units)
        return self.filter(seen)


class Work(models.Model):
    """One work. Fields follow Dublin Core and DataCite; those of official papers stand in ``LegalRecord``."""

    legal: "LegalRecord"

    external_source = models.CharField(max_length=40, blank=True, editable=False)
    external_id = models.CharField(_("mã bên ngoài"), max_length=200, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    text_hash = models.CharField(max_length=64, blank=True, editable=False)
    kind = models.CharField(_("loại"), max_length=12, choices=WorkKind, default=WorkKind.DOCUMENT)
    state = models.CharField(_("trạng thái"), max_length=12, choices=WorkState, default=WorkState.DRAFT)

    title = models.CharField(_("nhan đề"), max_length=500)
    title_en = models.CharField(_("nhan đề tiếng Anh"), max_length=500, blank=True)
    slug = models.SlugField(max_length=120, blank=True, editable=False)
    sort_key = SortKeyField()
    abstract = models.TextField(_("tóm tắt"), blank=True)
    body = models.TextField(
        _("nội dung bài viết"), blank=True, help_text=_("HTML đã làm sạch, chỉ cho bài viết.")
    )
    creators = models.JSONField(_("tác giả"), default=list, blank=True)
    contributors = models.JSONField(_("người đóng góp"), default=list, blank=True)
    publisher = models.CharField(_("nhà xuất bản"), max_length=200, blank=True)
    issued_year = models.PositiveSmallIntegerField(_("năm"), null=True, blank=True)
    issued_date = models.DateField(_("ngày ban hành"), null=True, blank=True)
    language = models.CharField(_("ngôn ngữ"), max_length=8, default="vi")
    identifiers = models.JSONField(_("mã định danh"), default=list, blank=True)
    rights = models.CharField(_("quyền sử dụng"), max_length=24, choices=Rights, default=Rights.UNKNOWN)
    rights_note = models.CharField(_("ghi chú về quyền"), max_length=500, blank=True)
    source = models.CharField(_("nguồn"), max_length=500, blank=True)
    coverage = models.CharField(_("phạm vi"), max_length=200, blank=True)
    resource_type = models.CharField(_("thể loại"), max_length=100, blank=True)
    url = models.URLField(_("địa chỉ"), max_length=1000, blank=True)
    ddc = models.CharField(_("số phân loại DDC"), max_length=21, blank=True, default="", db_default="")
    extra = models.JSONField(_("trường khác"), default=dict, blank=True)

    collections = models.ManyToManyField(
        Collection, verbose_name=_("bộ sưu tập"), blank=True, related_name="works"
    )
    subjects = models.ManyToManyField(Subject, verbose_name=_("chủ đề"), blank=True, related_name="works")
    audiences = models.ManyToManyField(
        Audience, verbose_name=_("đối tượng"), blank=True, related_name="works"
    )

    owner_unit = models.ForeignKey(
        "orgs.Unit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("đơn vị"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    visibility = models.CharField(
        _("ai được đọc"), max_length=12, choices=Visibility, default=Visibility.PUBLIC
    )
    units = models.ManyToManyField(
        "orgs.Unit", blank=True, related_name="+", verbose_name=_("các đơn vị được đọc")
    )
    embargo_until = models.DateField(_("chưa công bố trước ngày"), null=True, blank=True)
    # Kept true by the services and made false by the periodic tick, so that no query needs a clock.
    embargoed = models.BooleanField(default=False, editable=False)
    publish_at = models.DateTimeField(_("đăng vào lúc"), null=True, blank=True)
    tombstone_reason = models.CharField(_("lý do rút"), max_length=500, blank=True)

    sensitive = models.BooleanField(_("có dấu hiệu nhạy cảm"), default=False)
    sensitive_findings = models.JSONField(default=list, blank=True, editable=False)
    sensitive_cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sensitive_cleared_at = models.DateTimeField(null=True, blank=True)

    # The number of the present version; only ``services.versions`` changes it, by a conditional UPDATE.
    version = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    page_count = models.PositiveIntegerField(default=0, editable=False)
    view_count = models.PositiveIntegerField(default=0, editable=False)
    download_count = models.PositiveIntegerField(default=0, editable=False)
    warnings = models.JSONField(default=list, blank=True, editable=False)

    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("tài liệu")
        verbose_name_plural = _("tài liệu")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "-published_at", "-id"], name="library_work_newest"),
            # The whole order of the lists of programs: what has one moment in common (an import) is not sorted anew.
            models.Index(fields=["state", "-updated_at", "-id"], name="library_work_changed"),
            models.Index(fields=["state", "sort_key", "id"], name="library_work_by_title"),
            models.Index(fields=["state", "id"], name="library_work_number"),
            models.Index(fields=["owner_unit", "state"], name="library_work_unit"),
            models.Index(fields=["sort_key"], name="library_work_title"),
            models.Index(fields=["text_hash"], name="library_work_text", condition=~Q(text_hash="")),
            models.Index(fields=["ddc"], name="library_work_ddc", condition=~Q(ddc="")),
            models.Index(
                fields=["publish_at"], name="library_work_due", condition=Q(publish_at__isnull=False)
            ),
            models.Index(fields=["embargo_until"], name="library_work_embargo", condition=Q(embargoed=True)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=~Q(external_id=""),
                name="library_work_external",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="library_work_has_title"),
            models.CheckConstraint(condition=Q(kind__in=WorkKind.values), name="library_work_kind"),
            models.CheckConstraint(condition=Q(state__in=WorkState.values), name="library_work_state"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="library_work_visibility"
            ),
            models.CheckConstraint(
                condition=Q(sensitive=False)
                | Q(sensitive_cleared_at__isnull=False)
                | ~Q(state=WorkState.PUBLISHED),
                name="library_work_sensitive_cleared",
            ),
            models.CheckConstraint(
                condition=Q(sensitive_cleared_at__isnull=True) | Q(sensitive_cleared_by__isnull=False),
                name="library_work_cleared_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state=WorkState.PUBLISHED) | Q(published_at__isnull=False),
                name="library_work_published_when",
            ),
            models.CheckConstraint(
                condition=Q(embargoed=False) | Q(embargo_until__isnull=False),
                name="library_work_embargo_date",
            ),
            models.CheckConstraint(
                condition=Q(issued_year__isnull=True) | Q(issued_year__gte=1, issued_year__lte=2200),
                name="library_work_year",
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(reviewer=F("submitted_by")),
                name="library_work_other_reviewer",
            ),
        ]

    def __str__(self) -> str:
        return self.title
