"""The API of reports: periods and reports with the rights of the person behind the token, and figures of a draft."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, WithJsonSchema

from khcn.core.api.auth import require_scope, token_required
from khcn.core.api.problems import PROBLEMS
from khcn.core.errors import PermissionDeniedError
from khcn.core.exports.columns import clean_text
from khcn.plan.models import ReportPeriod, UnitReport
from khcn.plan.permissions import reach_of
from khcn.plan.selectors.report_form import ReportPage, report_page
from khcn.plan.selectors.reports import report_stand
from khcn.plan.services.reports import Content, FigureInput, report_save

router = Router(tags=["plan"], auth=token_required)
MOST = 500
# What the document says of it: digits cannot be counted in a JSON number, so those are whole.
_AMOUNT = {
    "anyOf": [
        {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"},
        {"type": "number", "minimum": -(10**11), "maximum": 10**11, "multipleOf": 0.25},
    ]
}
Amount = Annotated[Decimal, Field(max_digits=19, decimal_places=4), WithJsonSchema(_AMOUNT)]


class PeriodOut(Schema):
    """One period. Days are ISO dates, both ends included."""

    id: int
    code: str
    title: str
    regime: str
    starts_on: date
    cutoff: date
    opens_on: date
    due: date
    superior_due: date | None


class ReportOut(Schema):
    """One unit's report. ``stand``: on_time, late, returned, pending, missing, excused."""

    id: int
    period: str
    period_id: int
    unit: str
    unit_key: str
    state: str
    stand: str
    due: date
    revision: int
    submitted_at: datetime | None
    accepted_at: datetime | None
    content_hash: str


class FigureOut(Schema):
    """One figure: as recorded, as reported, and why the two differ. Numbers are decimal strings."""

    code: str
    title: str
    unit: str
    computed: str | None
    value: str | None
    reason: str
    sources: int


class TextOut(Schema):
    """What stands under one heading."""

    title: str
    text: str


class WholeReportOut(ReportOut):
    """A report with what it holds."""

    figures: list[FigureOut]
    texts: list[TextOut]


class FigureIn(Schema):
    """One figure to save; ``reason`` where it differs from what was recorded."""

    code: str = Field(max_length=60)
    value: Amount | None = None
    reason: str = Field("", max_length=500)


class FiguresIn(Schema):
    """Figures of a draft. ``revision``: as it was read; another one answers 409 and changes nothing."""

    revision: int
    figures: list[FigureIn] = Field(max_length=200)


class SavedOut(Schema):
    """The draft after it was saved."""

    id: int
    state: str
    revision: int


def _row(report: UnitReport, today: date) -> dict[str, Any]:
    return {
        "id": report.pk, "period": report.period.code, "period_id": report.period_id, "unit": report.unit_name,
        "unit_key": report.unit.key, "state": report.state, "stand": str(report_stand(report, today)),
        "due": report.period.due, "revision": report.revision, "submitted_at": report.submitted_at,
        "accepted_at": report.accepted_at, "content_hash": report.content_hash,
    }  # fmt: skip


def _page(request: HttpRequest, pk: int, scope: str) -> ReportPage:
    caller = require_scope(request, scope)
    page = report_page(caller.user, pk, timezone.now())
    if page is None or caller.unit_id not in {None, page.report.unit_id}:
        raise Http404
    return page


@router.get("/periods", response={200: list[PeriodOut], **PROBLEMS}, operation_id="plan_report_periods")
def periods(request: HttpRequest) -> Any:
    """List opened periods, the newest deadline first."""
    caller = require_scope(request, "plan.read")
    if not reach_of(caller.user).plans:
        raise PermissionDeniedError(_("Vai trò của bạn không xem kế hoạch và báo cáo."))
    rows = (
        ReportPeriod.objects.filter(opened_at__isnull=False)
        .select_related("regime")
        .order_by("-due", "-pk")[:MOST]
    )
    names = ("code", "title", "starts_on", "cutoff", "opens_on", "due", "superior_due")
    return [
        {"id": row.pk, "regime": row.regime.title, **{name: getattr(row, name) for name in names}}
        for row in rows
    ]


@router.get("", response={200: list[ReportOut], **PROBLEMS}, operation_id="plan_reports")
def reports(request: HttpRequest, period: str = "", state: str = "") -> Any:
    """List the reports that the person may read, the newest deadline first; at most 500."""
    caller = require_scope(request, "plan.read")
    today = timezone.localdate()
    rows = UnitReport.objects.visible_to(caller.user, today).select_related("period", "unit")
    if caller.unit_id is not None:
        rows = rows.filter(unit=caller.unit_id)
    if period:
        rows = rows.filter(period__code=clean_text(period)[:20])
    if state:
        rows = rows.filter(state=clean_text(state)[:9])
    return [_row(row, today) for row in rows.order_by("-period__due", "unit__sort_key", "pk")[:MOST]]


@router.get("/{int:pk}", response={200: WholeReportOut, **PROBLEMS}, operation_id="plan_report")
def report(request: HttpRequest, pk: int) -> Any:
    """Return one report with its figures and texts."""
    page = _page(request, pk, "plan.read")
    figures = [
        {
            "code": one.code, "title": one.title, "unit": one.unit, "reason": one.reason, "sources": one.source_count,
            "computed": None if one.computed is None else f"{one.computed:f}",
            "value": None if one.value is None else f"{one.value:f}",
        }
        for one in page.figures
    ]  # fmt: skip
    texts = [{"title": one.title, "text": one.text} for one in page.texts]
    return {**_row(page.report, timezone.localdate()), "figures": figures, "texts": texts}


@router.put("/{int:pk}/figures", response={200: SavedOut, **PROBLEMS}, operation_id="plan_report_figures")
def put_figures(request: HttpRequest, pk: int, body: FiguresIn) -> Any:
    """Save figures of a draft; the report is handed in by people, on its page."""
    page = _page(request, pk, "plan.write")
    figures = {one.code: FigureInput(one.value, one.reason) for one in body.figures}
    saved = report_save(
        actor=request.user, report_id=page.report.pk, revision=body.revision, content=Content(figures=figures),
        now=timezone.now(),
    )  # fmt: skip
    return {"id": saved.report.pk, "state": saved.report.state, "revision": saved.report.revision}
