"""Many deeds of one kind at once, by the same rules as one by one: filling an installation, taking over old records.

Everything is checked as if people had typed it; rows are written in bulk, and one audit row stands for the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import prefetch_related_objects

from khcn.core.actors import Actor
from khcn.core.audit import audit_batch
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.models import Unit
from khcn.plan.enums import REPORT_EDITABLE, EvidenceKind, ReportMove, ReportState
from khcn.plan.errors import PlanError
from khcn.plan.models import (
    Evidence,
    Outreach,
    ProgressNote,
    RegimeIndicator,
    ReportFigure,
    ReportPeriod,
    ReportStep,
    ReportText,
    UnitReport,
    WorkItem,
)
from khcn.plan.permissions import acting, can_keep_regimes
from khcn.plan.rules.checking import Row, TextRow, correction_problems, report_problems
from khcn.plan.selectors.report_rights import window_of
from khcn.plan.services.comms_outreach import Deed, outreach_values
from khcn.plan.services.progress import FIELDS, Entry, clean, entry_apply
from khcn.plan.services.regimes import regime_rules
from khcn.plan.services.report_items import item_done
from khcn.plan.services.report_moves import content_digest, report_content
from khcn.plan.services.reports import ReportClosedError, closed_words

SIZE: Final = 1000
_SENT: Final = frozenset({ReportState.APPROVED, ReportState.ACCEPTED})


@dataclass(frozen=True, slots=True)
class ItemDeed:
    """What a unit entered on one work item: when, by whom."""

    item: WorkItem
    entry: Entry
    at: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class SessionDeed:
    """A session held for a work item: evidence that figures are counted from."""

    item: WorkItem
    title: str
    held_on: date
    people: int | None
    at: datetime
    by: int | None = None


@dataclass(frozen=True, slots=True)
class ReportDeed:
    """The report of a unit as it came in. ``values`` by code (a correction has its reason in ``reasons``), texts by heading.

    ``state``: how far it got; ``sent_at``: when its head approved it; ``accepted_at``: when the focal unit accepted it.
    """

    report: UnitReport
    values: Mapping[str, Decimal | None]
    texts: Mapping[int, str]
    state: ReportState
    written_at: datetime
    written_by: int | None = None
    approved_by: int | None = None
    accepted_by: int | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


def _officer(actor: Actor, now: datetime) -> None:
    if not can_keep_regimes(acting(actor, local_date(now))):
        raise PermissionDeniedError("only the focal officer or the system writes in batches")


@transaction.atomic
def items_enter(*, actor: Actor, deeds: Sequence[ItemDeed], now: datetime) -> int:
    """Enter progress on many items (loaded with task, plan and unit). Raises PermissionDeniedError, ProgressError."""
    _officer(actor, now)
    for deed in deeds:
        entry_apply(deed.item, deed.entry, local_date(deed.at))
        deed.item.revision += 1
        deed.item.updated_at = deed.at
    rows = list({deed.item.pk: deed.item for deed in deeds}.values())
    _upsert(rows, (*FIELDS, "unit_name", "confirmed_by", "confirmed_at", "revision", "updated_at"))
    ProgressNote.objects.bulk_create(
        [
            ProgressNote(
                item=deed.item, unit_id=deed.item.unit_id, unit_name=deed.item.unit.name, by_id=deed.by, at=deed.at,
                state=deed.entry.state, percent=deed.item.percent, text=clean(deed.entry.text),
                difficulties=clean(deed.entry.difficulties),
            )
            for deed in deeds
        ],
        batch_size=SIZE,
    )  # fmt: skip
    audit_batch(
        actor=actor, action="plan.progress.batch", count=len(deeds), summary={"items": len(rows)}, at=now
    )
    return len(rows)


@transaction.atomic
def sessions_enter(*, actor: Actor, deeds: Sequence[SessionDeed], now: datetime) -> int:
    """Record sessions as evidence of many items. Raises PermissionDeniedError, PlanError."""
    _officer(actor, now)
    if any(deed.held_on > local_date(now) or (deed.people or 0) < 0 for deed in deeds):
        raise PlanError("a session lies ahead, or has a negative number of people", code="session")
    rows = Evidence.objects.bulk_create(
        [
            Evidence(
                item=deed.item, unit_id=deed.item.unit_id, kind=EvidenceKind.SESSION, title=deed.title[:300],
                held_on=deed.held_on, people=deed.people, added_by_id=deed.by, added_at=deed.at,
            )
            for deed in deeds
        ],
        batch_size=SIZE,
    )  # fmt: skip
    audit_batch(
        actor=actor, action="plan.evidence.batch", count=len(rows), summary={"sessions": len(rows)}, at=now
    )
    return len(rows)


@transaction.atomic
def outreach_enter_many(
    *, actor: Actor, deeds: Sequence[tuple[Unit, Deed, int | None]], now: datetime
) -> int:
    """Enter communication work of many units (unit, deed, who). Raises PermissionDeniedError, CommsError."""
    _officer(actor, now)
    today = local_date(now)
    rows = Outreach.objects.bulk_create(
        [
            Outreach(unit=unit, client_key=deed.client_key[:40], entered_by_id=by, entered_at=now, **outreach_values(unit, deed, today))
            for unit, deed, by in deeds
        ],
        batch_size=SIZE,
    )  # fmt: skip
    audit_batch(
        actor=actor, action="plan.outreach.batch", count=len(rows), summary={"entries": len(rows)}, at=now
    )
    return len(rows)


# Reports


@transaction.atomic
def reports_enter(*, actor: Actor, period: ReportPeriod, deeds: Sequence[ReportDeed], now: datetime) -> int:
    """Take in the reports of many units of one period, each only as far as its rules allow.

    :raises PermissionDeniedError, PlanError: naming the first report that a person could not have handed in like this.
    """
    _officer(actor, now)
    reports = [deed.report for deed in deeds]
    held = {
        row.pk
        for row in UnitReport.objects.filter(pk__in=[one.pk for one in reports], state__in=REPORT_EDITABLE)
    }
    if len(held) != len(reports):
        raise PlanError("a report has moved on already", code="report-locked")
    for deed in deeds:
        if (
            deed.sent_at
            and local_date(deed.sent_at) > period.due
            and not window_of(deed.report, deed.sent_at).is_open(deed.sent_at)
        ):
            raise ReportClosedError(closed_words(deed.report))
    form = _Form(period)
    rows = [row for deed in deeds for row in form.figures(deed)]
    ReportFigure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("report", "indicator"),
        update_fields=("value", "reason"),
        batch_size=SIZE,
    )
    ReportText.objects.bulk_create(
        [ReportText(report=deed.report, heading_id=pk, text=clean(text)) for deed in deeds for pk, text in deed.texts.items()],
        update_conflicts=True, unique_fields=("report", "heading"), update_fields=("text",), batch_size=SIZE,
    )  # fmt: skip
    steps = [step for deed in deeds for step in _moved(deed)]
    _upsert(reports, _REPORT_FIELDS)
    ReportStep.objects.bulk_create(steps, batch_size=SIZE)
    _seal([deed for deed in deeds if deed.state in _SENT], form.rows, now)
    states = [str(deed.state) for deed in deeds]
    audit_batch(
        actor=actor, action="plan.report.batch", count=len(deeds), at=now,
        summary={"period": period.code, **{state: states.count(state) for state in sorted(set(states))}},
    )  # fmt: skip
    return len(deeds)


_REPORT_FIELDS: Final = (
    "state", "revision", "written_by", "submitted_by", "approved_by", "accepted_by", "sent_to_head_at", "submitted_at",
    "accepted_at", "updated_at",
)  # fmt: skip


class _Form:
    """The form of a period with what is recorded for each report: read once for the whole batch."""

    def __init__(self, period: ReportPeriod) -> None:
        regime = period.regime
        self.rows = list(regime.indicators.select_related("indicator"))
        self.headings = list(regime.outline.all())
        self.rules = regime_rules(regime)
        known = ReportFigure.objects.filter(report__period=period)
        self.known = {(row.report_id, row.indicator_id): row for row in known}

    def figures(self, deed: ReportDeed) -> list[ReportFigure]:
        """Return the figures to write. Raises PlanError when the report breaks a rule."""
        found, checks = [], []
        for one in self.rows:
            key = (deed.report.pk, one.indicator_id)
            row = self.known.get(key) or ReportFigure(report=deed.report, indicator=one.indicator)
            code = one.indicator.code
            row.value = deed.values.get(code, row.computed)
            row.reason = "" if row.value == row.computed else deed.reasons.get(code, "")[:500]
            found.append(row)
            checks.append(
                Row(code, one.indicator.title, row.value, row.computed, row.reason, one.is_required)
            )
        texts = [
            TextRow(one.pk, one.title, deed.texts.get(one.pk, ""), one.is_required) for one in self.headings
        ]
        whole = deed.state not in REPORT_EDITABLE
        problems = report_problems(checks, texts, self.rules) if whole else correction_problems(checks)
        stopping = [problem for problem in problems if not problem.warning]
        if stopping:
            raise PlanError(f"{deed.report.unit_name}: {stopping[0].message}", code="report-problem")
        return found


def _moved(deed: ReportDeed) -> list[ReportStep]:
    """Bring the report's own columns to its state; return the moves that led there."""
    report, state = deed.report, deed.state
    report.state, report.written_by_id, report.updated_at = state, deed.written_by, deed.written_at
    report.revision += 1
    if state in REPORT_EDITABLE:
        return []
    steps = [ReportStep(report=report, move=ReportMove.SUBMITTED, by_id=deed.written_by, at=deed.written_at)]
    report.submitted_by_id, report.sent_to_head_at = deed.written_by, deed.written_at
    if state in _SENT:
        if deed.sent_at is None or deed.approved_by is None or deed.approved_by == deed.written_by:
            raise PlanError(f"{report.unit_name}: nobody approves an own report", code="report-own")
        report.approved_by_id, report.submitted_at, report.updated_at = (
            deed.approved_by,
            deed.sent_at,
            deed.sent_at,
        )
        report.revision += 1
    if state == ReportState.ACCEPTED:
        report.accepted_by_id, report.accepted_at = deed.accepted_by, deed.accepted_at
        steps.append(
            ReportStep(
                report=report,
                move=ReportMove.ACCEPTED,
                by_id=deed.accepted_by,
                at=deed.accepted_at or deed.written_at,
            )
        )
        report.updated_at = deed.accepted_at or deed.written_at
    return steps


def _seal(deeds: Sequence[ReportDeed], rows: Sequence[RegimeIndicator], now: datetime) -> None:
    """Keep what was sent with its hash, as an approval does, and close the work items of accepted reports."""
    approvals, sealed = [], []
    prefetch_related_objects([deed.report for deed in deeds], "figures", "files")
    for deed in deeds:
        content = report_content(deed.report, rows)
        deed.report.content_hash = content_digest(content)
        sealed.append(deed.report)
        approvals.append(
            ReportStep(
                report=deed.report, move=ReportMove.APPROVED, by_id=deed.approved_by, at=deed.sent_at or now,
                content=content, content_hash=deed.report.content_hash,
            )
        )  # fmt: skip
        if deed.state == ReportState.ACCEPTED:
            item_done(deed.report, now)
    _upsert(sealed, ("content_hash",))
    ReportStep.objects.bulk_create(approvals, batch_size=SIZE)


def _upsert(rows: Sequence[Any], fields: Sequence[str]) -> None:
    """Write columns of rows that exist, many in one statement."""
    if rows:
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields), batch_size=SIZE
        )
