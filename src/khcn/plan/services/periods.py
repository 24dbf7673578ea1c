"""Periods of a regime: made within the rules of deadlines, opened (expected reports appear), closed."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.core.calendar.selectors import working_calendar
from khcn.core.dates import local_date
from khcn.plan.enums import ReportState
from khcn.plan.errors import PlanError
from khcn.plan.models import Regime, RegimeIndicator, ReportFigure, ReportPeriod, UnitReport
from khcn.plan.rules.deadlines import DayFault, PeriodDays, check_days
from khcn.plan.selectors.expected import expected_units, live
from khcn.plan.services.prefill import figures_fill
from khcn.plan.services.regimes import RegimeError, officers_only

FIELDS: Final = (
    "code", "title", "starts_on", "cutoff", "cutoff_proposed", "opens_on", "due", "superior_due", "task_code", "request",
)  # fmt: skip


class PeriodDaysError(PlanError):
    """Days of a period that break a rule; ``faults`` name field and sentence."""

    code = "period-days"

    def __init__(self, faults: Sequence[DayFault]) -> None:
        super().__init__(" ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


def check_period_days(days: PeriodDays) -> None:
    """Raise :class:`PeriodDaysError` unless the days keep Decree 09 by the working calendar of their years."""
    named = [days.starts_on, days.cutoff, days.opens_on, days.due, days.superior_due]
    years = [day.year for day in named if day is not None]
    if not all(2000 <= year <= 2100 for year in years):
        raise PeriodDaysError([DayFault("due", _("Năm phải từ 2000 đến 2100. Hãy kiểm tra lại các ngày."))])
    faults = check_days(working_calendar({*years, max(years) + 1}), days)
    if faults:
        raise PeriodDaysError(faults)


def period_create(
    *,
    actor: Actor,
    regime: Regime,
    code: str,
    title: str,
    days: PeriodDays,
    now: datetime,
    cutoff_proposed: bool = False,
    task_code: str = "",
    request: str = "",
) -> ReportPeriod:
    """Make a period. It is opened by the daily duty on its day, or by :func:`period_open`.

    :raises PeriodDaysError: the days break a rule (deadline less than one working day after the cut-off ...).
    :raises RegimeError: the regime has such a period already.
    """
    officers_only(actor, now)
    check_period_days(days)
    period = ReportPeriod(
        regime=regime, code=code.strip(), title=title.strip()[:300], cutoff_proposed=cutoff_proposed,
        task_code=task_code, request=request.strip(), created_by_id=actor_id(actor), created_at=now, **_columns(days),
    )  # fmt: skip
    _check_code(period)
    with transaction.atomic():
        period.previous = regime.periods.filter(cutoff__lt=days.cutoff).order_by("-cutoff").first()
        try:
            with transaction.atomic():
                period.save(force_insert=True)
        except IntegrityError as error:
            raise RegimeError(_("Chế độ này đã có kỳ %(code)s.") % {"code": period.code}, "code") from error
        audit_record(
            actor=actor, action="plan.period.create", target=period, after=snapshot(period, FIELDS), at=now
        )
    return period


def period_update(
    *, actor: Actor, period: ReportPeriod, title: str, days: PeriodDays, request: str, now: datetime
) -> ReportPeriod:
    """Change the days of a period; what a plan's import proposed counts as confirmed by it.

    :raises PeriodDaysError: see :func:`period_create`.
    """
    officers_only(actor, now)
    check_period_days(days)
    with transaction.atomic():
        period = ReportPeriod.objects.select_for_update().get(pk=period.pk)
        before = snapshot(period, FIELDS)
        for name, value in _columns(days).items():
            setattr(period, name, value)
        period.title, period.request, period.cutoff_proposed = title.strip()[:300], request.strip(), False
        period.save()
        audit_record(
            actor=actor, action="plan.period.update", target=period, before=before, after=snapshot(period, FIELDS), at=now
        )  # fmt: skip
    return period


def _columns(days: PeriodDays) -> dict[str, date | None]:
    return {
        "starts_on": days.starts_on, "cutoff": days.cutoff, "opens_on": days.opens_on, "due": days.due,
        "superior_due": days.superior_due,
    }  # fmt: skip


def _check_code(period: ReportPeriod) -> None:
    code = period.code
    if not (
        len(code) <= 20 and code[:4].isascii() and code[:4].isdigit() and code.replace("-", "").isalnum()
    ):
        raise RegimeError(_("Mã kỳ gồm năm và phần sau, ví dụ 2026-H1, 2026-Q3, 2026-DX1."), "code")


def period_open(*, actor: Actor, period: ReportPeriod, now: datetime) -> int:
    """Make the expected reports of a period with their figures; return how many were missing. Again: 0.

    Groups are resolved to the units in force on ``opens_on``; a reporter that closed before counts through its
    successors. Names stay as they were on that day.
    """
    officers_only(actor, now)
    with transaction.atomic():
        period = (
            ReportPeriod.objects.select_for_update(of=("self",)).select_related("regime").get(pk=period.pk)
        )
        units = expected_units(period)
        have = set(period.reports.values_list("unit_id", flat=True))
        missing = [unit for unit in units if unit.pk not in have]
        if period.opened_at is not None and not missing:
            return 0
        UnitReport.objects.bulk_create(
            [UnitReport(period=period, unit=unit, unit_name=unit.name, updated_at=now) for unit in missing],
            ignore_conflicts=True,
        )
        if period.opened_at is None:
            period.opened_at = now
            period.save(update_fields=["opened_at"])
        fresh = list(period.reports.filter(unit__in=missing))
        empty_figures(period, fresh)
        figures_fill(period=period, reports=fresh, now=now)
        audit_record(
            actor=actor, action="plan.period.open", target=period, at=now,
            after={"reports": len(fresh), "units": [unit.name for unit in missing][:200]},
        )  # fmt: skip
    return len(fresh)


def empty_figures(period: ReportPeriod, reports: Sequence[UnitReport]) -> None:
    """Give new reports a figure for each indicator of the form."""
    rows = list(
        RegimeIndicator.objects.filter(regime=period.regime_id).values_list("indicator_id", flat=True)
    )
    ReportFigure.objects.bulk_create(
        [ReportFigure(report=report, indicator_id=indicator) for report in reports for indicator in rows],
        ignore_conflicts=True, batch_size=2000,
    )  # fmt: skip


def period_close(*, actor: Actor, period: ReportPeriod, now: datetime, closed: bool = True) -> bool:
    """Close a period to everybody without an exception (or open it again); return whether that changed anything."""
    officers_only(actor, now)
    with transaction.atomic():
        changed = ReportPeriod.objects.filter(pk=period.pk, closed_at__isnull=closed).update(
            closed_at=now if closed else None
        )
        if changed:
            action = "plan.period.close" if closed else "plan.period.reopen"
            audit_record(actor=actor, action=action, target=period, at=now)
    return bool(changed)


def periods_open_due(now: datetime) -> dict[str, Any]:
    """Open the periods whose day has come, and refresh what nobody has touched yet. Daily duty of the worker."""
    today = local_date(now)
    due = ReportPeriod.objects.filter(live(), opened_at__isnull=True, opens_on__lte=today, due__gte=today)
    opened = {period.code: period_open(actor=None, period=period, now=now) for period in due.distinct()}
    running = ReportPeriod.objects.filter(
        live(), opened_at__isnull=False, closed_at__isnull=True, due__gte=today
    )
    for period in running.distinct().select_related("regime"):
        figures_fill(
            period=period,
            reports=list(period.reports.filter(state=ReportState.EXPECTED, excused="")),
            now=now,
        )
    return opened
