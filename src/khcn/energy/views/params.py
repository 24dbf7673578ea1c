"""Filters in the address: whatever comes, a page gets sound values."""

from datetime import date, timedelta

from django.http import QueryDict

from khcn.core.dates import DateFormatError, parse_date
from khcn.energy.selectors.months import Month, month_of
from khcn.energy.selectors.overview import KINDS, STATES, Filters

EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 1, 1)


def day_of(text: str | None, fallback: date) -> date:
    """Return the day in ``text`` (05/06/2026 or 2026-06-05), or the fallback."""
    try:
        found = parse_date((text or "")[:20])
    except DateFormatError:
        return fallback
    return found if EARLIEST <= found <= LATEST else fallback


def span_between(
    first: str | None, last: str | None, *, fallback: tuple[date, date], longest: int
) -> tuple[date, date]:
    """Return two days in order, at most ``longest`` days."""
    begin, end = day_of(first, fallback[0]), day_of(last, fallback[1])
    if begin > end:
        begin, end = end, begin
    return max(begin, end - timedelta(days=longest - 1)), end


def month_in(text: str | None, fallback: Month) -> Month:
    """Return the month in ``text`` (2026-10), or the fallback; never one that has not begun."""
    found = month_of((text or "")[:10])
    return found if found is not None and found <= fallback else fallback


def year_in(text: str | None, fallback: int) -> int:
    """Return the year in ``text``, or the fallback; never one that has not begun."""
    text = (text or "")[:4]
    if len(text) == 4 and text.isascii() and text.isdigit() and EARLIEST.year <= int(text) <= fallback:
        return int(text)
    return fallback


def number_in(text: str | None) -> int | None:
    """Return a row's number in ``text``, or None."""
    text = (text or "")[:19]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def filters_in(query: QueryDict) -> Filters:
    """Return what the overview was asked for."""
    kind, state = query.get("loai", ""), query.get("tinh-trang", "")
    return Filters(
        unit=number_in(query.get("don-vi")),
        kind=kind if kind in KINDS else "",
        state=state if state in STATES else "",
        text=query.get("ten", "").replace("\x00", "").strip()[:60],
    )
