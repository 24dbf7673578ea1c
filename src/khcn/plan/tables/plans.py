"""Plans, tasks and differences in words, for the pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.dates import date_vi
from khcn.core.numbers import money_vi
from khcn.engines.plans.compare import FieldChange, PlanDifference, TaskChange
from khcn.engines.plans.types import BasisSpec, PeriodSpec, RecipientSpec, SignerSpec
from khcn.orgs.models import Unit
from khcn.plan.enums import Basis, TaskLevel, VersionState
from khcn.plan.models import Plan, PlanVersion, Section, Task
from khcn.plan.selectors.progress import Tally
from khcn.ui.parts import Column, State, Table, Tone

_TONES: Final[dict[str, Tone]] = {
    VersionState.DRAFT: "neutral", VersionState.SUBMITTED: "watch", VersionState.HEAD_APPROVED: "watch",
    VersionState.PUBLISHED: "good", VersionState.SUPERSEDED: "neutral", VersionState.CLOSED: "neutral",
}  # fmt: skip
# Follow from other fields, or are read by machines only.
_MACHINE_FIELDS: Final = frozenset({"extra", "deadline_basis", "number", "symbol", "type_code"})
_GUESSED: Final = frozenset({Basis.DEFAULT, Basis.DERIVED})
_FIELD_NAMES: Final = {
    "title": gettext_lazy("Tên nhiệm vụ"), "text": gettext_lazy("Nguyên văn"), "section": gettext_lazy("Mục"),
    "level": gettext_lazy("Thuộc phần"), "kind": gettext_lazy("Loại việc"), "audience": gettext_lazy("Đối tượng"),
    "lead": gettext_lazy("Chủ trì"), "lead_basis": gettext_lazy("Căn cứ giao chủ trì"),
    "cooperating": gettext_lazy("Phối hợp"), "coop_basis": gettext_lazy("Căn cứ giao phối hợp"),
    "fan_out": gettext_lazy("Giao từng đơn vị"), "cadence": gettext_lazy("Nhịp thực hiện"),
    "starts_on": gettext_lazy("Bắt đầu"), "deadline": gettext_lazy("Hạn"),
    "deadline_basis": gettext_lazy("Căn cứ của hạn"), "expected_result": gettext_lazy("Kết quả dự kiến"),
    "indicators": gettext_lazy("Chỉ tiêu"), "amount_vnd": gettext_lazy("Kinh phí"),
    "title_en": gettext_lazy("Tên tiếng Anh"), "extra": gettext_lazy("Ghi chú của tệp"),
    "full_number": gettext_lazy("Số, ký hiệu"), "number": gettext_lazy("Số"), "symbol": gettext_lazy("Ký hiệu"),
    "issuer": gettext_lazy("Cơ quan ban hành"), "place": gettext_lazy("Nơi ban hành"), "date": gettext_lazy("Ngày"),
    "year": gettext_lazy("Năm"), "signer": gettext_lazy("Người ký"), "basis": gettext_lazy("Căn cứ"),
    "recipients": gettext_lazy("Nơi nhận"), "archive_line": gettext_lazy("Lưu"), "type_code": gettext_lazy("Loại văn bản"),
    "purpose": gettext_lazy("Mục đích"), "requirement": gettext_lazy("Yêu cầu"), "budget_text": gettext_lazy("Kinh phí thực hiện"),
    "parent": gettext_lazy("Thuộc mục"), "ref": gettext_lazy("Số mục"), "reporters": gettext_lazy("Đơn vị báo cáo"),
    "to_confirm": gettext_lazy("Đơn vị cần xác nhận"), "addressed_to": gettext_lazy("Gửi tới"), "through": gettext_lazy("Qua"),
    "consolidated_to": gettext_lazy("Tổng hợp gửi"), "per_year": gettext_lazy("Số lần mỗi năm"), "periods": gettext_lazy("Các kỳ"),
}  # fmt: skip


def version_state(version: PlanVersion) -> State:
    """Return the state of a version in words."""
    return State(label=str(version.get_state_display()), tone=_TONES.get(version.state, "neutral"))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in the list: the version in force, and the one in work."""

    plan: Plan
    state: State
    tasks: int
    work: PlanVersion | None
    work_state: State | None


