"""Work on the tasks of a draft: change, confirm, add, remove; one at a time or a whole list from a spreadsheet.

A value that has been checked once goes one way into the database, whoever brings it: a form, a sheet, a program.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import date_vi, local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.engines.plans.types import TaskSpec
from khcn.engines.text.fold import nfc
from khcn.orgs.models import Unit
from khcn.plan.enums import VERSION_EDITABLE, Basis, TaskLevel, VersionState
from khcn.plan.errors import PlanError, StaleError
from khcn.plan.models import PlanVersion, Section, Task
from khcn.plan.permissions import acting, can_submit_plan
from khcn.plan.rules.plan_content import SOURCE, header_from, task_json
from khcn.plan.selectors.plans import task_spec, version_tasks
from khcn.plan.services.plans_store import Store

MOST_TASKS: Final = 5_000
_TEXTS: Final = {
    "code": 40,
    "title": 500,
    "title_en": 500,
    "kind": 30,
    "cadence": 40,
    "deadline_basis": 40,
    "expected_result": 1000,
    "text": 20_000,
}
EDITABLE: Final = frozenset({
    "section", "title", "title_en", "text", "level", "kind", "audience", "lead", "cooperating", "fan_out", "cadence",
    "starts_on", "deadline", "expected_result", "indicators", "amount_vnd",
})  # fmt: skip


class TaskError(PlanError):
    """A task that cannot be so. ``field``: the name of the wrong value in :class:`TaskSpec`."""

    code = "task"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """A draft on the desk: what may be named in it."""

    version: PlanVersion
    units: Mapping[str, Unit]
    sections: Mapping[str, Section]
    kinds: Collection[str]

    def store(self) -> Store:
        """Return the writer of this draft."""
        periods = {
            one["task"]: one["code"] for one in self.version.reporting.get("periods", ()) if one.get("task")
        }
        return Store(self.version, self.units, periods)


def draft_open(actor: Actor, version: PlanVersion, now: datetime) -> DraftDesk:
    """Lock a draft for writing. Called inside a transaction."""
    if not can_submit_plan(acting(actor, local_date(now))):
        raise PermissionDeniedError(_("Chỉ chuyên viên và lãnh đạo đơn vị đầu mối sửa kế hoạch."))
    held = PlanVersion.objects.select_for_update().select_related("plan").filter(pk=version.pk).first()
    if held is None or held.state not in VERSION_EDITABLE:
        state = VersionState(held.state).label.lower() if held else _("không còn")
        raise StaleError(
            _("Bản kế hoạch này %(state)s nên không sửa được. Muốn sửa, hãy trả lại hoặc mở bản điều chỉnh.")
            % {"state": state}
        )
    return DraftDesk(
        held, {unit.key: unit for unit in Unit.objects.select_related("kind")},
        {row.ref: row for row in Section.objects.filter(version=held)}, list(held.plan.kinds or {}),
    )  # fmt: skip


def task_check(spec: TaskSpec, desk: DraftDesk) -> TaskSpec:
    """Return the task in good order. :raises TaskError: naming the first wrong value."""
    texts: dict[str, Any] = {name: nfc(clean_text(str(getattr(spec, name)))).strip() for name in _TEXTS}
    for name, most in _TEXTS.items():
        if len(texts[name]) > most:
            raise TaskError(_("Dài quá %(most)s ký tự. Hãy rút gọn.") % {"most": most}, field=name)
    if not texts["title"]:
        raise TaskError(_("Hãy ghi tên nhiệm vụ."), field="title")
    if not texts["code"] or not all(char.isalnum() or char in "._-" for char in texts["code"]):
        raise TaskError(_("Mã chỉ gồm chữ, số, dấu chấm, gạch nối và gạch dưới."), field="code")
    _check_names(spec, desk)
    if spec.starts_on and spec.deadline and spec.deadline < spec.starts_on:
        raise TaskError(
            _("Hạn %(deadline)s trước ngày bắt đầu %(start)s. Hãy sửa một trong hai ngày.")
            % {"deadline": date_vi(spec.deadline), "start": date_vi(spec.starts_on)},
            field="deadline",
        )
    if spec.amount_vnd is not None and not 0 <= spec.amount_vnd < Decimal(10) ** 17:
        raise TaskError(_("Số tiền phải từ 0 đến dưới 17 chữ số."), field="amount_vnd")
    helpers = tuple(key for key in dict.fromkeys(spec.cooperating) if key and key != spec.lead)
    if spec.fan_out and not helpers:
        raise TaskError(
            _(
                "Muốn giao từng đơn vị thì phải có đơn vị phối hợp. Hãy thêm đơn vị hoặc bỏ chọn giao từng đơn vị."
            ),
            field="fan_out",
        )
    return replace(spec, **texts, cooperating=helpers)


def _check_names(spec: TaskSpec, desk: DraftDesk) -> None:
    if spec.level not in TaskLevel:
        raise TaskError(_("Phần của nhiệm vụ không có trong danh sách."), field="level")
    if spec.section and spec.section not in desk.sections:
        raise TaskError(_("Kế hoạch không có mục “%(ref)s”.") % {"ref": spec.section}, field="section")
    if spec.kind and desk.kinds and spec.kind not in desk.kinds:
        raise TaskError(_("Kế hoạch không có loại việc “%(kind)s”.") % {"kind": spec.kind}, field="kind")
    for name, keys in (("lead", [spec.lead]), ("cooperating", spec.cooperating)):
        for key in keys:
            if key and key not in desk.units:
                raise TaskError(
                    _("Không có đơn vị “%(key)s” trong danh mục. Hãy chọn đơn vị có sẵn.") % {"key": key},
                    field=name,
                )


def _row(version: PlanVersion, code: str) -> Task:
    row = version_tasks(version).filter(code=code).first()
    if row is None:
        raise StaleError(_("Nhiệm vụ %(code)s không còn trong bản này. Hãy tải lại trang.") % {"code": code})
    return row


def task_changed(old: TaskSpec, changes: Mapping[str, Any]) -> TaskSpec:
    """Return the task with the changes; a unit or a day that a person sets is no guess any more."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"task_update: unknown fields {sorted(unknown)}")
    new = replace(old, **changes)
    if new.lead != old.lead:
        new = replace(new, lead_basis=Basis.CONFIRMED.value if new.lead else Basis.UNKNOWN.value)
    if sorted(new.cooperating) != sorted(old.cooperating):
        new = replace(new, coop_basis=Basis.CONFIRMED.value if new.cooperating else "")
    if new.deadline != old.deadline:
        new = replace(new, deadline_basis="confirmed" if new.deadline else "")
    return new


