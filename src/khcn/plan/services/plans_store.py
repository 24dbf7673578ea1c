"""Write a plan's content into its rows. No rights are checked here: the services that call this have done so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from khcn.engines.plans.types import SectionSpec, TaskSpec
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.plan.enums import PercentRule, TaskLevel
from khcn.plan.models import PlanVersion, Section, Task, TaskUnit
from khcn.plan.rules.plan_content import SOURCE

_FIELDS = (
    "section", "order", "level", "kind", "title", "folded_title", "title_en", "text", "audience", "lead", "lead_basis",
    "coop_basis", "fan_out", "cadence", "starts_on", "deadline", "deadline_basis", "expected_result", "indicators",
    "amount", "period_code", "percent_rule", "needs_confirming", "extra",
)  # fmt: skip
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Store:
    """A version being written. ``units`` by key; ``periods``: code of the report period by the code of its task."""

    version: PlanVersion
    units: Mapping[str, Unit]
    periods: Mapping[str, str]

    def sections(self, specs: Sequence[SectionSpec]) -> dict[str, Section]:
        """Bring the headings to what ``specs`` say and return them by ref. Those no longer wanted stay for :meth:`tidy`."""
        rows = {row.ref: row for row in Section.objects.filter(version=self.version)}
        for order, spec in enumerate(specs):
            values = {
                "title": spec.title,
                "title_en": spec.title_en,
                "parent_ref": spec.parent,
                "order": order,
            }
            row = rows.get(spec.ref)
            if row is None:
                rows[spec.ref] = Section.objects.create(version=self.version, ref=spec.ref, **values)
            elif any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                row.save(update_fields=list(values))
        return rows

    def tidy(self, wanted: Sequence[SectionSpec]) -> None:
        """Take away headings that are in the plan no more and under which no task stands."""
        refs = [one.ref for one in wanted]
        Section.objects.filter(version=self.version, tasks__isnull=True).exclude(ref__in=refs).delete()

    def fill(self, row: Task, spec: TaskSpec, section: Section | None, order: int, **marks: Any) -> Task:
        """Put what ``spec`` says into a row. ``marks``: ``needs_confirming``, and ``source``, the hash of the file's words."""
        row.section, row.order = section, order
        row.level, row.kind, row.title, row.title_en = spec.level, spec.kind, spec.title, spec.title_en
        row.folded_title = folded(spec)
        row.text, row.audience, row.indicators = spec.text, list(spec.audience), list(spec.indicators)
        row.lead = self.units[spec.lead] if spec.lead else None
        row.lead_basis, row.coop_basis, row.fan_out = spec.lead_basis, spec.coop_basis, spec.fan_out
        row.cadence, row.starts_on, row.deadline = spec.cadence, spec.starts_on, spec.deadline
        row.deadline_basis, row.expected_result = spec.deadline_basis, spec.expected_result
        row.amount = spec.amount_vnd
        row.period_code = self.periods.get(spec.code, "")
        if str(spec.level) == TaskLevel.REPORT.value:
            row.percent_rule = PercentRule.REPORT
        elif row.percent_rule == PercentRule.REPORT:
            row.percent_rule = PercentRule.STATE
        if "needs_confirming" in marks:
            row.needs_confirming = marks["needs_confirming"]
        row.extra = {**_plain(spec.extra), **({SOURCE: marks["source"]} if marks.get("source") else {})}
        return row

    def create(self, rows: Sequence[tuple[Task, TaskSpec]]) -> None:
        """Add new tasks with their cooperating units."""
        Task.objects.bulk_create([row for row, _spec in rows], batch_size=_BATCH)
        TaskUnit.objects.bulk_create(
            [
                TaskUnit(task=row, unit=self.units[key], order=order)
                for row, spec in rows
                for order, key in enumerate(spec.cooperating)
            ],
            batch_size=_BATCH,
        )

    def update(self, rows: Sequence[tuple[Task, TaskSpec]]) -> None:
        """Write changed tasks and their cooperating units."""
        Task.objects.bulk_update([row for row, _spec in rows], list(_FIELDS), batch_size=_BATCH)
        TaskUnit.objects.filter(task__in=[row for row, _spec in rows]).delete()
        TaskUnit.objects.bulk_create(
            [
                TaskUnit(task=row, unit=self.units[key], order=order)
                for row, spec in rows
                for order, key in enumerate(spec.cooperating)
            ],
            batch_size=_BATCH,
        )


def folded(spec: TaskSpec) -> str:
    """Return what the search without tone marks looks in: the title, and as much of the text as fits."""
    return " ".join(fold(f"{spec.title} {spec.text}").split())[:500]


def _plain(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in extra.items()}


def copy_version(source: PlanVersion, target: PlanVersion) -> None:
    """Give ``target`` the sections and tasks of ``source``."""
    sections = {}
    for row in Section.objects.filter(version=source).order_by("order"):
        old = row.pk
        row.pk, row.version = None, target
        row._state.adding = True
        row.save()
        sections[old] = row
    helpers: dict[int, list[TaskUnit]] = {}
    for unit in TaskUnit.objects.filter(task__version=source).order_by("order", "pk"):
        helpers.setdefault(unit.task_id, []).append(unit)
    copies: list[tuple[int, Task]] = []
    for task in Task.objects.filter(version=source).order_by("order", "pk"):
        old = task.pk
        task.pk, task.version = None, target
        task._state.adding = True
        task.section = sections.get(task.section_id) if task.section_id else None
        copies.append((old, task))
    Task.objects.bulk_create([task for _old, task in copies], batch_size=_BATCH)
    TaskUnit.objects.bulk_create(
        [
            TaskUnit(task=task, unit_id=one.unit_id, order=one.order)
            for old, task in copies
            for one in helpers.get(old, [])
        ],
        batch_size=_BATCH,
    )
