"""From when, and until when, a document says of itself that it is in force."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from khcn.engines.legal.reading import SELF, Sentence, evidence
from khcn.engines.legal.timeline import days_after
from khcn.engines.text.legal.dates import DATE, date_of

_FROM: Final = r"(?:(?:ke\s+)?tu|vao)\s+"
_EFFECTIVE = re.compile(
    rf"{SELF}[^.;]{{0,60}}?\b(?:chinh thuc )?co hieu luc(?:\s+(?:thi hanh|ap dung|thuc hien|phap luat))?\s*,?\s*"
    rf"(?:(?:sau\s+(?P<n>\d{{1,3}})\s*(?:\([^)]*\)\s*)?ngay\s*,?\s*)?{_FROM}ngay\s+(?:duoc\s+)?"
    rf"(?P<event>ky|ban hanh|thong qua|cong bo|dang)|{_FROM}{DATE})"
)
_ENDS = re.compile(rf"{SELF}[^.;]{{0,60}}?\bhet hieu luc(?:\s+thi hanh)?\s+{_FROM}{DATE}")
_LASTS = re.compile(rf"{SELF}[^.;]{{0,60}}?\bco hieu luc[^.;]{{0,90}}?\bden\s+(?:het\s+)?{DATE}")
_UNTIL = re.compile(rf"\bden\s+(?:het\s+)?{DATE}")
_DATED_BY_ISSUE: Final = frozenset({"ky", "ban hanh", "thong qua"})


@dataclass(frozen=True, slots=True)
class Effect:
    """One date of the document itself: in force from ``on``, or (``expires``) without force from ``on``.

    ``on`` is None when the day follows from something that the text does not tell (the official gazette).
    """

    on: date | None
    expires: bool
    sentence: str
    page: int


def find_effects(found: Iterable[Sentence], issued_on: date | None) -> Iterator[Effect]:
    """Yield what the sentences say of the document's own force. "Kể từ ngày ký" counts from ``issued_on``."""
    for one in found:
        if "hieu luc" not in one.clear:
            continue
        begins = _EFFECTIVE.search(one.clear)
        if begins and not _is_impossible(begins):
            yield Effect(_begin(begins, issued_on), False, evidence(one.text, begins.start()), one.page)
        ends, lasts = _ENDS.search(one.clear), _LASTS.search(one.clear)
        if ends and (day := date_of(ends)):
            yield Effect(day, True, evidence(one.text, ends.start()), one.page)
        elif lasts and (last := date_of(lasts)):
            yield Effect(days_after(last, 1), True, evidence(one.text, lasts.start()), one.page)


def first_effective(effects: Iterable[Effect]) -> date | None:
    """Return the first day in force that is told, or None."""
    return next((one.on for one in effects if not one.expires and one.on), None)


def day_after_last(folded: str) -> date | None:
    """Return the first day after "đến (hết) ngày ..." in a sentence, e.g. of a suspension."""
    match = _UNTIL.search(folded)
    last = date_of(match) if match else None
    return days_after(last, 1) if last else None


def _is_impossible(match: re.Match[str]) -> bool:
    return not match["event"] and date_of(match) is None


def _begin(match: re.Match[str], issued_on: date | None) -> date | None:
    if not match["event"]:
        return date_of(match)
    if match["event"] not in _DATED_BY_ISSUE or issued_on is None:
        return None
    return days_after(issued_on, int(match["n"] or 0))
