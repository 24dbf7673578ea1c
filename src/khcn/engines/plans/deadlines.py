"""Phrases of time in a plan's sentences: "trước ngày 02 tháng 6", "quý III/2021", "thường xuyên", "hằng năm"."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from khcn.engines.plans.values import day_before
from khcn.engines.text.fold import fold, nfc

_DAY: Final = r"(?:ngay\s*)?(?P<d{0}>\d{{1,2}})(?:\s*thang\s*|\s*[/.-]\s*)(?P<m{0}>\d{{1,2}})(?:(?:\s*nam\s*|\s*[/.-]\s*)(?P<y{0}>(?:19|20)\d\d))?(?!\s*[/.-]?\d)"
_BEFORE: Final = re.compile(r"\btruoc\s+" + _DAY.format(""))
_UNTIL: Final = re.compile(
    r"\b(?:den(?: het)?|cham nhat(?: la)?(?: vao| den)?|han (?:cuoi|chot|nop)(?: la)?|hoan thanh (?:truoc|trong|vao|den)?"
    r"|thoi han|xong (?:truoc|trong)?)\s*:?\s*" + _DAY.format("")
)
_FROM: Final = re.compile(r"\btu\s+" + _DAY.format("1") + r"\s*(?:den|-)\s*(?:het\s*)?" + _DAY.format("2"))
_QUARTER: Final = re.compile(
    r"\b(?P<before>truoc\s+)?quy\s*(?P<q>i{1,3}|iv|[1-4])(?:\s*(?:va|-|,|den)\s*(?:quy\s*)?(?P<q2>i{1,3}|iv|[1-4]))?(?:\s*(?:/|nam|-)?\s*(?P<y>20\d\d))?(?![a-z\d])"
)
_MONTH: Final = re.compile(
    r"(?<!ngay \d )(?<!ngay \d\d )(?<!\d )\b(?P<before>truoc\s+)?thang\s*(?P<m>1[0-2]|0?[1-9])(?:\s*(?:va|-|,|den)\s*(?:thang\s*)?(?P<m2>1[0-2]|0?[1-9]))?(?:\s*(?:/|nam)\s*(?P<y>20\d\d))?(?!\d)"
)
_HALF: Final = re.compile(r"\b(?:6|sau)\s*thang\s*(?P<half>dau|cuoi)\s*nam(?:\s*(?P<y>20\d\d))?")
_YEAR_END: Final = re.compile(r"\b(?:den het|trong|cuoi|het)\s+nam(?:\s*(?P<y>20\d\d))?")
_QUARTERS: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_CADENCES: Final = tuple(
    (cadence, re.compile(rf"\b(?:{pattern})\b"))
    for cadence, pattern in (
        ("weekly", r"h[ao]ng tuan|moi tuan"), ("monthly", r"h[ao]ng thang|moi thang|dinh ky thang"),
        ("quarterly", r"h[ao]ng quy|moi quy|dinh ky quy"), ("twice-a-year", r"0?2 lan\s*/\s*nam|hai lan (?:mot|/) ?nam|6 thang mot lan"),
        ("yearly", r"h[ao]ng nam|moi nam|thuong nien"), ("continuous", r"thuong xuyen|lien tuc|trong suot nam|ca nam"),
        ("on-request", r"theo yeu cau|khi co yeu cau|khi duoc yeu cau"),
    )
)  # fmt: skip
_VAGUE: Final = re.compile(r"\b(?:trong thoi gian (?:toi|som nhat)|som nhat|khi du dieu kien|theo tien do)\b")


@dataclass(frozen=True, slots=True)
class When:
    """What a sentence says of time. ``deadline``: last day that is in time. ``phrase``: the words it was read from."""

    deadline: date | None = None
    starts_on: date | None = None
    cadence: str = ""
    phrase: str = ""
    unclear: str = ""


def month_end(year: int, month: int) -> date:
    """Return the last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def _day(match: re.Match[str], year: int, number: str = "") -> date | None:
    named = match[f"y{number}"]
    try:
        return date(int(named) if named else year, int(match[f"m{number}"]), int(match[f"d{number}"]))
    except ValueError:
        return None


