"""Tests of a drawing: on an uploaded recording (deleted after analysis, a day at most) or on a minute of the camera."""

import errno
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.numbers import size_vi
from khcn.core.tasks import enqueue_on_commit
from khcn.engines.text.fold import nfc
from khcn.markets import store
from khcn.markets.camera_sources import reachable_addresses
from khcn.markets.enums import UNFINISHED_CLIPS, ClipState
from khcn.markets.models import Camera, Clip, Layout, Still
from khcn.markets.rules.clips import clip_ending
from khcn.markets.services import setup_engine
from khcn.markets.services.setup_guard import require_set_up
from khcn.markets.services.stills import SHORT_STILL_SECONDS, STILL_SECONDS, NoAddressError, still_from_clip
from khcn.markets.setup_tasks import clip_task

logger = logging.getLogger("khcn.markets")
JOB_KIND: Final = "markets.clip"
KEPT: Final = timedelta(hours=24)
LONGEST_S: Final = 3600
LIVE_S: Final = 60
MOST_CROSSINGS: Final = 20_000


class Upload(Protocol):
    """What a form gives for a file (Django's ``UploadedFile``)."""

    @property
    def name(self) -> str | None:
        """What the sender calls it."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes."""
        ...

    def chunks(self) -> Iterable[bytes]:
        """Yield the bytes."""
        ...


class ClipRefusedError(KhcnError):
    """A file that is no recording of the kinds that are read, or too large or too long."""

    code = "clip-refused"


class ClipBusyError(KhcnError):
    """One test of a camera at a time."""

    code = "clip-busy"

    def __init__(self) -> None:
        super().__init__(_("Camera này đang có một lần thử chạy dở. Hãy chờ xong rồi thử tiếp."))


def clip_upload(*, actor: Any, camera: Camera, file: Upload, now: datetime) -> Clip:
    """Keep an uploaded recording privately and have it analysed with the drawing in force.

    :raises SetupPermissionError, ClipRefusedError, ClipBusyError:
    """
    require_set_up(actor, camera.market, _("thử trên đoạn ghi hình"))
    _check_free(camera)
    limit = settings.KHCN.clip_max_mb * 2**20
    if (file.size or 0) > limit:
        raise ClipRefusedError(
            _("Tệp lớn %(size)s, quá mức %(limit)s. Hãy cắt lấy vài phút lúc đông khách rồi gửi lại.")
            % {"size": size_vi(file.size or 0), "limit": size_vi(limit)}
        )
    pieces = iter(file.chunks())
    first = next(pieces, b"")
    ending = clip_ending(file.name or "", first)
    if ending is None:
        raise ClipRefusedError(
            _(
                "Tệp này không phải đoạn ghi hình MP4, MKV, AVI hoặc TS. Hãy xuất lại từ đầu ghi theo một trong các kiểu đó."
            )
        )
    name = store.fresh_name(f"clip-{camera.pk}", ending)
    try:
        store.write_private(store.CLIPS, name, _with_first(first, pieces))
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ClipRefusedError(
                _("Máy chủ hết chỗ trống. Hãy báo quản trị rồi gửi lại."), code="disk-full"
            ) from error
        raise
    try:
        return _begin(actor, camera, now, name=name, title=_title(file.name))
    except BaseException:
        store.remove_private(store.CLIPS, name)
        raise


def _with_first(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    yield first
    yield from rest


def _title(name: str | None) -> str:
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return nfc(last).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:200] or "?"


def clip_live(*, actor: Any, camera: Camera, now: datetime) -> Clip:
    """Count for a minute at the camera itself; no picture is kept.

    :raises SetupPermissionError, NoAddressError, ClipRefusedError, ClipBusyError:
    """
    require_set_up(actor, camera.market, _("thử trên camera"))
    _check_free(camera)
    if not camera.sealed_sources:
        raise NoAddressError
    if not Layout.objects.filter(camera=camera, valid_to__isnull=True).exists():
        raise ClipRefusedError(_("Camera chưa có bản vẽ. Hãy vẽ ít nhất một vạch rồi thử."), code="no-layout")
    return _begin(actor, camera, now, name="", title=_("Một phút trực tiếp"))


def _check_free(camera: Camera) -> None:
    if Clip.objects.filter(camera=camera, state__in=UNFINISHED_CLIPS).exists():
        raise ClipBusyError


def _begin(actor: Any, camera: Camera, now: datetime, *, name: str, title: str) -> Clip:
    layout = Layout.objects.filter(camera=camera, valid_to__isnull=True).first()
    with transaction.atomic():
        clip = Clip.objects.create(
            camera=camera,
            name=name,
            title=title,
            drawing=layout.drawing if layout else {},
            uploaded_by=actor,
            uploaded_at=now,
            delete_by=now + KEPT,
        )
        shown = _("Thử bản vẽ của camera %(name)s") % {"name": camera.name}
        job = job_start(
            kind=JOB_KIND, title=shown, actor=actor, arguments={"clip": clip.pk}, queued=True, now=now
        )
        clip.job_id = job.pk
        clip.save(update_fields=["job_id"])
        audit_record(
            actor=actor,
            action="markets.clip.start",
            target=camera,
            after={"title": title, "delete_by": clip.delete_by},
            at=now,
        )
        enqueue_on_commit(clip_task, clip.pk)
    return clip


