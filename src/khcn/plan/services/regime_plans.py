"""The regime that a plan lays down, made from the plan itself: reporters, periods, the figures that its tasks name.

Where the plan names no cut-off, one is proposed some working days before the last day and marked as proposed.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.calendar.selectors import working_calendar
from khcn.core.dates import local_date
from khcn.orgs.models import Unit
from khcn.plan.enums import RegimeKind, TaskLevel
from khcn.plan.models import PlanVersion, Regime, ReportPeriod
from khcn.plan.rules.deadlines import PeriodDays, proposed_cutoff, proposed_opening
from khcn.plan.rules.regime_forms import FigureRow, Form, meant_code, usual_headings, usual_rules
from khcn.plan.services.periods import check_period_days, period_create, period_open
from khcn.plan.services.regimes import RegimeError, RegimeFacts, officers_only, regime_create

REGIMES: Final = Path(__file__).resolve().parent.parent / "data" / "regimes"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One period as the plan names it."""

    code: str
    title: str
    due: date
    cutoff: date | None
    task: str


def regime_from_plan(*, version: PlanVersion, actor: Actor, now: datetime) -> Regime | None:
    """Make the regime of a plan's version with its periods, or complete the one that is there; again changes nothing.

    Works for drafts as well. Periods whose opening day is past get their expected reports at once; nobody is told, and
    units see them when the plan is published. ``None``: the plan lays down no reports.

    :raises RegimeError: the plan names a reporter or receiver that no unit has as its key.
    """
    officers_only(actor, now)
    reporting = version.reporting or {}
    if not reporting.get("reporters") and not reporting.get("periods"):
        return None
    with transaction.atomic():
        regime = _regime(version, reporting, actor, now)
        _periods(regime, reporting, actor, now)
    return regime


def regime_load(*, actor: Actor, name: str, now: datetime) -> Regime:
    """Make the regime of a data file (``data/regimes/<name>.toml``) with its periods; again changes nothing.

    :raises RegimeError: no such file, or a unit that is not there.
    """
    officers_only(actor, now)
    path = REGIMES / f"{name}.toml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise RegimeError(_("Không có tệp chế độ báo cáo tên “%(name)s”.") % {"name": name[:60]})
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    units = _units([*data["reporters"], data["through"], data["addressed_to"], data["consolidated_to"]])
    with transaction.atomic():
        regime = Regime.objects.filter(key=data["key"]).first() or regime_create(
            actor=actor,
            facts=RegimeFacts(
                title=data["title"], basis=data["basis"], receiver=units[data["through"]],
                addressed_to=units[data["addressed_to"]], superior=units[data["consolidated_to"]],
                sent_by=_("Trên hệ thống này"),
            ),
            form=Form(usual_headings(), [FigureRow(code) for code in data["figures"]], usual_rules(data["figures"])),
            reporters=[units[key] for key in data["reporters"]], now=now, key=data["key"],
        )  # fmt: skip
        _periods(regime, data, actor, now)
    return regime


def _regime(version: PlanVersion, reporting: Mapping[str, Any], actor: Actor, now: datetime) -> Regime:
    found = Regime.objects.filter(plan=version.plan_id, kind=RegimeKind.PERIODIC).order_by("pk").first()
    keys = list(reporting.get("reporters") or ())
    names = [reporting.get("through"), reporting.get("addressed_to"), reporting.get("consolidated_to")]
    units = _units([*keys, *(name for name in names if name)])
    reporters = [units[key] for key in keys]
    if found is not None:
        missing = [unit for unit in reporters if not found.reporters.filter(pk=unit.pk).exists()]
        if missing:
            found.reporters.add(*missing)
            audit_record(
                actor=actor, action="plan.regime.update", target=found, after={"added": [unit.key for unit in missing]}, at=now
            )  # fmt: skip
        return found
    plan = version.plan
    receiver = units.get(str(names[0])) or plan.focal_unit or units.get(str(names[1]))
    if receiver is None:
        raise RegimeError(
            _("Kế hoạch chưa nêu đơn vị tổng hợp báo cáo. Hãy ghi đơn vị đầu mối của kế hoạch."), "receiver"
        )
    facts = RegimeFacts(
        title=_("Báo cáo định kỳ theo Kế hoạch %(number)s") % {"number": plan.full_number or plan.title},
        receiver=receiver, addressed_to=units.get(str(names[1])), superior=units.get(str(names[2])), plan=plan,
        basis=_("Kế hoạch %(number)s; Nghị định 09/2019/NĐ-CP") % {"number": plan.full_number or plan.title},
        sent_by=_("Trên hệ thống này"),
    )  # fmt: skip
    regime = regime_create(
        actor=actor,
        facts=facts,
        form=_form(version),
        reporters=reporters,
        now=now,
        key=f"{plan.key[:60]}-dinh-ky",
    )
    title = _("Báo cáo đột xuất theo Kế hoạch %(number)s") % {"number": plan.full_number or plan.title}
    request = replace(facts, title=title, kind=RegimeKind.AD_HOC, is_template=True)
    regime_create(
        actor=actor,
        facts=request,
        form=_form(version),
        reporters=reporters,
        now=now,
        key=f"{plan.key[:60]}-dot-xuat",
    )
    return regime


