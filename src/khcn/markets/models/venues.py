"""Markets, their hours, and the events that make days unlike the usual."""

from datetime import date
from typing import Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from khcn.core.fields import SortKeyField
from khcn.markets.enums import EventKind
from khcn.markets.permissions import reach_of
from khcn.orgs.models.dated import Dated, DatedQuerySet, dates_in_order

KEY_CHECK = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Mã chỉ gồm chữ thường không dấu, số và dấu gạch nối."))


class MarketQuerySet(DatedQuerySet["Market"]):
    """Markets by reader."""

    def visible_to(self, user: object, on: date | None = None) -> Self:
        """Keep the markets whose full figures ``user`` may read; none for the public (see ``listed``)."""
        reach = reach_of(user, on)
        return self if reach.everything else self.filter(unit_id__in=reach.units)

    def listed(self) -> Self:
        """Keep the markets that have a public page (with suppressed small cells)."""
        return self.filter(is_public=True)


class Market(Dated):
    """One market hall. ``capacity``: people it holds at ease, for crowding; empty: not known."""

    key = models.SlugField(_("Mã địa chỉ"), max_length=60, unique=True, validators=[KEY_CHECK])
    name = models.CharField(_("Tên chợ"), max_length=150)
    sort_key = SortKeyField()
    unit = models.ForeignKey(
        "orgs.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("Đơn vị quản lý")
    )
    address = models.CharField(_("Địa chỉ"), max_length=300, blank=True)
    capacity = models.PositiveIntegerField(_("Sức chứa (người)"), null=True, blank=True)
    is_public = models.BooleanField(_("Có trang công khai"), default=False)
    public_minimum = models.PositiveSmallIntegerField(
        _("Ngưỡng che số nhỏ"),
        default=10,
        help_text=_("Trang công khai không hiện giờ có ít lượt khách hơn số này."),
        validators=[MinValueValidator(2)],
    )
    floor_width_m = models.DecimalField(
        _("Chiều ngang mặt bằng (m)"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    floor_depth_m = models.DecimalField(
        _("Chiều sâu mặt bằng (m)"), max_digits=6, decimal_places=2, null=True, blank=True
    )

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "name")
        verbose_name = _("Chợ")
        verbose_name_plural = _("Chợ")
        constraints = [dates_in_order("markets_market_dates_in_order")]

    def __str__(self) -> str:
        return self.name


class OpeningHours(Dated):
    """When a market is open on one weekday; several rows a day are allowed (a break at noon)."""

    market = models.ForeignKey(Market, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(
        _("Thứ"), validators=[MaxValueValidator(6)], help_text=_("0 là thứ Hai, 6 là Chủ nhật")
    )
    opens = models.TimeField(_("Mở cửa"))
    closes = models.TimeField(_("Đóng cửa"))

    objects = DatedQuerySet["OpeningHours"].as_manager()

    class Meta:
        ordering = ("weekday", "opens")
        verbose_name = _("Giờ mở cửa")
        verbose_name_plural = _("Giờ mở cửa")
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="markets_hours_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="markets_hours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens:%H:%M}-{self.closes:%H:%M}"


class MarketEvent(models.Model):
    """Something that changes the flow: of one market, or of all (``market`` empty)."""

    market = models.ForeignKey(
        Market, on_delete=models.CASCADE, related_name="events", null=True, blank=True, verbose_name=_("Chợ")
    )
    kind = models.CharField(_("Loại"), max_length=12, choices=EventKind)
    title = models.CharField(_("Tên"), max_length=200)
    starts_on = models.DateField(_("Từ ngày"))
    ends_on = models.DateField(_("Đến hết ngày"))
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)

    class Meta:
        ordering = ("-starts_on", "pk")
        verbose_name = _("Sự kiện")
        verbose_name_plural = _("Sự kiện")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="markets_event_in_order"),
            models.UniqueConstraint(
                fields=("market", "kind", "starts_on", "title"), name="markets_event_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.starts_on:%d/%m/%Y})"
