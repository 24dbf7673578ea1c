"""A filled list of tasks brought into a draft: all of it, or nothing with every wrong cell named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.engines.plans.types import TaskSpec
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.models import PlanVersion, Task
from khcn.plan.rules.plan_content import task_json
from khcn.plan.selectors.plans import task_spec, version_tasks
from khcn.plan.services.plans_tasks import (
    DraftDesk,
    TaskError,
    draft_open,
    task_changed,
    task_check,
    task_insert,
    task_write,
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of a filled list: its number as the spreadsheet shows it, the code, and the changed values."""

    number: int
    code: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SheetResult:
    """What a filled list did."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


def tasks_from_rows(
    *, actor: Actor, version: PlanVersion, rows: Sequence[SheetRow], columns: Mapping[str, str], now: datetime
) -> SheetResult:
    """Bring a draft up to a filled list: known codes are changed, new ones added; tasks that are not listed stay.

    :param columns: header of the column by field, for the errors.
    :raises RowsError: with row and column of everything wrong; then nothing was taken in.
    """
    faults: list[RowFault] = []
    added = updated = 0
    with transaction.atomic():
        desk = draft_open(actor, version, now)
        known = {row.code: row for row in version_tasks(desk.version)}
        seen: dict[str, int] = {}
        for one in rows:
            where = _("Dòng %(number)s") % {"number": one.number}
            if one.code in seen:
                faults.append(
                    RowFault(
                        where,
                        columns["code"],
                        _("Mã %(code)s đã có ở dòng %(first)s.")
                        % {"code": one.code, "first": seen[one.code]},
                    )
                )
                continue
            seen[one.code] = one.number
            try:
                if one.code in known:
                    updated += _row_update(desk, known[one.code], one.changes)
                else:
                    task_insert(desk, task_check(task_changed(_blank(one.code), one.changes), desk))
                    added += 1
            except TaskError as error:
                faults.append(RowFault(where, columns.get(error.field, ""), error.message))
        if faults:
            transaction.set_rollback(True)
        elif added or updated:
            audit_record(
                actor=actor,
                action="plan.task.sheet",
                target=desk.version,
                after={"added": added, "updated": updated},
                at=now,
            )
    if faults:
        raise RowsError(_("Chưa nhập dòng nào. Hãy sửa các ô sau rồi tải lên lại."), faults)
    return SheetResult(added, updated, len(rows) - added - updated)


def _blank(code: str) -> TaskSpec:
    return TaskSpec(code=code, section="", title="")


def _row_update(desk: DraftDesk, row: Task, changes: Mapping[str, Any]) -> int:
    old = task_spec(row)
    new = task_check(task_changed(old, changes), desk)
    if task_json(old) == task_json(new):
        return 0
    task_write(desk, row, new, confirmed=True)
    return 1
