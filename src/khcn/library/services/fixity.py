"""Fixity: every original is read again and again, its hash compared, and a fault is told the day it is found.

A round reads those never looked at first, then those looked at longest ago, within a budget of bytes, so that the disk
stays free for readers. Reading happens outside any transaction.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.enums import Channel
from khcn.core.outbox.services import message_send
from khcn.core.references import Reference
from khcn.library import permissions
from khcn.library.enums import FIXITY_FAULTS, FixityState
from khcn.library.errors import LibraryPermissionError
from khcn.library.models import FileCheck
from khcn.library.selectors.originals import kept_originals
from khcn.library.store import stored_path
from khcn.orgs.enums import LIBRARY_ROLES
from khcn.orgs.models import Membership

EVERY: Final = timedelta(days=90)
ROUND_BYTES: Final = 2 << 30
_PIECE: Final = 1 << 20


@dataclass(slots=True)
class FixityReport:
    """What a round did: files read, bytes read, and the faults it found (also those known before)."""

    checked: int = 0
    read_bytes: int = 0
    faults: list[FileCheck] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the report for a command."""
        return {
            "checked": self.checked,
            "bytes": self.read_bytes,
            "faults": [
                {"sha256": row.sha256, "state": row.state, "found": row.found_sha256} for row in self.faults
            ],
        }


def fixity_round(
    now: datetime,
    *,
    budget: int = ROUND_BYTES,
    every: timedelta = EVERY,
    told: Callable[[int], None] | None = None,
) -> FixityReport:
    """Look at the files whose turn it is, up to ``budget`` bytes (always at least one); a periodic duty."""
    report = FixityReport()
    for sha256, size in _due(now - every):
        if report.checked and report.read_bytes + size > budget:
            break
        _check(sha256, size, now, report)
        if told:
            told(report.checked)
    return report


def fixity_check_all(
    *, actor: Actor, now: datetime, told: Callable[[int], None] | None = None
) -> FixityReport:
    """Look at every file now, whenever it was looked at last (``khcn library check``)."""
    if not permissions.can_keep(actor):
        raise LibraryPermissionError(_("kiểm tra tệp gốc"))
    return fixity_round(now, budget=1 << 62, every=timedelta(0), told=told)


def _due(before: datetime) -> Iterator[tuple[str, int]]:
    """Yield (hash, size) of files never looked at, then of those not looked at since ``before``, the oldest first."""
    kept = kept_originals()
    looked_at = set(FileCheck.objects.values_list("sha256", flat=True))
    yield from ((sha256, size) for sha256, size in kept.items() if sha256 not in looked_at)
    old = FileCheck.objects.filter(checked_at__lt=before).order_by("checked_at", "sha256")
    for sha256 in list(old.values_list("sha256", flat=True)):
        if sha256 in kept:
            yield sha256, kept[sha256]


def _check(sha256: str, size: int, now: datetime, report: FixityReport) -> None:
    state, found, read = _look(sha256)
    before = FileCheck.objects.filter(pk=sha256).first()
    changed = before is None or before.state != state
    row = FileCheck(
        sha256=sha256,
        size_bytes=size,
        state=state,
        found_sha256=found if state == FixityState.CHANGED else "",
        checked_at=now,
        since=now if before is None or changed else before.since,
    )
    with transaction.atomic():
        row.save(force_insert=before is None)
        if changed and (state in FIXITY_FAULTS or before is not None):
            _tell(row, before, now)
    report.checked, report.read_bytes = report.checked + 1, report.read_bytes + read
    if state in FIXITY_FAULTS:
        report.faults.append(row)


def _look(sha256: str) -> tuple[FixityState, str, int]:
    """Read a file; return how it stands, the hash it has now ("" unread), and the bytes read."""
    digest, read = hashlib.sha256(), 0
    try:
        with stored_path(sha256).open("rb") as handle:
            while piece := handle.read(_PIECE):
                digest.update(piece)
                read += len(piece)
    except FileNotFoundError:
        return FixityState.MISSING, "", read
    except OSError:
        return FixityState.UNREADABLE, "", read
    found = digest.hexdigest()
    return (FixityState.INTACT if found == sha256 else FixityState.CHANGED), found, read


def _tell(row: FileCheck, before: FileCheck | None, now: datetime) -> None:
    """Write the audit row of a change, and a line on the desk of every librarian for a fault."""
    audit_record(
        actor=None,
        action="library.file.fixity",
        target=Reference("library.filecheck", row.sha256),
        before={"state": before.state} if before else None,
        after={"state": row.state, "found": row.found_sha256},
        at=now,
    )
    if row.state not in FIXITY_FAULTS:
        return
    held = Membership.objects.in_force(timezone.localdate(now)).filter(
        role__in=LIBRARY_ROLES, user__is_active=True
    )
    for person in {one.user_id: one.user for one in held.select_related("user")}.values():
        message_send(
            channel=Channel.DESK,
            user=person,
            subject=_("Tệp gốc hỏng: %(state)s") % {"state": row.get_state_display()},
            body=_(
                "Kiểm tra định kỳ thấy một tệp gốc của thư viện không còn đúng. Hãy mở trang giữ gìn tệp gốc để xử lý."
            ),
            link=reverse("library-desk:keeping"),
            dedupe_key=f"library.fixity.{row.sha256[:16]}.{row.state}.{person.pk}.{now.isoformat()}",
            now=now,
        )
