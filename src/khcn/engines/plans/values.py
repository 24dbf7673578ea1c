"""Amounts of money and days as people write them in plans and tables, of either convention of separators.

An amount is whole Vietnamese đồng. ``1.500.000``, ``1,500,000``, ``1 500 000``, ``1.500.000,50``, ``1,5 triệu`` and
``1 tỷ 200 triệu`` are all read; what two readings fit is decided and noted, what contradicts itself is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from khcn.engines.plans.types import NOTHING
from khcn.engines.text.fold import fold, nfc

MAX_DIGITS: Final = 17
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009'’]+")
_CURRENCY: Final = re.compile(r"(?:vnd|dong|₫|\bd\b|(?<=\d)d\b)\.?")
_SCALES: Final = {
    "nghin": 3, "ngan": 3, "trieu": 6, "tr": 6, "ty": 9, "ti": 9, "nghin ty": 12, "ngan ty": 12,
}  # fmt: skip
_PIECE: Final = re.compile(
    r"(?P<number>\d[\d.,]*)(?P<scale>nghin ty|ngan ty|nghinty|nganty|nghin|ngan|trieu|tr|ty|ti)?"
)
_EXPONENT: Final = re.compile(r"\d+(?:\.\d+)?e\+?\d{1,2}")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?Z?")
_DAY_FIRST: Final = re.compile(r"(?:ngay )?(\d{1,2})\s*([/.-])\s*(\d{1,2})\s*\2\s*(\d{4})")
_WORDS: Final = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})")


class ValueFault(Exception):
    """A value that cannot be read. ``code`` chooses the sentence in ``messages.py``."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, Any] = params


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in đồng. ``note``: the code of what was decided while reading it, or ""."""

    vnd: Decimal
    note: str = ""
    params: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


def read_amount(value: object) -> Amount:
    """Read an amount of money in whole đồng. Raises :class:`ValueFault` naming what is wrong."""
    shown = nfc(str(value)).strip()
    if isinstance(value, bool) or not shown:
        raise ValueFault("amount", value=shown)
    text = _SPACES.sub(" ", fold(shown)).strip()
    if text.startswith(("-", "−")) or (text.startswith("(") and text.endswith(")")):
        raise ValueFault("amount-negative", value=shown)
    text = _CURRENCY.sub("", text).strip(" .")
    compact = text.replace(" ", "")
    if _EXPONENT.fullmatch(compact):
        return _whole(Decimal(compact), shown, "")
    total, place, note, smallest = Decimal(0), 0, "", 99
    for piece in _PIECE.finditer(compact):
        if piece.start() != place:
            raise ValueFault("amount", value=shown)
        place = piece.end()
        scale = _SCALES.get((piece["scale"] or "").replace("nty", "n ty"), 0)
        if scale >= smallest:
            raise ValueFault("amount", value=shown)
        smallest = scale
        number, decided = _number(piece["number"], bool(scale), shown)
        total += number.scaleb(scale)
        note = note or decided
    if place == 0 or place != len(compact):
        raise ValueFault("amount", value=shown)
    return _whole(total, shown, note)


def _whole(total: Decimal, shown: str, note: str) -> Amount:
    whole = total.quantize(Decimal(1), ROUND_HALF_UP)
    if len(whole.as_tuple().digits) > MAX_DIGITS:
        raise ValueFault("amount-too-large", value=shown)
    if whole != total:
        note = "amount-rounded"
    return Amount(whole, note, {"value": shown, "read": f"{whole:,}".replace(",", ".")} if note else NOTHING)


def _number(text: str, scaled: bool, shown: str) -> tuple[Decimal, str]:
    """Read digits with separators; the second value is the note of a choice between two readings."""
    text = text.strip(".,")
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        return _both(text, shown), ""
    sign = "." if dots else ","
    groups = text.split(sign)
    if len(groups) == 1:
        return Decimal(text), ""
    if len(groups) > 2:
        return _thousands(groups, shown), ""
    if len(groups[1]) == 3 and 1 <= len(groups[0]) <= 3 and groups[0].strip("0"):
        # "1.500": Vietnamese đồng have no small money, so the sign parts thousands. Said, because "1.500" may be
        # a count of thousands somebody forgot to name; six digits and more leave no doubt.
        value = _thousands(groups, shown)
        return value, "amount-ambiguous" if scaled or value < 10_000 else ""
    if not scaled and len(groups[1]) > 2:
        raise ValueFault("amount-groups", value=shown)
    return Decimal(f"{groups[0]}.{groups[1]}"), ""


def _both(text: str, shown: str) -> Decimal:
    decimal_sign = "," if text.rfind(",") > text.rfind(".") else "."
    whole, _, fraction = text.rpartition(decimal_sign)
    if decimal_sign in whole or len(fraction) == 3 or not fraction:
        raise ValueFault("amount-groups", value=shown)
    groups = whole.split("." if decimal_sign == "," else ",")
    return _thousands(groups, shown) + Decimal(f"0.{fraction}")


def _thousands(groups: list[str], shown: str) -> Decimal:
    if not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:]):
        raise ValueFault("amount-groups", value=shown)
    return Decimal("".join(groups))


def read_day(value: object) -> date:
    """Read a day: ``2021-04-12``, ``12/4/2021``, ``12-4-2021``, ``ngày 12 tháng 4 năm 2021``; the day comes first.

    Raises :class:`ValueFault`.
    """
    shown = nfc(str(value)).strip()
    text = _SPACES.sub(" ", fold(shown)).strip(" .,;")
    if match := _ISO.fullmatch(text.upper()):
        year, month, day = match[1], match[2], match[3]
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match[1], match[3], match[4]
    elif match := _WORDS.fullmatch(text):
        day, month, year = match[1], match[2], match[3]
    else:
        raise ValueFault("date", value=shown)
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise ValueFault("date-no-such-day", value=shown) from error
    if not 1945 <= found.year <= 2200:
        raise ValueFault("date-far", value=shown)
    return found


def day_before(day: date) -> date:
    """The last day that is in time when something is due "before" ``day``."""
    return day - timedelta(days=1)


def shown_day(day: date) -> str:
    """The day as people read it, dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"