def find_when(text: str, year: int) -> When:
    """Return what ``text`` says of time; days without a year are days of ``year``.

    A date that only belongs to a cited document ("Kế hoạch 179/KH-UBND ngày 28 tháng 9 năm 2020") is no deadline.
    """
    shown = " ".join(nfc(text).split())
    folded = fold(shown)
    cadence = next((name for name, pattern in _CADENCES if pattern.search(folded)), "")
    for found in _candidates(folded, year):
        return When(found[1], found[0], cadence, found[2])
    vague = _VAGUE.search(folded)
    return When(
        cadence=cadence,
        unclear=shown[vague.start() : vague.end()] if vague else "",
    )


def _candidates(folded: str, year: int) -> Iterator[tuple[date | None, date, str]]:
    if match := _FROM.search(folded):
        start, end = _day(match, year, "1"), _day(match, year, "2")
        if start and end and start <= end:
            yield start, end, match[0]
    if (match := _BEFORE.search(folded)) and (day := _day(match, year)):
        yield None, day_before(day), match[0]
    if (match := _UNTIL.search(folded)) and (day := _day(match, year)):
        yield None, day, match[0]
    if match := _QUARTER.search(folded):
        first, last = _QUARTERS[match["q"]], _QUARTERS[match["q2"] or match["q"]]
        at = int(match["y"] or year)
        end = day_before(date(at, first * 3 - 2, 1)) if match["before"] else month_end(at, last * 3)
        yield None if match["before"] else date(at, first * 3 - 2, 1), end, match[0]
    if match := _HALF.search(folded):
        at = int(match["y"] or year)
        yield None, date(at, 6, 30) if match["half"] == "dau" else date(at, 12, 31), match[0]
    if match := _MONTH.search(folded):
        at, first, last = int(match["y"] or year), int(match["m"]), int(match["m2"] or match["m"])
        yield (
            None,
            day_before(date(at, first, 1)) if match["before"] else month_end(at, max(first, last)),
            match[0],
        )
    if match := _YEAR_END.search(folded):
        yield None, date(int(match["y"] or year), 12, 31), match[0]


# --- the reporting regime ---

_DUE: Final = re.compile(
    r"\btruoc\s+(?:ngay\s*)?(?P<d>\d{1,2})(?:\s*thang\s*|\s*[/.-]\s*)(?P<m>\d{1,2})(?!\d)"
)
_MORE: Final = re.compile(
    r"\s*(?:,|va|;)\s*(?:truoc\s+)?(?:ngay\s*)?(?:(?P<d>\d{1,2})(?:\s*thang\s*|\s*[/.-]\s*)|thang\s*)(?P<m>\d{1,2})(?!\d)"
)
_EVERY: Final = re.compile(
    r"\bngay\s*(?P<d>\d{1,2})\s*(?:cua\s*)?(?P<what>h[ao]ng thang|thang cuoi (?:cua )?(?:moi )?quy|thang cuoi quy)"
)
_AD_HOC: Final = re.compile(r"\bdot xuat\b|\btheo yeu cau\b")
_TIMES: Final = re.compile(r"\b0?(?P<n>\d{1,2}) lan\s*/\s*nam\b")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When reports are due. ``before``: the days that the plan names ("trước ngày"), in order; ``no_day``: phrases
    where the day was taken from the one before."""

    before: tuple[date, ...] = ()
    per_year: int = 0
    ad_hoc: bool = False
    no_day: tuple[str, ...] = ()


def find_rhythm(text: str, year: int) -> Rhythm:
    """Return the days before which reports are due, from a sentence of the reporting regime."""
    shown = " ".join(nfc(text).split())
    folded = fold(shown)
    days: dict[date, None] = {}
    no_day: list[str] = []
    for first in _DUE.finditer(folded):
        day, match, start = int(first["d"]), first, first.start()
        while True:
            try:
                days.setdefault(date(year, int(match["m"]), int(match["d"] or day)))
            except ValueError:
                break
            if match["d"] is None:
                no_day.append(shown[start : match.end()])
            day = int(match["d"] or day)
            following = _MORE.match(folded, match.end())
            if following is None:
                break
            match = following
    if every := _EVERY.search(folded):
        months = range(1, 13) if "thang cuoi" not in every["what"] else (3, 6, 9, 12)
        for month in months:
            days.setdefault(date(year, month, min(int(every["d"]), calendar.monthrange(year, month)[1])))
    times = _TIMES.search(folded)
    return Rhythm(
        tuple(sorted(days)),
        int(times["n"]) if times else len(days),
        _AD_HOC.search(folded) is not None,
        tuple(no_day),
    )
