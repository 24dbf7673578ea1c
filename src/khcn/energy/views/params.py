"""Filters in the address: whatever comes, a page gets sound values."""

from django.http import QueryDict

from khcn.core.dates import EARLIEST
from khcn.core.months import Month, month_of
from khcn.energy.selectors.overview import KINDS, STATES, Filters


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
