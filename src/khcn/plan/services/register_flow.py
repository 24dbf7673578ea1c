"""The way of a document (Decree 30, articles 10-19): content checked, format checked, signed, issued, recalled, replaced.

Nobody passes the own work: who drafts does not check, who checks the format does not sign, who signs does not number.
Nothing here signs: it notes who signed outside, and keeps the signed file.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.document_port import DocumentFollower, document_followers
from khcn.core.enums import Channel
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.core.outbox.services import message_send
from khcn.core.papers.check.book import Conformance
from khcn.core.papers.check.package import UnreadableError
from khcn.core.papers.checker import check_document
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.orgs.selectors import authority_for
from khcn.plan.enums import DocumentState, FileRole, SigningMode
from khcn.plan.errors import StaleError
from khcn.plan.models import Document
from khcn.plan.permissions import Reach, acting, can_keep_register
from khcn.plan.rules.register import APART, STEPS
from khcn.plan.selectors.people import holders
from khcn.plan.selectors.register import registered
from khcn.plan.services.register import RegisterError, file_bytes, latest_draft


def require_clerk(actor: Actor, now: datetime) -> Reach:
    """Return the reach of a clerk. :raises PermissionDeniedError: for everybody else."""
    reach = acting(actor, local_date(now))
    if not can_keep_register(reach):
        raise PermissionDeniedError(_("Chỉ văn thư kiểm tra thể thức, cấp số và phát hành văn bản."))
    return reach


def keep_apart(who: int | None, document: Document, step: str) -> None:
    """Refuse a step to somebody who took an earlier one that must be another's. :raises RegisterError:"""
    if who is None:
        return
    words = {
        "drafted_by_id": _("Bạn đã soạn văn bản này nên bước này phải do người khác làm."),
        "format_checked_by_id": _("Người kiểm tra thể thức không ký văn bản đó. Hãy để người khác ký."),
        "signer_id": _("Người ký không kiểm tra thể thức, cấp số hay phát hành văn bản mình ký."),
    }
    for name in APART.get(step, ()):
        if getattr(document, name) == who:
            raise RegisterError(words[name], code="register-own-work")


def step_take(document: Document, step: str, **values: Any) -> tuple[str, DocumentState]:
    """Move a document on when it still stands where the step begins; return the states before and after."""
    before, after = STEPS[step]
    was = document.state
    if was not in before or not Document.objects.filter(pk=document.pk, state=was).update(
        state=after, **values
    ):
        raise StaleError(_("Văn bản không còn ở bước này. Hãy tải lại trang để xem văn bản đang ở đâu."))
    return was, after


def trail(
    actor: Actor, document: Document, action: str, now: datetime, states: tuple[str, DocumentState],
    *, reason: str = "", roles: Collection[Role] = (), **more: Any,
) -> None:  # fmt: skip
    """Leave the audit row of a step; who acts for an absent colleague is named."""
    person = actor if isinstance(actor, User) else None
    ground = authority_for(person, local_date(now), roles) if person is not None and roles else None
    audit_record(
        actor=actor, action=f"plan.document.{action}", target=document, before={"state": str(states[0])},
        after={"state": states[1].value, **more}, reason=reason, at=now,
        on_behalf_of=ground.on_behalf_of if ground else None,
    )  # fmt: skip


def tell(document: Document, people: Collection[User], subject: str, now: datetime) -> None:
    """Leave a word on the desks of those whose turn it is."""
    for person in people:
        message_send(
            channel=Channel.DESK, user=person, subject=subject, body=document.subject, now=now,
            link=reverse("plan-desk:document", args=[document.pk]),
        )  # fmt: skip


def may_check_content(reach: Reach, document: Document) -> bool:
    """The head of the drafting unit checks the content; the head of the focal unit for units without one."""
    return document.drafting_unit_id in reach.heading or reach.focal_head


