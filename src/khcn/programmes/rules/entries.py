"""Rules of taking part in a contest that need no database: who a person is, who is a child, deadlines, telling traces."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from khcn.engines.text.fold import fold

GRACE: Final = timedelta(minutes=15)  # for an upload that began before the deadline
MOST_FILES: Final = 10
FILE_LIMIT: Final = 50 * 2**20
REQUEST_LIMIT: Final = MOST_FILES * FILE_LIMIT + 2**20
LEAST_TRACE: Final = 4  # shorter words would be found everywhere


def identity_of(name: str, birth_year: int | None, organisation: str) -> str:
    """Return by what a person is told apart within a contest: folded name, birth year, organisation."""
    parts = (" ".join(fold(name).split()), str(birth_year or ""), " ".join(fold(organisation).split()))
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def is_child(birth_year: int | None, now: datetime) -> bool:
    """Whether somebody may still be under 18: only the year is known, so the doubtful one counts as a child."""
    return birth_year is not None and now.year - birth_year <= 18


def late_by(deadline: datetime | None, now: datetime) -> int:
    """Return by how many seconds a moment is after the deadline; 0 before it."""
    if deadline is None or now <= deadline:
        return 0
    return max(1, int((now - deadline).total_seconds()))


def in_time(deadline: datetime | None, *, begun: datetime, now: datetime) -> bool:
    """Whether an upload counts: begun before the deadline, and ended before it or within the grace."""
    return deadline is None or (min(begun, now) < deadline and now <= deadline + GRACE)


def initials(name: str) -> str:
    """Return a name shortened to its initials: "Nguyễn Thị Ân" is "N.T.Â."."""
    return "".join(f"{part[0].upper()}." for part in name.split() if part[:1].isalnum())


def traces(needles: Iterable[str], text: str) -> list[str]:
    """Return which of the names occur in a text, whatever its tone marks and capitals; whole words only."""
    field = f" {_words(text)} "
    found = []
    for needle in needles:
        wanted = _words(needle)
        if len(wanted) >= LEAST_TRACE and f" {wanted} " in field and needle not in found:
            found.append(needle)
    return found


def _words(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in fold(text)).split())
