"""Drafts of documents: from a paper or a DOCX, written anew, their files with hashes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text, safe_filename
from khcn.core.papers.check.package import MOST_BYTES, UnreadableError, open_package
from khcn.core.private_files import Drawer, Kept, Upload
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.plan.enums import DocumentState, FileRole, SigningMode
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import Document, DocumentFile
from khcn.plan.permissions import acting, can_draft_documents
from khcn.plan.rules.register import sound_symbol, type_choices

DRAFTS: Final = Drawer("plan/documents", frozenset({"docx"}))
SIGNED: Final = Drawer("plan/documents", frozenset({"pdf"}), limit=50 * 2**20)
DOCX_MIME: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class RegisterError(PlanError):
    """What the register refuses; ``code`` names the case."""

    code = "register"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new document is. ``docx``: its text; ``title``: how its file is called."""

    agency: Unit
    type_code: str
    subject: str
    docx: bytes
    symbol: str
    title: str = ""
    drafting_unit: Unit | None = None
    signer_name: str = ""
    signer_position: str = ""
    signing_mode: str = ""
    recipients: Sequence[str] = field(default_factory=tuple)
    source: str = ""
    copies: int | None = None


def document_draft(*, actor: Actor, draft: Draft, now: datetime) -> Document:
    """Enter a draft into the register.

    :raises PermissionDeniedError: the actor's roles draft no documents, or not for this unit.
    :raises RegisterError: what is wrong with it, in a sentence.
    """
    reach = acting(actor, local_date(now))
    if not can_draft_documents(reach):
        raise PermissionDeniedError(
            _("Vai trò của bạn không soạn văn bản. Hãy nhờ người được giao soạn thảo.")
        )
    wide = reach.officer or reach.focal_head or reach.finance or reach.clerk
    own = {draft.agency.pk, draft.drafting_unit.pk if draft.drafting_unit else 0}
    if not wide and not own & (reach.reporting | reach.heading):
        raise PermissionDeniedError(_("Bạn chỉ soạn văn bản cho đơn vị của mình. Hãy chọn lại đơn vị."))
    return draft_enter(actor=actor, draft=draft, now=now)


def draft_enter(*, actor: Actor, draft: Draft, now: datetime) -> Document:
    """Enter a draft whose right was checked by the caller (the port of other apps)."""
    values = _values(draft)
    kept = _keep(draft.docx, draft.title or draft.subject)
    try:
        with transaction.atomic():
            document = Document.objects.create(drafted_by_id=actor_id(actor), drafted_at=now, **values)
            _file(document, kept, FileRole.DRAFT, actor, now)
            audit_record(
                actor=actor, action="plan.document.draft", target=document,
                after={"type": document.type_code, "symbol": document.symbol, "subject": document.subject,
                       "agency": document.agency_id, "source": document.source, "sha256": kept.sha256},
                at=now,
            )  # fmt: skip
    except BaseException:
        DRAFTS.drop(kept.name)  # a file that no row knows would stay for ever
        raise
    return document


def _values(draft: Draft) -> dict[str, Any]:
    subject = " ".join(clean_text(draft.subject).split())[:500]
    if not subject:
        raise RegisterError(_("Chưa có trích yếu. Hãy ghi văn bản nói về việc gì."), code="register-subject")
    if draft.type_code not in dict(type_choices()):
        raise RegisterError(_("Không rõ loại văn bản. Hãy chọn trong danh sách."), code="register-type")
    symbol = sound_symbol(draft.symbol)
    if not symbol:
        raise RegisterError(
            _("Ký hiệu “%(symbol)s” không đúng dạng. Hãy viết chữ in hoa và gạch nối, ví dụ BC-UBND.")
            % {"symbol": draft.symbol[:40]},
            code="register-symbol",
        )
    if draft.signing_mode not in SigningMode.values:
        raise RegisterError(_("Không rõ hình thức ký. Hãy chọn trong danh sách."), code="register-mode")
    return {
        "agency": draft.agency,
        "drafting_unit": draft.drafting_unit,
        "type_code": draft.type_code,
        "symbol": symbol,
        "subject": subject,
        "folded_subject": fold(subject)[:500],
        "signer_name": clean_text(draft.signer_name).strip()[:150],
        "signer_position": clean_text(draft.signer_position).strip()[:150],
        "signing_mode": draft.signing_mode,
        "recipients": [clean_text(name).strip()[:200] for name in draft.recipients if name.strip()][:100],
        "source": draft.source[:120],
        "copies": draft.copies,
    }


def _keep(docx: bytes, title: str) -> Kept:
    """Keep a DOCX that can be read; anything else is refused with a sentence."""
    try:
        open_package(docx)
    except UnreadableError as error:
        raise RegisterError(error.said(), code=f"register-{error.code}") from error
    name = PurePath(title).name.removesuffix(".docx")
    return DRAFTS.keep_bytes(docx, safe_filename(name, "docx"), "docx", DOCX_MIME)


