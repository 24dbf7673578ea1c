"""What shows that something was done: files, links, records of this installation, sessions that were held."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.private_files import PAPERS, PICTURES, Drawer, Kept, Upload
from khcn.core.references import Reference, resolve
from khcn.plan.enums import EvidenceKind
from khcn.plan.errors import StaleError
from khcn.plan.models import Evidence
from khcn.plan.permissions import acting
from khcn.plan.services.progress import ProgressError, clean, contributing_unit, item_of

EVIDENCE: Final = Drawer("plan/evidence", PAPERS | PICTURES)
MOST: Final = 100  # proofs of one item
MOST_PEOPLE: Final = 1_000_000
_WEB: Final = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Proof:
    """What is handed in; which of the fields count depends on ``kind``. ``record``: a reference "kind:id"."""

    kind: str
    title: str = ""
    link: str = ""
    record: str = ""
    file: Upload | None = None
    held_on: date | None = None
    people: int | None = None


def evidence_add(*, actor: Actor, item_id: int, proof: Proof, now: datetime) -> Evidence:
    """Add a proof to a work item, in the name of the actor's unit that has a part in it.

    :raises PermissionDeniedError: for units that have no part in the task.
    :raises ProgressError: with a sentence about what is wrong; a file raises ``FileRefusedError``.
    """
    day = local_date(now)
    item = item_of(item_id)
    unit = contributing_unit(actor, item, day)
    if item.evidence.filter(removed_at__isnull=True).count() >= MOST:
        raise ProgressError(
            _("Một việc có nhiều nhất %(most)s minh chứng. Hãy gộp các tệp nhỏ.") % {"most": MOST},
            code="evidence-many",
        )
    values = _values(actor, proof, day)
    kept: Kept | None = EVIDENCE.keep(proof.file) if proof.kind == EvidenceKind.FILE and proof.file else None
    if kept is not None:
        values |= {"file": kept.name, "sha256": kept.sha256, "size": kept.size}
        values["title"] = values["title"] or kept.title
    try:
        with transaction.atomic():
            row = Evidence.objects.create(
                item=item, unit=unit, kind=proof.kind, added_by_id=actor_id(actor), added_at=now, **values
            )
            audit_record(
                actor=actor, action="plan.evidence.add", target=item,
                after={"evidence": row.pk, "kind": row.kind, "title": row.title, "unit": unit.pk, "sha256": row.sha256},
                at=now,
            )  # fmt: skip
    except BaseException:
        if kept is not None:
            EVIDENCE.drop(kept.name)  # a file that no row knows would stay for ever
        raise
    return row


def _values(actor: Actor, proof: Proof, day: date) -> dict[str, Any]:
    title = " ".join(clean(proof.title).split())[:300]
    if proof.kind == EvidenceKind.FILE:
        if proof.file is None:
            raise ProgressError(
                _("Chưa chọn tệp. Hãy chọn tệp hoặc chụp ảnh rồi gửi lại."), code="evidence-file"
            )
        return {"title": title}
    if proof.kind == EvidenceKind.LINK:
        link = checked_link(proof.link)
        return {"title": title or (urlsplit(link).hostname or link)[:300], "link": link}
    if proof.kind == EvidenceKind.RECORD:
        return _record(actor, proof.record, title)
    if proof.kind == EvidenceKind.SESSION:
        return _session(proof, title, day)
    raise ProgressError(_("Không rõ loại minh chứng. Hãy chọn trong danh sách."), code="evidence-kind")


def checked_link(text: str) -> str:
    """Return a web address that a page may link to. :raises ProgressError: for anything else."""
    link = text.strip()
    try:
        _WEB(link)
        parts = urlsplit(link)
    except (ValidationError, ValueError):
        parts = None
    if parts is None or len(link) > 1000 or parts.username or parts.password:
        raise ProgressError(
            _(
                "Đường dẫn phải bắt đầu bằng http:// hoặc https:// và có tên trang. Hãy chép lại từ thanh địa chỉ."
            ),
            code="evidence-link",
        )
    return link


def _record(actor: Actor, text: str, title: str) -> dict[str, Any]:
    try:
        found = resolve(Reference.parse(text[:120]), actor)
    except ValueError:
        found = None
    if found is None:
        raise ProgressError(
            _("Không thấy mục này, hoặc bạn không có quyền xem. Hãy tìm lại và chọn trong danh sách."),
            code="evidence-record",
        )
    return {"title": (title or found.title)[:300], "record": str(found.reference)}


def _session(proof: Proof, title: str, day: date) -> dict[str, Any]:
    if not title:
        raise ProgressError(_("Chưa có tên buổi. Hãy ghi tên rồi lưu lại."), code="evidence-session")
    if proof.held_on is None or proof.held_on > day:
        raise ProgressError(
            _("Cần ngày đã tổ chức, không ở sau hôm nay. Hãy ghi lại ngày."), code="evidence-session"
        )
    if proof.people is None or not 0 <= proof.people <= MOST_PEOPLE:
        raise ProgressError(_("Cần số người dự, từ 0 trở lên. Hãy ghi lại số."), code="evidence-session")
    return {"title": title, "held_on": proof.held_on, "people": proof.people}


def evidence_remove(*, actor: Actor, item_id: int, evidence_id: int, now: datetime) -> Evidence:
    """Take a proof away. The row and its file stay for the trail, no page shows them."""
    with transaction.atomic():
        item = item_of(item_id)
        row = Evidence.objects.filter(item=item, pk=evidence_id, removed_at__isnull=True).first()
        if row is None:
            raise StaleError(_("Minh chứng này vừa được người khác bỏ. Trang đã cập nhật."))
        reach = acting(actor, local_date(now))
        if not (reach.officer or row.unit_id in reach.reporting | reach.heading):
            raise PermissionDeniedError(_("Minh chứng này của đơn vị khác. Chỉ đơn vị đã gửi mới bỏ được."))
        if not Evidence.objects.filter(pk=row.pk, removed_at__isnull=True).update(removed_at=now):
            raise StaleError(_("Minh chứng này vừa được người khác bỏ. Trang đã cập nhật."))
        audit_record(
            actor=actor, action="plan.evidence.remove", target=item,
            before={"evidence": row.pk, "kind": row.kind, "title": row.title}, at=now,
        )  # fmt: skip
    return row
