"""Consolidated reports to look at: periods, totals with the rows behind them, differences, whether frozen ones hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Prefetch, Q, QuerySet

from khcn.core.models.audit import AuditEvent
from khcn.core.references import reference_to
from khcn.engines.plans.consolidate import Difference, differences
from khcn.engines.plans.frozen import content_hash
from khcn.plan.enums import REPORT_WITH_FOCAL, ROLL_ISSUED
from khcn.plan.models import Consolidation, ReportPeriod, UnitReport
from khcn.plan.selectors.roll_content import figure_rows, rows_of


@dataclass(frozen=True)
class PeriodLine:
    """A period in the list: how many reports, and its consolidated reports, the newest first."""

    period: ReportPeriod
    expected: int
    received: int
    rolls: Sequence[Consolidation]


def period_lines(user: Any, now: datetime, *, limit: int = 40) -> list[PeriodLine]:
    """Return the periods that began, newest first, with what was made of them. Three queries."""
    visible = Consolidation.objects.visible_to(user).defer("totals", "snapshot").order_by("-number")
    periods = ReportPeriod.objects.select_related("regime").prefetch_related(
        Prefetch("consolidations", queryset=visible, to_attr="seen")
    )
    counted = periods.annotate(
        expected=Count("reports", filter=Q(reports__excused="")),
        received=Count("reports", filter=Q(reports__state__in=REPORT_WITH_FOCAL)),
    )
    return [
        PeriodLine(period, period.expected, period.received, period.seen)
        for period in counted.order_by("-cutoff", "pk")[:limit]
    ]


def rolls_visible_to(user: Any) -> QuerySet[Consolidation]:
    """Return the reports that somebody reads, with what their page shows."""
    return Consolidation.objects.visible_to(user).select_related(
        "period__regime__plan", "period__regime__superior", "document", "drafted_by", "submitted_by", "passed_by",
        "approved_by",
    )  # fmt: skip


def content_of(roll: Consolidation) -> dict[str, Any]:
    """Return what a page shows: the snapshot of an issued report, the last computation of one in work."""
    content: dict[str, Any] = roll.snapshot if roll.state in ROLL_ISSUED and roll.snapshot else roll.totals
    return content


def indicator_of(content: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    """Return one total."""
    return next((row for row in content.get("indicators", []) if row["code"] == code), None)


@dataclass(frozen=True)
class Changed:
    """A figure that is no longer as it stands in the report."""

    unit: str
    unit_id: int
    report_id: int | None
    title: str
    decimals: int
    difference: Difference
    at: datetime | None


def live_differences(roll: Consolidation) -> list[Changed]:
    """Return what units changed since the report was computed (or issued), by unit and indicator. Two queries.

    Ratios are left out: their two sides stand in the list.
    """
    content = content_of(roll)
    if not content:
        return []
    reports = {
        report.pk: report
        for report in UnitReport.objects.filter(period_id=roll.period_id).order_by(
            "unit__order", "unit__sort_key", "pk"
        )
    }
    counted = {pk: report for pk, report in reports.items() if report.state in REPORT_WITH_FOCAL}
    plain = {row["code"]: row for row in content["indicators"] if row["aggregate"] != "ratio"}
    before = [row for row in rows_of(content) if row.code in plain]
    after = [row for row in figure_rows(counted) if row.code in plain]
    by_unit = {report.unit_id: report for report in reports.values()}
    names = {unit["id"]: unit["name"] for unit in content["units"]}
    places = {unit: place for place, unit in enumerate(by_unit)}
    found = [
        Changed(
            unit=names.get(one.unit) or by_unit[one.unit].unit_name,
            unit_id=one.unit,
            report_id=by_unit[one.unit].pk if one.unit in by_unit else None,
            title=plain[one.code]["title"],
            decimals=plain[one.code]["decimals"],
            difference=one,
            at=by_unit[one.unit].updated_at if one.unit in by_unit else None,
        )
        for one in differences(before, after)
        if one.unit in names or one.unit in by_unit
    ]
    order = {code: place for place, code in enumerate(plain)}
    return sorted(found, key=lambda one: (places.get(one.unit_id, 0), order[one.difference.code]))


@dataclass(frozen=True)
class Verdict:
    """Whether an issued report is still what was issued. ``audited``: the hash in the audit trail."""

    roll: Consolidation
    kept: str
    computed: str
    audited: str

    @property
    def holds(self) -> bool:
        """Whether content, kept hash and audit trail agree."""
        return bool(self.kept) and self.kept == self.computed and self.audited in ("", self.kept)


def roll_verdict(roll: Consolidation) -> Verdict:
    """Compute the hash of an issued report anew, and hold it against the audit trail, which nobody can rewrite."""
    target = reference_to(roll)
    row = (
        AuditEvent.objects.filter(action="plan.roll.issue", target_kind=target.kind, target_id=target.id)
        .order_by("-id")
        .first()
    )
    audited = str((row.after or {}).get("hash", "")) if row else ""
    computed = content_hash(roll.snapshot) if roll.snapshot is not None else ""
    return Verdict(roll, roll.snapshot_hash, computed, audited)


def verify_issued() -> list[Verdict]:
    """Verify every issued report."""
    rolls = Consolidation.objects.filter(state__in=ROLL_ISSUED).select_related("period")
    return [roll_verdict(roll) for roll in rolls.order_by("pk").iterator(chunk_size=20)]


def published_rolls() -> QuerySet[Consolidation]:
    """Return the reports that the public reads, newest first; the list needs no figures."""
    return published_roll().defer("totals", "snapshot").order_by("-issued_at", "-pk")


def published_roll() -> QuerySet[Consolidation]:
    """Return the same with their figures, to pick one from: what a visitor sees, whoever asks."""
    rows = Consolidation.objects.visible_to(AnonymousUser())
    return rows.select_related("period__regime", "document")
