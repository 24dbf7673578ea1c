"""Money of a year as people ask for it: by task, by unit, by line; totals; what waits for the finance unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from khcn.orgs.models import Unit
from khcn.plan.enums import EntryState, EstimateState
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry, Task
from khcn.plan.permissions import acting, can_confirm_money
from khcn.plan.rules.money import share

SUMS: Final = ("estimated", "allocated", "committed", "paid", "settled")
IN_FORCE: Final = (EstimateState.APPROVED, EstimateState.SETTLED)
BY_TASK, BY_UNIT, BY_LINE = "nhiem-vu", "don-vi", "dong"
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """Dong of one line or of many."""

    estimated: Decimal = ZERO
    allocated: Decimal = ZERO
    committed: Decimal = ZERO
    paid: Decimal = ZERO
    settled: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """Allocated and not committed yet: what may still be committed."""
        return self.allocated - self.committed

    @property
    def unpaid(self) -> Decimal:
        """Allocated and not paid yet."""
        return self.allocated - self.paid

    @property
    def millions(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Estimated, allocated, committed and paid in million dong, for figures that fit a phone."""
        sums = (self.estimated, self.allocated, self.committed, self.paid)
        return tuple(amount / 1_000_000 for amount in sums)  # type: ignore[return-value]  # four of four

    @property
    def paid_share(self) -> Decimal | None:
        """Paid of what is allocated, 0 to 1; None when nothing is allocated."""
        return share(self.paid, self.allocated)


@dataclass(frozen=True, slots=True)
class MoneyFilter:
    """What of a year is asked for. ``unit``, ``task``: "" or 0 for all; ``task`` "-" for lines without one."""

    year: int
    group: str = BY_TASK
    unit: int = 0
    task: str = ""


@dataclass(frozen=True, slots=True)
class MoneyGroup:
    """One row of the year's table. ``key``: task code, unit or line number; ``code``: state-budget code of a line."""

    key: str
    label: str
    sums: Sums
    lines: int
    code: str = ""
    task: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class MoneyYear:
    """One year for one reader."""

    asked: MoneyFilter
    groups: Sequence[MoneyGroup]
    total: Sums
    years: Sequence[int]
    estimates: Sequence[Estimate]


def sums_of(line: BudgetLine) -> Sums:
    """Return the sums of one line."""
    return Sums(*(getattr(line, name) for name in SUMS))


def lines_of_year(user: Any, asked: MoneyFilter, on: date | None = None) -> QuerySet[BudgetLine]:
    """Return the lines in force of a year that ``user`` may read."""
    lines = BudgetLine.objects.visible_to(user, on).filter(
        estimate__year=asked.year, estimate__state__in=IN_FORCE
    )
    if asked.unit:
        lines = lines.filter(unit_id=asked.unit)
    if asked.task:
        lines = lines.filter(task_code="" if asked.task == "-" else asked.task)
    return lines


def money_year(user: Any, asked: MoneyFilter, on: date | None = None) -> MoneyYear:
    """Return the table of a year, its total, the years there are, and the year's estimates (drafts too)."""
    lines = lines_of_year(user, asked, on)
    groups = {BY_TASK: _by_task, BY_UNIT: _by_unit, BY_LINE: _by_line}[asked.group](lines)
    estimates = Estimate.objects.visible_to(user, on)
    years = sorted(set(estimates.values_list("year", flat=True).order_by()) | {asked.year}, reverse=True)
    return MoneyYear(
        asked, groups, _total(lines), years, list(estimates.filter(year=asked.year).select_related("plan"))
    )


def _total(lines: QuerySet[BudgetLine]) -> Sums:
    return _sums(lines.aggregate(**{f"sum_{name}": Sum(name) for name in SUMS}))


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(*(Decimal(row[f"sum_{name}"] or 0) for name in SUMS))


def _grouped(lines: QuerySet[BudgetLine], name: str) -> list[dict[str, Any]]:
    sums: dict[str, Any] = {f"sum_{one}": Sum(one) for one in SUMS}
    return list(lines.order_by().values(name).annotate(count=Count("pk"), **sums))


def _by_task(lines: QuerySet[BudgetLine]) -> list[MoneyGroup]:
    rows = _grouped(lines, "task_code")
    titles = task_titles(lines.order_by().values_list("estimate__plan_id", flat=True).distinct())
    groups = [
        MoneyGroup(
            key=row["task_code"] or "-",
            label=titles.get(row["task_code"], row["task_code"]) or _("Chi chung, không gắn nhiệm vụ"),
            sums=_sums(row),
            lines=row["count"],
            task=row["task_code"],
        )
        for row in rows
    ]
    return sorted(groups, key=lambda group: (group.key == "-", _natural(group.key)))


def _by_unit(lines: QuerySet[BudgetLine]) -> list[MoneyGroup]:
    rows = {row["unit_id"]: row for row in _grouped(lines, "unit_id")}
    units = Unit.objects.filter(pk__in=rows).alphabetical()
    return [
        MoneyGroup(str(unit.pk), unit.name, _sums(rows[unit.pk]), rows[unit.pk]["count"]) for unit in units
    ]


def _by_line(lines: QuerySet[BudgetLine]) -> list[MoneyGroup]:
    rows = lines.select_related("unit", "estimate").order_by("estimate__title", "order", "pk")
    return [
        MoneyGroup(
            str(line.pk), line.title, sums_of(line), 1, line.budget_code, line.task_code, line.unit.label
        )
        for line in rows
    ]


def task_titles(plan_ids: Iterable[int | None]) -> dict[str, str]:
    """Return the titles of the tasks of some plans by code, the newest version's."""
    wanted = [ident for ident in plan_ids if ident is not None]
    tasks = Task.objects.filter(version__plan_id__in=wanted).order_by("version__number")
    return dict(tasks.values_list("code", "title"))


def _natural(code: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in code.replace("-", ".").split(".")]


# Waiting


def entries_waiting(user: Any, on: date | None = None) -> QuerySet[MoneyEntry]:
    """Return the proposed entries that ``user`` may read, the oldest first."""
    lines = BudgetLine.objects.visible_to(user, on)
    rows = MoneyEntry.objects.filter(state=EntryState.PROPOSED, line__in=lines)
    return rows.select_related("line__unit", "line__estimate", "commitment", "proposed_by").order_by(
        "proposed_at", "pk"
    )


def waiting_for(user: Any, on: date | None = None) -> int:
    """Return how many things wait for this person: entries for finance, estimates for the leader."""
    reach = acting(user, on)
    count = 0
    if can_confirm_money(reach):
        count += (
            MoneyEntry.objects.filter(state=EntryState.PROPOSED)
            .filter(~Q(proposed_by_id=reach.user_id))
            .count()
        )
    if reach.leader:
        count += Estimate.objects.filter(state=EstimateState.SUBMITTED).count()
    return count
