"""Filters in the address: whatever comes, a page gets sound values."""

from datetime import date, timedelta

from khcn.core.dates import DateFormatError, parse_date

EARLIEST = date(2000, 1, 1)


def day_of(text: str | None, fallback: date) -> date:
    """Return the day in ``text`` (05/06/2026 or 2026-06-05), or the fallback."""
    try:
        found = parse_date((text or "")[:20])
    except DateFormatError:
        return fallback
    return found if EARLIEST <= found <= date(2100, 1, 1) else fallback


def span_between(
    first: str | None, last: str | None, *, fallback: tuple[date, date], longest: int
) -> tuple[date, date]:
    """Return two days in order, at most ``longest`` days."""
    begin, end = day_of(first, fallback[0]), day_of(last, fallback[1])
    if begin > end:
        begin, end = end, begin
    return max(begin, end - timedelta(days=longest - 1)), end
