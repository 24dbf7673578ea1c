"""What the pages of a plan show beside its content: progress by task, the work items of a task, who may do what."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from khcn.orgs.models import User
from khcn.plan.enums import VERSION_EDITABLE, Basis, VersionState
from khcn.plan.models import Plan, PlanVersion, Task, WorkItem
from khcn.plan.permissions import (
    acting,
    can_approve_plan,
    can_edit_plans,
    can_pass_plan,
    can_submit_plan,
)
from khcn.plan.selectors.plans import version_in_work
from khcn.plan.selectors.progress import Tally, counted_items, tally_counts, tally_of


def task_tallies(plan: Plan, on: date) -> dict[str, Tally]:
    """Return the work of each task of a plan, by code, with one query."""
    rows = counted_items(plan).order_by().values("code").annotate(**tally_counts(on))
    return {row["code"]: tally_of({**row}) for row in rows}


def task_items(task: Task, user: object) -> "QuerySet[WorkItem]":
    """Return the work items of a task that ``user`` may read, with unit, in the order of units."""
    rows = WorkItem.objects.visible_to(user).filter(plan_id=task.version.plan_id, code=task.code)
    return rows.select_related("unit", "task").order_by("unit__order", "unit__sort_key", "pk")


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do with a version now."""

    edit: bool = False
    submit: bool = False
    take_back: bool = False
    send_on: bool = False
    approve: bool = False
    give_back: bool = False
    amend: bool = False
    discard: bool = False

    @property
    def any_move(self) -> bool:
        """Whether there is a button to show."""
        return any(
            (
                self.submit,
                self.take_back,
                self.send_on,
                self.approve,
                self.give_back,
                self.amend,
                self.discard,
            )
        )


def version_rights(user: User, version: PlanVersion, on: date) -> Rights:
    """Return what ``user`` may do with a version; the services decide again."""
    reach = acting(user, on)
    state, own = version.state, user.pk in (version.drafted_by_id, version.submitted_by_id)
    draft = state in VERSION_EDITABLE
    head = state == VersionState.SUBMITTED and can_pass_plan(reach)
    lead = state == VersionState.HEAD_APPROVED and can_approve_plan(reach)
    return Rights(
        edit=draft and can_submit_plan(reach), submit=draft and can_submit_plan(reach),
        take_back=state == VersionState.SUBMITTED and can_submit_plan(reach), send_on=head and not own,
        approve=lead and not own and user.pk != version.passed_by_id, give_back=head or lead,
        amend=state == VersionState.PUBLISHED and can_edit_plans(reach) and version_in_work(version.plan) is None,
        discard=draft and can_edit_plans(reach),
    )  # fmt: skip


def tasks_to_look_at(version: PlanVersion) -> "QuerySet[Task]":
    """Return tasks that a person has to confirm, has to give a lead, or whose units were guessed."""
    guessed = Q(lead_basis__in=[Basis.DEFAULT, Basis.DERIVED]) | Q(coop_basis=Basis.DERIVED)
    rows = Task.objects.filter(version=version).filter(
        Q(needs_confirming=True) | Q(lead__isnull=True) | guessed
    )
    return (
        rows.select_related("section", "lead").prefetch_related("cooperating__unit").order_by("order", "code")
    )


def waiting_versions(user: User, on: date) -> int:
    """Return how many versions wait for this person."""
    reach = acting(user, on)
    states: Collection[str] = [
        state
        for state, may in (
            (VersionState.SUBMITTED, can_pass_plan(reach)),
            (VersionState.HEAD_APPROVED, can_approve_plan(reach)),
        )
        if may
    ]
    if not states:
        return 0
    rows = PlanVersion.objects.filter(state__in=states)
    return rows.exclude(drafted_by=user).exclude(submitted_by=user).count()