def task_write(desk: DraftDesk, row: Task, spec: TaskSpec, *, confirmed: bool) -> None:
    marks: dict[str, Any] = {"source": row.extra.get(SOURCE, "")}
    if confirmed:
        marks["needs_confirming"] = False
    store = desk.store()
    store.update([(store.fill(row, spec, desk.sections.get(spec.section), row.order, **marks), spec)])


def task_update(
    *,
    actor: Actor,
    version: PlanVersion,
    code: str,
    changes: Mapping[str, Any],
    now: datetime,
    confirm: bool = True,
) -> bool:
    """Change a task of a draft; return whether anything is other now. ``changes``: fields of :data:`EDITABLE`.

    :param confirm: whoever changed it has looked at it, so it needs no confirming any more.
    :raises TaskError: naming the wrong field.
    :raises StaleError: the version is no draft any more, or the task is gone.
    """
    with transaction.atomic():
        desk = draft_open(actor, version, now)
        row = _row(desk.version, code)
        old = task_spec(row)
        new = task_check(task_changed(old, changes), desk)
        waiting = row.needs_confirming and confirm
        before, after = task_json(old), task_json(new)
        if before == after and not waiting:
            return False
        task_write(desk, row, new, confirmed=confirm)
        audit_record(actor=actor, action="plan.task.update", target=row, before=before, after=after, at=now)
    return True


def tasks_confirm(*, actor: Actor, version: PlanVersion, codes: Iterable[str], now: datetime) -> int:
    """Say that somebody has looked at these tasks and their guessed units stand; return how many waited for it.

    :raises TaskError: for a task without a lead.
    """
    with transaction.atomic():
        desk = draft_open(actor, version, now)
        rows = [row for row in version_tasks(desk.version).filter(code__in=list(codes)) if _waits(row)]
        for row in rows:
            if row.lead is None:
                raise TaskError(
                    _("Nhiệm vụ %(code)s chưa có đơn vị chủ trì. Hãy chọn đơn vị rồi xác nhận.")
                    % {"code": row.code},
                    field="lead",
                )
            spec = task_spec(row)
            spec = replace(
                spec,
                lead_basis=Basis.CONFIRMED.value,
                coop_basis=Basis.CONFIRMED.value if spec.cooperating else "",
            )
            task_write(desk, row, spec, confirmed=True)
        if rows:
            audit_record(
                actor=actor,
                action="plan.task.confirm",
                target=desk.version,
                after={"codes": [row.code for row in rows]},
                at=now,
            )
    return len(rows)


