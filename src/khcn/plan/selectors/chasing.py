"""Who reported when: the table of one period, rates by period, ranking of units. A few queries whatever the numbers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from khcn.engines.text.collate import sort_key
from khcn.plan.enums import REPORT_WITH_FOCAL, ReportState
from khcn.plan.models import Regime, Reminder, ReportException, ReportPeriod, UnitReport
from khcn.plan.rules.chasing import RECEIVED, Tally, Timeliness, tally, timeliness
from khcn.plan.rules.standing import local_day

HISTORY: Final = 4  # periods shown beside the present one


@dataclass(frozen=True)
class Past:
    """How a unit stood in an earlier period."""

    code: str
    time: Timeliness


@dataclass(frozen=True)
class Stand:
    """One unit in the table of a period."""

    report: UnitReport
    name: str
    time: Timeliness
    sent_on: date | None
    until: date | None
    until_reason: str
    reminders: tuple[Reminder, ...]
    history: tuple[Past, ...]


@dataclass(frozen=True)
class PeriodTable:
    """The table of one period."""

    period: ReportPeriod
    stands: Sequence[Stand]
    tally: Tally


def report_time(report: UnitReport, due: date, on: date) -> Timeliness:
    """Tell how a report stands on the day ``on``."""
    return timeliness(
        sent_on=local_day(report.submitted_at) if report.submitted_at else None,
        with_focal=report.state in REPORT_WITH_FOCAL,
        excused=bool(report.excused),
        due=due,
        on=on,
    )


def period_table(period: ReportPeriod, now: datetime) -> PeriodTable:
    """Return who sent, in time or late, who was reminded and when, who has an exception; with earlier periods. Four
    queries.
    """
    on = local_day(now)
    reports = list(
        UnitReport.objects.filter(period=period)
        .select_related("unit")
        .order_by("unit__order", "unit__sort_key", "pk")
    )
    reminders: dict[int, list[Reminder]] = defaultdict(list)
    for row in Reminder.objects.filter(report__period=period).order_by("sent_at", "pk"):
        reminders[row.report_id].append(row)
    granted = {
        row.report_id: row
        for row in ReportException.objects.filter(report__period=period, ended_at__isnull=True).order_by(
            "until"
        )
    }
    past = _history(period, [report.unit_id for report in reports], on)
    stands = [
        Stand(
            report=report,
            name=report.unit_name or report.unit.name,
            time=report_time(report, period.due, on),
            sent_on=local_day(report.submitted_at) if report.submitted_at else None,
            until=granted[report.pk].until if report.pk in granted else None,
            until_reason=granted[report.pk].reason if report.pk in granted else "",
            reminders=tuple(reminders[report.pk]),
            history=tuple(past.get(report.unit_id, ())),
        )
        for report in reports
    ]
    return PeriodTable(period, stands, tally([one.time for one in stands], exceptions=len(granted)))


def _history(period: ReportPeriod, unit_ids: Iterable[int], on: date) -> Mapping[int, list[Past]]:
    """Return how the units stood in the periods before, the newest first."""
    before = list(
        ReportPeriod.objects.filter(regime_id=period.regime_id, cutoff__lt=period.cutoff).order_by("-cutoff")[
            :HISTORY
        ]
    )
    found: dict[int, list[Past]] = defaultdict(list)
    by_id = {one.pk: one for one in before}
    rows = UnitReport.objects.filter(period_id__in=by_id, unit_id__in=list(unit_ids)).order_by(
        "-period__cutoff"
    )
    for report in rows:
        earlier = by_id[report.period_id]
        found[report.unit_id].append(Past(earlier.code, report_time(report, earlier.due, on)))
    return found


# Over periods


@dataclass(frozen=True)
class Asked:
    """What the page of rates was asked for: a regime and a year, each or none."""

    regime: str = ""
    year: int | None = None


@dataclass(frozen=True)
class PeriodRate:
    """The figures of one period."""

    period: ReportPeriod
    tally: Tally


@dataclass(frozen=True)
class UnitRate:
    """The figures of one unit over all periods whose deadline is past. ``place``: in the ranking, equal ones share one."""

    name: str
    tally: Tally
    place: int


@dataclass(frozen=True)
class Rates:
    """Rates by period (the newest first) and by unit (the best first)."""

    periods: Sequence[PeriodRate]
    units: Sequence[UnitRate]
    whole: Tally


def reporting_rates(asked: Asked, now: datetime) -> Rates:
    """Return the reporting-rate summary. Three queries."""
    on = local_day(now)
    periods = ReportPeriod.objects.filter(opened_at__isnull=False).select_related("regime")
    if asked.regime:
        periods = periods.filter(regime__key=asked.regime)
    if asked.year:
        periods = periods.filter(cutoff__year=asked.year)
    shown = {period.pk: period for period in periods.order_by("-cutoff", "pk")[:200]}
    rows = UnitReport.objects.filter(period_id__in=shown).select_related("unit").order_by("pk")
    excepted = set(
        ReportException.objects.filter(report__period_id__in=shown, ended_at__isnull=True).values_list(
            "report_id", flat=True
        )
    )
    by_period: dict[int, list[tuple[Timeliness, bool]]] = defaultdict(list)
    by_unit: dict[int, list[tuple[Timeliness, bool]]] = defaultdict(list)
    names: dict[int, str] = {}
    for report in rows:
        period = shown[report.period_id]
        time = report_time(report, period.due, on)
        by_period[period.pk].append((time, report.pk in excepted))
        names[report.unit_id] = report.unit.name
        if period.due < on or time in RECEIVED:
            by_unit[report.unit_id].append((time, report.pk in excepted))
    every = [pair for pairs in by_unit.values() for pair in pairs]
    return Rates(
        periods=[PeriodRate(period, _tally(by_period[pk])) for pk, period in shown.items()],
        units=_ranked({unit: _tally(pairs) for unit, pairs in by_unit.items()}, names),
        whole=_tally(every),
    )


def _tally(pairs: Sequence[tuple[Timeliness, bool]]) -> Tally:
    return tally(
        [time for time, _excepted in pairs], exceptions=sum(1 for _time, excepted in pairs if excepted)
    )


def _ranked(tallies: Mapping[int, Tally], names: Mapping[int, str]) -> list[UnitRate]:
    """Rank units by their share in time, then by their share received; units that owed nothing are left out."""
    owing = {unit: one for unit, one in tallies.items() if one.expected}

    def key(unit: int) -> tuple[float, float]:
        return (-(owing[unit].on_time_rate or 0.0), -(owing[unit].rate or 0.0))

    ranked = sorted(owing, key=lambda unit: (*key(unit), sort_key(names[unit])))
    places: dict[tuple[float, float], int] = {}
    for place, unit in enumerate(ranked, start=1):
        places.setdefault(key(unit), place)
    return [UnitRate(names[unit], owing[unit], places[key(unit)]) for unit in ranked]


def asked_choices() -> tuple[list[tuple[str, str]], list[int]]:
    """Return the regimes and the years that have periods, for the filters."""
    regimes = Regime.objects.filter(periods__opened_at__isnull=False).distinct().order_by("title")
    years = ReportPeriod.objects.filter(opened_at__isnull=False).values_list("cutoff__year", flat=True)
    return [(one.key, one.title) for one in regimes], sorted(set(years), reverse=True)


def periods_running(now: datetime) -> Sequence[ReportPeriod]:
    """Return the periods that wait for reports: open, not closed, of a regime in use. (Their plan may be none.)"""
    rows = ReportPeriod.objects.filter(
        opened_at__isnull=False, closed_at__isnull=True, regime__is_active=True, opens_on__lte=local_day(now)
    )
    return list(rows.select_related("regime__receiver").order_by("due", "pk"))


def waiting_reports(period: ReportPeriod) -> list[UnitReport]:
    """Return the reports of a period that were never sent and are owed, with the rungs that went out."""
    rows = UnitReport.objects.filter(period=period, submitted_at__isnull=True, excused="").exclude(
        state__in=REPORT_WITH_FOCAL
    )
    return list(
        rows.select_related("unit", "period__regime")
        .prefetch_related("reminders", "exceptions")
        .order_by("unit__order", "unit__sort_key", "pk")
    )


def state_words(report: UnitReport) -> str:
    """Return the state of a report."""
    return str(ReportState(report.state).label)


def late_units(table: PeriodTable) -> list[Any]:
    """Return who has not sent: those past the deadline, or all that are waited for before it."""
    missing = [one for one in table.stands if one.time == Timeliness.MISSING]
    return missing or [one for one in table.stands if one.time in (Timeliness.PENDING, Timeliness.RETURNED)]
