"""Letters that nobody writes: reminders a day before, and the word that a session is off."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.outbox.services import messages_forget
from khcn.programmes.enums import OPEN_STATES, STANDING, LetterKind, LetterState, SessionState
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


def session_cancelled(session: Session, now: datetime) -> int:
    """Tell everybody with a seat or in the list that a session is off; return how many messages."""
    rows = Registration.objects.filter(programme_id=session.programme_id, state__in=STANDING, erased_at=None)
    if session.programme.by_session:
        rows = rows.filter(session=session)
    return _tell_off(session.programme, session, rows.select_related("group"), now)


def programme_cancelled(programme: Programme, sessions: Collection[int], now: datetime) -> int:
    """Tell everybody with a seat or in the list that a programme is off, each person once; return how many messages.

    :param sessions: those that were cancelled with it. Where people register for single sessions, only theirs are told:
        whose session is over has nothing to lose, whose session was cancelled before was told then.
    """
    rows = Registration.objects.filter(programme=programme, state__in=STANDING, erased_at=None)
    if programme.by_session:
        rows = rows.filter(session_id__in=sessions)
    people: dict[tuple[object, ...], Registration] = {}
    for row in rows.select_related("group").order_by("pk"):
        alone = bool(row.contact_address) or row.group_id is None
        people.setdefault((row.contact_address, row.folded_name) if alone else (row.group_id,), row)
    return _tell_off(programme, None, people.values(), now)


@transaction.atomic
def _tell_off(
    programme: Programme, session: Session | None, people: Iterable[Registration], now: datetime
) -> int:
    """Send the one letter that something is off; to the same person twice is once. Called in the deed's transaction."""
    people, kind = list(people), LetterKind.CANCELLED
    if not people:
        return 0
    letter = _automatic(programme, session, kind, now, LetterState.RELEASED) or Letter.objects.select_related(
        "programme", "session"
    ).get(programme=programme, session=session, kind=kind, automatic=True)
    count = 0
    for row in people:
        group = row.group if not row.contact_address else None
        one = message_to(letter, registration=None if group else row, group=group)
        if not one.why_not:
            sent_to(letter, one, now)
            count += 1
    return count


def letters_erase(subject: str, now: datetime) -> None:
    """Forget every message to somebody, sent or not."""
    messages_forget(occasion=f"{subject}:letter:")
