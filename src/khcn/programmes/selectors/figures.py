"""Counts of programmes for reports: each gives (unit, programme, how many), so that any group of units is a sum."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from khcn.core.indicators import Period
from khcn.programmes.enums import EntryState, ProgrammeState, RegistrationState, SessionState, TeamState
from khcn.programmes.models.contests import Award
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.exhibitions import Exhibitor, VisitorContact
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.exhibitions import ExhibitorState

Row = tuple[int, int, int]
Read = Callable[[Period], Iterable[Row]]
HELD = (ProgrammeState.PUBLISHED, ProgrammeState.CLOSED)


def moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first after it, in the time of the place."""
    zone = timezone.get_default_timezone()
    after = period.end + timedelta(days=1)
    return datetime.combine(period.start, time.min, zone), datetime.combine(after, time.min, zone)


def within(rows: QuerySet[Any], field: str, period: Period) -> QuerySet[Any]:
    """Keep rows whose moment lies in the period."""
    start, after = moments(period)
    return rows.filter(**{f"{field}__gte": start, f"{field}__lt": after})


def by_unit(rows: QuerySet[Any], programme: str = "programme") -> list[Row]:
    """Count rows by the unit that organises and by programme, in one query."""
    unit = f"{programme}__unit_id"
    counted = (
        rows.order_by()
        .values_list(unit, f"{programme}_id")
        .annotate(n=Count("pk"))
        .order_by(unit, f"{programme}_id")
    )
    return [(row[0], row[1], row[2]) for row in counted]


def sessions_held(period: Period) -> list[Row]:
    """Sessions of public programmes that ended in the period, without cancelled ones."""
    rows = Session.objects.exclude(state=SessionState.CANCELLED).filter(programme__state__in=HELD)
    return by_unit(within(rows, "ends_at", period))


def registered(**which: Any) -> Read:
    """Confirmed seats, by the day on which somebody registered; ``which`` narrows to an audience or a sex."""

    def read(period: Period) -> list[Row]:
        rows = Registration.objects.filter(state=RegistrationState.CONFIRMED, **which)
        return by_unit(within(rows, "created_at", period))

    return read


def teams(period: Period) -> list[Row]:
    """Teams that registered and take part."""
    return by_unit(within(Team.objects.filter(state=TeamState.ACTIVE), "created_at", period))


def entries(period: Period) -> list[Row]:
    """Entries handed in, rejected ones included, withdrawn ones not."""
    states = (EntryState.SUBMITTED, EntryState.ACCEPTED, EntryState.REJECTED)
    return by_unit(within(Entry.objects.filter(state__in=states), "submitted_at", period))


def awards(period: Period) -> list[Row]:
    """Awards of results that were made public in the period."""
    return by_unit(within(Award.objects.filter(result__thawed_at=None), "result__published_at", period))


def exhibitors(period: Period) -> list[Row]:
    """Exhibitors accepted in the period."""
    return by_unit(within(Exhibitor.objects.filter(state=ExhibitorState.ACCEPTED), "decided_at", period))


def contacts(period: Period) -> list[Row]:
    """Contacts that visitors left and proved; taken back or not, they happened."""
    return by_unit(within(VisitorContact.objects.all(), "confirmed_at", period), "exhibitor__programme")
