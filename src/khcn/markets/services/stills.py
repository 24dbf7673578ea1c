"""The picture on which people draw: a median background, blurred, with nobody in it. One a camera, private."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.enums import JOB_ACTIVE
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.markets import store
from khcn.markets.camera_sources import reachable_addresses
from khcn.markets.models import Camera, Still
from khcn.markets.selectors.setup import STILL_JOB
from khcn.markets.services import setup_engine
from khcn.markets.services.setup_engine import StillPicture
from khcn.markets.services.setup_guard import require_set_up
from khcn.markets.setup_tasks import still_task

STILL_SECONDS: Final = 60
SHORT_STILL_SECONDS: Final = 10  # of a recording that is shorter


class NoAddressError(KhcnError):
    """A camera without an address cannot be asked for a picture."""

    code = "no-address"

    def __init__(self) -> None:
        super().__init__(
            _("Camera chưa có địa chỉ lấy hình. Hãy ghi địa chỉ, hoặc tải lên một đoạn ghi hình.")
        )


class StillRunningError(KhcnError):
    """A still of this camera is being made already."""

    code = "still-running"

    def __init__(self) -> None:
        super().__init__(
            _("Ảnh nền của camera này đang được làm. Hãy chờ khoảng một phút rồi tải lại trang.")
        )


def still_request(*, actor: Any, camera: Camera, now: datetime) -> Job:
    """Have the still made in the background. :raises SetupPermissionError, NoAddressError, StillRunningError:"""
    require_set_up(actor, camera.market, _("làm ảnh nền của camera"))
    if not camera.sealed_sources:
        raise NoAddressError
    if still_job(camera) is not None:
        raise StillRunningError
    with transaction.atomic():
        title = _("Ảnh nền của camera %(name)s") % {"name": camera.name}
        job = job_start(
            kind=STILL_JOB,
            title=title,
            actor=actor,
            arguments={"camera": camera.pk},
            queued=True,
            total=STILL_SECONDS,
            now=now,
        )
        audit_record(actor=actor, action="markets.still.request", target=camera, at=now)
        enqueue_on_commit(still_task, job.pk)
    return job


def still_job(camera: Camera) -> Job | None:
    """Return the job that makes this camera's still now."""
    waiting = Job.objects.filter(kind=STILL_JOB, state__in=JOB_ACTIVE, arguments__camera=camera.pk)
    return waiting.order_by("-pk").first()


def still_run(job_id: int) -> None:
    """Make the still of a queued job, in a worker."""
    job = Job.objects.get(pk=job_id)
    with job_running(job=job, total=STILL_SECONDS):
        camera = Camera.objects.get(pk=job.arguments["camera"])
        addresses = reachable_addresses(camera)

        def seen(seconds: float, _of: float | None) -> None:
            job_progress(job, done=min(int(seconds), STILL_SECONDS))

        picture = setup_engine.still_from(addresses, model=camera.model, seconds=STILL_SECONDS, progress=seen)
        still_keep(camera=camera, picture=picture, now=timezone.now())


def still_from_clip(*, camera: Camera, path: Path, now: datetime, seconds: float = STILL_SECONDS) -> Still:
    """Make the still from an uploaded recording, in the worker that analyses it."""
    picture = setup_engine.still_from(path, model=camera.model, seconds=seconds)
    return still_keep(camera=camera, picture=picture, now=now)


def still_keep(*, camera: Camera, picture: StillPicture, now: datetime) -> Still:
    """Put a new still in the place of the old one; the old file goes."""
    name = store.fresh_name(f"camera-{camera.pk}", "webp")
    store.write_private(store.STILLS, name, [picture.data])
    values = {"name": name, "width": picture.width, "height": picture.height, "made_at": now}
    with transaction.atomic():
        old = Still.objects.select_for_update().filter(camera=camera).first()
        still, _made = Still.objects.update_or_create(camera=camera, defaults=values)
        after = {"width": picture.width, "height": picture.height}
        audit_record(actor=None, action="markets.still.make", target=camera, after=after, at=now)
        if old is not None:
            transaction.on_commit(lambda: store.remove_private(store.STILLS, old.name))
    return still


def retry_still(job: Job, actor: Actor) -> Job:
    """Start a failed still again (jobs page)."""
    camera = Camera.objects.select_related("market").get(pk=job.arguments["camera"])
    return still_request(actor=actor, camera=camera, now=timezone.now())
