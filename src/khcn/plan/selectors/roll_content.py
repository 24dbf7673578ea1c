"""Everything that a consolidated report is made of, read in a handful of queries whatever the number of units.

The content is plain JSON (numbers as text, so that its hash is the same on every database); it is what pages show, what
papers are written from and what is frozen at issue. Its shape:

``period regime plan previous as_of``, ``reports`` (how many), ``units`` (one entry for each expected report),
``indicators`` (totals with ``units`` and ``source_rows``), ``rows`` (by indicator: the figures of the units behind the
total, with their sources), ``tasks`` (work items by task and state).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Q

from khcn.engines.plans.consolidate import Measure, Row, Total, consolidate
from khcn.engines.plans.frozen import number, plain
from khcn.engines.plans.gather import Gathered, Said, gather
from khcn.orgs.models import Unit
from khcn.plan.enums import (
    ITEM_OPEN,
    REPORT_WITH_FOCAL,
    ROLL_ISSUED,
    ItemState,
    ReportState,
    TaskLevel,
    VersionState,
)
from khcn.plan.models import (
    Consolidation,
    OutlineItem,
    Regime,
    RegimeIndicator,
    ReportException,
    ReportFigure,
    ReportPeriod,
    ReportText,
    Task,
    UnitReport,
    WorkItem,
)
from khcn.plan.rules.chasing import Timeliness, tally, timeliness
from khcn.plan.rules.standing import local_day

SHAPE = 1


@dataclass(frozen=True)
class Heading:
    """One heading of the outline with what the units wrote."""

    order: int
    title: str
    said: tuple[Said, ...]
    gathered: tuple[Gathered, ...]


@dataclass(frozen=True)
class Computed:
    """A period consolidated: its content, and the texts of the units by heading."""

    content: dict[str, Any]
    headings: tuple[Heading, ...]


def period_computed(period: ReportPeriod, *, now: datetime, expected: Sequence[Unit] = ()) -> Computed:
    """Consolidate a period as its reports stand; lateness is told for ``now``.

    ``expected``: who will be asked, for a period that is not open yet.
    """
    on = local_day(now)
    reports = _reports(period)
    units = _unit_entries(period, reports, expected, now)
    counted = {report.pk: report for report in reports if _counts(report)}
    content: dict[str, Any] = {
        "shape": SHAPE,
        "as_of": on.isoformat(),
        "period": _period_facts(period),
        "regime": _regime_facts(period.regime),
        "plan": _plan_facts(period.regime),
        "reports": _tally(units),
        "units": units,
        **_figures(period, counted),
        "tasks": _tasks(period.regime, on),
    }
    return Computed(content, _headings(period.regime, counted))


def _counts(report: UnitReport) -> bool:
    """A report counts when its head stands behind it and nobody returned it."""
    return report.state in REPORT_WITH_FOCAL


def _reports(period: ReportPeriod) -> list[UnitReport]:
    rows = UnitReport.objects.filter(period=period).select_related("unit")
    return list(rows.order_by("unit__order", "unit__sort_key", "pk"))


def _unit_entries(
    period: ReportPeriod, reports: Sequence[UnitReport], expected: Sequence[Unit], now: datetime
) -> list[dict[str, Any]]:
    if not reports:  # a plan that is not in force yet: nobody was asked
        time = timeliness(sent_on=None, with_focal=False, excused=False, due=period.due, on=local_day(now))
        return [
            {"id": unit.pk, "name": unit.name, "report": None, "state": ReportState.EXPECTED.value,
             "time": time.value, "sent": None, "until": None, "excused": ""}
            for unit in expected
        ]  # fmt: skip
    until: dict[int, date] = {}
    granted = ReportException.objects.filter(report__period=period, ended_at__isnull=True).order_by("until")
    for report_id, day in granted.values_list("report_id", "until"):
        until[report_id] = day
    return [_unit_entry(report, period, until.get(report.pk), now) for report in reports]


def _unit_entry(
    report: UnitReport, period: ReportPeriod, until: date | None, now: datetime
) -> dict[str, Any]:
    sent_on = local_day(report.submitted_at) if report.submitted_at else None
    time = timeliness(
        sent_on=sent_on,
        with_focal=report.state in REPORT_WITH_FOCAL,
        excused=bool(report.excused),
        due=period.due,
        on=local_day(now),
    )
    return {
        "id": report.unit_id, "name": report.unit_name or report.unit.name, "report": report.pk,
        "state": str(report.state), "time": time.value, "sent": sent_on.isoformat() if sent_on else None,
        "until": until.isoformat() if until else None, "excused": report.excused,
    }  # fmt: skip


def _tally(units: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    found = tally(
        [Timeliness(unit["time"]) for unit in units], exceptions=sum(1 for unit in units if unit["until"])
    )
    return asdict(found)


def _period_facts(period: ReportPeriod) -> dict[str, Any]:
    return {
        "id": period.pk, "code": period.code, "title": period.title, "starts_on": period.starts_on.isoformat(),
        "cutoff": period.cutoff.isoformat(), "due": period.due.isoformat(),
        "superior_due": period.superior_due.isoformat() if period.superior_due else None,
    }  # fmt: skip


def _regime_facts(regime: Regime) -> dict[str, Any]:
    return {
        "key": regime.key,
        "title": regime.title,
        "kind": str(regime.kind),
        "content": str(regime.content),
    }


def _plan_facts(regime: Regime) -> dict[str, Any] | None:
    plan = regime.plan
    return {"id": plan.pk, "number": plan.full_number, "title": plan.title} if plan else None


# Figures


def measures_of(regime: Regime) -> list[Measure]:
    """Return the number form of a regime."""
    rows = RegimeIndicator.objects.filter(regime=regime).select_related("indicator").order_by("order", "pk")
    return [
        Measure(
            code=row.indicator.code,
            title=row.indicator.title,
            unit=row.indicator.unit,
            group=row.group,
            task=row.task_code,
            aggregate=row.aggregate,  # type: ignore[arg-type]  # the choices of the enum are these words
            numerator=row.numerator,
            denominator=row.denominator,
            decimals=row.indicator.decimals,
            target=row.target,
        )
        for row in rows
    ]


def figure_rows(reports: Mapping[int, UnitReport]) -> list[Row]:
    """Return the figures of reports, unit by unit. One query."""
    if not reports:
        return []
    period_id = next(iter(reports.values())).period_id
    places = {pk: place for place, pk in enumerate(reports)}
    found = ReportFigure.objects.filter(report__period_id=period_id).order_by()
    rows = [
        (
            places[report_id],
            Row(reports[report_id].unit_id, code, value, computed, reason, note, _texts(sources)),
        )
        for report_id, code, value, computed, reason, note, sources in found.values_list(
            "report_id", "indicator__code", "value", "computed", "reason", "note", "sources"
        ).iterator(chunk_size=2000)
        if report_id in reports
    ]
    return [row for _place, row in sorted(rows, key=lambda pair: (pair[0], pair[1].code))]


def _texts(sources: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in sources) if isinstance(sources, list) else ()


def _figures(period: ReportPeriod, counted: Mapping[int, UnitReport]) -> dict[str, Any]:
    regime = period.regime
    measures = measures_of(regime)
    newest = sorted(
        counted.values(),
        key=lambda report: (report.submitted_at is not None, report.submitted_at or report.updated_at),
        reverse=True,
    )
    totals = consolidate(
        measures,
        figure_rows(counted),
        receiver=regime.receiver_id,
        newest=[report.unit_id for report in newest],
    )
    before, previous = previous_values(period)
    return {
        "previous": previous,
        "indicators": [_total_entry(total, before.get(total.measure.code)) for total in totals],
        "rows": {total.measure.code: [row_entry(row) for row in total.rows] for total in totals},
    }


def _total_entry(total: Total, before: str | None) -> dict[str, Any]:
    measure = total.measure
    return {
        "code": measure.code, "title": measure.title, "unit": measure.unit, "group": measure.group,
        "task": measure.task, "aggregate": measure.aggregate, "decimals": measure.decimals,
        "numerator": measure.numerator, "denominator": measure.denominator,
        "target": plain(measure.target), "value": plain(total.value), "units": total.units,
        "source_rows": total.source_rows, "previous": before, "from": total.taken_from,
    }  # fmt: skip


def row_entry(row: Row) -> dict[str, Any]:
    """Return a row as it stands in a content."""
    return {
        "unit": row.unit, "value": plain(row.value), "computed": plain(row.computed), "reason": row.reason,
        "note": row.note, "sources": list(row.sources),
    }  # fmt: skip


def rows_of(content: Mapping[str, Any]) -> list[Row]:
    """Return the rows of a content, as :func:`row_entry` wrote them."""
    return [
        Row(entry["unit"], code, number(entry["value"]), number(entry["computed"]), entry["reason"], entry["note"],
            tuple(entry["sources"]))
        for code, entries in content.get("rows", {}).items()
        for entry in entries
    ]  # fmt: skip


def previous_period(period: ReportPeriod) -> ReportPeriod | None:
    """Return the period before: the one that was named, else the one of the same regime that ended before."""
    if period.previous_id:
        return period.previous
    same = ReportPeriod.objects.filter(regime=period.regime_id, cutoff__lt=period.starts_on)
    return same.order_by("-cutoff").first()


def previous_values(period: ReportPeriod) -> tuple[dict[str, str | None], dict[str, Any] | None]:
    """Return the totals of the period before by code, and what it is: as issued, or as its reports stand."""
    before = previous_period(period)
    if before is None:
        return {}, None
    issued = Consolidation.objects.filter(period=before, state__in=ROLL_ISSUED).order_by("-number").first()
    facts: dict[str, Any] = {"code": before.code, "title": before.title, "issued": issued is not None}
    if issued is not None:
        content = issued.snapshot or issued.totals
        return {row["code"]: row["value"] for row in content.get("indicators", [])}, facts
    counted = {report.pk: report for report in _reports(before) if _counts(report)}
    totals = consolidate(measures_of(before.regime), figure_rows(counted), receiver=before.regime.receiver_id)
    return {total.measure.code: plain(total.value) for total in totals}, facts


# Texts


def _headings(regime: Regime, counted: Mapping[int, UnitReport]) -> tuple[Heading, ...]:
    outline = list(OutlineItem.objects.filter(regime=regime).order_by("order"))
    said: dict[int, list[Said]] = {item.pk: [] for item in outline}
    if counted:
        period_id = next(iter(counted.values())).period_id
        found = ReportText.objects.filter(report__period_id=period_id).exclude(text="").order_by()
        texts = {
            (report_id, heading_id): text
            for report_id, heading_id, text in found.values_list("report_id", "heading_id", "text")
        }
        for pk, report in counted.items():
            for heading_id, written in said.items():
                text = texts.get((pk, heading_id), "").strip()
                if text:
                    written.append(Said(report.unit_name, text, pk))
    return tuple(
        Heading(item.order, item.title, tuple(said[item.pk]), tuple(gather(said[item.pk])))
        for item in outline
    )


# The plan


def _tasks(regime: Regime, on: date) -> list[dict[str, Any]]:
    """Return the tasks of the plan (in force, else newest version) with their work items by state. Two queries."""
    if regime.plan_id is None:
        return []
    versions = regime.plan.versions.order_by("-number") if regime.plan else None
    version = None
    if versions is not None:
        version = versions.filter(state=VersionState.PUBLISHED).first() or versions.first()
    if version is None:
        return []
    is_open = Q(state__in=ITEM_OPEN)
    found = WorkItem.objects.filter(plan_id=regime.plan_id).counted().order_by().values("code")
    counts = found.annotate(
        units=Count("pk"),
        done=Count("pk", filter=Q(state=ItemState.DONE)),
        doing=Count("pk", filter=Q(state=ItemState.DOING)),
        late=Count("pk", filter=is_open & Q(due__lt=on)),
        percent=Avg("percent"),
    )
    by_code = {row["code"]: row for row in counts}
    tasks = Task.objects.filter(version=version).exclude(level=TaskLevel.REPORT).order_by("order", "code")
    return [
        _task_entry(code, title, section or "", deadline, by_code.get(code, {}))
        for code, title, section, deadline in tasks.values_list("code", "title", "section__title", "deadline")
    ]


def _task_entry(
    code: str, title: str, section: str, deadline: date | None, row: Mapping[str, Any]
) -> dict[str, Any]:
    units, done, doing = row.get("units", 0), row.get("done", 0), row.get("doing", 0)
    return {
        "code": code, "title": title, "section": section, "deadline": deadline.isoformat() if deadline else None,
        "units": units, "done": done, "doing": doing, "todo": units - done - doing, "late": row.get("late", 0),
        "percent": plain(Decimal(str(row.get("percent") or 0)).quantize(Decimal("0.1"))),
    }  # fmt: skip
