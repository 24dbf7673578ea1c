"""From when, and until when, a document is in force, by its own closing articles."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from khcn.engines.text.fold import fold
from khcn.engines.text.legal.dates import DATE, date_of
from khcn.engines.text.legal.types import TYPE_PATTERN

_SELF = rf"(?:{TYPE_PATTERN}|bo luat|luat|van ban)\s+nay\b[^.;]{{0,60}}?"
_EFFECTIVE = re.compile(
    rf"{_SELF}(?:chinh thuc )?co hieu luc(?:\s+(?:thi hanh|ap dung|thuc hien))?(?:\s*,)?\s*"
    rf"(?:(?P<days>sau\s+(?P<n>\d{{1,3}})\s*(?:\([^)]*\)\s*)?ngay\s*,?\s*)?(?:ke\s+)?(?:tu|"
    rf"ke tu)\s+(?P<signed>ngay\s+(?:duoc\s+)?(?:ky|ban hanh|thong qua))"
    rf"|(?:ke\s+)?(?:tu|vao)\s+(?:ngay\s+)?{DATE})"
)
_MENTION = re.compile("hieu luc")
_BEFORE, _AFTER = 120, 180  # characters around it that a clause may take
_EXPIRES = re.compile(
    rf"(?:{_SELF}het hieu luc(?:\s+thi hanh)?\s+(?:ke\s+)?(?:tu|vao)|"
    rf"{_SELF}co hieu luc[^.;]{{0,90}}?\bden(?: het)?)\s+{DATE}"
)


def find_validity(lines: Sequence[str], issued_on: date | None) -> tuple[date | None, date | None]:
    """Return ``(effective_on, expires_on)`` as the document says of itself ("Quyết định này có hiệu lực
    ...").

    "Kể từ ngày ký" counts from ``issued_on``; "sau 15 ngày kể từ ngày ký" adds the days; from the day of the
    official gazette nothing follows (None).
    """
    folded = " ".join(fold(" ".join(lines)).split())
    effective: date | None = None
    expires: date | None = None
    for at in _MENTION.finditer(folded):
        before = max(0, at.start() - _BEFORE)
        if " nay " not in folded[before : at.start()]:  # not of the document itself
            continue
        clause = folded[before : at.end() + _AFTER]
        if effective is None and (match := _EFFECTIVE.search(clause)):
            effective = _effective_on(match, issued_on)
        if expires is None and (match := _EXPIRES.search(clause)):
            expires = date_of(match)
    return effective, expires


def _effective_on(match: re.Match[str], issued_on: date | None) -> date | None:
    if not match["signed"]:
        return date_of(match)
    return issued_on + timedelta(days=int(match["n"] or 0)) if issued_on else None
