"""Exhibitions and meetings: who shows what, where its booth stands, and who asked to be called back."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import acting
from khcn.programmes.rules.exhibitions import ExhibitorKind, ExhibitorState


class ExhibitorQuerySet(models.QuerySet["Exhibitor"]):
    """Exhibitors by reader and state."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep rows that ``user`` may read: the focal unit and the auditor all, a unit its own programmes'."""
        reach = acting(user, on)
        if reach.officer or reach.focal_head or reach.auditor:
            return self
        return self.filter(programme__unit_id__in=reach.units)

    def proven(self) -> Self:
        """Leave out applications whose address nobody proved."""
        return self.exclude(proven_at=None)

    def shown(self) -> Self:
        """Keep what everybody may see."""
        return self.filter(state=ExhibitorState.ACCEPTED)


class Exhibitor(models.Model):
    """An enterprise, a school, an incubator that shows something. Its contact manages it by secret link.

    The contact's name and address are for the organisers only; the public sees name, text, website and products.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="exhibitors")
    key = models.SlugField(max_length=80)  # in its public address
    state = models.CharField(max_length=10, choices=ExhibitorState, default=ExhibitorState.ASKED)
    kind = models.CharField(_("Bạn là"), max_length=12, choices=ExhibitorKind)
    name = models.CharField(_("Tên đơn vị trưng bày"), max_length=200)
    folded_name = models.CharField(max_length=200, blank=True, editable=False)
    sort_key = SortKeyField()
    party = models.ForeignKey("orgs.Party", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    text = models.TextField(_("Giới thiệu ngắn"), blank=True)
    website = models.URLField(_("Trang mạng"), max_length=300, blank=True)
    contact_name = models.CharField(_("Người phụ trách"), max_length=150, blank=True)
    contact_address = models.CharField(max_length=254, blank=True)
    token = models.CharField(max_length=64, unique=True)
    client_key = models.CharField(max_length=40, blank=True)
    proven_at = models.DateTimeField(null=True, blank=True)  # by a code, or written in by the organisers
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)  # what the organisers wrote with their decision
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = ExhibitorQuerySet.as_manager()

    class Meta:
        ordering = ("programme_id", "sort_key", "pk")
        verbose_name = _("Đơn vị trưng bày")
        verbose_name_plural = _("Đơn vị trưng bày")
        constraints = [
            models.UniqueConstraint(fields=("programme", "key"), name="programmes_exhibitor_key"),
            models.UniqueConstraint(
                fields=("programme", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_exhibitor_once",
            ),
        ]
        indexes = [models.Index(fields=("programme", "state"), name="programmes_exhibitors")]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A product or a work that an exhibitor shows. ``makers`` of pupils' works are shown with both consents only."""

    exhibitor = models.ForeignKey(Exhibitor, on_delete=models.CASCADE, related_name="products")
    title = models.CharField(_("Tên sản phẩm"), max_length=200)
    folded_title = models.CharField(max_length=200, blank=True, editable=False)
    text = models.TextField(_("Mô tả"), blank=True)
    makers = models.CharField(_("Người làm"), max_length=300, blank=True)
    by_pupils = models.BooleanField(_("Do học sinh làm"), default=False)
    record = models.CharField(max_length=120, blank=True)  # reference "library.work:17"
    order = models.PositiveSmallIntegerField(default=0)
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("exhibitor_id", "order", "pk")
        verbose_name = _("Sản phẩm trưng bày")
        verbose_name_plural = _("Sản phẩm trưng bày")
        constraints = [
            models.UniqueConstraint(
                fields=("exhibitor", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_product_once",
            )
        ]

    def __str__(self) -> str:
        return self.title


class ProductPicture(models.Model):
    """A picture of a product, written anew when it was kept. ``alt`` tells who cannot see it what it shows."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200)
    alt = models.CharField(_("Ảnh chụp gì"), max_length=200)

    class Meta:
        ordering = ("product_id", "pk")
        verbose_name = _("Ảnh sản phẩm")
        verbose_name_plural = _("Ảnh sản phẩm")

    def __str__(self) -> str:
        return self.alt


class FloorPlan(models.Model):
    """A hall: a picture, or a plain sheet when there is none. Booths stand on it in percent of its sides."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="floor_plans")
    title = models.CharField(_("Tên sơ đồ"), max_length=150)
    picture = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(default=300)  # proportions, of the picture in pixels
    height = models.PositiveIntegerField(default=200)

    class Meta:
        ordering = ("programme_id", "pk")
        verbose_name = _("Sơ đồ gian trưng bày")
        verbose_name_plural = _("Sơ đồ gian trưng bày")

    def __str__(self) -> str:
        return self.title


class Booth(models.Model):
    """A stand on a plan; ``x``, ``y``, ``w``, ``h`` in percent."""

    plan = models.ForeignKey(FloorPlan, on_delete=models.CASCADE, related_name="booths")
    number = models.CharField(_("Số gian"), max_length=12)
    order = models.PositiveIntegerField(default=0)
    x = models.PositiveSmallIntegerField(_("Cách mép trái (%)"))
    y = models.PositiveSmallIntegerField(_("Cách mép trên (%)"))
    w = models.PositiveSmallIntegerField(_("Rộng (%)"))
    h = models.PositiveSmallIntegerField(_("Cao (%)"))
    exhibitor = models.ForeignKey(
        Exhibitor, on_delete=models.SET_NULL, null=True, blank=True, related_name="booths"
    )

    class Meta:
        ordering = ("plan_id", "order", "number")
        verbose_name = _("Gian trưng bày")
        verbose_name_plural = _("Gian trưng bày")
        constraints = [
            models.UniqueConstraint(fields=("plan", "number"), name="programmes_booth_number"),
            models.CheckConstraint(
                condition=Q(w__gt=0, h__gt=0) & Q(x__lte=100 - F("w")) & Q(y__lte=100 - F("h")),
                name="programmes_booth_inside",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VisitorContactQuerySet(models.QuerySet["VisitorContact"]):
    """Contacts by reader: nobody on the desk reads them, only the exhibitor by its link."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep what the organisers may count."""
        reach = acting(user, on)
        if reach.officer or reach.focal_head or reach.auditor:
            return self
        return self.filter(exhibitor__programme__unit_id__in=reach.units)

    def standing(self) -> Self:
        """Keep what the exhibitor may read: proven, not taken back."""
        return self.filter(confirmed_at__isnull=False, withdrawn_at=None, erased_at=None)


class VisitorContact(models.Model):
    """What a visitor, or another exhibitor, left for ONE exhibitor, with consent. Empty after it was taken back."""

    exhibitor = models.ForeignKey(Exhibitor, on_delete=models.PROTECT, related_name="contacts")
    sender = models.ForeignKey(
        Exhibitor, on_delete=models.PROTECT, null=True, blank=True, related_name="wishes"
    )
    name = models.CharField(_("Tên bạn"), max_length=150, blank=True)
    address = models.CharField(max_length=254, blank=True)
    message = models.CharField(_("Bạn quan tâm điều gì"), max_length=1000, blank=True)
    wants_meeting = models.BooleanField(_("Tôi muốn hẹn gặp"), default=False)
    token = models.CharField(max_length=64, unique=True)
    client_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = VisitorContactQuerySet.as_manager()

    class Meta:
        ordering = ("-confirmed_at", "-pk")
        verbose_name = _("Liên hệ của khách")
        verbose_name_plural = _("Liên hệ của khách")
        constraints = [
            models.UniqueConstraint(
                fields=("exhibitor", "client_key"),
                condition=~Q(client_key=""),
                name="programmes_visitorcontact_once",
            )
        ]
        indexes = [models.Index(fields=("exhibitor", "confirmed_at"), name="programmes_contacts_of")]

    def __str__(self) -> str:
        return f"#{self.pk}"
