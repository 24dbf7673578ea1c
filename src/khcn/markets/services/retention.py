"""Pictures leave on time: slit-scans after some days, clips after a day, stills of cameras that are off.

The file goes first, then its row: whatever interrupts this, the next run finishes it, and no row ever promises a
deletion that did not happen. Files that no row knows (a process died between writing and noting) go after a day.
"""

import logging
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from khcn.core.audit import audit_batch
from khcn.markets.enums import UNFINISHED_CLIPS, ClipState
from khcn.markets.models import Batch, Clip, PreviewGrant, SlitScan, Still
from khcn.markets.store import CLIPS, SLIT_SCANS, STILLS, private_folder, remove_private

logger = logging.getLogger("khcn.markets")

LONGEST_CLIP: Final = timedelta(hours=24)  # whatever its row says
ORPHAN_AFTER: Final = timedelta(hours=24)
GRANTS_KEPT: Final = timedelta(days=30)  # the audit trail keeps who looked
BATCHES_KEPT: Final = timedelta(days=60)
AT_ONCE: Final = 5000


@dataclass(slots=True)
class RetentionReport:
    """How much was removed."""

    slit_scans: int = 0
    clips: int = 0
    stills: int = 0
    orphans: int = 0
    grants: int = 0
    batches: int = 0


def pictures_expire(now: datetime) -> RetentionReport:
    """Remove every picture whose time is over. Idempotent; a periodic duty."""
    report = RetentionReport()
    report.slit_scans = _expire_slit_scans(now)
    report.clips = _expire_clips(now)
    report.stills = _expire_stills()
    report.orphans = _remove_orphans(now)
    report.grants, _rows = PreviewGrant.objects.filter(expires_at__lt=now - GRANTS_KEPT).delete()
    report.batches = _forget_batches(now)
    counts = {name: count for name, count in asdict(report).items() if count and name != "batches"}
    if counts:
        with transaction.atomic():
            audit_batch(
                actor=None, action="markets.retention", count=sum(counts.values()), summary=counts, at=now
            )
    return report


def _expire_slit_scans(now: datetime) -> int:
    done = 0
    for row in SlitScan.objects.filter(expires_at__lte=now).order_by("expires_at")[:AT_ONCE]:
        if _removed(SLIT_SCANS, row.name):
            row.delete()
            done += 1
    return done


def _expire_clips(now: datetime) -> int:
    done = 0
    due: QuerySet[Clip] = Clip.objects.exclude(name="")
    for clip in due.filter(delete_by__lte=now) | due.filter(uploaded_at__lte=now - LONGEST_CLIP):
        if not _removed(CLIPS, clip.name):
            continue
        clip.name = ""
        if clip.state in UNFINISHED_CLIPS:
            clip.state = ClipState.FAILED
            clip.message = _("Đoạn ghi hình đã bị xóa vì quá 24 giờ mà chưa phân tích xong. Hãy tải lên lại.")
        clip.save(update_fields=["name", "state", "message"])
        done += 1
    return done


def _expire_stills() -> int:
    done = 0
    for still in Still.objects.filter(camera__active=False):
        if _removed(STILLS, still.name):
            still.delete()
            done += 1
    return done


def _removed(kind: str, name: str) -> bool:
    """Remove a file; tell whether it is gone (a file that was gone before counts, too)."""
    try:
        remove_private(kind, name)
    except (OSError, ValueError):
        logger.exception("a picture of %s could not be removed; the next run tries again", kind)
        return False
    return True


def _remove_orphans(now: datetime) -> int:
    known: dict[str, Iterable[str]] = {
        SLIT_SCANS: SlitScan.objects.exclude(name="").values_list("name", flat=True),
        CLIPS: Clip.objects.exclude(name="").values_list("name", flat=True),
        STILLS: Still.objects.values_list("name", flat=True),
    }
    done = 0
    for kind, names in known.items():
        held = set(names)
        with os.scandir(private_folder(kind)) as entries:
            for entry in entries:
                old = now.timestamp() - entry.stat().st_mtime > ORPHAN_AFTER.total_seconds()
                if entry.is_file() and old and entry.name.removesuffix(".part") not in held:
                    Path(entry.path).unlink()
                    done += 1
    return done


def _forget_batches(now: datetime) -> int:
    """Forget old batches: minutes are known by their time, so one that came again would still change nothing."""
    old = (
        Batch.objects.filter(received_at__lt=now - BATCHES_KEPT)
        .order_by("pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )
    count, _rows = Batch.objects.filter(pk__in=list(old)).delete()
    return count