def clip_run(clip_id: int) -> None:
    """Count in a waiting recording, then delete it whatever happened. Safe to run twice: one run takes it."""
    if not Clip.objects.filter(pk=clip_id, state=ClipState.WAITING).update(state=ClipState.RUNNING):
        return
    clip = Clip.objects.select_related("camera").get(pk=clip_id)
    state, message, result = ClipState.FAILED, "", {}
    try:
        with job_running(job=Job.objects.get(pk=clip.job_id or 0)) as job:
            result = _counted(clip, job)
        state = ClipState.DONE
    except KhcnError as error:
        message = error.message
    except Exception:
        logger.exception("analysis of clip %s failed", clip_id)
        message = _(
            "Việc phân tích bị dừng vì một lỗi của hệ thống. Tệp đã được xóa; hãy gửi lại, nếu vẫn lỗi hãy báo quản trị."
        )
    finally:
        clip_close(clip=clip, state=state, message=message, result=result, now=timezone.now())


def clip_close(*, clip: Clip, state: ClipState, message: str, result: dict[str, Any], now: datetime) -> None:
    """Delete the recording first, then say what became of it."""
    removed = store.remove_private(store.CLIPS, clip.name)
    with transaction.atomic():
        Clip.objects.filter(pk=clip.pk).update(state=state, message=message[:500], result=result, name="")
        after = {"title": clip.title, "state": state, "file_deleted": removed}
        audit_record(actor=None, action="markets.clip.close", target=clip.camera, after=after, at=now)


def _counted(clip: Clip, job: Job) -> dict[str, Any]:
    """Make the still when there is none, then count."""
    camera, path = clip.camera, store.private_path(store.CLIPS, clip.name) if clip.name else None

    def seen(seconds: float, of: float | None) -> None:
        if path is not None and max(seconds, of or 0) > LONGEST_S:
            raise ClipRefusedError(
                _("Đoạn ghi hình dài hơn %(minutes)s phút. Hãy cắt ngắn rồi gửi lại.")
                % {"minutes": LONGEST_S // 60},
                code="clip-long",
            )
        job_progress(job, done=int(seconds), total=int(of) if of else None)

    if path is not None and not Still.objects.filter(camera=camera).exists():
        _still(clip, path)
    if not clip.drawing:
        return {}
    counted = _engine(clip, path, seen)
    counted["crossings"] = counted["crossings"][:MOST_CROSSINGS]
    return counted


def _still(clip: Clip, path: Path) -> None:
    """Make the still, from fewer seconds of a short recording. Counting does not wait for it; drawing does."""
    refused: setup_engine.EngineRefusedError | None = None
    for seconds in (STILL_SECONDS, SHORT_STILL_SECONDS):
        try:
            still_from_clip(camera=clip.camera, path=path, now=timezone.now(), seconds=seconds)
            return
        except setup_engine.EngineRefusedError as error:
            refused = error
            if error.code != "still-too-few":
                break
    if refused is not None and not clip.drawing:
        raise refused


def _engine(clip: Clip, path: Path | None, seen: setup_engine.Progress) -> dict[str, Any]:
    camera, fps = clip.camera, float(clip.camera.fps)
    if path is not None:
        return setup_engine.clip_counted(path, clip.drawing, model=camera.model, fps=fps, progress=seen)
    addresses = reachable_addresses(camera)
    return setup_engine.live_counted(
        addresses, clip.drawing, model=camera.model, fps=fps, seconds=LIVE_S, progress=seen
    )


def clips_sweep(now: datetime) -> int:
    """Delete at once what a killed worker or a cut-off upload left behind; return how many files went.

    Recordings whose job is over, and unfinished uploads of the web server after a day. What is past its time anyway
    goes with :func:`khcn.markets.services.retention.pictures_expire`.
    """
    active = set(Job.objects.filter(kind=JOB_KIND, state__in=JOB_ACTIVE).values_list("pk", flat=True))
    gone = 0
    for clip in Clip.objects.filter(state__in=UNFINISHED_CLIPS).select_related("camera"):
        if clip.job_id in active:
            continue
        gone += bool(clip.name)
        text = _("Việc phân tích bị ngắt giữa chừng nên tệp đã được xóa. Hãy gửi lại.")
        clip_close(clip=clip, state=ClipState.FAILED, message=text, result={}, now=now)
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"):
        if _older(path, now - KEPT):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _older(path: Path, than: datetime) -> bool:
    try:
        return path.stat().st_mtime < than.timestamp()
    except FileNotFoundError:
        return False
