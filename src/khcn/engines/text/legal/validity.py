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
_ALSO = re.compile(rf"hieu luc(?:\s+thi hanh)?\s*:?\s*(?:ke\s+)?tu\s+{DATE}")
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
    match = _EFFECTIVE.search(folded)
    if match and match["signed"]:
        effective = issued_on + timedelta(days=int(match["n"] or 0)) if issued_on else None
    elif match:
        effective = date_of(match)
    expires = _EXPIRES.search(folded)
    return effective, date_of(expires) if expires else None
