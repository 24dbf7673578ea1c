"""Reads of the calendar: the desk's list, the public page, references. Seats are counts, never names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.urls import reverse

from khcn.core.references import Reference, Resolved
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.programmes.enums import ProgrammeState, RegistrationState
from khcn.programmes.models.programmes import Programme, Session
from khcn.programmes.models.registrations import Registration

PROGRAMME = "programmes.programme"
SESSION = "programmes.session"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list was asked for; empty is everything."""

    kind: str = ""
    state: str = ""
    year: int | None = None
    unit: int | None = None
    audience: str = ""
    text: str = ""
    month: date | None = None  # its first day

    @property
    def month_value(self) -> str:
        """The month as the form sends it: "2026-05"."""
        return f"{self.month:%Y-%m}" if self.month else ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a programme: its next session, its free seats. ``None``: none, or no limit."""

    row: Programme
    session: Session | None = None
    free: int | None = None


def narrowed(rows: QuerySet[Programme], asked: Asked) -> QuerySet[Programme]:
    """Keep the programmes that were asked for; words are found without regard to tone marks."""
    wanted = {"kind": asked.kind, "state": asked.state, "year": asked.year, "unit_id": asked.unit}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if asked.audience:
        rows = rows.filter(audiences__contains=f"|{asked.audience}|")
    for word in fold(asked.text).split()[:8]:
        rows = rows.filter(folded_title__contains=word)
    if asked.month:
        first = asked.month
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        rows = rows.filter(starts_on__lt=after, ends_on__gte=first)
    return rows.select_related("unit")


def desk_list(user: Any, on: date, asked: Asked) -> QuerySet[Programme]:
    """Return what a person reads on the desk, newest first."""
    return narrowed(Programme.objects.visible_to(user, on), asked).order_by(
        "-year", "-starts_on", "sort_key", "pk"
    )


def upcoming(on: date, asked: Asked) -> QuerySet[Programme]:
    """Return public programmes that are running or to come, the next first; those without days yet come last."""
    ahead = Q(ends_on__gte=on) | Q(ends_on=None, state=ProgrammeState.PUBLISHED)
    rows = narrowed(Programme.objects.public(), asked).filter(ahead)
    return rows.order_by(F("starts_on").asc(nulls_last=True), "pk")


def past(on: date, asked: Asked) -> QuerySet[Programme]:
    """Return public programmes that are over, the latest first."""
    over = Q(ends_on__lt=on) | (Q(ends_on=None) & ~Q(state=ProgrammeState.PUBLISHED))
    return (
        narrowed(Programme.objects.public(), asked)
        .filter(over)
        .order_by("-year", F("starts_on").desc(nulls_last=True), "-pk")
    )


def cards(rows: Iterable[Programme], now: datetime) -> list[Card]:
    """Return what a list shows of these programmes: two questions for any number of them."""
    held = list(rows)
    sessions: dict[int, Session] = {}
    ahead = Session.objects.standing().filter(programme__in=[row.pk for row in held], ends_at__gt=now)
    for session in ahead.order_by("-starts_at", "-pk"):
        sessions[session.programme_id] = session
    limited = [row.pk for row in held if row.capacity is not None and not row.by_session]
    confirmed = Registration.objects.filter(programme__in=limited, state=RegistrationState.CONFIRMED)
    taken = dict(confirmed.order_by().values_list("programme").annotate(Count("pk")))
    free = {
        row.pk: max(0, (row.capacity or 0) - taken.get(row.pk, 0)) for row in held if row.pk in set(limited)
    }
    return [Card(row, sessions.get(row.pk), free.get(row.pk)) for row in held]


def units_of(rows: QuerySet[Programme]) -> QuerySet[Unit]:
    """Return the units that organise any of these, for a filter."""
    return Unit.objects.filter(pk__in=rows.order_by().values("unit")).alphabetical()


def years_of(rows: QuerySet[Programme], until: int) -> list[int]:
    """Return the years of these, the latest first, none after ``until``."""
    found = rows.order_by().aggregate(first=Min("year"), last=Max("year"))
    if found["first"] is None:
        return []
    return list(range(min(found["last"], until), found["first"] - 1, -1))


def months_from(on: date) -> list[date]:
    """Return the first days of this month and the eleven after it."""
    return [date(on.year + (on.month - 1 + n) // 12, (on.month - 1 + n) % 12 + 1, 1) for n in range(12)]


def newest(limit: int = 50) -> list[Programme]:
    """Return the public programmes that were published last, for feeds."""
    rows = Programme.objects.public().exclude(published_at=None).select_related("unit")
    return list(rows.order_by("-published_at", "-pk")[:limit])


def free_seats(programme: Programme) -> int | None:
    """Return how many seats are free; ``None`` without a limit or where seats are counted by session."""
    if programme.capacity is None or programme.by_session:
        return None
    taken = Registration.objects.filter(programme=programme, state=RegistrationState.CONFIRMED).count()
    return max(0, programme.capacity - taken)


def free_by_session(programme: Programme) -> dict[int, int]:
    """Return the free seats of each session that has a limit. One query."""
    held = Count("registrations", filter=Q(registrations__state=RegistrationState.CONFIRMED))
    rows = programme.sessions.exclude(capacity=None).annotate(held=held)
    return {
        pk: max(0, (capacity or 0) - taken)
        for pk, capacity, taken in rows.values_list("pk", "capacity", "held")
    }


def public_sessions(since: datetime | None = None, key: str = "") -> QuerySet[Session]:
    """Return sessions of public programmes by time; of one programme, or those not over at a moment."""
    rows = Session.objects.filter(programme__in=Programme.objects.public())
    if key:
        rows = rows.filter(programme__key=key)
    if since is not None:
        rows = rows.filter(ends_at__gte=since)
    return rows.select_related("programme", "programme__unit").order_by("starts_at", "pk")


def _numbers(ids: Iterable[str]) -> list[int]:
    return [int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 12]


def _resolved(row: Programme) -> Resolved:
    address = reverse("programmes:programme", args=[row.key]) if row.is_public else ""
    return Resolved(Reference(PROGRAMME, str(row.pk)), row.title, address)


def resolve_programmes(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these programmes."""
    rows = Programme.objects.visible_to(user).filter(pk__in=_numbers(ids)) if user else (
        Programme.objects.public().filter(pk__in=_numbers(ids))
    )  # fmt: skip
    return {str(row.pk): _resolved(row) for row in rows}


def resolve_sessions(ids: Iterable[str], user: Any) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these sessions."""
    readable = Programme.objects.visible_to(user) if user else Programme.objects.public()
    rows = Session.objects.filter(pk__in=_numbers(ids), programme__in=readable).select_related("programme")
    return {
        str(row.pk): Resolved(
            Reference(SESSION, str(row.pk)),
            row.title or row.programme.title,
            _resolved(row.programme).address,
        )
        for row in rows
    }


def search_programmes(query: str, user: Any, *, limit: int) -> Sequence[Resolved]:
    """Return programmes whose title fits the words."""
    rows = Programme.objects.visible_to(user) if user else Programme.objects.public()
    return [_resolved(row) for row in narrowed(rows, Asked(text=query)).order_by("-year", "sort_key")[:limit]]
