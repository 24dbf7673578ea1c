"""Bills as PDF: kept privately, read by the worker in its sandbox, shown to a person who confirms; then deleted."""

import json
import logging
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.errors import KhcnError
from khcn.core.jobs import job_running, job_start
from khcn.core.models.jobs import Job
from khcn.core.tasks import enqueue_on_commit
from khcn.energy import permissions, setup_store
from khcn.energy.models import Site
from khcn.energy.selectors.bill_reading import RESULT, reading_path
from khcn.energy.setup_errors import RegisterError, require
from khcn.energy.setup_store import Upload
from khcn.energy.setup_tasks import bill_read_task

logger = logging.getLogger("khcn.energy")
JOB_KIND: Final = "energy.bill"
MOST_PAGES: Final = 12
PDF: Final = b"%PDF-"


class BillUnreadableError(KhcnError):
    """A file whose text cannot be had."""

    code = "bill-unreadable"


def bill_upload(*, actor: Actor, site: Site, file: Upload, now: datetime) -> Job:
    """Keep a bill's PDF and have it read. Raises PermissionDeniedError, RegisterError."""
    require(permissions.can_manage_site(actor, site), _("nhập hóa đơn của công trình này"))
    head = next(iter(file.chunks()), b"")
    if PDF not in head[:1024]:
        raise RegisterError(
            "file", _("Tệp này không phải PDF. Hãy tải hóa đơn điện tử dạng PDF từ trang của điện lực.")
        )
    name = setup_store.keep(setup_store.BILLS, actor_id(actor), file)
    job = job_start(
        kind=JOB_KIND,
        title=_("Đọc hóa đơn tiền điện: %(site)s") % {"site": site.name},
        actor=actor,
        arguments={"site": site.pk, "name": name, "shown": (file.name or "").replace("\x00", "")[:200]},
        queued=True,
        now=now,
    )
    enqueue_on_commit(bill_read_task, job.pk)
    return job


def bill_read(job_id: int) -> None:
    """Read a kept PDF (worker); what was found lies beside it until a person confirmed it."""
    job = Job.objects.filter(pk=job_id, kind=JOB_KIND).first()
    if job is None or not job.is_active:
        return
    try:
        with job_running(job=job):
            name = str(job.arguments["name"])
            found = _read(name, str(job.arguments.get("shown") or name))
            reading_path(name).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    except KhcnError:
        return  # the job carries the sentence


def _read(name: str, shown: str) -> dict[str, Any]:
    from khcn.engines.documents.messages import message_text  # noqa: PLC0415  # worker only
    from khcn.engines.documents.sandbox import extract_file  # noqa: PLC0415
    from khcn.engines.documents.types import ExtractionError, Limits  # noqa: PLC0415
    from khcn.engines.energy.money.evn_bill import parse_bill_text  # noqa: PLC0415

    path = setup_store.path_of(setup_store.BILLS, name)
    if not path.is_file():
        raise BillUnreadableError(_("Tệp hóa đơn không còn nữa. Hãy gửi lại."))
    try:
        extraction = extract_file(
            path, name=shown if shown.lower().endswith(".pdf") else "bill.pdf", limits=Limits()
        )
    except ExtractionError as error:
        raise BillUnreadableError(message_text(error.code, error.params, ())) from error
    text = "\n".join(page.text for page in extraction.pages[:MOST_PAGES])
    if not text.strip():
        raise BillUnreadableError(_("Tệp PDF này không có chữ (ảnh chụp). Hãy tải bản gốc hoặc nhập tay."))
    return {RESULT: _plain(parse_bill_text(text)), "text": text[:100_000]}


def _plain(fields: Any) -> dict[str, Any]:
    """Return what was read as JSON: amounts as text, bands by name."""
    return {
        "customer": fields.customer,
        "start": _text(fields.start),
        "end": _text(fields.end),
        "kwh": {str(band): _text(value) for band, value in fields.kwh.items()},
        "total_kwh": _text(fields.total_kwh),
        "before_vat": _text(fields.before_vat),
        "vat": _text(fields.vat),
        "total": _text(fields.total),
        "notes": [{"code": note.code, "params": _params(note.params)} for note in fields.notes],
    }


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | str) else str(value) for name, value in params.items()}


def _text(value: date | Decimal | None) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else f"{value:f}"


def bill_file_drop(*, actor: Actor, job: Job) -> None:
    """Delete a read PDF and what was found in it, when its person is done with it."""
    name = str(job.arguments.get("name") or "")
    if job.kind == JOB_KIND and name.startswith(f"{actor_id(actor) or 0}-"):
        setup_store.drop(setup_store.BILLS, name)
        reading_path(name).unlink(missing_ok=True)