def plan_line(plan: Plan) -> PlanLine:
    """Return a plan as the list shows it. Needs its versions with ``task_count``."""
    versions = list(plan.versions.all())
    published = next((one for one in versions if one.state == VersionState.PUBLISHED), None)
    working = next(
        (
            one
            for one in versions
            if one.state not in (VersionState.PUBLISHED, VersionState.SUPERSEDED, VersionState.CLOSED)
        ),
        None,
    )
    shown = published or working or versions[0]
    work = working if published is not None else None
    return PlanLine(
        plan,
        version_state(shown),
        getattr(shown, "task_count", 0),
        work,
        version_state(work) if work else None,
    )


@dataclass(slots=True)
class SectionBlock:
    """A section with its tasks, as the page of a plan shows it. ``level``: of the heading, 2 to 4."""

    section: Section | None
    level: int
    table: Table | None = None
    tally: Tally | None = None
    children: int = 0
    tasks: list[Task] = field(default_factory=list)


def task_address(task: Task, version: PlanVersion) -> str:
    """Return the address of a task on the desk."""
    address = reverse("plan-desk:plan-task", args=[version.plan.key, task.code])
    return address if version.state == VersionState.PUBLISHED else f"{address}?ban={version.number}"


def task_state(task: Task, tally: Tally | None) -> State | str:
    """Return how a task stands: what a person has to do first, then progress."""
    if task.needs_confirming:
        return State(label=_("Cần xác nhận"), tone="watch")
    if task.lead_id is None:
        return State(label=_("Chưa có chủ trì"), tone="bad")
    return work_state(tally)


def work_state(tally: Tally | None) -> State | str:
    """Return how the work of a task stands, "" when there is none."""
    if tally is None or not tally.items:
        return ""
    if tally.late and tally.items == 1:
        return State(label=_("Quá hạn"), tone="bad")
    if tally.late:
        return State(
            label=_("Trễ %(late)s/%(items)s") % {"late": tally.late, "items": tally.items}, tone="bad"
        )
    if tally.done == tally.items:
        return State(label=_("Hoàn thành"), tone="good")
    if tally.done or tally.doing:
        return State(
            label=_("Xong %(done)s/%(items)s") % {"done": tally.done, "items": tally.items}, tone="info"
        )
    return State(label=_("Chưa thực hiện"), tone="neutral")


def section_blocks(
    sections: Sequence[Section],
    tasks: Iterable[Task],
    version: PlanVersion,
    tallies: Mapping[str, Tally],
) -> list[SectionBlock]:
    """Return sections in the plan's order, each with the table of its own tasks; headings over nothing are left out."""
    by_section: dict[int | None, list[Task]] = {}
    for task in tasks:
        by_section.setdefault(task.section_id, []).append(task)
    blocks = []
    for section in sections:
        own = by_section.pop(section.pk, [])
        block = SectionBlock(section, min(4, 2 + section.ref.count(".")), tasks=own)
        if own:
            block.table = task_table(own, version, tallies, caption=f"{section.ref}. {section.title}")
        blocks.append(block)
    rest = [task for own in by_section.values() for task in own]
    if rest:
        blocks.append(
            SectionBlock(None, 2, task_table(rest, version, tallies, caption=_("Nhiệm vụ khác")), tasks=rest)
        )
    return _with_content(blocks)


def _with_content(blocks: Sequence[SectionBlock]) -> list[SectionBlock]:
    """Leave out headings under which nothing stands."""
    wanted: set[str] = set()
    for block in blocks:
        if block.tasks and block.section is not None:
            parts = block.section.ref.split(".")
            wanted |= {".".join(parts[: count + 1]) for count in range(len(parts))}
    return [block for block in blocks if block.section is None or block.section.ref in wanted]


def task_table(
    tasks: Sequence[Task], version: PlanVersion, tallies: Mapping[str, Tally], *, caption: str
) -> Table:
    """Return tasks as a table with links."""
    heads = [_("Nhiệm vụ"), _("Chủ trì"), _("Hạn"), _("Tình trạng")]
    rows = [
        [
            format_html('<a href="{}">{}</a><br><span class="muted small">{}</span>', task_address(task, version), task.title, task.code),
            lead_words(task), date_vi(task.deadline) or "–", task_state(task, tallies.get(task.code)),
        ]
        for task in tasks
    ]  # fmt: skip
    if not any(row[-1] for row in rows):  # a draft has no work yet
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    return Table(
        caption=caption, columns=[Column(label=head) for head in heads], rows=rows, hide_caption=True
    )


