"""Messages to a programme's people: written, read by a person with every recipient, released with the count, then sent."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.dates import datetime_vi, local_date
from khcn.core.enums import MessageState
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.core.models.outbox import Message
from khcn.core.outbox.rules import one_line
from khcn.core.outbox.senders import absolute_link
from khcn.core.outbox.services import message_cancel, message_retry, message_send, messages_forget
from khcn.core.registry import Registry
from khcn.engines.text.fold import nfc
from khcn.programmes.enums import (
    OPEN_STATES,
    SELF_SENT,
    STANDING,
    ConsentPurpose,
    LetterAudience,
    LetterKind,
    LetterState,
    RegistrationState,
    SessionState,
)
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.letters import Letter, LetterRecipient, LetterSetting
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.permissions import acting, can_run
from khcn.programmes.rules.letters import DEFAULTS, END_EN, filled, strange_places
from khcn.programmes.services.codes import clean_address
from khcn.programmes.services.consents import consents_standing, subjects_of

MOST: Final = 5000
comers: Registry[Callable[[Programme, Session | None], Iterable[int]]] = Registry("who came, by registration")
"""Attendance registers ``came(programme, session)``: ids of registrations; without it nobody is known to have come."""


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


@dataclass(frozen=True, slots=True)
class To:
    """One recipient with the message as it will read. ``why_not``: why nothing can be sent."""

    name: str
    address: str
    subject: str
    body: str
    registration: Registration | None = None
    group: RegistrationGroup | None = None
    why_not: str = ""

    @property
    def key(self) -> str:
        """Return the reference of whom it goes to."""
        if self.registration is not None:
            return f"programmes.registration:{self.registration.pk}"
        return f"programmes.registrationgroup:{self.group.pk if self.group else 0}"


@dataclass(frozen=True, slots=True)
class Preview:
    """Everybody who gets a letter, everybody who cannot, and the hash of all of it."""

    to: list[To] = field(default_factory=list)
    left_out: list[To] = field(default_factory=list)
    digest: str = ""


def _runner(actor: Actor, programme: Programme, now: datetime) -> None:
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
        "subject": one_line(nfc(values.subject))[:150], "body": nfc(values.body.replace("\x00", "")).strip()[:5000],
        "subject_en": one_line(nfc(values.subject_en))[:150], "body_en": nfc(values.body_en.replace("\x00", "")).strip()[:5000],
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
    _runner(actor, programme, now)
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


def letter_preview_of(letter: Letter) -> Preview:
    """Return who gets a letter as it stands, with each message."""
    to: list[To] = []
    left: list[To] = []
    for one in _addressed(letter):
        (left if one.why_not else to).append(one)
    digest = hashlib.sha256()
    for one in to:
        digest.update(f"{one.key}\0{one.address}\0{one.subject}\0{one.body}\0\0".encode())
    return Preview(to, left, digest.hexdigest())


def _people(letter: Letter) -> list[Registration]:
    rows = Registration.objects.filter(programme_id=letter.programme_id, erased_at=None, state__in=STANDING)
    if letter.session_id and letter.programme.by_session:
        rows = rows.filter(session_id=letter.session_id)
    audience = letter.audience
    if audience in {LetterAudience.CONFIRMED, LetterAudience.ATTENDED, LetterAudience.ABSENT}:
        rows = rows.filter(state=RegistrationState.CONFIRMED)
    if audience == LetterAudience.WAITING:
        rows = rows.filter(state=RegistrationState.WAITING)
    if audience in {LetterAudience.ATTENDED, LetterAudience.ABSENT}:
        came = {pk for finder in comers.all() for pk in finder(letter.programme, letter.session)}
        known = bool(comers.all())
        rows = rows.filter(pk__in=came) if audience == LetterAudience.ATTENDED else rows.exclude(pk__in=came)
        if not known:
            rows = rows.none()
    found = list(rows.select_related("group").order_by("sort_key", "pk")[:MOST])
    if letter.kind == LetterKind.ANNOUNCEMENT:
        given = consents_standing(
            subjects_of("registration", [row.pk for row in found]), ConsentPurpose.CONTACT
        )
        found = [
            row for row in found if f"programmes.registration:{row.pk}" in given and row.group_id is None
        ]
    return found


def _addressed(letter: Letter) -> Iterable[To]:
    groups: dict[int, RegistrationGroup] = {}
    for row in _people(letter):
        if row.group is not None and not row.contact_address:
            if row.group.cancelled_at is None:
                groups[row.group.pk] = row.group
        elif letter.audience != LetterAudience.GROUPS:
            yield _to(letter, row.name, row.contact_address, row.token or "", registration=row)
    for group in groups.values():
        yield _to(letter, group.contact_name or group.name, group.contact_address, group.token, group=group)


def _to(letter: Letter, name: str, address: str, token: str, **whom: Any) -> To:
    values = _values(letter, name, token)
    subject = one_line(filled(letter.subject, values))[:200]
    body = filled(letter.body, values)
    if letter.body_en:
        body += END_EN + filled(letter.body_en, values)
    why_not = ""
    try:
        clean_address(address)
    except ProgrammeError:
        why_not = _("chưa có địa chỉ liên hệ dùng được")
    return To(one_line(name), address, subject, body, why_not=why_not, **whom)


def _values(letter: Letter, name: str, token: str) -> dict[str, str]:
    programme, session = letter.programme, letter.session
    path = (
        f"{reverse('programmes:certificates-own', args=[token]).removesuffix('chung-nhan/')}" if token else ""
    )
    day = programme.starts_on.strftime("%d/%m/%Y") if programme.starts_on else _("(sẽ báo sau)")
    return {
        "name": one_line(name), "title": programme.title, "when": datetime_vi(session.starts_at) if session else day,
        "where": (session.venue if session else "") or programme.venue or _("(sẽ báo sau)"),
        "link": absolute_link(path or f"/chuong-trinh/{programme.key}/"),
    }  # fmt: skip


@transaction.atomic
def letter_preview(*, actor: Actor, letter_id: int, now: datetime) -> Preview:
    """Note that a person read a letter with its recipients; only this very state may be released."""
    row = _letter(letter_id)
    _runner(actor, row.programme, now)
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
    _runner(actor, row.programme, now)
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
    return _release(actor, row, now_seen.to, now)


def _release(actor: Actor, row: Letter, to: list[To], now: datetime) -> int:
    row.state, row.released_by_id, row.released_at = LetterState.RELEASED, actor_id(actor), now
    row.save(update_fields=["state", "released_by", "released_at"])
    for one in to:
        _send(row, one, now)
    audit_record(
        actor=actor, action="programmes.letter.release", target=row, after={"recipients": len(to)}, at=now
    )
    return len(to)


def _send(row: Letter, one: To, now: datetime) -> None:
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
    _runner(actor, row.programme, now)
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


def letter_retry(*, actor: Actor, letter_id: int, now: datetime) -> int:
    """Try again what was given up; return how many."""
    row = Letter.objects.select_related("programme").filter(pk=letter_id).first()
    if row is None:
        raise NotFoundError(_("Không thấy tin này."))
    _runner(actor, row.programme, now)
    failed = Message.objects.filter(pk__in=row.recipients.values("message_id"), state=MessageState.FAILED)
    return sum(message_retry(actor=actor, message=one, now=now) for one in failed)


@transaction.atomic
def reminders_set(*, actor: Actor, programme: Programme, automatic: bool, now: datetime) -> None:
    """Let reminders of a programme leave by themselves, or not."""
    _runner(actor, programme, now)
    LetterSetting.objects.update_or_create(programme=programme, defaults={"auto_reminders": automatic})
    audit_record(
        actor=actor, action="programmes.letter.auto", target=programme, after={"auto": automatic}, at=now
    )


def letters_remind(now: datetime) -> int:
    """Write the reminders of tomorrow's sessions, once each; they wait for release unless the unit lets them leave."""
    tomorrow = local_date(now) + timedelta(days=1)
    rows = Session.objects.filter(
        starts_at__date=tomorrow, state=SessionState.PLANNED, programme__state__in=OPEN_STATES
    ).select_related("programme")
    made = 0
    for session in rows:
        row = _automatic(session.programme, session, LetterKind.REMINDER, now)
        if row is None:
            continue
        made += 1
        setting = LetterSetting.objects.filter(programme=session.programme, auto_reminders=True)
        if setting.exists() and (seen := letter_preview_of(row)).to:
            with transaction.atomic():
                _release(None, row, seen.to, now)
    return made


