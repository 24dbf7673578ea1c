"""The programme's projects and saving plans: the board by stage, one project, progress against targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from khcn.core.references import Reference, Resolved, find_references, resolve_many
from khcn.energy.enums import Stage
from khcn.energy.models import Bill, Project, ProjectDocument, RoofPlan, SavingPlan, Site, SiteMonth
from khcn.energy.permissions import reach_of
from khcn.energy.selectors.bill_months import months_of, spans_of
from khcn.ui.parts import Event, State, Tone

WORKS = "library.work"
TONES: dict[str, Tone] = {Stage.OPERATION: "good", Stage.STOPPED: "neutral"}


@dataclass(frozen=True, slots=True)
class Lane:
    """The projects of one stage."""

    stage: str
    label: str
    projects: list[Project]
    kwp: Decimal
    vnd: Decimal


@dataclass(frozen=True, slots=True)
class Hung:
    """A document on a project, as far as this reader may know it."""

    document: ProjectDocument
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How a unit stands against its plan of a year; kWh are of months with bills (``months`` of twelve)."""

    plan: SavingPlan
    months: int
    bought: float
    year_before: float | None
    produced: float | None
    target: float | None
    state: State
    words: str


def projects_of(user: Any) -> QuerySet[Project]:
    """Return the projects that ``user`` reads."""
    rows: Any = Project.objects.visible_to(user).select_related("site__unit", "plan")
    return rows  # type: ignore[no-any-return]  # the manager's method is untyped


def board(user: Any) -> list[Lane]:
    """Return the projects by stage, in the order of the way; empty lanes too, so that the way is seen."""
    lanes: dict[str, list[Project]] = {stage: [] for stage in Stage.values}
    for project in projects_of(user).order_by("due_on", "pk"):
        lanes[project.stage].append(project)
    return [
        Lane(
            stage,
            str(Stage(stage).label),
            rows,
            sum((row.kwp or Decimal(0) for row in rows), Decimal(0)),
            sum((row.budget_vnd or Decimal(0) for row in rows), Decimal(0)),
        )
        for stage, rows in lanes.items()
        if rows or stage != Stage.STOPPED
    ]


def is_late(project: Project, on: date) -> bool:
    """Whether a project has passed its day without being in operation."""
    open_still = project.stage not in {Stage.OPERATION, Stage.STOPPED}
    return bool(open_still and project.due_on and project.due_on < on)


def timeline(project: Project) -> list[Event]:
    """Return the steps of a project, newest first."""
    return [
        Event(
            when=step.reached_on,
            what=str(step.get_stage_display()),
            detail=step.note,
            tone=TONES.get(step.stage, "info"),
        )
        for step in project.steps.order_by("-reached_on", "-pk")
    ]


def documents(project: Project, user: Any) -> list[Hung]:
    """Return the documents of a project; those that the reader may not see keep only their kept title."""
    rows = list(project.documents.all())
    references = {row.pk: Reference.parse(row.reference) for row in rows}
    seen = resolve_many(references.values(), user)
    found = []
    for row in rows:
        known = seen.get(references[row.pk])
        title = known.title if known else _("Tài liệu bạn chưa được xem")
        found.append(Hung(row, title, known.address if known else ""))
    return found


def works_found(query: str, user: Any) -> Sequence[Resolved]:
    """Return works of the library that fit the words."""
    return find_references(WORKS, query, user, limit=8)


def plans_to_choose(site: Site) -> QuerySet[RoofPlan]:
    """Return the plans that a project of the site may follow."""
    return RoofPlan.objects.filter(site=site, state="done")


def saving_plans(user: Any, year: int) -> list[Progress]:
    """Return the saving plans of a year that ``user`` reads, with their progress."""
    reach = reach_of(user)
    rows = SavingPlan.objects.filter(year=year).select_related("unit")
    if not reach.everything:
        rows = rows.filter(unit_id__in=reach.units)
    return [progress(plan) for plan in rows.order_by("unit__sort_key")]


def progress(plan: SavingPlan) -> Progress:
    """Return how a unit stands: what its sites bought against the target, prorated to the months with bills."""
    bought, months = _bought(plan.unit_id, plan.year, None)
    before, known = _bought(plan.unit_id, plan.year - 1, months)
    year_before = before if months and known == months else None
    whole, whole_months = _bought(plan.unit_id, plan.year - 1, None)
    produced = SiteMonth.objects.filter(site__unit_id=plan.unit_id, month__year=plan.year).aggregate(
        kwh=Sum("production_kwh")
    )["kwh"]
    target = None if plan.target_kwh is None else float(plan.target_kwh)
    if target is None and plan.target_percent is not None and len(whole_months) == 12:
        target = whole * (1 - float(plan.target_percent) / 100)
    state, words = _standing(plan, bought, len(months), target, year_before)
    return Progress(plan, len(months), bought, year_before, produced, target, state, words)


def _bought(unit_id: int, year: int, only: set[int] | None) -> tuple[float, set[int]]:
    """Return kWh bought in the months of a year that bills know (of the months ``only``), and these months."""
    span = Q(ends_on__gte=date(year, 1, 1), starts_on__lte=date(year, 12, 31))
    bills = Bill.objects.filter(span, contract__site__unit_id=unit_id)
    months = {
        first.month: month.kwh
        for first, month in months_of(spans_of(bills)).items()
        if first.year == year and month.known and (only is None or first.month in only)
    }
    return sum(months.values()), set(months)


def _standing(
    plan: SavingPlan, bought: float, months: int, target: float | None, before: float | None
) -> tuple[State, str]:
    if not months:
        return State(label=_("Chưa có hóa đơn"), tone="watch"), _("Nhập hóa đơn của năm để theo dõi.")
    if target is not None:
        share = bought / (target * months / 12) if target else 0.0
        percent = {"percent": round(share * 100)}
        if share <= 1:
            return State(label=_("Trong chỉ tiêu"), tone="good"), _(
                "Đã dùng %(percent)s %% mức cho phép đến nay."
            ) % percent
        return State(label=_("Vượt chỉ tiêu"), tone="bad"), _(
            "Đã dùng %(percent)s %% mức cho phép đến nay."
        ) % percent
    if before:
        saved = 1 - bought / before
        words = (
            _("Giảm %(percent)s %% so với cùng kỳ năm trước.")
            if saved >= 0
            else _("Tăng %(percent)s %% so với cùng kỳ năm trước.")
        )
        reached = plan.target_percent is not None and saved * 100 >= float(plan.target_percent)
        state = State(label=_("Đạt"), tone="good") if reached else State(label=_("Chưa đạt"), tone="watch")
        return state, words % {"percent": f"{abs(saved) * 100:.1f}".replace(".", ",")}
    return State(label=_("Chưa so được"), tone="neutral"), _("Cần hóa đơn cùng kỳ năm trước.")


def years_with_plans(now: datetime) -> list[int]:
    """Return the years to choose from."""
    held = set(SavingPlan.objects.values_list("year", flat=True))
    return sorted(held | {now.year, now.year + 1}, reverse=True)
