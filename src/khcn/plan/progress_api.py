"""The API of plans, tasks and work items: what the page shows, to the same people; progress of the own units."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from khcn.core.actors import Actor
from khcn.core.api.auth import caller_of, require_scope, token_required
from khcn.core.api.etags import etag_of, not_modified
from khcn.core.api.paging import CursorPage, cursor_page
from khcn.core.api.problems import PROBLEMS
from khcn.core.errors import NotFoundError, PermissionDeniedError
from khcn.plan.enums import VERSION_PUBLIC, ItemState
from khcn.plan.models import Plan, Task, WorkItem
from khcn.plan.permissions import acting, reach_of
from khcn.plan.rules.progress import is_late
from khcn.plan.selectors.progress_item import visible_item
from khcn.plan.services.progress import Entry, progress_enter

router = Router(tags=["plan"])
Number = Annotated[int, Field(ge=0, le=2**53)]  # a larger one fits no column


class UnitOut(Schema):
    """A unit."""

    id: int
    name: str


class PlanOut(Schema):
    """A plan. Dates are whole days, both included."""

    id: int
    key: str
    full_number: str
    title: str
    year: int | None
    starts_on: date | None
    ends_on: date | None


class TaskOut(Schema):
    """A task in one version of a plan. ``text`` is what the plan says verbatim."""

    id: int
    plan_id: int
    version: int
    code: str
    level: str
    kind: str
    title: str
    text: str
    section: str
    lead: UnitOut | None
    lead_basis: str
    cooperating: list[UnitOut]
    starts_on: date | None
    deadline: date | None
    expected_result: str
    percent_rule: str
    target: Decimal | None
    indicators: list[str]


class ItemOut(Schema):
    """What one unit owes of one task. ``late`` is about today; ``difficulties``: ``null`` for readers outside."""

    id: int
    plan_id: int
    task_id: int
    code: str
    title: str
    unit: UnitOut
    state: str
    percent: int
    due: date | None
    late: bool
    started_on: date | None
    done_on: date | None
    confirmed: bool
    result: str
    difficulties: str | None
    revision: int
    updated_at: datetime


class ItemsAsked(Schema):
    """Which work items; every filter may be left out."""

    plan: Number | None = None
    unit: Number | None = None
    state: ItemState | None = None
    late: bool = False
    cursor: str = ""
    limit: int = 50


class ProgressIn(Schema):
    """Progress of a work item. ``revision``: as read before; a newer one at the server answers 409."""

    revision: int = Field(ge=0)
    state: ItemState
    percent: int | None = Field(None, ge=0, le=100)
    text: str = Field("", max_length=10_000)
    difficulties: str = Field("", max_length=10_000)
    done_on: date | None = None


def _reader(request: HttpRequest) -> Actor:
    """Return for whom the answer is: nobody without a token, or the token's person with the right to read plans."""
    if caller_of(request).token is None:
        return AnonymousUser()
    return require_scope(request, "plan.read").user


def _unit(unit: Any) -> dict[str, Any]:
    return {"id": unit.pk, "name": unit.name}


def _plan(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in PlanOut.model_fields}


def _task(task: Task) -> dict[str, Any]:
    same = ("id", "code", "level", "kind", "title", "text", "lead_basis", "starts_on", "deadline", "expected_result",
            "percent_rule", "target")  # fmt: skip
    return {name: getattr(task, name) for name in same} | {
        "plan_id": task.version.plan_id,
        "version": task.version.number,
        "section": task.section.ref if task.section else "",
        "lead": _unit(task.lead) if task.lead else None,
        "cooperating": [_unit(row.unit) for row in task.cooperating.all()],
        "indicators": [str(code) for code in task.indicators or []],
    }


def _item(item: WorkItem, on: date, inside: bool) -> dict[str, Any]:
    same = ("id", "plan_id", "task_id", "code", "state", "percent", "due", "started_on", "done_on", "result",
            "revision", "updated_at")  # fmt: skip
    return {name: getattr(item, name) for name in same} | {
        "title": item.task.title,
        "unit": {"id": item.unit_id, "name": item.unit_name or item.unit.name},
        "late": is_late(item.state, item.due, on),
        "confirmed": item.confirmed_at is not None,
        "difficulties": item.difficulties if inside else None,
    }


def _answer(
    request: HttpRequest, response: HttpResponse, rows: list[dict[str, Any]], next_: str | None
) -> Any:
    """Return a page of a list, or 304 to a client that holds just this."""
    etag = etag_of(request.get_full_path(), next_ or "", *rows)
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return unchanged
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return {"items": rows, "next": next_}


