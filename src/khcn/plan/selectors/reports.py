"""Reports as lists: what a unit owes, its history, what lies with the focal officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q, QuerySet

from khcn.core.dates import local_date
from khcn.orgs.models import Unit
from khcn.orgs.models.units import predecessor_ids
from khcn.plan.enums import REPORT_EDITABLE, REPORT_WITH_FOCAL, ReportState
from khcn.plan.models import ReportPeriod, UnitReport
from khcn.plan.permissions import acting
from khcn.plan.rules.chasing import Timeliness, timeliness
from khcn.plan.selectors.expected import live

TONES: Final = {
    Timeliness.ON_TIME: "good", Timeliness.LATE: "watch", Timeliness.RETURNED: "watch", Timeliness.PENDING: "info",
    Timeliness.MISSING: "bad", Timeliness.EXCUSED: "neutral",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One report in a list. ``days_left`` in days from today, negative when past."""

    report: UnitReport
    stand: Timeliness
    days_left: int

    @property
    def tone(self) -> str:
        """The tone of the stand."""
        return TONES[self.stand]


def report_stand(report: UnitReport, on: date) -> Timeliness:
    """Return how a report stands against its deadline on a day."""
    return timeliness(
        sent_on=local_date(report.submitted_at) if report.submitted_at else None,
        with_focal=report.state in REPORT_WITH_FOCAL,
        excused=bool(report.excused),
        due=report.period.due,
        on=on,
    )


def _lines(rows: "QuerySet[UnitReport]", today: date) -> list[Line]:
    return [Line(row, report_stand(row, today), (row.period.due - today).days) for row in rows]


def _listed(rows: "QuerySet[UnitReport]") -> "QuerySet[UnitReport]":
    return rows.select_related("period__regime", "unit").defer("period__request")


def _live_periods() -> "QuerySet[ReportPeriod]":
    return ReportPeriod.objects.filter(live())


def own_units(user: Any, today: date) -> frozenset[int]:
    """Return the units for which a person writes or approves reports, closed predecessors included."""
    reach = acting(user, today)
    own = reach.reporting | reach.heading
    return frozenset(predecessor_ids(own, today)) if own else frozenset()


def _open(user: Any, today: date) -> "QuerySet[UnitReport]":
    units = own_units(user, today)
    rows = UnitReport.objects.visible_to(user, today).filter(
        unit__in=units, excused="", period__in=_live_periods()
    )
    return _listed(rows.exclude(state__in=REPORT_WITH_FOCAL))


def due_reports(user: Any, now: datetime) -> list[Line]:
    """Return what the person's units still owe, the nearest deadline first."""
    today = local_date(now)
    return _lines(_open(user, today).order_by("period__due", "unit__sort_key", "pk")[:200], today)


def due_count(user: Any, now: datetime) -> int:
    """Return how many reports the person's units still owe."""
    today = local_date(now)
    return _open(user, today).order_by().count()


def head_reports(user: Any, now: datetime) -> list[Line]:
    """Return the reports that wait for the person as head."""
    today = local_date(now)
    heading = acting(user, today).heading
    units = predecessor_ids(heading, today) if heading else set()
    rows = UnitReport.objects.filter(unit__in=units, state=ReportState.SUBMITTED, excused="")
    return _lines(_listed(rows).order_by("period__due", "pk")[:200], today)


def past_reports(user: Any, now: datetime) -> "QuerySet[UnitReport]":
    """Return the person's units' reports that lie with the focal unit, newest first (to be paged)."""
    today = local_date(now)
    rows = UnitReport.objects.visible_to(user, today).filter(unit__in=own_units(user, today))
    rows = rows.filter(Q(state__in=REPORT_WITH_FOCAL) | ~Q(excused=""))
    return _listed(rows).order_by("-period__due", "unit__sort_key", "pk")


def as_lines(rows: Sequence[UnitReport], now: datetime) -> list[Line]:
    """Return a page of reports with how they stand."""
    today = local_date(now)
    return [Line(row, report_stand(row, today), (row.period.due - today).days) for row in rows]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the focal unit sees of one period."""

    period: ReportPeriod | None
    periods: Sequence[ReportPeriod]
    waiting: Sequence[Line]
    rest: Sequence[Line]


def inbox(user: Any, now: datetime, period_id: int | None) -> Inbox:
    """Return the reports of a period, those that wait to be accepted first; the newest open period when none is named."""
    today = local_date(now)
    periods = list(
        ReportPeriod.objects.filter(opened_at__isnull=False)
        .select_related("regime")
        .order_by("-due", "-pk")[:60]
    )
    chosen = next((one for one in periods if one.pk == period_id), None)
    if chosen is None and period_id is not None:
        chosen = (
            ReportPeriod.objects.filter(pk=period_id, opened_at__isnull=False)
            .select_related("regime")
            .first()
        )
    if chosen is None and period_id is None:
        chosen = _current(periods, today)
    if chosen is None:
        return Inbox(None, periods, (), ())
    rows = (
        UnitReport.objects.visible_to(user, today)
        .filter(period=chosen)
        .select_related("unit", "submitted_by")
    )
    lines = []
    for row in rows.order_by("unit__kind__order", "unit__order", "unit__sort_key", "pk"):
        row.period = chosen
        lines.append(Line(row, report_stand(row, today), (chosen.due - today).days))
    waiting = [one for one in lines if one.report.state == ReportState.APPROVED]
    return Inbox(chosen, periods, waiting, [one for one in lines if one.report.state != ReportState.APPROVED])


def _current(periods: Sequence[ReportPeriod], today: date) -> ReportPeriod | None:
    """Return the open period with the nearest deadline, else the newest."""
    coming = [one for one in periods if one.due >= today]
    return min(coming, key=lambda one: one.due, default=periods[0] if periods else None)


def inbox_count(user: Any, now: datetime) -> int:
    """Return how many reports wait to be accepted."""
    rows = UnitReport.objects.visible_to(user, local_date(now)).filter(state=ReportState.APPROVED)
    return rows.order_by().count()


def is_writable(report: UnitReport) -> bool:
    """Whether a report may be written at all now."""
    return report.state in REPORT_EDITABLE and not report.excused


def choosable_units(today: date) -> "QuerySet[Unit]":
    """Return the units (and groups) that may be named as reporters."""
    return Unit.objects.in_force(today).select_related("kind").alphabetical()
