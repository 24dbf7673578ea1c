"""How times are written: the shape of a text (digits as ``0``) is understood once, then all rows of that shape at once.

A column of 500,000 times has a handful of shapes, so only the digits are read row by row, in numpy.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.types import DAY_MS, Millis

MAX_SHAPES: Final = 4000
LAST_YEAR: Final = 9900  # zones are not asked about later ones
_DIGITS: Final = str.maketrans("123456789", "000000000")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1,
    )
    for name in names.split()
}  # fmt: skip
_DATE: Final = r"(?P<a>0{1,4})(?:(?P<sep>[-/.])|(?P<sp>\s+|-))(?P<b>0{1,2}|[A-Za-z]{3,9})\.?(?:(?(sep)(?P=sep)|[\s,-]+)(?P<c>0{2,4}))?"
_MONTH_FIRST: Final = r"(?P<m>[A-Za-z]{3,9})\.?\s+(?P<d>0{1,2}),?\s+(?P<y>0{4})"
_COMPACT: Final = r"(?P<compact>0{8})"
_TIME: Final = (
    r"(?P<h>0{1,2})(?:[:hH.](?P<n>0{2})(?:[:.'](?P<s>0{2})(?:[.,:](?P<f>0{1,9}))?)?)?"
    r"|(?P<ch>0{2})(?P<cn>0{2})(?P<cs>0{2})?"
)
_HALF: Final = r"(?:\s*(?P<half>[AaPp]\.?[Mm]\.?|SA|CH|sa|ch))?"
_ZONE: Final = (
    r"(?:\s*(?P<z>Z|UTC|GMT)?(?P<off>(?<=[\s0ZTC])[+-]0{1,2}(?::?00)?)?)?"
    r"(?:\s*(?:DST|ICT|[ECMP][SD]T|CES?T|EES?T|WES?T|BST|JST|SGT|WIB|IST|\([^)]*\)))?"
)
_END: Final = r"(?:\s*[-–~]\s*0{1,2}:00(?::00)?)?"  # "10:00-10:15": an interval named by its two ends
_DAY_NAME: Final = r"(?:(?:[Mm]on|[Tt]ue|[Ww]ed|[Tt]hu|[Ff]ri|[Ss]at|[Ss]un)[a-z]*,?\s+)?"
PATTERNS: Final = (
    *(
        re.compile(
            rf"^{_DAY_NAME}(?:{date}(?:(?:\s*[T,_]\s*|\s+-\s+|\s+|:)(?:{_TIME}){_HALF}{_END})?{_ZONE})$"
        )
        for date in (_COMPACT, _DATE, _MONTH_FIRST)
    ),
    re.compile(rf"^(?:{_TIME}){_HALF}{_ZONE}[\s,]+{_DATE}$"),  # Vietnamese browsers write the time first
    re.compile(rf"^{_COMPACT}(?P<ch>0{{2}})(?:(?P<cn>0{{2}})(?P<cs>0{{2}})?)?$"),
    re.compile(rf"^(?:{_TIME}){_HALF}{_END}$"),  # a time alone
)


@dataclass(slots=True)
class Fields:
    """Numbers read from the rows of all shapes; -1: not written. ``day_ms``: time of day; ``offset``: ms, or nan."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    c: NDArray[np.int64]
    day_ms: NDArray[np.int64]
    offset: NDArray[np.float64]
    named: NDArray[np.bool_]  # the month is a word: ``b`` is the month whatever the order
    wide: NDArray[np.int64]  # digits of ``a``; 8: year, month and day were written together
    read: NDArray[np.bool_]
    shapes: list[str]


def read_fields(texts: Sequence[str]) -> Fields:
    """Return the numbers of every text; rows that are no time have ``read`` False."""
    count = len(texts)
    fields = Fields(
        a=np.full(count, -1, np.int64),
        b=np.full(count, -1, np.int64),
        c=np.full(count, -1, np.int64),
        day_ms=np.zeros(count, np.int64),
        offset=np.full(count, np.nan),
        named=np.zeros(count, bool),
        wide=np.zeros(count, np.int64),
        read=np.zeros(count, bool),
        shapes=[],
    )
    for shape, rows in shape_groups(texts):
        match = next((found for found in (pattern.match(shape) for pattern in PATTERNS) if found), None)
        if match and _fill(fields, match, rows, texts):
            fields.shapes.append(shape)
    return fields


