"""What the public reads of a plan: its published version, tasks, how far they are by section. Drafts are never here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from khcn.plan.enums import VersionState
from khcn.plan.models import Plan, PlanVersion, Section, Task
from khcn.plan.selectors.plans import version_tasks
from khcn.plan.selectors.plans_page import task_tallies
from khcn.plan.selectors.progress import PlanProgress, Tally, plan_progress


@dataclass(frozen=True, slots=True)
class PublicPlan:
    """A published plan on a day. ``results``: what units wrote of finished work, by task code."""

    plan: Plan
    version: PlanVersion
    on: date
    progress: PlanProgress
    sections: Sequence[Section]
    tasks: Sequence[Task]
    tallies: Mapping[str, Tally]
    results: Mapping[str, Sequence[tuple[str, str]]]


def public_plans() -> list[tuple[Plan, PlanVersion]]:
    """Return the plans that are in force, newest first, with their version."""
    versions = PlanVersion.objects.filter(state=VersionState.PUBLISHED)
    rows = Plan.objects.filter(versions__state=VersionState.PUBLISHED).select_related("issuer").distinct()
    rows = rows.prefetch_related(Prefetch("versions", versions, to_attr="in_force")).order_by(
        "-year", "full_number", "pk"
    )
    return [(plan, plan.in_force[0]) for plan in rows if plan.in_force]  # type: ignore[attr-defined]  # the prefetch above


def public_plan(key: str, on: date) -> PublicPlan | None:
    """Return a published plan, ``None`` when there is none of that key."""
    version = (
        PlanVersion.objects.filter(plan__key=key, state=VersionState.PUBLISHED).select_related("plan", "plan__issuer").first()
    )  # fmt: skip
    if version is None:
        return None
    return PublicPlan(
        plan=version.plan, version=version, on=on, progress=plan_progress(version.plan, on),
        sections=list(version.sections.order_by("order")),
        tasks=list(version_tasks(version).select_related("version__plan")),
        tallies=task_tallies(version.plan, on), results=_results(version.plan),
    )  # fmt: skip


def _results(plan: Plan) -> dict[str, list[tuple[str, str]]]:
    """Return the results that units wrote and their heads confirmed: unit and text, by task code."""
    found: dict[str, list[tuple[str, str]]] = {}
    rows = plan.items.filter(confirmed_at__isnull=False).exclude(result="").select_related("unit")
    for row in rows.order_by("task__order", "unit__order", "unit__sort_key"):
        found.setdefault(row.code, []).append((row.unit_name or row.unit.name, row.result))
    return found
