"""What a person may do with one report, and until when it may be handed in."""

from dataclasses import dataclass
from datetime import date, datetime

from khcn.core.actors import Actor, actor_id
from khcn.core.calendar.selectors import working_calendar_around
from khcn.core.dates import local_date
from khcn.orgs.selectors import successors_on
from khcn.plan.enums import ReportMove, ReportState
from khcn.plan.models import ReportException, ReportStep, UnitReport
from khcn.plan.permissions import (
    acting,
    can_accept_reports,
    can_approve_report,
    can_grant_exceptions,
    can_read_report,
    can_write_report,
)
from khcn.plan.rules.standing import Window, window


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do with a report, whatever its state. ``own``: it is one's own writing: never approved by oneself."""

    read: bool
    write: bool
    approve: bool
    accept: bool
    grant: bool
    own: bool = False


def responsible_units(report: UnitReport, on: date) -> frozenset[int]:
    """Return the units whose people act for a report: its unit, or who follows it when it has closed."""
    if report.unit.in_force(on):
        return frozenset({report.unit_id})
    return successors_on(report.unit, on) or frozenset({report.unit_id})


def rights_on(actor: Actor, report: UnitReport, on: date) -> Rights:
    """Return what ``actor`` may do with a report on a day; ``None`` is the system."""
    reach = acting(actor, on)
    units = responsible_units(report, on)
    user = actor_id(actor)
    return Rights(
        read=actor is None or any(can_read_report(reach, unit) for unit in {report.unit_id, *units}),
        write=actor is None or any(can_write_report(reach, unit) for unit in units),
        approve=actor is None or any(can_approve_report(reach, unit) for unit in units),
        accept=can_accept_reports(reach),
        grant=can_grant_exceptions(reach),
        own=user is not None and user in {report.written_by_id, report.submitted_by_id},
    )


def window_of(report: UnitReport, now: datetime) -> Window:
    """Return until when a report may be handed in."""
    period = report.period
    exceptions = ReportException.objects.filter(report=report, ended_at__isnull=True).values_list(
        "until", flat=True
    )
    returned = None
    if report.submitted_at is not None and report.state in {
        ReportState.RETURNED,
        ReportState.DRAFT,
        ReportState.SUBMITTED,
    }:
        moves = ReportStep.objects.filter(report=report, move__in=[ReportMove.RETURNED, ReportMove.REOPENED])
        last = moves.filter(at__gte=report.submitted_at).order_by("-at").values_list("at", flat=True).first()
        returned = local_date(last) if last else None
    calendar = working_calendar_around(returned or period.due)
    return window(
        due=period.due, closed_at=period.closed_at, exceptions=exceptions, returned_on=returned, calendar=calendar
    )  # fmt: skip
