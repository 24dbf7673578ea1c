"""Reads of the calendar: the desk's list, the public page, references. Seats are counts, never names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from khcn.core.references import Reference, Resolved
from khcn.engines.text.fold import fold
from khcn.programmes.enums import RegistrationState
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


def narrowed(rows: QuerySet[Programme], asked: Asked) -> QuerySet[Programme]:
    """Keep the programmes that were asked for; words are found without regard to tone marks."""
    wanted = {"kind": asked.kind, "state": asked.state, "year": asked.year, "unit_id": asked.unit}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if asked.audience:
        rows = rows.filter(audiences__contains=f"|{asked.audience}|")
    for word in fold(asked.text).split()[:8]:
        rows = rows.filter(folded_title__contains=word)
    return rows.select_related("unit")


def desk_list(user: Any, on: date, asked: Asked) -> QuerySet[Programme]:
    """Return what a person reads on the desk, newest first."""
    return narrowed(Programme.objects.visible_to(user, on), asked).order_by(
        "-year", "-starts_on", "sort_key", "pk"
    )


def upcoming(on: date, asked: Asked) -> QuerySet[Programme]:
    """Return public programmes that are running or to come, the next first."""
    return narrowed(Programme.objects.public(), asked).filter(ends_on__gte=on).order_by("starts_on", "pk")


def past(on: date, asked: Asked) -> QuerySet[Programme]:
    """Return public programmes that are over, the latest first."""
    return narrowed(Programme.objects.public(), asked).filter(ends_on__lt=on).order_by("-starts_on", "-pk")


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
    return {row.pk: max(0, (row.capacity or 0) - row.held) for row in rows}


def public_sessions(on: date | None = None, key: str = "") -> QuerySet[Session]:
    """Return sessions of public programmes by time; of one programme, or those not before a day."""
    rows = Session.objects.filter(programme__in=Programme.objects.public())
    if key:
        rows = rows.filter(programme__key=key)
    if on is not None:
        rows = rows.filter(ends_at__date__gte=on)
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
