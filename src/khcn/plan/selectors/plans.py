"""Plans and versions as people and the engine read them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from khcn.engines.plans.compare import PlanDifference, compare_plans
from khcn.engines.plans.types import PlanFile, SectionSpec, TaskSpec, UnitSpec
from khcn.engines.text.fold import fold
from khcn.orgs.models import Unit
from khcn.plan.enums import VERSION_PUBLIC, VERSION_WAITING, VersionState
from khcn.plan.models import Plan, PlanVersion, Task, TaskUnit
from khcn.plan.permissions import acting
from khcn.plan.rules.plan_content import header_from, kept_extra, reporting_from

IN_WORK = VERSION_WAITING | {VersionState.DRAFT}


def version_tasks(version: PlanVersion) -> "QuerySet[Task]":
    """Return the tasks of a version with section, lead and cooperating units, in the plan's order."""
    helpers = TaskUnit.objects.select_related("unit", "unit__kind").order_by("order", "pk")
    rows = Task.objects.filter(version=version).select_related("section", "lead", "lead__kind")
    return rows.prefetch_related(Prefetch("cooperating", helpers)).order_by("order", "code")


def task_spec(task: Task) -> TaskSpec:
    """Return a task as the engine's plain data. Needs section, lead and cooperating units."""
    return TaskSpec(
        code=task.code, section=task.section.ref if task.section else "", title=task.title, text=task.text,
        title_en=task.title_en, level=task.level, kind=task.kind, audience=tuple(task.audience),  # type: ignore[arg-type]
        lead=task.lead.key if task.lead else "", lead_basis=task.lead_basis,
        cooperating=tuple(one.unit.key for one in task.cooperating.all()), coop_basis=task.coop_basis,
        fan_out=task.fan_out, cadence=task.cadence, starts_on=task.starts_on, deadline=task.deadline,
        deadline_basis=task.deadline_basis, expected_result=task.expected_result,
        indicators=tuple(task.indicators), amount_vnd=task.amount, extra=kept_extra(task.extra),
    )  # fmt: skip


def version_file(version: PlanVersion) -> PlanFile:
    """Return a version as the engine reads plans, to compare it or to write it on paper."""
    found = version.header
    sections = tuple(
        SectionSpec(one.ref, one.title, one.title_en, one.parent_ref)
        for one in version.sections.order_by("order", "pk")
    )
    return PlanFile(
        key=version.plan.key, header=header_from(found), sections=sections,
        tasks=tuple(task_spec(task) for task in version_tasks(version)), purpose=tuple(found.get("purpose", ())),
        requirement=found.get("requirement", ""), budget_text=found.get("budget_text", ""),
        reporting=reporting_from(version.reporting), kinds=version.plan.kinds, audiences=version.plan.audiences,
    )  # fmt: skip


def known_units() -> list[UnitSpec]:
    """Return the register's units with their names, for reading running text."""
    rows = Unit.objects.select_related("kind").prefetch_related("members").order_by("pk")
    return [
        UnitSpec(
            key=unit.key, name=unit.name, short_name=unit.short_name, kind="group" if unit.kind.is_group else unit.kind.code,
            members=tuple(one.key for one in unit.members.all()), members_complete=unit.members_complete,
        )
        for unit in rows
    ]  # fmt: skip


def plans_for(user: object, *, query: str = "", year: int | None = None) -> "QuerySet[Plan]":
    """Return the plans that ``user`` may read, newest first, each with its versions."""
    rows = Plan.objects.visible_to(user).select_related("issuer", "focal_unit")
    if year:
        rows = rows.filter(year=year)
    if query.strip():
        rows = rows.filter(
            Q(folded_title__contains=fold(" ".join(query.split()))) | Q(full_number__icontains=query.strip())
        )
    versions = PlanVersion.objects.visible_to(user).annotate(task_count=Count("tasks")).order_by("-number")
    return rows.prefetch_related(Prefetch("versions", versions)).order_by("-year", "full_number", "title")


def plan_named(name: str, user: object = None) -> Plan | None:
    """Return the plan called so: by its number ("82/KH-UBND", newest first when several years used it) or its key."""
    rows = Plan.objects.visible_to(user)
    found = rows.filter(full_number__iexact=name.strip()).order_by("-year", "-pk").first()
    return found or rows.filter(key=name.strip()).first()


def current_version(plan: Plan, user: object = None) -> PlanVersion | None:
    """Return the version in force, or else the newest that ``user`` may read (a draft for insiders)."""
    rows = PlanVersion.objects.visible_to(user).filter(plan=plan).select_related("plan")
    return rows.filter(state=VersionState.PUBLISHED).first() or rows.order_by("-number").first()


def version_in_work(plan: Plan) -> PlanVersion | None:
    """Return the version that is being drafted or waits for approval."""
    return PlanVersion.objects.filter(plan=plan, state__in=IN_WORK).select_related("plan").first()


def version_before(version: PlanVersion) -> PlanVersion | None:
    """Return the version that this one amends."""
    rows = PlanVersion.objects.filter(
        plan_id=version.plan_id, number__lt=version.number, state__in=VERSION_PUBLIC
    )
    return rows.select_related("plan").order_by("-number").first()


def version_difference(old: PlanVersion, new: PlanVersion) -> PlanDifference:
    """Return what is other in ``new``."""
    return compare_plans(version_file(old), version_file(new))


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list of tasks is narrowed to. ``unit``: id of a unit that leads, cooperates or is a member of such a group."""

    unit: int | None = None
    kind: str = ""
    level: str = ""
    section: str = ""
    query: str = ""
    to_confirm: bool = False


def tasks_filtered(version: PlanVersion, wanted: TaskFilter) -> "QuerySet[Task]":
    """Return the tasks of a version that fit."""
    rows = version_tasks(version)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.section:
        rows = rows.filter(Q(section__ref=wanted.section) | Q(section__ref__startswith=f"{wanted.section}."))
    if wanted.to_confirm:
        rows = rows.filter(needs_confirming=True)
    if wanted.unit:
        units = [wanted.unit, *Unit.objects.filter(members=wanted.unit).values_list("pk", flat=True)]
        rows = rows.filter(
            Q(lead_id__in=units) | Q(pk__in=TaskUnit.objects.filter(unit_id__in=units).values("task_id"))
        )
    if query := " ".join(fold(wanted.query).split()):
        rows = rows.filter(Q(folded_title__contains=query) | Q(code__icontains=query))
    return rows


def units_of_version(version: PlanVersion) -> list[Unit]:
    """Return the units that a version names as lead or cooperating, in the order of a list."""
    leads = Task.objects.filter(version=version, lead__isnull=False).values("lead_id")
    helpers = TaskUnit.objects.filter(task__version=version).values("unit_id")
    rows = Unit.objects.filter(Q(pk__in=leads) | Q(pk__in=helpers)).select_related("kind")
    return list(rows.alphabetical())


def may_read(user: object, version: PlanVersion, on: date | None = None) -> bool:
    """Return whether ``user`` may read a version."""
    return acting(user, on).plans or version.state in VERSION_PUBLIC
