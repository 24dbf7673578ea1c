"""Work items follow the version in force: made, carried over by (task code, unit), closed. Progress is never lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q

from khcn.plan.enums import ITEM_OPEN, ItemState
from khcn.plan.models import PlanVersion, Task, WorkItem
from khcn.plan.selectors.plans_items import Owed, Register, owed_items

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ItemChanges:
    """What a publication did to the items."""

    made: int = 0
    kept: int = 0
    reopened: int = 0
    dropped: int = 0


def items_sync(version: PlanVersion, on: date, now: datetime, *, bulk: bool = False) -> ItemChanges:
    """Bring a plan's items to what ``version`` asks of the units of the day ``on``. Called inside a transaction.

    Items that go on keep state, percentage, texts and evidence and move to the new version's task; what is no longer
    asked for is closed if it was open and stays as it was if it was done; what comes back is opened again.

    :param bulk: items are new, nothing is kept: skip the reading (filling an empty installation).
    """
    owed = owed_items(version, on, Register())
    if bulk:
        return ItemChanges(made=_make(version, owed, now))
    tasks = {one.task.code: one.task for one in owed} | {task.code: task for task in version.tasks.all()}
    rows = {
        (row.code, row.unit_id): row for row in WorkItem.objects.select_for_update().filter(plan=version.plan)
    }
    wanted = {(one.task.code, one.unit_id): one for one in owed}
    made = _make(version, [one for key, one in wanted.items() if key not in rows], now)
    reopened = _reopen([rows[key] for key in wanted if key in rows], now)
    dropped = _drop([row for key, row in rows.items() if key not in wanted and row.state in ITEM_OPEN], now)
    _move(version, list(rows.values()), tasks)
    return ItemChanges(made, len(set(rows) & set(wanted)), reopened, dropped)


def _make(version: PlanVersion, owed: Sequence[Owed], now: datetime) -> int:
    rows = [
        WorkItem(
            plan=version.plan,
            task=one.task,
            code=one.task.code,
            unit_id=one.unit_id,
            due=one.task.deadline,
            updated_at=now,
        )
        for one in owed
    ]
    WorkItem.objects.bulk_create(rows, batch_size=_BATCH)
    return len(rows)


def _reopen(rows: Sequence[WorkItem], now: datetime) -> int:
    keys = [row.pk for row in rows if row.state == ItemState.DROPPED]
    again = WorkItem.objects.filter(pk__in=keys, state=ItemState.DROPPED)
    started = Q(started_on__isnull=False) | Q(percent__gt=0)
    doing = again.filter(started).update(state=ItemState.DOING, revision=F("revision") + 1, updated_at=now)
    todo = again.filter(state=ItemState.DROPPED).update(
        state=ItemState.TODO, revision=F("revision") + 1, updated_at=now
    )
    return doing + todo


def _drop(rows: Sequence[WorkItem], now: datetime) -> int:
    keys = [row.pk for row in rows]
    closed = WorkItem.objects.filter(pk__in=keys, state__in=ITEM_OPEN)
    return closed.update(state=ItemState.DROPPED, revision=F("revision") + 1, updated_at=now)


def _move(version: PlanVersion, rows: Sequence[WorkItem], tasks: dict[str, Task]) -> None:
    """Point items at the task of the new version and take over its deadline, where the plan changed it."""
    old_due = dict(Task.objects.filter(pk__in={row.task_id for row in rows}).values_list("pk", "deadline"))
    changed = []
    for row in rows:
        task = tasks.get(row.code)
        if task is None or task.pk == row.task_id:
            continue
        # A report period may have moved the day since; only a change in the plan itself counts here.
        if old_due.get(row.task_id) != task.deadline:
            row.due = task.deadline
        row.task = task
        changed.append(row)
    WorkItem.objects.bulk_update(changed, ["task", "due"], batch_size=_BATCH)
