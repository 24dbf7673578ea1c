"""The API of money: lines of the budget and their entries as on the desk, for the same people; never for the public."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import WithJsonSchema

from khcn.core.actors import Actor
from khcn.core.api.auth import require_scope, token_required
from khcn.core.api.etags import etag_of, not_modified
from khcn.core.api.paging import CursorPage, cursor_page
from khcn.core.api.problems import PROBLEMS
from khcn.core.errors import NotFoundError
from khcn.plan.enums import EntryKind
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.services.money_entries import entry_propose

router = Router(tags=["plan"], auth=token_required)
Number = Annotated[int, Field(ge=0, le=2**53)]  # a larger one fits no column


class LineOut(Schema):
    """A budget line. Amounts in whole dong as text-safe decimals; ``free``: allocated and not committed."""

    id: int
    year: int
    estimate: str
    state: str
    unit_id: int
    unit: str
    task_code: str
    title: str
    budget_code: str
    estimated: Decimal
    allocated: Decimal
    committed: Decimal
    paid: Decimal
    settled: Decimal
    free: Decimal


class EntryOut(Schema):
    """One entry of a line. ``state``: proposed, confirmed, refused or void; ``reason`` of the latter two."""

    id: int
    line_id: int
    kind: str
    state: str
    amount: Decimal
    paid: Decimal
    released: Decimal
    happened_on: date
    document: str
    partner: str
    text: str
    commitment_id: int | None
    reason: str
    proposed_at: datetime


class LinesAsked(Schema):
    """Which lines; every filter may be left out."""

    year: Number | None = None
    task: str | None = None
    unit: Number | None = None
    cursor: str = ""
    limit: int = 50


# Whole dong, as text or as a number: a JSON schema cannot count digits.
_DONG = {
    "anyOf": [
        {"type": "string", "pattern": "^[1-9][0-9]{0,15}$"},
        {"type": "integer", "minimum": 1, "maximum": 10**15},
    ]
}


class EntryIn(Schema):
    """A commitment, or a payment of ``commitment_id``. ``reference``: the client's own; sent again it is the same entry."""

    kind: Literal["commitment", "disbursement"]
    amount: Annotated[Decimal, WithJsonSchema(_DONG)] = Field(gt=0, max_digits=16, decimal_places=0)
    happened_on: date
    text: str = Field(min_length=1, max_length=500)
    document: str = Field("", max_length=120)
    partner: str = Field("", max_length=200)
    commitment_id: Number | None = None
    reference: str = Field(min_length=1, max_length=100)


def _line(line: BudgetLine) -> dict[str, Any]:
    same = (
        "id",
        "unit_id",
        "task_code",
        "title",
        "budget_code",
        "estimated",
        "allocated",
        "committed",
        "paid",
        "settled",
    )
    return {name: getattr(line, name) for name in same} | {
        "year": line.estimate.year,
        "estimate": line.estimate.title,
        "state": line.estimate.state,
        "unit": line.unit.name,
        "free": line.allocated - line.committed,
    }


def _entry(entry: MoneyEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in EntryOut.model_fields}


def _known(reader: Actor, line_id: int) -> BudgetLine:
    lines = BudgetLine.objects.visible_to(reader).select_related("estimate", "unit")
    found = lines.filter(pk=line_id).first()
    if found is None:
        raise NotFoundError(_("Không có dòng kinh phí này, hoặc dòng không thuộc đơn vị của bạn."))
    return found


def _answer(
    request: HttpRequest, response: HttpResponse, rows: list[dict[str, Any]], next_: str | None
) -> Any:
    etag = etag_of(request.get_full_path(), next_ or "", *rows)
    unchanged = not_modified(request, etag)
    if unchanged is not None:
        return unchanged
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Vary"] = "Authorization"
    return {"items": rows, "next": next_}


@router.get("/lines", response={200: CursorPage[LineOut], **PROBLEMS}, operation_id="money_lines")
def lines(request: HttpRequest, response: HttpResponse, asked: Query[LinesAsked]) -> Any:
    """List the budget lines that the person reads on the desk; needs the scope ``plan.read``."""
    reader = require_scope(request, "plan.read").user
    found = BudgetLine.objects.visible_to(reader).select_related("estimate", "unit")
    wanted = {"estimate__year": asked.year, "task_code": asked.task, "unit_id": asked.unit}
    found = found.filter(**{name: value for name, value in wanted.items() if value is not None})
    key = f"money:{asked.year}:{asked.task}:{asked.unit}"
    rows, next_ = cursor_page(found, order=["id"], cursor=asked.cursor, limit=asked.limit, key=key)
    return _answer(request, response, [_line(row) for row in rows], next_)


@router.get(
    "/lines/{line_id}/entries", response={200: CursorPage[EntryOut], **PROBLEMS}, operation_id="money_entries"
)
def entries(
    request: HttpRequest, response: HttpResponse, line_id: int, cursor: str = "", limit: int = 50
) -> Any:
    """List the entries of a line; needs the scope ``plan.read``."""
    line = _known(require_scope(request, "plan.read").user, line_id)
    found = MoneyEntry.objects.filter(line=line)
    rows, next_ = cursor_page(found, order=["id"], cursor=cursor, limit=limit, key=f"entries:{line_id}")
    return _answer(request, response, [_entry(row) for row in rows], next_)


@router.post(
    "/lines/{line_id}/entries", response={200: EntryOut, **PROBLEMS}, operation_id="money_entry_propose"
)
def propose(request: HttpRequest, line_id: int, body: EntryIn) -> Any:
    """Enter a commitment or a payment; it waits for the finance unit. Needs the scope ``plan.write``."""
    caller = require_scope(request, "plan.write")
    line = _known(caller.user, line_id)
    values = body.dict(exclude={"kind", "commitment_id", "reference"})
    commitment = (
        MoneyEntry.objects.filter(pk=body.commitment_id, line=line).first() if body.commitment_id else None
    )
    entry = entry_propose(
        actor=caller.user, line=line, kind=EntryKind(body.kind), values=values, now=timezone.now(), commitment=commitment,
        reference=f"api:{caller.user.pk if caller.user else 0}:{body.reference}",
    )  # fmt: skip
    return _entry(entry)