def lead_words(task: Task) -> str:
    """Return who leads, and how many help."""
    if task.lead is None:
        return _("chưa có")
    guess = f" ({_('suy ra')})" if task.lead_basis in _GUESSED else ""
    helpers = list(task.cooperating.all())
    if task.fan_out and helpers:
        return _("%(lead)s%(guess)s; giao %(units)s") % {
            "lead": task.lead.label, "guess": guess, "units": ", ".join(one.unit.label for one in helpers[:3]) + (" ..." if len(helpers) > 3 else ""),
        }  # fmt: skip
    return f"{task.lead.label}{guess}"


def task_facts(task: Task, plan: Plan) -> list[tuple[str, Any]]:
    """Return what a task is, for the summary list."""
    audiences = [str((plan.audiences or {}).get(one, one)) for one in task.audience]
    return [
        (_("Mục"), str(task.section) if task.section else ""), (_("Thuộc phần"), str(task.get_level_display())),
        (_("Loại việc"), str((plan.kinds or {}).get(task.kind, task.kind))), (_("Đối tượng"), ", ".join(audiences)),
        (_("Chủ trì"), f"{task.lead.name} ({task.get_lead_basis_display().lower()})" if task.lead else _("chưa có")),
        (_("Phối hợp"), ", ".join(one.unit.name for one in task.cooperating.all())),
        (_("Giao từng đơn vị"), _("Có, mỗi đơn vị phối hợp một việc riêng") if task.fan_out else ""),
        (_("Bắt đầu"), task.starts_on), (_("Hạn"), _deadline(task)), (_("Kết quả dự kiến"), task.expected_result),
        (_("Kinh phí dự kiến"), money_vi(task.amount) if task.amount is not None else ""),
    ]  # fmt: skip


def _deadline(task: Task) -> str:
    if task.deadline is None:
        return _("kế hoạch không nêu")
    taken = task.deadline_basis == "plan_year_end"
    return f"{date_vi(task.deadline)} ({_('tạm lấy cuối năm')})" if taken else date_vi(task.deadline)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field that differs, in words. ``pieces``: (side, words) of a text."""

    label: str
    old: str
    new: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownTask:
    """A task or section that differs."""

    code: str
    title: str
    changes: tuple[ShownChange, ...]


def value_names(plan: Plan) -> dict[str, str]:
    """Return what codes are called in words: units, kinds, audiences, bases, parts."""
    return {
        **{str(code): str(label) for code, label in (*Basis.choices, *TaskLevel.choices)}, **{str(key): str(name) for key, name in (plan.audiences or {}).items()},
        **{str(key): str(name) for key, name in (plan.kinds or {}).items()}, **dict(Unit.objects.values_list("key", "name")),
    }  # fmt: skip


def shown_changes(changes: Iterable[FieldChange], names: Mapping[str, str]) -> tuple[ShownChange, ...]:
    """Return changed fields in words; ``names``: of units by key. Marks that only machines read are left out."""
    return tuple(
        ShownChange(
            str(_FIELD_NAMES.get(one.name, one.name)),
            _words(one.old, names),
            _words(one.new, names),
            one.pieces,
        )
        for one in changes
        if one.name not in _MACHINE_FIELDS
    )


def shown_tasks(changes: Iterable[TaskChange], names: Mapping[str, str]) -> list[ShownTask]:
    """Return changed tasks in words; one that differs only in marks is left out."""
    rows = [ShownTask(one.code, one.title, shown_changes(one.fields, names)) for one in changes]
    return [one for one in rows if one.changes]


def _words(value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, date):
        return date_vi(value)
    if isinstance(value, list | tuple):
        return ", ".join(_words(one, names) for one in value) or "–"
    return _record_words(value) or str(names.get(str(value), value))


def _record_words(value: Any) -> str:
    """Return a part of the header or the regime in words, "" for anything else."""
    if isinstance(value, RecipientSpec):
        return value.text
    if isinstance(value, BasisSpec):
        return f"{value.number} {value.subject}".strip()
    if isinstance(value, SignerSpec):
        return " ".join(part for part in (value.mode, value.position, value.name) if part) or "–"
    if isinstance(value, PeriodSpec):
        return f"{value.title}: {date_vi(value.due)}"
    return ""


def difference_count(difference: PlanDifference) -> str:
    """Return one sentence about a difference."""
    return _("Thêm %(added)s, bỏ %(removed)s, sửa %(changed)s nhiệm vụ.") % {
        "added": len(difference.added), "removed": len(difference.removed), "changed": len(difference.changed),
    }  # fmt: skip