def _file(document: Document, kept: Kept, role: FileRole, actor: Actor, now: datetime) -> DocumentFile:
    return DocumentFile.objects.create(
        document=document, role=role, title=kept.title[:200], file=kept.name, sha256=kept.sha256, size=kept.size,
        added_by_id=actor_id(actor), added_at=now,
    )  # fmt: skip


def upload_bytes(upload: Upload, limit: int = MOST_BYTES) -> bytes:
    """Return what was handed in, not more than can be read. :raises RegisterError: it is larger."""
    data = bytearray()
    for chunk in upload.chunks():
        data += chunk
        if len(data) > limit:
            raise RegisterError(UnreadableError("large", most=limit // 2**20).said(), code="register-large")
    return bytes(data)


def document_redraft(
    *, actor: Actor, document: Document, docx: bytes, title: str = "", now: datetime
) -> DocumentFile:
    """Put a new text in place of a draft's; the older ones stay as files for the trail.

    :raises PermissionDeniedError: neither drafter nor a colleague of the drafting unit.
    :raises StaleError: it is no draft any more.
    """
    if not may_redraft(actor, document, now):
        raise PermissionDeniedError(
            _("Chỉ người soạn hoặc người cùng đơn vị soạn thảo mới thay bản dự thảo.")
        )
    return text_put(actor=actor, document=document, docx=docx, title=title, now=now)


def text_put(
    *, actor: Actor, document: Document, docx: bytes, title: str = "", now: datetime
) -> DocumentFile:
    """Put a new text in place of a draft's; the right was checked by the caller."""
    kept = _keep(docx, title or document.subject)
    try:
        with transaction.atomic():
            if not Document.objects.filter(pk=document.pk, state=DocumentState.DRAFT).update(format_check={}):
                raise StaleError(
                    _("Văn bản đã qua bước dự thảo nên không thay tệp được. Hãy đề nghị trả lại trước.")
                )
            row = _file(document, kept, FileRole.DRAFT, actor, now)
            audit_record(
                actor=actor,
                action="plan.document.redraft",
                target=document,
                after={"sha256": kept.sha256},
                at=now,
            )
    except BaseException:
        DRAFTS.drop(kept.name)
        raise
    return row


def may_redraft(actor: Actor, document: Document, now: datetime) -> bool:
    """Return whether somebody may change a draft."""
    if actor is None or actor.pk == document.drafted_by_id:
        return True
    reach = acting(actor, local_date(now))
    return reach.officer or document.drafting_unit_id in reach.reporting | reach.heading


def document_attach_signed(
    *, actor: Actor, document: Document, upload: Upload, now: datetime
) -> DocumentFile:
    """Attach the signed PDF with its hash. It is never replaced: a wrong one means a new document.

    :raises PermissionDeniedError: neither a clerk nor the signer.
    :raises RegisterError: there is one already, or the document is not signed yet.
    """
    reach = acting(actor, local_date(now))
    if not (reach.clerk or (actor is not None and actor.pk == document.signer_id)):
        raise PermissionDeniedError(_("Chỉ văn thư hoặc người ký mới gắn bản đã ký."))
    kept = SIGNED.keep(upload)
    try:
        with transaction.atomic():
            held = Document.objects.select_for_update().get(pk=document.pk)
            if held.state not in {DocumentState.SIGNED, DocumentState.NUMBERED}:
                raise RegisterError(
                    _("Chỉ gắn bản đã ký khi văn bản đã ghi nhận ký và chưa phát hành."),
                    code="register-not-signed",
                )
            if held.files.filter(role=FileRole.SIGNED).exists():
                raise RegisterError(
                    _("Văn bản đã có bản ký. Bản ký không thay được; nếu sai, hãy lập văn bản thay thế."),
                    code="register-signed-twice",
                )
            row = _file(held, kept, FileRole.SIGNED, actor, now)
            audit_record(
                actor=actor, action="plan.document.attach", target=held,
                after={"sha256": kept.sha256, "size": kept.size}, at=now,
            )  # fmt: skip
    except BaseException:
        SIGNED.drop(kept.name)
        raise
    return row


class TamperedError(RegisterError):
    """A kept file is not what was put there."""

    code = "register-tampered"
    status = 409


def file_bytes(file: DocumentFile) -> bytes:
    """Return a kept file after comparing its hash.

    :raises TamperedError: it is missing or not what was put there; nothing of it is handed out.
    """
    drawer = SIGNED if file.role == FileRole.SIGNED else DRAFTS
    try:
        data = drawer.path(file.file).read_bytes()
    except (OSError, ValueError):
        data = b""
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise TamperedError(
            _(
                "Tệp “%(title)s” trên máy chủ không còn khớp mã SHA-256 đã lưu nên không được tải. Hãy báo quản trị hệ thống."
            )
            % {"title": file.title}
        )
    return data


def latest_draft(document: Document) -> DocumentFile | None:
    """Return the newest text of a document."""
    return document.files.filter(role=FileRole.DRAFT).order_by("-pk").first()
