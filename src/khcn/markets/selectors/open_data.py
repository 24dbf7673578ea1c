"""What anybody may read by the API: markets with a public page, and their days with small ones left out."""

from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from ninja import Schema

from khcn.core.dates import parse_date
from khcn.core.errors import KhcnError, NotFoundError
from khcn.markets.models import Market, MarketDay

MOST_DAYS: Final = 400


class MarketOut(Schema):
    """A market with a public page."""

    key: str
    name: str
    address: str
    public_minimum: int


class DaysAskedError(KhcnError):
    """Days that cannot be read or are too many."""

    code = "days"
    status = 422


def public_markets(today: date) -> list[Market]:
    """Return the markets with a public page, in Vietnamese order."""
    return list(Market.objects.listed().in_force(today))


def public_market(key: str, today: date) -> Market:
    """Return one of them. Raises NotFoundError."""
    market = Market.objects.listed().in_force(today).filter(key=key).first()
    if market is None:
        raise NotFoundError(
            _("Không có chợ nào có trang công khai ở địa chỉ này. Hãy xem danh sách các chợ.")
        )
    return market


def public_days(key: str, first: str, last: str, today: date) -> list[dict[str, Any]]:
    """Return finished days; one with 1 to ``public_minimum`` - 1 visitors has no figure. No sums are given.

    Raises NotFoundError, DaysAskedError.
    """
    market = public_market(key, today)
    end = min(_day(last) or today - timedelta(days=1), today - timedelta(days=1))
    start = _day(first) or end - timedelta(days=29)
    if (end - start).days >= MOST_DAYS:
        raise DaysAskedError(
            _("Mỗi lần chỉ xem được %(days)s ngày. Hãy chọn khoảng ngắn hơn.") % {"days": MOST_DAYS}
        )
    rows = MarketDay.objects.filter(market=market, day__gte=start, day__lte=end).order_by("day")
    return [
        {
            "day": row.day.isoformat(),
            "visitors": row.count_in if row.count_in == 0 or row.count_in >= market.public_minimum else None,
            "completeness": round(row.completeness, 3),
        }
        for row in rows
    ]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parse_date(text)
    except (ValueError, KhcnError) as error:
        raise DaysAskedError(
            _("Không đọc được ngày “%(text)s”. Hãy viết dạng 2026-03-16.") % {"text": text[:20]}
        ) from error