def _units(keys: Iterable[str]) -> dict[str, Unit]:
    wanted = list(dict.fromkeys(keys))
    found = {unit.key: unit for unit in Unit.objects.filter(key__in=wanted)}
    unknown = [key for key in wanted if key not in found]
    if unknown:
        raise RegimeError(
            _(
                "Phần chế độ báo cáo của kế hoạch nhắc đến đơn vị chưa có trong hệ thống: %(keys)s. Hãy thêm đơn vị trước."
            )
            % {"keys": ", ".join(unknown[:10])},
            "reporters",
        )
    return found


def _form(version: PlanVersion) -> Form:
    """Return the form: the usual headings, every figure that a task names, under the kind of its first task."""
    kinds = version.plan.kinds or {}
    rows: dict[str, FigureRow] = {}
    for task in version.tasks.exclude(level=TaskLevel.REPORT).order_by("order", "code"):
        for code in task.indicators:
            meant = meant_code(str(code), task.kind)
            rows.setdefault(meant, FigureRow(meant, group=str(kinds.get(task.kind, "")), task_code=task.code))
    return Form(usual_headings(), list(rows.values()), usual_rules(rows))


def _periods(regime: Regime, reporting: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    asked = sorted((_asked(row) for row in reporting.get("periods") or ()), key=lambda one: one.due)
    if not asked:
        return
    years = {day.year + shift for one in asked for day in (one.due,) for shift in (-1, 0, 1)}
    calendar = working_calendar(years)
    have = {period.code: period for period in regime.periods.all()}
    start = _first_day(asked[0], reporting.get("starts_on"))
    for one in asked:
        period = have.get(one.code)
        days = _days(calendar, one, start)
        if period is None:
            period = period_create(
                actor=actor, regime=regime, code=one.code, title=one.title, days=days, now=now,
                cutoff_proposed=one.cutoff is None, task_code=one.task,
            )  # fmt: skip
        elif period.due != one.due and period.opened_at is None:
            period = _moved(period, days, actor, now)
        start = period.cutoff + timedelta(days=1)
        if period.opens_on <= local_date(now) and period.opened_at is None:
            period_open(actor=actor, period=period, now=now)


def _asked(row: Mapping[str, Any]) -> _Asked:
    return _Asked(
        str(row["code"]), str(row.get("title") or row["code"]), _day(row["due"]),
        _day(row["cutoff"]) if row.get("cutoff") else None, str(row.get("task") or ""),
    )  # fmt: skip


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _first_day(first: _Asked, said: Any) -> date:
    """Return the day from which the first period counts: as said, else the first of January of its year.

    What a plan of a year reports is what was done in that year, also before the plan was signed.
    """
    if said is not None:
        return _day(said)
    start = date(first.due.year, 1, 1)
    return start if start < first.due - timedelta(days=14) else date(first.due.year - 1, 12, 15)


def _days(calendar: WorkingCalendar, one: _Asked, start: date) -> PeriodDays:
    cutoff = one.cutoff or proposed_cutoff(calendar, one.due)
    opens = min(proposed_opening(calendar, one.due), one.due)
    return PeriodDays(min(start, cutoff), cutoff, opens, one.due)


def _moved(period: ReportPeriod, days: PeriodDays, actor: Actor, now: datetime) -> ReportPeriod:
    """Give a period that has not opened the deadline of the plan's newer version."""
    check_period_days(days)
    before = {"due": period.due, "cutoff": period.cutoff}
    period.due, period.opens_on = days.due, days.opens_on
    if period.cutoff_proposed or period.cutoff >= days.due:
        period.cutoff = days.cutoff
    period.save()
    audit_record(
        actor=actor, action="plan.period.update", target=period, before=before,
        after={"due": period.due, "cutoff": period.cutoff}, at=now,
    )  # fmt: skip
    return period
