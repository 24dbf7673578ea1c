"""One line, one entry, one estimate: what a page about it shows, and what the reader may do there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from khcn.plan import permissions
from khcn.plan.enums import ENTRY_COUNTED, EntryKind, EntryState, EstimateState
from khcn.plan.models import BudgetLine, Estimate, MoneyEntry
from khcn.plan.permissions import acting
from khcn.plan.selectors.money import Sums, sums_of, task_titles


@dataclass(frozen=True, slots=True)
class EstimateRights:
    """What a person may do with an estimate now."""

    edit: bool = False
    submit: bool = False
    approve: bool = False
    allocate: bool = False
    settle: bool = False
    enter: bool = False


@dataclass(frozen=True, slots=True)
class EntryRights:
    """What a person may do with an entry now."""

    confirm: bool = False
    refuse: bool = False
    void: bool = False
    release: bool = False
    pay: bool = False
    attach: bool = False


@dataclass(frozen=True, slots=True)
class LinePage:
    """A line with its entries, the newest first."""

    line: BudgetLine
    sums: Sums
    task_title: str
    entries: Sequence[MoneyEntry]
    open_commitments: Sequence[MoneyEntry]
    can_enter: bool
    can_allocate: bool
    can_edit: bool


def estimate_rights(user: Any, estimate: Estimate, on: date | None = None) -> EstimateRights:
    """Return what ``user`` may do with an estimate, by role and state."""
    reach = acting(user, on)
    keeper = permissions.can_keep_estimate(reach)
    finance = permissions.can_confirm_money(reach)
    draft, approved = estimate.state == EstimateState.DRAFT, estimate.state == EstimateState.APPROVED
    own = reach.user_id is not None and reach.user_id in {estimate.drafted_by_id, estimate.submitted_by_id}
    return EstimateRights(
        edit=keeper and draft,
        submit=keeper and draft,
        approve=permissions.can_approve_estimate(reach)
        and estimate.state == EstimateState.SUBMITTED
        and not own,
        allocate=finance and approved,
        settle=finance and approved,
        enter=approved and (keeper or bool(reach.reporting or reach.heading)),
    )


def entry_rights(user: Any, entry: MoneyEntry, on: date | None = None) -> EntryRights:
    """Return what ``user`` may do with an entry, by role and state."""
    if entry.line.estimate.state != EstimateState.APPROVED:
        return EntryRights()
    reach = acting(user, on)
    finance = permissions.can_confirm_money(reach)
    proposer = permissions.can_propose_entry(reach, entry.line.unit_id)
    waits, stands = entry.state == EntryState.PROPOSED, entry.state in ENTRY_COUNTED
    own = reach.user_id is not None and entry.proposed_by_id == reach.user_id
    is_open = entry.kind == EntryKind.COMMITMENT and stands and entry.amount > entry.paid + entry.released
    return EntryRights(
        confirm=finance and waits and not own,
        refuse=finance and waits and not own,
        void=(finance and stands and not entry.paid) or (own and waits and not entry.paid),
        release=finance and is_open,
        pay=proposer and is_open,
        attach=stands and (finance or proposer),
    )


def line_page(user: Any, line: BudgetLine, on: date | None = None) -> LinePage:
    """Return what the page of a line shows."""
    reach = acting(user, on)
    approved = line.estimate.state == EstimateState.APPROVED
    entries = line.entries.select_related("proposed_by", "decided_by", "commitment").order_by(
        "-happened_on", "-pk"
    )
    return LinePage(
        line=line,
        sums=sums_of(line),
        task_title=task_titles([line.estimate.plan_id]).get(line.task_code, ""),
        entries=list(entries),
        open_commitments=list(open_commitments(line)),
        can_enter=approved and permissions.can_propose_entry(reach, line.unit_id),
        can_allocate=approved and permissions.can_confirm_money(reach),
        can_edit=line.estimate.state == EstimateState.DRAFT and permissions.can_keep_estimate(reach),
    )


def open_commitments(line: BudgetLine) -> QuerySet[MoneyEntry]:
    """Return the commitments of a line that may still be paid, the oldest first."""
    rows = line.entries.filter(kind=EntryKind.COMMITMENT, state__in=ENTRY_COUNTED)
    return rows.filter(amount__gt=F("paid") + F("released")).order_by("happened_on", "pk")


def estimate_lines(user: Any, estimate: Estimate, on: date | None = None) -> QuerySet[BudgetLine]:
    """Return the lines of an estimate that ``user`` may read, in order."""
    return (
        BudgetLine.objects.visible_to(user, on)
        .filter(estimate=estimate)
        .select_related("unit")
        .order_by("order", "pk")
    )


def estimate_sums(lines: QuerySet[BudgetLine]) -> Sums:
    """Return the sums of the lines given."""
    names = ("estimated", "allocated", "committed", "paid", "settled")
    row = lines.order_by().aggregate(**{f"sum_{name}": Sum(name) for name in names})
    return Sums(*(Decimal(row[f"sum_{name}"] or 0) for name in names))