def document_content_check(*, actor: Actor, document: Document, now: datetime) -> None:
    """The head of the drafting unit passes the content; the clerk is told.

    :raises PermissionDeniedError: not the head. :raises RegisterError: the own draft.
    """
    if not may_check_content(acting(actor, local_date(now)), document):
        raise PermissionDeniedError(_("Chỉ người đứng đầu đơn vị soạn thảo kiểm tra nội dung."))
    keep_apart(actor_id(actor), document, "content")
    with transaction.atomic():
        states = step_take(document, "content", content_checked_by_id=actor_id(actor))
        roles = {Role.UNIT_HEAD, Role.FOCAL_HEAD}
        trail(actor, document, "content_check", now, states, roles=roles)
        tell(document, holders(Role.CLERK, local_date(now)), _("Văn bản chờ kiểm tra thể thức"), now)


def format_result(document: Document) -> Conformance:
    """Return the check of a document's newest text. :raises RegisterError: there is none, or it cannot be read."""
    draft = latest_draft(document)
    if draft is None:
        raise RegisterError(
            _("Văn bản chưa có tệp dự thảo. Hãy gắn tệp .docx rồi kiểm tra."), code="register-no-text"
        )
    try:
        return check_document(file_bytes(draft))
    except UnreadableError as error:
        raise RegisterError(error.said(), code=f"register-{error.code}") from error


def document_format_check(
    *, actor: Actor, document: Document, reason: str = "", now: datetime
) -> Conformance:
    """Check the format of the newest text and keep the result; the document moves on when it conforms.

    A deviation that the clerk accepts needs a ``reason``, which is kept with the result.

    :raises RegisterError: the own draft, or the text cannot be read. The document stays where it is.
    """
    require_clerk(actor, now)
    keep_apart(actor_id(actor), document, "format")
    result = format_result(document)
    reason = clean_text(reason).strip()[:500]
    draft = latest_draft(document)
    kept = {
        **result.as_json(), "kept": len(result.kept), "not_applicable": len(result.not_applicable),
        "checked_at": now.isoformat(), "sha256": draft.sha256 if draft else "", "accepted_because": reason,
    }  # fmt: skip
    passed = result.conforms or bool(reason)
    with transaction.atomic():
        if passed:
            states = step_take(document, "format", format_checked_by_id=actor_id(actor), format_check=kept)
            trail(
                actor,
                document,
                "format_check",
                now,
                states,
                reason=reason,
                broken=[one.rule for one in result.broken],
            )
            tell(document, holders(Role.LEADER, local_date(now)), _("Văn bản đúng thể thức, chờ ký"), now)
        else:
            before = STEPS["format"][0]
            if not Document.objects.filter(pk=document.pk, state__in=before).update(format_check=kept):
                raise StaleError(_("Văn bản không còn ở bước kiểm tra thể thức. Hãy tải lại trang."))
            audit_record(
                actor=actor, action="plan.document.format_check", target=document, at=now,
                after={"conforms": False, "broken": [one.rule for one in result.broken]},
            )  # fmt: skip
    return result


def document_return(*, actor: Actor, document: Document, reason: str, now: datetime) -> None:
    """Give a document back to its drafter: the clerk at the format check, the leader instead of signing."""
    reach = acting(actor, local_date(now))
    if not (reach.clerk or reach.leader or may_check_content(reach, document)):
        raise PermissionDeniedError(_("Chỉ người đang giữ văn bản mới trả lại được."))
    reason = required(reason, _("Hãy ghi cần sửa gì để người soạn biết."))
    with transaction.atomic():
        states = step_take(document, "return", content_checked_by=None, format_checked_by=None, reason=reason)
        trail(actor, document, "return", now, states, reason=reason)
        people = [document.drafted_by] if document.drafted_by else []
        tell(document, people, _("Văn bản được trả lại: %(why)s") % {"why": reason[:120]}, now)


def required(text: str, sentence: str) -> str:
    """Return a text that must be there. :raises RegisterError: with ``sentence``."""
    text = clean_text(text).strip()[:500]
    if not text:
        raise RegisterError(sentence, code="register-reason")
    return text


