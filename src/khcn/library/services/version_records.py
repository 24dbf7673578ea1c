"""Versions record themselves where works are published, changed and given files. For the services that do these.

Kept apart from ``services.versions``, which hands files in and so stands above those services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.library.enums import BatchState, WorkState
from khcn.library.models import Work, WorkVersion
from khcn.library.selectors.versions import (
    changes_between,
    files_by_work,
    files_of,
    first_version,
    snapshot_of,
    snapshots_of,
)

MAX_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Before:
    """A published work before a program changes it: its description, its files, the hash of its text."""

    snapshot: Mapping[str, Any]
    files: Sequence[Mapping[str, Any]]
    text_hash: str


def version_first(work: Work, *, actor: Actor, now: datetime) -> WorkVersion:
    """Record the version that a work has now, if that has not been done. In the caller's transaction."""
    fresh = first_version(work)
    found, _made = WorkVersion.objects.get_or_create(
        work=work,
        number=work.version,
        defaults={
            "made_at": work.published_at or now,
            "made_by_id": actor_id(actor),
            "snapshot": fresh.snapshot,
            "files": fresh.files,
        },
    )
    return found


def version_guard(work: Work, *, now: datetime) -> None:
    """Record the version of a published work before it is changed for the first time. In the caller's transaction."""
    if work.state == WorkState.PUBLISHED:
        version_first(work, actor=None, now=now)


def version_files_arrived(work: Work) -> None:
    """Take the files that an upload of the present version has just brought. In the caller's transaction."""
    present = work.versions.filter(number=work.version, batch__state=BatchState.RUNNING).first()
    if present is not None:
        present.files, present.snapshot = files_of(work), snapshot_of(work)
        present.save(update_fields=["files", "snapshot"])


def versions_before(works: Sequence[Work], *, now: datetime) -> dict[int, Before]:
    """Record the present versions of those works that are published, before a program writes over them.

    Returns what :func:`versions_after` needs. A fixed number of queries, in the caller's transaction.
    """
    open_ones = [work for work in works if work.state == WorkState.PUBLISHED]
    if not open_ones:
        return {}
    snapshots, files = snapshots_of(open_ones), files_by_work([work.pk for work in open_ones])
    WorkVersion.objects.bulk_create(
        (
            WorkVersion(
                work=work,
                number=work.version,
                made_at=work.published_at or now,
                snapshot=snapshots[work.pk],
                files=files[work.pk],
            )
            for work in open_ones
        ),
        ignore_conflicts=True,
    )
    return {work.pk: Before(snapshots[work.pk], files[work.pk], work.text_hash) for work in open_ones}


def versions_after(
    before: Mapping[int, Before], *, actor: Actor, cause: str, now: datetime
) -> list[WorkVersion]:
    """Make a new version of each work that a program changed since ``before``; its note says what is different.

    Works that are no longer published get none: what changed is told when they are published again.

    :param cause: the words before the list of what is different, e.g. "Nơi giữ bản gốc đã sửa".
    """
    changed = list(Work.objects.filter(pk__in=before, state=WorkState.PUBLISHED)) if before else []
    snapshots, files = snapshots_of(changed), files_by_work([work.pk for work in changed])
    notes = {work.pk: _difference(work, before[work.pk], snapshots, files) for work in changed}
    changed = [work for work in changed if notes[work.pk]]
    if not changed:
        return []
    numbered = Work.objects.filter(pk__in=[work.pk for work in changed])
    numbered.update(version=F("version") + 1)
    numbers = dict(numbered.values_list("pk", "version"))
    return WorkVersion.objects.bulk_create(
        WorkVersion(
            work=work,
            number=numbers[work.pk],
            made_at=now,
            made_by_id=actor_id(actor),
            note=f"{cause}: {notes[work.pk]}."[:MAX_NOTE],
            snapshot=snapshots[work.pk],
            files=files[work.pk],
        )
        for work in changed
    )


def _difference(work: Work, before: Before, snapshots: Mapping[int, Any], files: Mapping[int, Any]) -> str:
    """Return the names of what is different, "" when nothing is."""
    changes = changes_between(dict(before.snapshot), snapshots[work.pk], before.files, files[work.pk])
    names = [str(change.label) for change in changes]
    if work.text_hash != before.text_hash:
        names.append(str(_("Nội dung")))
    return ", ".join(name[:1].lower() + name[1:] if not name.isupper() else name for name in names)
