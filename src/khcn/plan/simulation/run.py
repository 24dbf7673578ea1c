"""Fill an installation with the simulated city, year by year; a year is there whole or not at all."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.orgs.enums import Role
from khcn.orgs.models import Membership, Unit
from khcn.orgs.services.people_batch import people_bring
from khcn.plan.enums import VersionState
from khcn.plan.errors import PlanError
from khcn.plan.models import (
    BudgetLine,
    Consolidation,
    Estimate,
    Evidence,
    MoneyEntry,
    Outreach,
    Plan,
    ReportFigure,
    ReportPeriod,
    Task,
    UnitReport,
    WorkItem,
)
from khcn.plan.services.plans_flow import plan_approve, plan_head_approve, plan_submit
from khcn.plan.services.plans_import import plan_import
from khcn.plan.simulation import MARK, PERSON_MARK, City
from khcn.plan.simulation.cast import Cast, moment
from khcn.plan.simulation.money import money_fill, money_settle
from khcn.plan.simulation.reports import period_fill, regime_bring, roll_fill
from khcn.plan.simulation.specs import people_specs, plan_file, unit_specs
from khcn.plan.simulation.work import halves, outreach_fill, work_fill

MOST_UNITS, MOST_YEARS = 2000, 20
Say = Callable[[str], Any]


class SimulationRefusedError(PlanError):
    """The simulated city is not put into this installation."""

    code = "simulation-refused"


def simulate(
    *, city: City, now: datetime, force: bool = False, say: Say = lambda _text: None
) -> dict[str, Any]:
    """Make what of the city is missing; return counts and seconds. A second run changes nothing.

    :raises SimulationRefusedError: real data is here (``force`` overrides), or another simulated city.
    """
    started = perf_counter()
    _check(city, force=force)
    made = [year for year in city.span if not Plan.objects.filter(key=city.plan_key(year)).exists()]
    for year in made:
        begun = perf_counter()
        with transaction.atomic():
            _year(city, year, now)
        say(_("Năm %(year)s: %(seconds).1f giây") % {"year": str(year), "seconds": perf_counter() - begun})
    return {
        **asdict(city),
        "years_made": made,
        "changed": len(made),
        **counts(),
        "seconds": round(perf_counter() - started, 1),
    }


def counts() -> dict[str, int]:
    """Return how many rows of each kind the simulated city has."""
    plans = Plan.objects.filter(key__startswith=MARK)
    reports = UnitReport.objects.filter(period__regime__key__startswith=MARK)
    lines = BudgetLine.objects.filter(estimate__plan__in=plans)
    items = WorkItem.objects.filter(plan__in=plans)
    rows: dict[str, QuerySet[Any]] = {
        "units_made": Unit.objects.filter(key__startswith=MARK),
        "people": Membership.objects.filter(user__username__startswith=PERSON_MARK),
        "plans": plans,
        "tasks": Task.objects.filter(version__plan__in=plans, version__state=VersionState.PUBLISHED),
        "work_items": items,
        "sessions": Evidence.objects.filter(item__in=items),
        "outreach": Outreach.objects.filter(campaign__plan__in=plans),
        "budget_lines": lines,
        "money_entries": MoneyEntry.objects.filter(line__in=lines),
        "periods": ReportPeriod.objects.filter(regime__key__startswith=MARK),
        "reports": reports,
        "reports_sent": reports.filter(submitted_at__isnull=False),
        "figures": ReportFigure.objects.filter(report__in=reports),
        "corrections": ReportFigure.objects.filter(report__in=reports).exclude(reason=""),
        "consolidations": Consolidation.objects.filter(period__regime__key__startswith=MARK),
    }
    return {name: found.count() for name, found in rows.items()}


def _check(city: City, *, force: bool) -> None:
    if not (1 <= city.units <= MOST_UNITS and 1 <= city.years <= MOST_YEARS):
        raise SimulationRefusedError(
            _("Mô phỏng từ 1 đến %(units)s đơn vị và từ 1 đến %(years)s năm. Hãy chọn số khác.")
            % {"units": MOST_UNITS, "years": MOST_YEARS}
        )
    keys = {city.plan_key(year) for year in city.span}
    others = Plan.objects.filter(key__startswith=MARK).exclude(key__in=keys)
    if others.exists():
        raise SimulationRefusedError(
            _("Ở đây đã có một thành phố mô phỏng khác (%(plan)s). Hãy dùng một thư mục dữ liệu mới.")
            % {"plan": others[0].key}
        )
    if force:
        return
    people = Membership.objects.exclude(user__username__startswith=PERSON_MARK).exclude(role=Role.SYSADMIN)
    plans = Plan.objects.exclude(key__startswith=MARK)
    estimates = Estimate.objects.exclude(plan__key__startswith=MARK)
    if people.exists() or plans.exists() or estimates.exists():
        raise SimulationRefusedError(
            _(
                "Ở đây đã có dữ liệu thật (%(people)s vai trò của người dùng, %(plans)s kế hoạch). Hãy chạy trên một thư mục dữ "
                "liệu trống, hoặc thêm --force nếu bạn chắc chắn."
            )
            % {"people": people.count(), "plans": plans.count()}
        )


def _year(city: City, year: int, now: datetime) -> None:
    start = min(moment(date(year, 1, 10)), now)
    imported = plan_import(actor=None, plan_file=plan_file(city, year), now=start, bulk=True)
    keys = [one.key for one in unit_specs(city)]
    units = {unit.key: unit for unit in Unit.objects.filter(key__in=keys)}
    people = people_bring(people=people_specs(city, units), today=timezone.localdate(start), now=start)
    cast = Cast(city, units, people, now)
    plan_submit(actor=cast.person("chuyen-vien"), version=imported.version, now=start)
    plan_head_approve(actor=cast.person("truong-phong"), version=imported.version, now=start)
    plan_approve(actor=cast.person("lanh-dao"), version=imported.version, now=start, bulk=True)
    plan = Plan.objects.get(pk=imported.plan.pk)
    estimate = money_fill(cast, plan, year)
    regime = regime_bring(cast)
    for half in halves(year):
        work_fill(cast, plan, half)
        if not half.code:
            continue
        outreach_fill(cast, plan, half)
        period = period_fill(cast, regime, year, half.code)
        if period is not None and cast.reached(period.due):
            roll_fill(cast, period, issue=(year, half.code) != (city.last_year, "H2"))
    if year < city.last_year:
        money_settle(cast, estimate, year)
