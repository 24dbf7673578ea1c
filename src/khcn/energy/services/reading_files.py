"""Files of readings from a maker's portal: kept privately, taken in by the worker with the columns that a person chose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_progress, job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.numbers import number_vi
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions, setup_store
from khcn.energy.models import Device
from khcn.energy.setup_errors import RegisterError, engine_sentence, require
from khcn.energy.setup_tasks import readings_task
from khcn.engines.energy.metrics import METRICS

JOB_KIND: Final = "energy.readings"
MOST_COLUMNS: Final = 60


class ReadingsRefusedError(KhcnError):
    """A file that the engine could not take in."""

    code = "readings-refused"


def readings_ask(
    *,
    actor: Actor,
    device: Device,
    name: str,
    time: str,
    columns: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Job:
    """Have a kept file taken in. ``columns``: ``{"column", "metric", "unit", "period"}`` of those to take.

    :raises PermissionDeniedError, RegisterError:
    """
    require(permissions.can_connect(actor, device.site), _("nhập số liệu của thiết bị này"))
    setup_store.own_path(setup_store.READINGS, actor_id(actor), name)
    taken = [row for row in columns if row.get("metric")]
    if not taken or len(taken) > MOST_COLUMNS:
        raise RegisterError("", _("Hãy chọn ít nhất một cột để nhập."))
    metrics = [str(row["metric"]) for row in taken]
    if unknown := [metric for metric in metrics if metric not in METRICS]:
        raise RegisterError("", _("Chưa biết đại lượng “%(name)s”.") % {"name": unknown[0][:40]})
    if len(set(metrics)) < len(metrics):
        raise RegisterError("", _("Hai cột không thể cùng một đại lượng của một thiết bị."))
    spec = {
        "time": time,
        "zone": device.site.zone,
        "device": device.key,
        "columns": [
            {
                "column": str(row["column"]), "metric": str(row["metric"]),
                **({"unit": str(row["unit"]).strip()} if str(row.get("unit") or "").strip() else {}),
                **({"per_period": True} if row.get("period") else {}),
            }
            for row in taken
        ],
    }  # fmt: skip
    with transaction.atomic():
        job = job_start(
            kind=JOB_KIND,
            title=_("Nhập tệp số liệu: %(device)s") % {"device": device.name},
            actor=actor,
            arguments={"device": device.pk, "name": name, "spec": spec},
            queued=True,
            now=now,
        )
        enqueue_on_commit(readings_task, job.pk)
    return job


def readings_run(job_id: int) -> None:
    """Take a kept file in (worker), then delete it. What cannot be taken in leaves its sentence on the job."""
    from khcn.energy.services.imports import file_import  # noqa: PLC0415  # loads the derivation: worker only
    from khcn.engines.energy.errors import EnergyError  # noqa: PLC0415

    job = Job.objects.filter(pk=job_id, kind=JOB_KIND).select_related("actor").first()
    if job is None or not job.is_active:
        return
    name, spec = str(job.arguments["name"]), job.arguments["spec"]
    try:
        with job_running(job=job):
            device = Device.objects.select_related("site").get(pk=job.arguments["device"])
            path = setup_store.own_path(setup_store.READINGS, job.actor_id, name)
            try:
                found = file_import(
                    actor=job.actor, site=device.site, path=path, spec=spec, now=timezone.now()
                )
            except EnergyError as error:
                raise ReadingsRefusedError(engine_sentence(error.code, error.params)) from error
            words = {
                "rows": number_vi(found.rows),
                "kept": number_vi(found.readings_kept),
                "days": number_vi(found.days),
            }
            told = _("Đọc %(rows)s dòng, nhận %(kept)s số đọc mới, tính lại %(days)s ngày.") % words
            job_progress(
                job, done=found.rows, total=found.rows, message=" ".join([told, *found.notes])[:2000]
            )
    except KhcnError:
        return  # the job carries the sentence
    finally:
        setup_store.drop(setup_store.READINGS, name)
