"""Reads of attendance: who is expected, who came, how many reached the threshold, sums for reports."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from khcn.core.dates import local_date
from khcn.programmes.enums import ConsentBy, ConsentPurpose, ProgrammeState, RegistrationState, SessionState
from khcn.programmes.models.attendance import Attendance, CheckInLink, WalkIn
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration, RegistrationGroup
from khcn.programmes.rules.attendance import Presence, has_reached, needed_sessions, session_total


def expected(session: Session) -> QuerySet[Registration]:
    """Return who holds a seat in a session, by name."""
    rows = Registration.objects.confirmed().filter(programme_id=session.programme_id)
    return (
        rows.filter(Q(session=None) | Q(session=session)).select_related("group").order_by("sort_key", "pk")
    )


def groups_of(session: Session) -> QuerySet[RegistrationGroup]:
    """Return the groups that come to a session."""
    rows = RegistrationGroup.objects.filter(programme_id=session.programme_id, cancelled_at=None)
    return rows.filter(Q(session=None) | Q(session=session)).order_by("folded_name", "pk")


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a session's list. ``state`` is empty while nothing was entered; ``photo``: may be photographed."""

    registration: Registration
    state: str
    source: str
    at: datetime | None
    photo: bool


def lines_of(session: Session) -> list[Line]:
    """Return the list of a session with what was entered. Three queries, however many people."""
    people = list(expected(session))
    marks = {row.registration_id: row for row in Attendance.objects.filter(session=session)}
    given: dict[str, set[str]] = defaultdict(set)
    ledger = Consent.objects.filter(programme_id=session.programme_id, purpose=ConsentPurpose.PHOTO)
    for subject, by in ledger.filter(withdrawn_at=None).values_list("subject", "by"):
        given[subject].add(by)
    found = []
    for one in people:
        mark = marks.get(one.pk)
        held = given[f"programmes.registration:{one.pk}"]
        photo = {ConsentBy.CHILD, ConsentBy.GUARDIAN} <= held if one.is_minor else ConsentBy.SELF in held
        found.append(
            Line(
                one,
                mark.state if mark else "",
                mark.get_source_display() if mark else "",
                mark.at if mark else None,
                photo,
            )
        )
    return found  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with how many are expected, ticked and came in all."""

    session: Session
    expected: int
    present: int
    total: int


def sessions_with_counts(programme: Programme) -> list[SessionRow]:
    """Return the sessions of a programme with their counts. Constant queries."""
    sessions = list(programme.sessions.order_by("starts_at", "pk"))
    for one in sessions:
        one.programme = programme
    totals = session_totals(sessions)
    seats: Counter[int | None] = Counter(
        programme.registrations.filter(state=RegistrationState.CONFIRMED).values_list("session_id", flat=True)
    )
    ticked = dict(
        Attendance.objects.filter(session__in=sessions, state=Presence.PRESENT)
        .values_list("session_id").annotate(n=Count("pk")).order_by()
    )  # fmt: skip
    return [
        SessionRow(one, seats[None] + seats[one.pk], ticked.get(one.pk, 0), totals[one.pk])
        for one in sessions
    ]


def session_totals(sessions: Sequence[Session]) -> dict[int, int]:
    """Return how many people came to each session, nobody twice. Two queries."""
    ids = [one.pk for one in sessions]
    named: dict[int, Counter[int | None]] = defaultdict(Counter)
    marks = Attendance.objects.filter(session__in=ids, state=Presence.PRESENT)
    for session_id, group_id, n in (
        marks.values_list("session_id", "registration__group_id").annotate(n=Count("pk")).order_by()
    ):
        named[session_id][group_id] += n
    counted: dict[int, dict[int | None, int]] = defaultdict(dict)
    loose = WalkIn.objects.filter(session__in=ids).values_list("session_id", "group_id")
    for session_id, group_id, n in loose.annotate(n=Sum("count")).order_by():
        counted[session_id][group_id] = n
    found = {}
    for one in sessions:
        who, numbers = named[one.pk], counted[one.pk]
        groups = [(who[key], numbers.get(key, 0)) for key in {*who, *numbers} if key is not None]
        found[one.pk] = session_total(
            alone=who[None], groups=groups, walk_ins=numbers.get(None, 0), headcount=one.headcount
        )
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """How often somebody came: sessions that count, came to, excused, needed for the threshold."""

    registration: Registration
    sessions: int
    present: int
    excused: int
    needed: int
    reached: bool

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that 79.9 never looks like 80."""
        return self.present * 100 // self.sessions if self.sessions else 0


def reached(programme: Programme) -> list[Share]:
    """Return everybody who holds a seat, by name, with how often they came and whether the threshold is reached.

    Cancelled sessions do not count; an excused absence is an absence. Three queries.
    """
    people = programme.registrations.filter(state=RegistrationState.CONFIRMED).select_related("group")
    standing = set(programme.sessions.exclude(state=SessionState.CANCELLED).values_list("pk", flat=True))
    marks: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Attendance.objects.filter(session__programme=programme).exclude(
        session__state=SessionState.CANCELLED
    )
    for registration_id, state in rows.values_list("registration_id", "state"):
        marks[registration_id][state] += 1
    found = []
    for one in people.order_by("sort_key", "pk"):
        sessions = len(standing) if one.session_id is None else int(one.session_id in standing)
        present, percent = marks[one.pk][Presence.PRESENT], programme.threshold_percent
        found.append(
            Share(
                one, sessions, present, marks[one.pk][Presence.EXCUSED], needed_sessions(sessions, percent),
                has_reached(present, sessions, percent),
            )
        )  # fmt: skip
    return found


def came_to(programme: Programme, session: Session | None) -> set[int]:
    """Return the registrations that were marked present at a session, or at any of the programme. One query."""
    rows = Attendance.objects.filter(session__programme=programme, state=Presence.PRESENT)
    rows = rows if session is None else rows.filter(session=session)
    return set(rows.values_list("registration_id", flat=True))


def links_of(session: Session) -> QuerySet[CheckInLink]:
    """Return the check-in links of a session, newest first."""
    return session.check_in_links.order_by("-pk")


def forgotten_sessions(user: Any, now: datetime) -> list[Session]:
    """Return sessions that ended within the last two weeks and for which nothing at all was entered. One query."""
    something = (
        Attendance.objects.filter(session=OuterRef("pk")),
        WalkIn.objects.filter(session=OuterRef("pk")),
    )
    rows = Session.objects.visible_to(user, local_date(now)).standing().select_related("programme")
    rows = rows.filter(
        programme__state__in=[ProgrammeState.PUBLISHED, ProgrammeState.CLOSED], ends_at__lte=now,
        ends_at__gte=now - timedelta(days=14), headcount=None,
    )  # fmt: skip
    return list(rows.filter(~Exists(something[0]), ~Exists(something[1])).order_by("ends_at")[:50])
