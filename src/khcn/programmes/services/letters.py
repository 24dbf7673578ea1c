"""Messages to a programme's people: written, read by a person with every recipient, released with the count, then sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.enums import MessageState
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.models.outbox import Message
from khcn.core.outbox.rules import one_line
from khcn.core.outbox.services import message_cancel, message_retry, message_send
from khcn.engines.text.fold import nfc
from khcn.programmes.enums import SELF_SENT, LetterAudience, LetterKind, LetterState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.letters import Letter, LetterRecipient
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.letters import strange_places
from khcn.programmes.rules.texts import kept_text
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.letters_to import Preview, To, letter_preview_of


@dataclass(frozen=True, slots=True)
class LetterText:
    """What is written and to whom."""

    kind: str
    audience: str
    subject: str
    body: str
    subject_en: str = ""
    body_en: str = ""
    session: Session | None = None


def runner_only(actor: Actor, programme: Programme, now: datetime) -> None:
    """:raises PermissionDeniedError: somebody else than who runs the programme."""
    if not can_run(acting(actor, local_date(now)), programme.unit_id):
        raise PermissionDeniedError(
            _("Tin gửi người tham gia do đơn vị tổ chức và chuyên viên đầu mối soạn và cho gửi.")
        )


def _letter(pk: int) -> Letter:
    row = (
        Letter.objects.select_for_update(of=("self",))
        .select_related("programme", "session")
        .filter(pk=pk)
        .first()
    )
    if row is None:
        raise NotFoundError(_("Không thấy tin này."))
    return row


def _clean(values: LetterText, programme: Programme) -> dict[str, Any]:
    text = {
        "subject": one_line(nfc(values.subject))[:150], "body": kept_text(values.body, 5000),
        "subject_en": one_line(nfc(values.subject_en))[:150], "body_en": kept_text(values.body_en, 5000),
    }  # fmt: skip
    for name in ("subject", "body"):
        if not text[name]:
            raise ProgrammeError(_("Hãy ghi tiêu đề và nội dung tin."), field=name)
    if strange := strange_places(*text.values()):
        raise ProgrammeError(
            _("Chỉ dùng {name}, {title}, {when}, {where}, {link}. Hãy sửa: %(strange)s.")
            % {"strange": ", ".join(f"{{{one}}}" for one in strange)},
            field="body",
        )
    if (
        values.kind in SELF_SENT
        or values.kind not in LetterKind.values
        or values.audience not in LetterAudience.values
    ):
        raise ProgrammeError(_("Hãy chọn loại tin và người nhận trong danh sách."), field="kind")
    if values.session is not None and values.session.programme_id != programme.pk:
        raise ProgrammeError(_("Hãy chọn buổi của chương trình này."), field="session")
    return text | {"kind": values.kind, "audience": values.audience, "session": values.session}


@transaction.atomic
def letter_save(
    *, actor: Actor, programme: Programme, values: LetterText, now: datetime, letter_id: int | None = None,
    client_key: str = "",
) -> Letter:  # fmt: skip
    """Write or change a draft; a change has to be read anew. The same form sent twice is one letter."""
    runner_only(actor, programme, now)
    text = _clean(values, programme)
    if letter_id is None:
        if client_key and (
            row := Letter.objects.filter(programme=programme, client_key=client_key[:40]).first()
        ):
            return row
        row = Letter.objects.create(
            programme=programme,
            created_by_id=actor_id(actor),
            created_at=now,
            client_key=client_key[:40],
            **text,
        )
    else:
        row = _letter(letter_id)
        if row.programme_id != programme.pk or row.state != LetterState.DRAFT:
            raise ProgrammeError(_("Tin này đã cho gửi hoặc đã bỏ nên không sửa được. Hãy soạn tin mới."))
        for name, value in (
            text | {"previewed_at": None, "previewed_by": None, "previewed_digest": ""}
        ).items():
            setattr(row, name, value)
        row.revision += 1
        row.save()
    audit_record(actor=actor, action="programmes.letter.write", target=row, after={"kind": row.kind}, at=now)
    return row


@transaction.atomic
def letter_preview(*, actor: Actor, letter_id: int, now: datetime) -> Preview:
    """Note that a person read a letter with its recipients; only this very state may be released."""
    row = _letter(letter_id)
    runner_only(actor, row.programme, now)
    if row.state != LetterState.DRAFT:
        raise ProgrammeError(_("Tin này đã cho gửi hoặc đã bỏ."))
    seen = letter_preview_of(row)
    row.previewed_at, row.previewed_by_id, row.previewed_digest = now, actor_id(actor), seen.digest
    row.save(update_fields=["previewed_at", "previewed_by", "previewed_digest"])
    return seen


@transaction.atomic
def letter_release(*, actor: Actor, letter_id: int, count: int, now: datetime) -> int:
    """Let a letter leave. ``count``: how many recipients the person says there are. Return how many.

    :raises StaleError: never read, or text or recipients changed since. :raises ProgrammeError: wrong count, nobody.
    """
    row = _letter(letter_id)
    runner_only(actor, row.programme, now)
    if row.state != LetterState.DRAFT:
        raise ProgrammeError(_("Tin này đã cho gửi hoặc đã bỏ."))
    now_seen = letter_preview_of(row)
    if not row.previewed_digest or row.previewed_digest != now_seen.digest:
        raise StaleError(
            _("Tin hoặc danh sách người nhận đã đổi từ lúc xem trước. Hãy xem trước lại rồi mới cho gửi.")
        )
    if not now_seen.to:
        raise ProgrammeError(_("Không có ai để gửi. Hãy chọn nhóm người nhận khác."))
    if count != len(now_seen.to):
        raise ProgrammeError(
            _("Số người nhận chưa khớp: tin này gửi cho %(count)s người.") % {"count": len(now_seen.to)},
            field="count",
        )
    return released(actor, row, now_seen.to, now)


def released(actor: Actor, row: Letter, to: list[To], now: datetime) -> int:
    """Let a letter leave to all of ``to``; the caller settled that it may. Return how many."""
    row.state, row.released_by_id, row.released_at = LetterState.RELEASED, actor_id(actor), now
    row.save(update_fields=["state", "released_by", "released_at"])
    for one in to:
        sent_to(row, one, now)
    audit_record(
        actor=actor, action="programmes.letter.release", target=row, after={"recipients": len(to)}, at=now
    )
    return len(to)


def sent_to(row: Letter, one: To, now: datetime) -> None:
    """Put one message of a letter into the outbox; twice is once."""
    channel, address = clean_address(one.address)
    message = message_send(
        channel=channel, recipient=address, subject=one.subject, body=one.body, now=now,
        dedupe_key=f"{one.key}:letter:{row.pk}",
    )  # fmt: skip
    LetterRecipient.objects.get_or_create(
        letter=row, registration=one.registration, group=one.group,
        defaults={"programme_id": row.programme_id, "message": message, "added_at": now},
    )  # fmt: skip


@transaction.atomic
def letter_cancel(*, actor: Actor, letter_id: int, now: datetime) -> int:
    """Throw a draft away, or stop what of a released letter has not left; return how many messages were stopped."""
    row = _letter(letter_id)
    runner_only(actor, row.programme, now)
    stopped = 0
    if row.state == LetterState.DRAFT:
        row.state, row.cancelled_at = LetterState.CANCELLED, now
        row.save(update_fields=["state", "cancelled_at"])
    else:
        waiting = Message.objects.filter(
            pk__in=row.recipients.values("message_id"), state__in=[MessageState.WAITING, MessageState.FAILED]
        )
        stopped = sum(message_cancel(actor=actor, message=one, now=now) for one in waiting)
    audit_record(
        actor=actor, action="programmes.letter.cancel", target=row, after={"stopped": stopped}, at=now
    )
    return stopped


@transaction.atomic
def letter_retry(*, actor: Actor, letter_id: int, now: datetime, recipient_id: int | None = None) -> int:
    """Try again what was given up, all or one recipient's; return how many."""
    row = _letter(letter_id)
    runner_only(actor, row.programme, now)
    failed = _messages(row, recipient_id).filter(state=MessageState.FAILED)
    return sum(message_retry(actor=actor, message=one, now=now) for one in failed)


@transaction.atomic
def recipient_stop(*, actor: Actor, letter_id: int, recipient_id: int, now: datetime) -> bool:
    """Stop one recipient's message that has not left. :raises ProgrammeError: it left or was stopped."""
    row = _letter(letter_id)
    runner_only(actor, row.programme, now)
    message = _messages(row, recipient_id).first()
    if message is None or not message_cancel(actor=actor, message=message, now=now):
        raise ProgrammeError(_("Tin này đã đi hoặc đã dừng nên không dừng được nữa."))
    return True


def _messages(row: Letter, recipient_id: int | None) -> QuerySet[Message]:
    to = row.recipients.all() if recipient_id is None else row.recipients.filter(pk=recipient_id)
    return Message.objects.filter(pk__in=to.values("message_id"))