@router.get("/plans", response={200: CursorPage[PlanOut], **PROBLEMS}, operation_id="plans")
def plans(
    request: HttpRequest,
    response: HttpResponse,
    cursor: str = "",
    limit: int = 50,
    year: Number | None = None,
) -> Any:
    """List plans that have been published; people inside also see those still being drafted."""
    reader = _reader(request)
    found: QuerySet[Plan] = Plan.objects.filter(pk__in=Plan.objects.visible_to(reader).values("pk"))
    if year is not None:
        found = found.filter(year=year)
    rows, next_ = cursor_page(found, order=["-id"], cursor=cursor, limit=limit, key=f"plans:{year}")
    return _answer(request, response, [_plan(plan) for plan in rows], next_)


@router.get("/tasks", response={200: CursorPage[TaskOut], **PROBLEMS}, operation_id="plan_tasks")
def tasks(
    request: HttpRequest,
    response: HttpResponse,
    plan: Number | None = None,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    """List tasks of published versions, or of the newest version of one plan."""
    reader = _reader(request)
    found = Task.objects.visible_to(reader).select_related("version", "section", "lead")
    if plan is not None:
        newest = Task.objects.visible_to(reader).filter(version__plan_id=plan).order_by("-version__number")
        found = found.filter(version__in=newest.values("version")[:1])
    else:
        found = found.filter(version__state__in=VERSION_PUBLIC)
    found = found.prefetch_related("cooperating__unit")
    rows, next_ = cursor_page(found, order=["id"], cursor=cursor, limit=limit, key=f"tasks:{plan}")
    return _answer(request, response, [_task(task) for task in rows], next_)


@router.get("/items", response={200: CursorPage[ItemOut], **PROBLEMS}, operation_id="plan_items")
def items(request: HttpRequest, response: HttpResponse, asked: Query[ItemsAsked]) -> Any:
    """List work items; ``late=true`` keeps those open after their last day."""
    reader, on = _reader(request), timezone.localdate()
    found = WorkItem.objects.visible_to(reader, on).select_related("task", "unit")
    wanted = {"plan_id": asked.plan, "unit_id": asked.unit, "state": asked.state}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    if asked.late:
        found = found.late(on)
    key = f"items:{asked.plan}:{asked.unit}:{asked.state}:{asked.late}"
    rows, next_ = cursor_page(found, order=["id"], cursor=asked.cursor, limit=asked.limit, key=key)
    inside = reach_of(reader, on).plans
    return _answer(request, response, [_item(row, on, inside) for row in rows], next_)


@router.get("/items/{item_id}", response={200: ItemOut, **PROBLEMS}, operation_id="plan_item")
def item(request: HttpRequest, response: HttpResponse, item_id: int) -> Any:
    """Return one work item."""
    reader, on = _reader(request), timezone.localdate()
    row = _item(_known(reader, item_id, on), on, reach_of(reader, on).plans)
    etag = etag_of(request.path, row)
    response["ETag"] = etag
    return not_modified(request, etag) or row


@router.post(
    "/items/{item_id}/progress",
    auth=token_required,
    response={200: ItemOut, **PROBLEMS},
    operation_id="plan_progress",
)
def progress(request: HttpRequest, item_id: int, body: ProgressIn) -> Any:
    """Enter progress of a work item of an own unit; needs the scope ``plan.write``."""
    caller, now = require_scope(request, "plan.write"), timezone.now()
    on = timezone.localdate(now)
    found = _known(caller.user, item_id, on)
    reach = acting(caller.user, on)
    mine = reach.reporting | reach.heading
    if found.unit_id not in mine or caller.unit_id not in (None, found.unit_id):
        raise PermissionDeniedError(
            _(
                "Khóa truy cập này không ghi được tiến độ của đơn vị %(unit)s. Hãy dùng khóa của người thuộc đơn vị đó."
            )
            % {"unit": found.unit.name}
        )
    entry = Entry(
        state=body.state.value,
        percent=body.percent,
        text=body.text,
        difficulties=body.difficulties,
        done_on=body.done_on,
    )
    changed = progress_enter(actor=caller.user, item_id=item_id, revision=body.revision, entry=entry, now=now)
    return _item(changed, on, inside=True)


def _known(reader: Actor, item_id: int, on: date) -> WorkItem:
    """Return an item the reader may know of. :raises NotFoundError: otherwise, as if there were none."""
    found = visible_item(reader, item_id, on) if 0 < item_id < 2**63 else None
    if found is None:
        raise NotFoundError(_("Không có việc mang số này. Hãy kiểm tra lại số."))
    return found
