"""Letters that nobody writes: reminders a day before, and what leaves by itself (confirmed, promoted, cancelled)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.outbox.services import messages_forget
from khcn.programmes.enums import OPEN_STATES, SELF_SENT, STANDING, LetterKind, LetterState, SessionState
from khcn.programmes.models.letters import Letter, LetterSetting
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.letters import words_of
from khcn.programmes.services.letters import released, runner_only, sent_to
from khcn.programmes.services.letters_to import letter_preview_of, message_to


@transaction.atomic
def reminders_set(*, actor: Actor, programme: Programme, automatic: bool, now: datetime) -> None:
    """Let reminders of a programme leave by themselves, or not."""
    runner_only(actor, programme, now)
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
    somebody = Registration.objects.filter(
        programme=OuterRef("programme"), state__in=STANDING, erased_at=None
    )
    rows = rows.filter(Exists(somebody))  # where nobody registers there is nobody to remind
    made = 0
    for session in rows:
        row = _automatic(session.programme, session, LetterKind.REMINDER, now)
        if row is None:
            continue
        made += 1
        setting = LetterSetting.objects.filter(programme=session.programme, auto_reminders=True)
        if setting.exists() and (seen := letter_preview_of(row)).to:
            with transaction.atomic():
                released(None, row, seen.to, now)
    return made


def _automatic(
    programme: Programme, session: Session | None, kind: str, now: datetime, state: str = LetterState.DRAFT
) -> Letter | None:
    """Make the one automatic letter of a kind; ``None`` when it is there already."""
    try:
        with transaction.atomic():
            return Letter.objects.create(
                programme=programme, session=session, kind=kind, automatic=True, created_at=now, state=state,
                released_at=now if state == LetterState.RELEASED else None, **words_of(kind, whole=session is None)._asdict(),
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
    one = message_to(row, group=group) if group is not None else message_to(row, registration=registration)
    if one.why_not:
        return False
    sent_to(row, one, now)
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


def programme_cancelled(programme: Programme, sessions: Collection[int], now: datetime) -> int:
    """Tell everybody with a seat or in the list that a programme is off, each person once; return how many messages.

    :param sessions: those that were cancelled with it. Where people register for single sessions, only theirs are told:
        whose session is over has nothing to lose, whose session was cancelled before was told then.
    """
    rows = Registration.objects.filter(programme=programme, state__in=STANDING, erased_at=None)
    if programme.by_session:
        rows = rows.filter(session_id__in=sessions)
    told: set[tuple[object, ...]] = set()
    sent = 0
    for row in rows.select_related("programme", "group").order_by("pk"):
        alone = bool(row.contact_address) or row.group_id is None
        who = (row.contact_address, row.folded_name) if alone else (row.group_id,)
        if who not in told:
            told.add(who)
            sent += notice_send(registration=row, kind=LetterKind.CANCELLED, now=now)
    return sent


def letters_erase(subject: str, now: datetime) -> None:
    """Forget every message to somebody, sent or not."""
    messages_forget(occasion=f"{subject}:letter:")
