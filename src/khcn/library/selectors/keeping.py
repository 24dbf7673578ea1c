"""Reads of the page on which librarians see how the originals are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from khcn.library.enums import FIXITY_FAULTS
from khcn.library.models import FileCheck, Work, WorkFile
from khcn.library.selectors.originals import kept_originals


@dataclass(frozen=True, slots=True)
class FixityTotals:
    """How the originals stand: how many there are, how many were looked at, and when."""

    files: int
    size_bytes: int
    checked: int
    faults: int
    last: datetime | None
    oldest: datetime | None

    @property
    def waiting(self) -> int:
        """How many were never looked at."""
        return self.files - self.checked


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as it came in, and the works that use it."""

    check: FileCheck
    names: tuple[str, ...]
    works: tuple[Work, ...]


def fixity_totals() -> FixityTotals:
    """Return the totals over all originals in use."""
    sizes = kept_originals()
    rows = FileCheck.objects.values_list("sha256", "state", "checked_at")
    checks = [(state, at) for sha256, state, at in rows if sha256 in sizes]
    moments = [at for _state, at in checks]
    return FixityTotals(
        files=len(sizes),
        size_bytes=sum(sizes.values()),
        checked=len(checks),
        faults=sum(state in FIXITY_FAULTS for state, _at in checks),
        last=max(moments, default=None),
        oldest=min(moments, default=None),
    )


def fixity_faults(user: Any, limit: int = 100) -> list[Fault]:
    """Return the faulty files with the works that ``user`` may see, the longest known first."""
    rows = list(FileCheck.objects.filter(state__in=FIXITY_FAULTS).order_by("since", "sha256")[:limit])
    visible = Work.objects.visible_to(user)
    files = (
        WorkFile.objects.filter(sha256__in=[row.sha256 for row in rows], work__in=visible)
        .select_related("work")
        .order_by("id")
    )
    uses: dict[str, list[WorkFile]] = {}
    for file in files:
        uses.setdefault(file.sha256, []).append(file)
    return [
        Fault(
            row,
            tuple(dict.fromkeys(file.original_name for file in uses.get(row.sha256, []))),
            tuple({file.work_id: file.work for file in uses.get(row.sha256, [])}.values()),
        )
        for row in rows
        if row.sha256 in uses
    ]
