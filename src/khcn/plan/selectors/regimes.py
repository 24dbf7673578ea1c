"""Regimes and periods for the pages of the focal officer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from khcn.core.calendar.selectors import working_calendar_around
from khcn.orgs.models import Unit
from khcn.plan.enums import REPORT_WITH_FOCAL, RegimeKind
from khcn.plan.models import PlanIndicator, Regime, ReportPeriod
from khcn.plan.rules.deadlines import PeriodDays, proposed_opening
from khcn.plan.selectors.expected import Expected, expected_on


@dataclass(frozen=True, slots=True)
class RegimePage:
    """A regime with its periods and who would report today."""

    regime: Regime
    periods: Sequence[ReportPeriod]
    expected: Expected
    outline: Sequence[Any]
    figures: Sequence[Any]
    rules: Sequence[Any]


def regimes_list() -> tuple[list[Regime], list[Regime]]:
    """Return the regimes that run by the calendar, and the ad hoc ones (newest first)."""
    rows = Regime.objects.select_related("receiver", "superior", "plan").annotate(
        period_count=Count("periods", distinct=True), figure_count=Count("indicators", distinct=True)
    )
    asked = rows.filter(kind=RegimeKind.AD_HOC, is_template=False)
    return list(rows.exclude(pk__in=asked).order_by("-is_active", "kind", "title")), list(
        asked.order_by("-pk")[:60]
    )


def regime_page(regime: Regime, today: date) -> RegimePage:
    """Return a regime for its page."""
    return RegimePage(
        regime, list(with_counts(regime.periods.all())), expected_on(regime, today), list(regime.outline.all()),
        list(regime.indicators.select_related("indicator")), list(regime.rules.all()),
    )  # fmt: skip


def with_counts(periods: "QuerySet[ReportPeriod]") -> "QuerySet[ReportPeriod]":
    """Add how many reports are expected and how many came in."""
    owed = Q(reports__excused="")
    return periods.annotate(
        expected=Count("reports", filter=owed),
        received=Count("reports", filter=owed & Q(reports__state__in=REPORT_WITH_FOCAL)),
    ).order_by("-due", "-pk")


def templates() -> list[Regime]:
    """Return the regimes that an ad hoc request may start from: marked templates first."""
    rows = Regime.objects.filter(is_active=True).select_related("receiver", "plan")
    return list(
        rows.filter(Q(is_template=True) | ~Q(kind=RegimeKind.AD_HOC)).order_by("-is_template", "title", "pk")
    )


def next_days(regime: Regime, today: date) -> PeriodDays:
    """Return days to propose for the next period: after the last one, as long as that one."""
    calendar = working_calendar_around(today)
    last = regime.periods.order_by("-cutoff").first()
    if last is None:
        start, cutoff = today.replace(day=1), today + timedelta(days=30)
    else:
        start = last.cutoff + timedelta(days=1)
        cutoff = start + (last.cutoff - last.starts_on)
    years = working_calendar_around(cutoff)
    due = years.add_working_days(
        cutoff, max(1, calendar.working_days_between(last.cutoff, last.due)) if last else 5
    )
    return PeriodDays(start, cutoff, proposed_opening(years, due), due, None)


def all_indicators() -> list[PlanIndicator]:
    """Return the register of indicators."""
    return list(PlanIndicator.objects.order_by("order", "code"))


def reporting_units(regime: Regime, today: date) -> "QuerySet[Unit]":
    """Return the units that report under a regime today, and those that could."""
    expected = [unit.pk for unit in expected_on(regime, today).units]
    rows = Unit.objects.in_force(today).filter(Q(pk__in=expected) | Q(kind__is_group=False))
    return rows.select_related("kind").alphabetical()
