"""What anybody may read by the API: markets with a public page, and their days with small ones left out."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _
from ninja import Schema

from khcn.core.dates import parse_date
from khcn.core.errors import KhcnError, NotFoundError
from khcn.markets.models import Market
from khcn.markets.selectors.figures import days_between, hours_on
from khcn.markets.selectors.places import window_of
from khcn.markets.selectors.public import PublicHour, published, published_sum

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
    """Return finished days as sums of the hours that the public page tells: small hours are in no sum here either,
    or the two would give a hidden hour away. A day without any hour to tell has no figure.

    Raises NotFoundError, DaysAskedError.
    """
    market = public_market(key, today)
    end = min(_day(last) or today - timedelta(days=1), today - timedelta(days=1))
    start = _day(first) or end - timedelta(days=29)
    if (end - start).days >= MOST_DAYS:
        raise DaysAskedError(
            _("Mỗi lần chỉ xem được %(days)s ngày. Hãy chọn khoảng ngắn hơn.") % {"days": MOST_DAYS}
        )
    days = {row.day: row for row in days_between([market.pk], start, end).get(market.pk, [])}
    rows = hours_on([market.pk], Q(day__gte=start, day__lte=end)).get(market.pk, [])
    hours: dict[date, list[PublicHour]] = defaultdict(list)
    for hour in published(rows, market, window_of(today, today)[0]):
        hours[hour.day].append(hour)
    return [
        {
            "day": day.isoformat(),
            "visitors": published_sum(hours[day]),
            "completeness": round(row.completeness, 3),
        }
        for day, row in days.items()
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
