"""One work item with everything its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from khcn.core.references import Reference, Resolved, resolve_many
from khcn.orgs.models import Unit
from khcn.orgs.unit_time import units_on
from khcn.plan.enums import EvidenceKind, ItemState
from khcn.plan.models import Evidence, ProgressNote, UnitReport, WorkItem, WorkStep
from khcn.plan.permissions import Reach, acting, can_confirm_progress, can_enter_progress
from khcn.plan.rules.progress import follows_report


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with an item. ``add``: notes and evidence; ``hands``: units in whose name."""

    enter: bool
    add: bool
    confirm: bool
    reopen: bool
    by_report: bool
    hands: frozenset[int]


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One proof; ``resolved`` for a record of this installation that the reader may see."""

    row: Evidence
    resolved: Resolved | None
    removable: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What the page of an item shows; ``report``: the unit's report that a report item follows, when it exists."""

    item: WorkItem
    cooperating: Sequence[Unit]
    notes: Sequence[ProgressNote]
    steps: Sequence[WorkStep]
    evidence: Sequence[EvidenceLine]
    rights: Rights
    report: UnitReport | None
    author_id: int | None
    taken: Sequence[WorkItem] = ()  # items of units that ended, handed over to this one


def visible_item(user: Any, pk: int, on: date) -> WorkItem | None:
    """Return an item that ``user`` may read, or ``None``."""
    rows = WorkItem.objects.visible_to(user, on).select_related(
        "task__version", "task__section", "task__lead", "plan", "unit", "confirmed_by", "handed_to__unit"
    )
    return rows.filter(pk=pk).first()


def cooperating_units(item: WorkItem, on: date) -> list[Unit]:
    """Return the units that cooperate in the item's task on a day, without the item's own: groups as their members,
    closed units as those that carry on their work."""
    named = Unit.objects.filter(pk__in=item.task.cooperating.values("unit"))
    return [unit for unit in units_on(named, on) if unit.pk != item.unit_id]


def rights_on(user: Any, item: WorkItem, cooperating: Sequence[Unit], on: date) -> Rights:
    """Return what ``user`` may do with ``item``."""
    reach: Reach = acting(user, on)
    closed = item.state in {ItemState.DROPPED, ItemState.HANDED_OVER}
    own = can_enter_progress(reach, item.unit_id) and not closed
    mine = reach.reporting | reach.heading
    helping = not closed and any(unit.pk in mine for unit in cooperating)
    head = can_confirm_progress(reach, item.unit_id) and not closed
    by_report = follows_report(item.task.percent_rule, item.task.level)
    return Rights(
        enter=own,
        add=own or helping,
        confirm=head and item.confirmed_at is None,
        reopen=head and item.state == ItemState.DONE and not by_report,
        by_report=by_report,
        hands=mine,
    )


def item_page(user: Any, item: WorkItem, on: date) -> ItemPage:
    """Return everything the page of ``item`` shows to ``user``."""
    cooperating = cooperating_units(item, on)
    rights = rights_on(user, item, cooperating, on)
    notes = list(item.notes.select_related("by").order_by("-at", "-pk")[:100])
    own = next((note.by_id for note in notes if note.unit_id == item.unit_id), None)
    return ItemPage(
        item=item,
        cooperating=cooperating,
        notes=notes,
        steps=list(item.steps.all()),
        evidence=_evidence(user, item, rights, on),
        rights=rights,
        report=_report_of(user, item, on) if rights.by_report else None,
        author_id=own,
        taken=taken_items(item),
    )


def taken_items(item: WorkItem) -> list[WorkItem]:
    """Return the items that were handed over to this one, with how much was written and shown there."""
    rows = item.taken_from.select_related("unit").annotate(
        said=Count("notes", distinct=True),
        shown=Count("evidence", filter=Q(evidence__removed_at=None), distinct=True),
    )
    return list(rows.order_by("unit__order", "unit__sort_key", "pk"))


def _evidence(user: Any, item: WorkItem, rights: Rights, on: date) -> list[EvidenceLine]:
    rows = list(item.evidence.filter(removed_at__isnull=True).select_related("unit", "added_by"))
    asked = {row.pk: Reference.parse(row.record) for row in rows if row.kind == EvidenceKind.RECORD}
    found = resolve_many(asked.values(), user)
    officer = acting(user, on).officer
    return [
        EvidenceLine(
            row, found.get(asked[row.pk]) if row.pk in asked else None, officer or row.unit_id in rights.hands
        )
        for row in rows
    ]


def _report_of(user: Any, item: WorkItem, on: date) -> UnitReport | None:
    """Return the report of the item's unit in the period that the task names."""
    rows = UnitReport.objects.visible_to(user, on).filter(
        unit_id=item.unit_id, period__regime__plan_id=item.plan_id
    )
    same = Q(period__task_code=item.code)
    if item.task.period_code:
        same |= Q(period__code=item.task.period_code)
    return rows.filter(same).select_related("period").order_by("-period__cutoff").first()


def evidence_file(user: Any, pk: int, on: date) -> Evidence | None:
    """Return a kept file that ``user`` may read: files are for the desk, never for the public page."""
    if not acting(user, on).plans:
        return None
    seen: QuerySet[WorkItem] = WorkItem.objects.visible_to(user, on)
    rows = Evidence.objects.filter(removed_at__isnull=True, kind=EvidenceKind.FILE, item__in=seen)
    return rows.filter(pk=pk).first()
