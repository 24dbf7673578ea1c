"""Tables of the catalogue: names of people and bodies (authorities), what ties works to them, and files of records."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.library.enums import AuthorityKind, CatalogueState, TieRole
from khcn.library.models.taxonomy import Collection
from khcn.library.models.works import Work
from khcn.library.permissions import reach_of


class Authority(models.Model):
    """One person or body, however the works spell the name.

    ``key`` is the normal form of the heading. Two people with one name have one key and different ``distinct``; what tells
    them apart for a reader is ``qualifier``. A row that was merged stays, so that its address leads on.
    """

    kind = models.CharField(_("loại"), max_length=12, choices=AuthorityKind, default=AuthorityKind.PERSON)
    heading = models.CharField(_("tên"), max_length=300)
    qualifier = models.CharField(_("để phân biệt"), max_length=120, blank=True)
    key = models.CharField(max_length=200, editable=False)
    distinct = models.PositiveSmallIntegerField(default=1, editable=False)
    sort_key = SortKeyField()
    letter = models.CharField(max_length=2, editable=False)
    dates = models.CharField(_("năm sinh, năm mất"), max_length=60, blank=True)
    orcid = models.CharField("ORCID", max_length=19, blank=True)
    isni = models.CharField("ISNI", max_length=16, blank=True)
    viaf = models.CharField("VIAF", max_length=22, blank=True)
    note = models.TextField(_("ghi chú"), blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = _("tên tác giả")
        verbose_name_plural = _("tên tác giả")
        ordering = ["sort_key", "id"]
        indexes = [
            models.Index(fields=["letter", "sort_key"], name="library_auth_letter"),
            models.Index(fields=["sort_key"], name="library_auth_sort"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "distinct"], name="library_auth_name"),
            models.UniqueConstraint(fields=["orcid"], condition=~Q(orcid=""), name="library_auth_orcid"),
            models.CheckConstraint(condition=~Q(heading=""), name="library_auth_has_heading"),
            models.CheckConstraint(condition=Q(kind__in=AuthorityKind.values), name="library_auth_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.heading} ({self.qualifier})" if self.qualifier else self.heading


class AuthorityName(models.Model):
    """One spelling by which an authority is found: its heading, and every variant."""

    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=300)
    key = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["key"], name="library_auth_spelling")]
        constraints = [
            models.UniqueConstraint(fields=["authority", "key"], name="library_auth_spelling_once")
        ]

    def __str__(self) -> str:
        return self.name


class AuthorityTie(models.Model):
    """Who made a work, or had a part in it. ``certain`` is false where two people bear the name and nobody has chosen."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="ties")
    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="authority_ties")
    role = models.CharField(max_length=12, choices=TieRole)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=300)
    certain = models.BooleanField(default=True)

    class Meta:
        ordering = ["work_id", "role", "position"]
        constraints = [
            models.UniqueConstraint(fields=["work", "role", "position"], name="library_tie_place"),
        ]

    def __str__(self) -> str:
        return self.name


class CatalogueFileQuerySet(models.QuerySet["CatalogueFile"]):
    """Reads of files of records."""

    def visible_to(self, user: Any) -> "CatalogueFileQuerySet":
        """Librarians and auditors see all files, nobody else any."""
        return self.all() if user is None or reach_of(user).everything else self.none()


class CatalogueFile(models.Model):
    """A file of catalogue records on its way in: read, shown, confirmed, brought in."""

    name = models.CharField(_("tên tệp"), max_length=200)
    format = models.CharField(max_length=12, blank=True)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=CatalogueState, default=CatalogueState.READING)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey("orgs.Unit", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    collection = models.ForeignKey(
        Collection, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    publish = models.BooleanField(default=False)
    doubles = models.BooleanField(default=False)
    job_id = models.PositiveBigIntegerField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    faults = models.JSONField(default=list, blank=True)
    sample = models.JSONField(default=list, blank=True)
    message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogueFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("tệp biên mục")
        verbose_name_plural = _("tệp biên mục")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CatalogueState.values), name="library_catalogue_state"
            ),
        ]

    def __str__(self) -> str:
        return self.name
