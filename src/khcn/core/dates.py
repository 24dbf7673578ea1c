"""Dates as Vietnamese officials write them, in the zone of Django's settings (Asia/Ho_Chi_Minh)."""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError

_WRITTEN = re.compile(r"^\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})\s*$")
_ISO = re.compile(r"^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?\s*$")
EARLIEST = date(2000, 1, 1)
LATEST = date(2100, 1, 1)  # days that an address may ask for
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


class DateFormatError(KhcnError):
    """Text that is not a date."""

    code = "date-format"


def local(moment: date | datetime) -> date | datetime:
    """Return an aware moment in local time; anything else unchanged."""
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def local_date(moment: date | datetime) -> date:
    """Return the local calendar day of a moment."""
    here = local(moment)
    return here.date() if isinstance(here, datetime) else here


def date_vi(day: date | datetime | None) -> str:
    """Return ``05/06/2021``; empty for ``None``."""
    return "" if day is None else f"{local_date(day):%d/%m/%Y}"


def datetime_vi(moment: datetime | None) -> str:
    """Return ``05/06/2021 14:30``; empty for ``None``."""
    return "" if moment is None else f"{local(moment):%d/%m/%Y %H:%M}"


def month_in_documents(month: int) -> str:
    """Return a month as Decree 30 writes it: only 1 and 2 get a leading zero."""
    if not 1 <= month <= 12:
        raise ValueError(f"month must be 1-12, got {month}")
    return f"{month:02d}" if month <= 2 else str(month)


def date_in_documents(day: date) -> str:
    """Return ``ngày 05 tháng 6 năm 2021``: days below 10, months 1 and 2 get a zero (Decree 30)."""
    return f"ngày {day.day:02d} tháng {month_in_documents(day.month)} năm {day.year}"


def weekday_vi(day: date) -> str:
    """Return the name of the weekday, ``thứ Hai`` to ``Chủ nhật``."""
    return _WEEKDAYS[day.weekday()]


def parse_date(text: str) -> date:
    """Read ``5/6/2021``, ``05-06-2021``, ``05.06.2021`` (day first) or ``2021-06-05``.

    :raises DateFormatError: with a sentence that says which form is expected.
    """
    if match := _WRITTEN.match(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _ISO.match(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        raise DateFormatError(
            _("“%(text)s” không phải là ngày. Hãy viết dạng 05/06/2021.") % {"text": text.strip()[:50]}
        )
    try:
        return date(year, month, day)
    except ValueError:
        text = text.strip()
        raise DateFormatError(
            _("Không có ngày “%(text)s” trong lịch. Hãy kiểm tra lại.") % {"text": text}
        ) from None


def day_of(text: str | None, fallback: date) -> date:
    """Return the day in ``text`` of an address (05/06/2026 or 2026-06-05), or the fallback."""
    try:
        found = parse_date((text or "")[:20])
    except DateFormatError:
        return fallback
    return found if EARLIEST <= found <= LATEST else fallback


def span_between(
    first: str | None, last: str | None, *, fallback: tuple[date, date], longest: int
) -> tuple[date, date]:
    """Return two days of an address in order, at most ``longest`` days."""
    begin, end = day_of(first, fallback[0]), day_of(last, fallback[1])
    if begin > end:
        begin, end = end, begin
    return max(begin, end - timedelta(days=longest - 1)), end
