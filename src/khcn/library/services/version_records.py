"""Versions record themselves where works are published, changed and given files. For the services that do these.

Kept apart from ``services.versions``, which hands files in and so stands above those services.
"""

from datetime import datetime

from khcn.core.actors import Actor, actor_id
from khcn.library.enums import BatchState, WorkState
from khcn.library.models import Work, WorkVersion
from khcn.library.selectors.versions import files_of, first_version, snapshot_of


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
