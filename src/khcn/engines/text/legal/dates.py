"""Dates as official documents write them: "ngày 12 tháng 4 năm 2021", "12/4/2021", "12-4-2021"."""

import re
from datetime import date
from typing import Final

# Patterns run on folded text, whose offsets are those of the original.
DATE: Final = (
    r"(?:ngay\s*)?(?:(?P<d1>\d{1,2})\s*thang\s*(?P<m1>\d{1,2})\s*nam\s*(?P<y1>\d{4})"
    r"|(?P<d2>\d{1,2})\s*(?P<s2>[/.-])\s*(?P<m2>\d{1,2})\s*(?P=s2)\s*(?P<y2>\d{4}))(?!\d)"
)
_DATE = re.compile(DATE)


def date_of(match: re.Match[str]) -> date | None:
    """Return the date of a match of ``DATE``, or None when there is no such day."""
    day, month, year = (match[f"{part}1"] or match[f"{part}2"] for part in "dmy")
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def find_date(folded: str) -> date | None:
    """Return the first possible date in folded text."""
    return next((found for match in _DATE.finditer(folded) if (found := date_of(match))), None)
