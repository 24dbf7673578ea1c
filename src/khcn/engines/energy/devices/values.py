"""What devices write as numbers and times, read without trust: pure functions, no exception leaves them."""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from khcn.engines.energy.devices.protocol import RAW_LIMIT
from khcn.engines.energy.devices.units import to_canonical
from khcn.engines.energy.metrics import metric_of

_NUMBER: Final = re.compile(r"([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d{1,3})?)\s*([^\d\s].{0,15})?")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3},\d{3}")
_LARGEST: Final = 1e15
EARLIEST_MS: Final = 946_684_800_000  # 2000-01-01: no device clock that was ever set is before it
AHEAD_MS: Final = 5 * 60_000  # a clock this much fast is still believed
_NO_NUMBER: Final = (
    (type(None), "reading-missing"), (bool, "reading-boolean"), (dict | list | tuple, "reading-too-deep"),
)  # fmt: skip
_NOT_FINITE: Final = {"nan", "inf", "-inf", "+inf", "infinity", "-infinity", "-nan"}


def raw_text(said: Any) -> str:
    """Return what a device said as text, shortened to what a sample keeps."""
    try:
        text = said if isinstance(said, str) else repr(said)
    except (ValueError, RecursionError):  # an integer of 5,000 digits cannot be written out
        text = f"<{type(said).__name__}>"
    return text.replace("\x00", "\ufffd")[:RAW_LIMIT]


def read_number(said: Any) -> tuple[float | None, str, str]:
    """Return (number, unit written behind it, problem code). ``"12.3 kW"`` gives ``(12.3, "kW", "")``.

    A comma is a decimal comma (``12,5``) unless it could be a thousands separator (``1,234``): then the number is not
    guessed and the problem is ``reading-ambiguous``.
    """
    if isinstance(said, str):
        return _number_of_text(said.strip())
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _finite(said)
    for kind, problem in _NO_NUMBER:
        if isinstance(said, kind):
            return None, "", problem
    return None, "", "reading-not-number"


def read_value(said: Any, metric: str, unit: str = "") -> tuple[float | None, str]:
    """Return (value in the canonical unit of ``metric``, problem code). ``unit``: of a number that carries none."""
    number, written, problem = read_number(said)
    if number is None:
        return None, problem
    value = to_canonical(number, written or unit, metric_of(metric).unit)
    return (value, "") if value is not None else (None, "reading-unit")


def read_time(said: Any, zone: str, received_ms: int) -> tuple[int | None, str]:
    """Return (ms UTC, problem code) of an ISO time or an epoch in s, ms, us or ns.

    A time without a zone is local to ``zone``. None with ``reading-time`` (cannot be read) or ``reading-clock``
    (before 2000, or more than five minutes after ``received_ms``: a clock in 1970 or in 2040).
    """
    if isinstance(said, bool) or said is None:
        return None, "reading-time"
    if isinstance(said, int | float):
        ms = _epoch_ms(said)
    elif isinstance(said, str):
        ms = _iso_ms(said.strip(), zone)
    else:
        ms = None
    if ms is None:
        return None, "reading-time"
    if not EARLIEST_MS <= ms <= received_ms + AHEAD_MS:
        return None, "reading-clock"
    return ms, ""


def _number_of_text(text: str) -> tuple[float | None, str, str]:
    if text.lower() in _NOT_FINITE:
        return None, "", "reading-not-finite"
    found = _NUMBER.fullmatch(text) if len(text) <= 60 else None
    if found is None:
        return None, "", "reading-not-number" if text else "reading-missing"
    if _THOUSANDS.fullmatch(found[1]):
        return None, "", "reading-ambiguous"
    number, _, problem = _finite(float(found[1].replace(",", ".")))
    return number, (found[2] or "").strip(), problem


def _finite(number: int | float) -> tuple[float | None, str, str]:
    try:
        value = float(number)
    except OverflowError:
        return None, "", "reading-not-finite"
    if not math.isfinite(value):
        return None, "", "reading-not-finite"
    return (value, "", "") if abs(value) <= _LARGEST else (None, "", "reading-out-of-range")


def _epoch_ms(said: int | float) -> int | None:
    try:
        number = float(said)
    except OverflowError:
        return None
    if not math.isfinite(number) or abs(number) > 1e20:
        return None
    for limit, scale in ((1e11, 1e3), (1e14, 1.0), (1e17, 1e-3)):
        if abs(number) < limit:
            return round(number * scale)
    return round(number * 1e-6)


def _iso_ms(text: str, zone: str) -> int | None:
    if not text or len(text) > 40:
        return None
    if re.fullmatch(r"[+-]?\d{9,19}(\.\d{1,9})?", text):
        return _epoch_ms(float(text))
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(zone))
        return round((found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    except (ValueError, OverflowError, KeyError, OSError):  # OSError, KeyError: a zone that does not exist
        return None