def shape_groups(texts: Sequence[str]) -> list[tuple[str, NDArray[np.int64]]]:
    """Return (text with its digits as 0, rows written so), the most frequent first, at most :data:`MAX_SHAPES`."""
    shapes = "\n".join(texts).translate(_DIGITS).split("\n") if texts else []
    if len(shapes) != len(texts):  # a line break inside a cell
        shapes = [text.translate(_DIGITS) for text in texts]
    groups: dict[str, list[int]] = {}
    for at, shape in enumerate(shapes):
        groups.setdefault(shape, []).append(at)
    known = sorted(groups.items(), key=lambda item: -len(item[1]))[:MAX_SHAPES]
    return [(shape, np.array(rows, np.int64)) for shape, rows in known]


def codes_of(texts: Sequence[str], rows: NDArray[np.int64], width: int) -> NDArray[np.uint32]:
    """Return the characters of texts of one ``width`` as a table of code points."""
    if not width:
        return np.zeros((len(rows), 0), np.uint32)
    chosen = texts if len(rows) == len(texts) else [texts[row] for row in rows.tolist()]
    return np.array(chosen, f"U{width}").view(np.uint32).reshape(len(rows), width)


def digits_in(codes: NDArray[np.uint32], low: int, high: int) -> NDArray[np.int64]:
    """Return the number that columns ``low`` to ``high`` of each row write."""
    out = np.zeros(len(codes), np.int64)
    for column in range(low, high):
        out = out * 10 + (codes[:, column].astype(np.int64) - 48)
    return out


def _fill(fields: Fields, match: re.Match[str], rows: NDArray[np.int64], texts: Sequence[str]) -> bool:
    parts = {name: match.span(name) for name, found in match.groupdict().items() if found is not None}
    codes = codes_of(texts, rows, len(match.string))

    def number(name: str) -> NDArray[np.int64]:
        return digits_in(codes, *parts[name])

    if not _fill_date(fields, match, rows, parts, number):
        return False
    hour, minute = ("h", "n") if "h" in parts else ("ch", "cn")
    if hour in parts:
        hours = number(hour)
        half = match.groupdict().get("half")
        if half:
            noon = half[0] in "pPcC"
            hours = np.where(hours == 12, 0, hours) + (12 if noon else 0)
        minutes = number(minute) if minute in parts else np.zeros_like(hours)
        second = "s" if "s" in parts else "cs"
        seconds = number(second) if second in parts else np.zeros_like(hours)
        millis = ((hours * 60 + minutes) * 60 + seconds) * 1000
        if "f" in parts:
            low, high = parts["f"]
            millis = millis + number("f") * 1000 // 10 ** (high - low)
        fine = (hours * 3600 + minutes * 60 + seconds <= 86_400) & (minutes < 60) & (seconds < 60)
        fields.day_ms[rows] = millis
        fields.read[rows] = fine
    else:
        fields.read[rows] = True
    fields.offset[rows] = _offsets(match, parts, codes)
    return True


def _fill_date(
    fields: Fields,
    match: re.Match[str],
    rows: NDArray[np.int64],
    parts: dict[str, tuple[int, int]],
    number: Callable[[str], NDArray[np.int64]],
) -> bool:
    groups = match.groupdict()
    if "compact" in parts:
        whole = number("compact")
        fields.a[rows], fields.b[rows], fields.c[rows] = whole // 10_000, whole // 100 % 100, whole % 100
        fields.wide[rows] = 8
        return True
    if "m" in parts:
        month = _MONTHS.get(groups["m"].lower())
        if month is None:
            return False
        fields.a[rows], fields.b[rows], fields.c[rows] = number("d"), month, number("y")
        fields.wide[rows], fields.named[rows] = 2, True
        return True
    if "a" not in parts:
        return True
    fields.a[rows] = number("a")
    fields.wide[rows] = parts["a"][1] - parts["a"][0]
    if "c" in parts:
        fields.c[rows] = number("c")
    if groups["b"][0] == "0":
        fields.b[rows] = number("b")
        return bool(groups.get("sep") or groups.get("c"))  # "12 30" is no date
    month = _MONTHS.get(groups["b"].lower(), 0)
    fields.b[rows], fields.named[rows] = month, True
    return month > 0