def _waits(row: Task) -> bool:
    return (
        row.needs_confirming
        or row.lead_basis in (Basis.DEFAULT, Basis.DERIVED)
        or row.coop_basis == Basis.DERIVED
    )


def task_add(*, actor: Actor, version: PlanVersion, spec: TaskSpec, now: datetime) -> Task:
    """Add a task to a draft, after the others of its section; an empty code gets the next letter of the section.

    :raises TaskError: naming the wrong field.
    """
    try:
        with transaction.atomic():
            desk = draft_open(actor, version, now)
            if desk.version.tasks.count() >= MOST_TASKS:
                raise TaskError(_("Kế hoạch có quá nhiều nhiệm vụ (%(most)s).") % {"most": MOST_TASKS})
            codes = set(desk.version.tasks.values_list("code", flat=True))
            spec = replace(spec, code=spec.code.strip() or free_code(spec.section, codes))
            new = task_check(replace(spec, lead_basis=Basis.CONFIRMED.value if spec.lead else ""), desk)
            if new.code in codes:
                raise TaskError(_("Mã %(code)s đã có trong kế hoạch.") % {"code": new.code}, field="code")
            row = task_insert(desk, new)
            audit_record(actor=actor, action="plan.task.add", target=row, after=task_json(new), at=now)
    except IntegrityError as error:
        raise StaleError(_("Có người vừa thêm nhiệm vụ cùng mã. Hãy tải lại trang.")) from error
    return row


def task_insert(desk: DraftDesk, spec: TaskSpec) -> Task:
    """Put a new task behind the last one of its section."""
    section = desk.sections.get(spec.section)
    rows = Task.objects.filter(version=desk.version)
    last = rows.filter(section=section).aggregate(top=Max("order"))["top"]
    if last is None:
        last = rows.aggregate(top=Max("order"))["top"] or 0
    rows.filter(order__gt=last).update(order=F("order") + 1)
    store = desk.store()
    row = store.fill(
        Task(version=desk.version, code=spec.code), spec, section, last + 1, needs_confirming=False
    )
    store.create([(row, spec)])
    return row


def free_code(section: str, taken: Collection[str]) -> str:
    """Return the next free code of a section: II.1-a, II.1-b ... then II.1-27, II.1-28."""
    stem = f"{section}-" if section else "NV-"
    letters = (chr(code) for code in range(ord("a"), ord("z") + 1))
    return next((stem + one for one in letters if stem + one not in taken), "") or next(
        f"{stem}{number}" for number in range(27, 27 + len(taken) + 1) if f"{stem}{number}" not in taken
    )


def task_remove(*, actor: Actor, version: PlanVersion, code: str, reason: str, now: datetime) -> None:
    """Take a task out of a draft. In an amendment its work items are closed when the version is published."""
    with transaction.atomic():
        desk = draft_open(actor, version, now)
        row = _row(desk.version, code)
        audit_record(
            actor=actor,
            action="plan.task.remove",
            target=row,
            before=task_json(task_spec(row)),
            reason=clean_text(reason)[:500],
            at=now,
        )
        row.delete()


def header_update(
    *,
    actor: Actor,
    version: PlanVersion,
    changes: Mapping[str, Any],
    now: datetime,
    effective_on: date | None = None,
) -> bool:
    """Change the head of a draft: number, date, place, title, signer. Return whether anything is other now.

    :param changes: fields of :class:`khcn.engines.plans.types.HeaderSpec` as JSON values.
    """
    with transaction.atomic():
        desk = draft_open(actor, version, now)
        held = desk.version
        before = dict(held.header)
        allowed = {field.name for field in fields(header_from(before))} | {
            "purpose",
            "requirement",
            "budget_text",
        }
        if set(changes) - allowed:
            raise TypeError(f"header_update: unknown fields {sorted(set(changes) - allowed)}")
        after = {**before, **changes}
        header_from(after)
        if after == before and effective_on == held.effective_on:
            return False
        held.header, held.effective_on = after, effective_on
        held.title = str(after.get("title") or held.title)[:500]
        held.save(update_fields=["header", "effective_on", "title"])
        audit_record(
            actor=actor, action="plan.version.header", target=held, before={key: before.get(key) for key in changes},
            after=dict(changes), at=now,
        )  # fmt: skip
    return True
