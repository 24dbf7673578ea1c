"""Counts over a period, by unit and programme, each in one query: what indicators and the simulation's check are made of.

Days are Viet Nam's. A session counts when it was held (ended by the end of the period, not cancelled); a person when the
registration, the attendance, the answer falls into the period. Who erased their data still counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khcn.core.indicators import Period
from khcn.programmes.enums import STANDING, Audience, EntryState, ProgrammeState, Sex, TeamState
from khcn.programmes.models.contests import Award
from khcn.programmes.models.entries import Entry, Team
from khcn.programmes.models.programmes import Session
from khcn.programmes.models.registrations import Registration


class Row(NamedTuple):
    """What one programme of one unit adds. ``weight``: how many answers, for means."""

    unit_id: int
    programme_id: int
    amount: Decimal
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FigureOf:
    """One figure: its name, its unit, and how its rows are read."""

    title: str | Promise
    unit: str | Promise
    read: Callable[[Period], Iterator[Row]]
    mean: bool = False


def moments(period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period and the first after it."""
    zone = timezone.get_current_timezone()
    first = datetime.combine(period.start, time.min, zone)
    return first, datetime.combine(period.end + timedelta(days=1), time.min, zone)


def within(rows: QuerySet[Any], field: str, period: Period) -> QuerySet[Any]:
    """Keep rows whose moment lies in the period."""
    first, after = moments(period)
    return rows.filter(**{f"{field}__gte": first, f"{field}__lt": after})


def counted(rows: QuerySet[Any], path: str = "programme") -> Iterator[Row]:
    """Count rows by programme. ``path``: how the programme is reached."""
    found = rows.order_by().values_list(f"{path}__unit_id", f"{path}_id").annotate(n=Count("pk"))
    return (Row(unit, programme, Decimal(n)) for unit, programme, n in found)


def sessions_held(period: Period) -> Iterator[Row]:
    """Sessions that ended in the period, of programmes that were not cancelled."""
    rows = within(Session.objects.standing(), "ends_at", period)
    dropped = [ProgrammeState.DRAFT, ProgrammeState.SUBMITTED, ProgrammeState.CANCELLED]
    return counted(rows.exclude(programme__state__in=dropped))


def registered(audience: str = "", sex: str = "") -> Callable[[Period], Iterator[Row]]:
    """Standing registrations made in the period."""

    def read(period: Period) -> Iterator[Row]:
        rows = within(Registration.objects.filter(state__in=STANDING), "created_at", period)
        rows = rows.filter(audience=audience) if audience else rows
        return counted(rows.filter(sex=sex) if sex else rows)

    return read


def teams(period: Period) -> Iterator[Row]:
    """Teams that registered in the period and take part."""
    return counted(within(Team.objects.filter(state=TeamState.ACTIVE), "created_at", period))


def entries(period: Period) -> Iterator[Row]:
    """Entries handed in in the period and not withdrawn."""
    states = [EntryState.SUBMITTED, EntryState.ACCEPTED, EntryState.REJECTED]
    return counted(within(Entry.objects.filter(state__in=states), "submitted_at", period))


def awards(period: Period) -> Iterator[Row]:
    """Awards whose result became public in the period."""
    rows = Award.objects.filter(result__thawed_at=None, result__published_at__isnull=False)
    return counted(within(rows, "result__published_at", period))


PEOPLE: Final = _("người")
FIGURES: Final[dict[str, FigureOf]] = {
    "sessions": FigureOf(_("Số buổi đã tổ chức"), _("buổi"), sessions_held),
    "registered": FigureOf(_("Số người đăng ký"), PEOPLE, registered()),
    "teams": FigureOf(_("Số đội dự thi"), _("đội"), teams),
    "entries": FigureOf(_("Số bài dự thi đã nộp"), _("bài"), entries),
    "awards": FigureOf(_("Số giải đã trao"), _("giải"), awards),
}
_REGISTERED_AS: Final[Mapping[str, Promise]] = {
    Audience.OFFICIALS: _("Số cán bộ, công chức, viên chức đăng ký"),
    Audience.TEACHERS: _("Số giáo viên đăng ký"),
    Audience.PUPILS: _("Số học sinh đăng ký"),
    Audience.YOUNG: _("Số thanh niên khởi nghiệp đăng ký"),
    Audience.WORKERS: _("Số người lao động đăng ký"),
    Audience.SMES: _("Số người của doanh nghiệp nhỏ và vừa đăng ký"),
    Audience.TRADERS: _("Số tiểu thương đăng ký"),
    Audience.PUBLIC: _("Số người dân đăng ký"),
}
FIGURES |= {
    f"registered.{audience}": FigureOf(title, PEOPLE, registered(audience))
    for audience, title in _REGISTERED_AS.items()
}
FIGURES |= {
    "registered.female": FigureOf(_("Số nữ đăng ký"), PEOPLE, registered(sex=Sex.FEMALE)),
    "registered.male": FigureOf(_("Số nam đăng ký"), PEOPLE, registered(sex=Sex.MALE)),
}