def _offsets(
    match: re.Match[str], parts: dict[str, tuple[int, int]], codes: NDArray[np.uint32]
) -> NDArray[np.float64]:
    groups = match.groupdict()
    if not groups.get("off"):
        return np.full(len(codes), 0.0 if groups.get("z") else np.nan)
    low, high = parts["off"]
    sign = np.where(codes[:, low] == ord("-"), -1, 1)
    digits = [column for column in range(low + 1, high) if match.string[column] == "0"]
    values = [codes[:, column].astype(np.int64) - 48 for column in digits]
    if len(values) >= 3:
        hours = values[0] * 10 + values[1] if len(values) == 4 else values[0]
        minutes = values[-2] * 10 + values[-1]
    else:
        hours, minutes = (values[0] * 10 + values[1] if len(values) == 2 else values[0]), 0 * values[0]
    return np.asarray(sign * (hours * 60 + minutes) * 60_000, np.float64)


def orders_for(fields: Fields) -> tuple[str, ...]:
    """Return the orders worth trying for the column: year first is never read as anything else unless it must be."""
    dated = fields.read & (fields.a >= 0)
    if not dated.any():
        return ("",)
    if (fields.wide[dated] == 8).all():
        return ("YMD",)
    if (fields.c[dated] < 0).mean() > 0.5:
        return ("YM",) if (fields.wide[dated] == 4).mean() > 0.5 else ("DM", "MD")
    if (fields.wide[dated] == 4).mean() > 0.5:
        return ("YMD", "YDM")
    if fields.named[dated].mean() > 0.5:
        return ("DMY", "YMD")
    short = (fields.c[dated] < 100).mean() > 0.5 and (fields.wide[dated] == 2).mean() > 0.5
    return ("DMY", "MDY", "YMD") if short else ("DMY", "MDY")


def civil_ms(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[Millis, NDArray[np.bool_]]:
    """Return (ms of each date at midnight, which dates exist)."""
    fine = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (year <= LAST_YEAR)
    y, m = np.where(fine, year, 2000), np.where(fine, month, 1)
    starts = ((y - 1970) * 12 + (m - 1)).astype("datetime64[M]")
    first = starts.astype("datetime64[D]").astype(np.int64)
    after = (starts + 1).astype("datetime64[D]").astype(np.int64)
    fine &= day <= after - first
    return (first + np.where(fine, day, 1) - 1) * DAY_MS, fine


def wall_times(fields: Fields, order: str, year: int = 2001) -> tuple[Millis, NDArray[np.bool_]]:
    """Return (local ms, valid rows) when dates are read in ``order`` (letters of Y, M, D)."""
    if not order:
        return fields.day_ms.copy(), fields.read.copy()
    parts = {
        "Y": np.full(len(fields.a), year),
        "M": np.full(len(fields.a), -1),
        "D": np.full(len(fields.a), 1),
    }
    parts |= dict(zip(order, (fields.a, fields.b, fields.c), strict=False))
    # Rows that say more than the order does: year first, or a month in words.
    first = (fields.wide == 4) | (fields.wide == 8)
    if order[0] != "Y":
        parts["Y"] = np.where(first, fields.a, parts["Y"])
        parts["M"] = np.where(first, fields.b, parts["M"])
        parts["D"] = np.where(first, fields.c, parts["D"])
    elif (fields.wide < 4).any() and order == "YMD":
        plain = (fields.wide < 4) & (fields.c >= 100)
        parts["Y"], parts["D"] = np.where(plain, fields.c, parts["Y"]), np.where(plain, fields.a, parts["D"])
    if fields.named.any():
        swapped = fields.named & ~first & (order[0] != "Y")
        parts["M"] = np.where(fields.named, fields.b, parts["M"])
        parts["D"] = np.where(swapped, fields.a, parts["D"])
    years = np.where(
        (parts["Y"] >= 0) & (parts["Y"] < 100), parts["Y"] + np.where(parts["Y"] < 70, 2000, 1900), parts["Y"]
    )
    midnight, fine = civil_ms(years, parts["M"], parts["D"])
    return midnight + fields.day_ms, fields.read & fine & (fields.a >= 0)