def _automatic(
    programme: Programme, session: Session | None, kind: str, now: datetime, state: str = LetterState.DRAFT
) -> Letter | None:
    """Make the one automatic letter of a kind; ``None`` when it is there already."""
    try:
        with transaction.atomic():
            return Letter.objects.create(
                programme=programme, session=session, kind=kind, automatic=True, created_at=now, state=state,
                released_at=now if state == LetterState.RELEASED else None, **DEFAULTS[kind]._asdict(),
            )  # fmt: skip
    except IntegrityError:
        return None


@transaction.atomic
def notice_send(
    *, registration: Registration, kind: str, now: datetime, session: Session | None = None
) -> bool:
    """Send what leaves by itself (confirmed, promoted, cancelled) to one person; twice is once. Return whether it went.

    Called by the service that made the deed, in its transaction.
    """
    if kind not in SELF_SENT:
        raise ValueError(f"not sent by itself: {kind}")
    if registration.erased_at is not None:
        return False
    programme = registration.programme
    row = _automatic(programme, session, kind, now, LetterState.RELEASED) or Letter.objects.select_related(
        "programme", "session"
    ).get(programme=programme, session=session, kind=kind, automatic=True)
    group = registration.group if not registration.contact_address else None
    if group is not None:
        one = _to(row, group.contact_name or group.name, group.contact_address, group.token, group=group)
    else:
        one = _to(
            row,
            registration.name,
            registration.contact_address,
            registration.token or "",
            registration=registration,
        )
    if one.why_not:
        return False
    _send(row, one, now)
    return True


def session_cancelled(session: Session, now: datetime) -> int:
    """Tell everybody with a seat or in the list that a session is off; return how many messages."""
    rows = Registration.objects.filter(programme_id=session.programme_id, state__in=STANDING, erased_at=None)
    if session.programme.by_session:
        rows = rows.filter(session=session)
    return sum(
        notice_send(registration=row, kind=LetterKind.CANCELLED, session=session, now=now)
        for row in rows.select_related("programme", "group")
    )


def letter_counts(programme: Programme) -> Any:
    """Return the letters of a programme with how many wait, went and failed."""
    one = "recipients__message__state"
    return Letter.objects.filter(programme=programme).select_related("session", "released_by").annotate(
        queued=Count("recipients", filter=Q(**{f"{one}__in": [MessageState.WAITING, MessageState.SENDING]})),
        gone=Count("recipients", filter=Q(**{one: MessageState.SENT})),
        failed=Count("recipients", filter=Q(**{one: MessageState.FAILED})),
    ).order_by("-created_at", "-pk")  # fmt: skip


def letters_erase(subject: str, now: datetime) -> None:
    """Forget every message to somebody, sent or not."""
    messages_forget(occasion=f"{subject}:letter:")
