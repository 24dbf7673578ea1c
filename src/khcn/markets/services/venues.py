"""Making and changing markets and their opening hours."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record, snapshot
from khcn.core.errors import PermissionDeniedError
from khcn.engines.text.collate import sort_key
from khcn.markets import permissions
from khcn.markets.errors import VenueError
from khcn.markets.models import Market, MarketDay, OpeningHours
from khcn.markets.models.venues import KEY_CHECK
from khcn.markets.rules.hours import OpenSpan
from khcn.markets.services.rollups import market_rederive
from khcn.orgs.models import Unit

MARKET_FIELDS: Final = (
    "name", "address", "capacity", "is_public", "public_minimum", "floor_width_m", "floor_depth_m", "valid_from",
    "valid_to",
)  # fmt: skip
TAKEN_KEYS: Final = frozenset(
    {"thiet-lap", "so-sanh", "canh-bao"}
)  # pages of the desk stand at these addresses
_SHOWN = ["key", "unit_id", *MARKET_FIELDS]


@transaction.atomic
def market_create(
    *, actor: Actor, key: str, name: str, unit: Unit, now: datetime, values: Mapping[str, Any] | None = None
) -> Market:
    """Add a market of a unit. ``values``: further fields of ``MARKET_FIELDS``. Raises VenueError."""
    if not permissions.can_found(actor):
        raise PermissionDeniedError(
            _("Bạn chưa có quyền thêm chợ. Hãy nhờ người vận hành đếm khách ở các chợ.")
        )
    if KEY_CHECK.regex.fullmatch(key) is None or len(key) > 60:  # type: ignore[union-attr]  # compiled by Django
        raise VenueError("key", _("Mã địa chỉ chỉ gồm chữ thường không dấu, số và dấu gạch nối."))
    if key in TAKEN_KEYS:
        raise VenueError("key", _("Đã có chợ mang mã “%(key)s”. Hãy chọn mã khác.") % {"key": key})
    market = Market(key=key, unit=unit)
    _fill(market, {**(values or {}), "name": name})
    try:
        with transaction.atomic():
            market.save()
    except IntegrityError as error:
        raise VenueError("key", _("Đã có chợ mang mã “%(key)s”. Hãy chọn mã khác.") % {"key": key}) from error
    audit_record(
        actor=actor, action="markets.market.create", target=market, after=snapshot(market, _SHOWN), at=now
    )
    return market


@transaction.atomic
def market_update(*, actor: Actor, market: Market, now: datetime, values: Mapping[str, Any]) -> Market:
    """Change fields of ``MARKET_FIELDS``. Raises VenueError, PermissionDeniedError."""
    market = Market.objects.select_for_update(no_key=True).get(pk=market.pk)
    if not permissions.can_set_up(actor, market):
        raise PermissionDeniedError(_("Bạn chưa có quyền sửa thông tin của chợ này."))
    before = snapshot(market, _SHOWN)
    _fill(market, values)
    market.save()
    after = snapshot(market, _SHOWN)
    if before != after:
        audit_record(
            actor=actor, action="markets.market.update", target=market, before=before, after=after, at=now
        )
    return market


def _fill(market: Market, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(MARKET_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a market: {sorted(unknown)}")
    for field, value in values.items():
        setattr(market, field, value)
    market.name = " ".join(market.name.split())
    if not market.name or len(market.name) > 150:
        raise VenueError("name", _("Hãy ghi tên chợ, không quá 150 ký tự."))
    if market.public_minimum < 2:
        raise VenueError("public_minimum", _("Ngưỡng che số nhỏ phải từ 2 trở lên để không lộ từng người."))
    if market.valid_from and market.valid_to and market.valid_to < market.valid_from:
        raise VenueError("valid_to", _("Ngày kết thúc phải sau ngày bắt đầu."))
    market.sort_key = sort_key(market.name)


@transaction.atomic
def hours_set(
    *, actor: Actor, market: Market, spans: Iterable[OpenSpan], valid_from: date | None, now: datetime
) -> None:
    """Give a market its opening hours from ``valid_from`` on (``None``: for all time); earlier ones end the day before.

    The completeness of days from then on is worked out anew. Raises VenueError when spans overlap.
    """
    market = Market.objects.select_for_update(no_key=True).get(pk=market.pk)
    if not permissions.can_set_up(actor, market):
        raise PermissionDeniedError(_("Bạn chưa có quyền sửa giờ mở cửa của chợ này."))
    wanted = sorted({(span.weekday, span.opens, span.closes) for span in spans})
    for (day, opens, closes), following in zip(wanted, [*wanted[1:], None], strict=True):
        if not 0 <= day <= 6 or closes <= opens:
            raise VenueError("closes", _("Giờ đóng cửa phải sau giờ mở cửa trong cùng một ngày."))
        if following is not None and following[0] == day and following[1] < closes:
            raise VenueError(
                "opens", _("Hai khoảng giờ mở cửa của cùng một ngày chồng lên nhau. Hãy sửa lại.")
            )
    before = _hours_picture(market)
    held = OpeningHours.objects.filter(market=market)
    if valid_from is None:
        held.delete()
    else:
        held.filter(valid_from__gte=valid_from).delete()
        for row in held.filter(valid_to__isnull=True) | held.filter(valid_to__gte=valid_from):
            row.valid_to = valid_from - timedelta(days=1)
            row.save(update_fields=["valid_to"])
    OpeningHours.objects.bulk_create(
        OpeningHours(market=market, weekday=day, opens=opens, closes=closes, valid_from=valid_from)
        for day, opens, closes in wanted
    )
    after = _hours_picture(market)
    if before == after:
        return
    audit_record(
        actor=actor,
        action="markets.hours.set",
        target=market,
        before={"hours": before},
        after={"hours": after},
        at=now,
    )
    first = MarketDay.objects.filter(market=market).order_by("day").values_list("day", flat=True).first()
    if first is not None:
        start = max(first, valid_from) if valid_from else first
        market_rederive(
            market=market, first=datetime.combine(start, now.timetz().min, now.tzinfo) - timedelta(days=1)
        )


def _hours_picture(market: Market) -> list[str]:
    rows = OpeningHours.objects.filter(market=market).order_by("valid_from", "weekday", "opens")
    return [
        f"{row.weekday} {row.opens:%H:%M}-{row.closes:%H:%M} [{row.valid_from or ''}..{row.valid_to or ''}]"
        for row in rows
    ]
