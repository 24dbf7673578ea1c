"""Reads of the page on which librarians see how the originals are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min

from khcn.library.enums import FIXITY_FAULTS
from khcn.library.models import FileCheck, Work, WorkFile


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
    sizes = dict(WorkFile.objects.order_by().values_list("sha256", "size_bytes").distinct())
    checks = FileCheck.objects.filter(sha256__in=WorkFile.objects.values("sha256"))
    seen = checks.aggregate(last=Max("checked_at"), oldest=Min("checked_at"))
    return FixityTotals(
        files=len(sizes),
        size_bytes=sum(sizes.values()),
        checked=checks.count(),
        faults=checks.filter(state__in=FIXITY_FAULTS).count(),
        last=seen["last"],
        oldest=seen["oldest"],
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