def document_sign(
    *, actor: Actor, document: Document, signer: User | None, name: str = "", position: str = "", mode: str = "",
    now: datetime,
) -> None:  # fmt: skip
    """Note that a document was signed outside, and by whom: said by the signer, or by the clerk who got it back.

    ``signer``: the account of who signed, ``None`` for somebody without one (then ``name`` is needed).

    :raises RegisterError: the signer checked the format, or nobody is named.
    """
    reach = acting(actor, local_date(now))
    itself = actor is not None and signer is not None and actor.pk == signer.pk
    if not (reach.clerk or (itself and (reach.leader or document.agency_id in reach.heading))):
        raise PermissionDeniedError(_("Chỉ người ký hoặc văn thư ghi nhận văn bản đã ký."))
    keep_apart(signer.pk if signer else None, document, "sign")
    name = clean_text(name or (signer.get_full_name() if signer else "") or document.signer_name).strip()[
        :150
    ]
    if not name:
        raise RegisterError(_("Chưa có họ tên người ký. Hãy ghi họ tên."), code="register-signer")
    if mode not in SigningMode.values:
        raise RegisterError(_("Không rõ hình thức ký. Hãy chọn trong danh sách."), code="register-mode")
    values = {
        "signer": signer, "signer_name": name, "signing_mode": mode or document.signing_mode,
        "signer_position": clean_text(position).strip()[:150] or document.signer_position,
    }  # fmt: skip
    with transaction.atomic():
        states = step_take(document, "sign", **values)
        trail(
            actor,
            document,
            "sign",
            now,
            states,
            signer=name,
            mode=values["signing_mode"],
            roles={Role.LEADER},
        )
        tell(document, holders(Role.CLERK, local_date(now)), _("Văn bản đã ký, chờ cấp số"), now)


def document_issue(*, actor: Actor, document: Document, now: datetime) -> Document:
    """Issue a numbered document whose signed file is attached; the app it was made from is told.

    :raises RegisterError: no signed file yet, or the signer issues it.
    """
    require_clerk(actor, now)
    keep_apart(actor_id(actor), document, "issue")
    with transaction.atomic():
        signed = document.files.filter(role=FileRole.SIGNED).first()
        if signed is None:
            raise RegisterError(
                _("Chưa có bản đã ký. Hãy gắn tệp PDF đã ký rồi phát hành."), code="register-no-signed"
            )
        states = step_take(document, "issue", issued_at=now)
        trail(actor, document, "issue", now, states, sha256=signed.sha256)
        document.refresh_from_db()
        follower = _follower(document)
        if follower is not None:
            follower.issued(actor=actor, document=registered(document), now=now)
        people = [document.drafted_by] if document.drafted_by else []
        tell(document, people, _("Văn bản đã phát hành"), now)
    return document


def _follower(document: Document) -> DocumentFollower | None:
    kind = document.source.partition(":")[0]
    return document_followers.get(kind) if kind in document_followers else None


def document_recall(*, actor: Actor, document: Document, reason: str, now: datetime) -> None:
    """Recall an issued document: it stays in the register, frozen, with the reason."""
    require_clerk(actor, now)
    reason = required(reason, _("Hãy ghi lý do thu hồi."))
    with transaction.atomic():
        states = step_take(document, "recall", reason=reason)
        trail(actor, document, "recall", now, states, reason=reason)
        _gone(actor, document, reason, now)


def document_replace(*, actor: Actor, document: Document, by: Document, reason: str, now: datetime) -> None:
    """Mark an issued document as replaced by another issued one of the same agency.

    :raises RegisterError: not the same agency, not issued, or the document itself.
    """
    require_clerk(actor, now)
    reason = required(reason, _("Hãy ghi lý do thay thế."))
    if by.pk == document.pk or by.agency_id != document.agency_id or by.state != DocumentState.ISSUED:
        raise RegisterError(
            _("Văn bản thay thế phải là một văn bản khác, đã phát hành, của cùng cơ quan."),
            code="register-replacement",
        )
    with transaction.atomic():
        states = step_take(document, "replace", reason=reason, replaced_by=by)
        trail(actor, document, "replace", now, states, reason=reason, by=str(by))
        _gone(actor, document, reason, now)


def _gone(actor: Actor, document: Document, reason: str, now: datetime) -> None:
    document.refresh_from_db()
    follower = _follower(document)
    if follower is not None:
        follower.recalled(actor=actor, document=registered(document), reason=reason, now=now)
    people = [document.drafted_by] if document.drafted_by else []
    tell(document, people, _("Văn bản không còn hiệu lực phát hành: %(why)s") % {"why": reason[:120]}, now)
