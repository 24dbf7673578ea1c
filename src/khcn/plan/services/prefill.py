"""Figures filled in from recorded activity, each with the records it came from.

A figure that a person has not touched follows the activity; one that was corrected keeps the person's value and reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import BulkIndicator, Figure, Period, indicators
from khcn.core.numbers import number_vi
from khcn.orgs.models import UnitSuccession
from khcn.plan.enums import REPORT_EDITABLE, ReportState
from khcn.plan.errors import StaleError
from khcn.plan.models import PlanIndicator, RegimeIndicator, ReportFigure, ReportPeriod, UnitReport
from khcn.plan.selectors.report_rights import rights_on

MOST_SOURCES: Final = 300  # references kept with a figure; the total is never cut
_PLACES: Final = Decimal("0.0001")
WRITTEN: Final = ("computed", "value", "reason", "note", "completeness", "sources")


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded figure that is no longer what it was."""

    code: str
    title: str
    old: Decimal | None
    new: Decimal | None
    kept: Decimal | None = None  # what the unit reports instead


def covered_units(reports: Sequence[UnitReport], upto: date) -> dict[int, tuple[int, ...]]:
    """Return, by report, the units whose activity it counts.

    Its unit, and the ended units whose default successor it is by ``upto``, unless they report for the same period
    themselves: of a split one successor counts the past, and an excused report counts nothing.
    """
    if not reports:
        return {}
    before: dict[int, list[int]] = defaultdict(list)
    rows = UnitSuccession.objects.filter(
        effective_date__lte=upto, is_default=True, predecessor_ends=True
    ).order_by()
    for successor, predecessor in rows.values_list("successor_id", "predecessor_id"):
        before[successor].append(predecessor)
    own = set(
        UnitReport.objects.filter(period=reports[0].period_id, excused="").values_list("unit_id", flat=True)
    )
    return {report.pk: _closure(report.unit_id, before, own) for report in reports}


def _closure(unit_id: int, before: Mapping[int, Sequence[int]], own: set[int]) -> tuple[int, ...]:
    found, waiting = {unit_id}, list(before.get(unit_id, ()))
    while waiting:
        one = waiting.pop()
        if one not in found and one not in own:
            found.add(one)
            waiting.extend(before.get(one, ()))
    return tuple(sorted(found))


def recorded(
    offered: Sequence[PlanIndicator], groups: Mapping[int, Sequence[int]], period: Period
) -> dict[tuple[int, int], Figure]:
    """Return the recorded figures by (report, indicator): one call an indicator where its app can do so."""
    found: dict[tuple[int, int], Figure] = {}
    for row in offered:
        indicator = indicators.get(row.source)
        if isinstance(indicator, BulkIndicator):
            answers = indicator.figures(period=period, groups=groups, reader=None)
            found |= {(key, row.pk): answers[key] for key in groups if key in answers}
        else:
            for key, unit_ids in groups.items():
                found[key, row.pk] = indicator.figure(period=period, unit_ids=unit_ids, reader=None)
    return found


def offered_indicators(regime_id: int) -> list[PlanIndicator]:
    """Return the indicators of a regime's form that some app of this installation fills in."""
    rows = PlanIndicator.objects.filter(pk__in=_indicator_ids(regime_id)).exclude(source="")
    return [row for row in rows if row.source in indicators]


def _indicator_ids(regime_id: int) -> list[int]:
    return list(RegimeIndicator.objects.filter(regime=regime_id).values_list("indicator_id", flat=True))


def figures_fill(
    *, period: ReportPeriod, reports: Sequence[UnitReport], now: datetime
) -> dict[int, list[Change]]:
    """Bring the recorded figures of some reports of one period up to date; return what changed, by report.

    The caller holds the reports (a transaction with their revision), or nobody writes in them yet.
    """
    offered = offered_indicators(period.regime_id)
    if not reports or not offered:
        return {}
    span = Period(period.starts_on, max(period.starts_on, min(period.cutoff, local_date(now))))
    found = recorded(offered, covered_units(reports, period.cutoff), span)
    have = {
        (row.report_id, row.indicator_id): row
        for row in ReportFigure.objects.filter(report__in=reports, indicator__in=offered)
    }
    by_pk = {row.pk: row for row in offered}
    changes: dict[int, list[Change]] = defaultdict(list)
    rows = []
    for (report_id, indicator_id), figure in found.items():
        row = have.get((report_id, indicator_id)) or ReportFigure(
            report_id=report_id, indicator_id=indicator_id
        )
        change = _take_over(row, figure, by_pk[indicator_id])
        if change is not None:
            changes[report_id].append(change)
        rows.append(row)
    ReportFigure.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=("report", "indicator"),
        update_fields=WRITTEN,
        batch_size=500,
    )
    UnitReport.objects.filter(pk__in=[report.pk for report in reports]).update(prefilled_at=now)
    return dict(changes)


def _take_over(row: ReportFigure, figure: Figure, indicator: PlanIndicator) -> Change | None:
    """Write a recorded figure into its row; return the change when the recorded value is another one."""
    # Zero without a record behind it says that nothing was recorded here: the unit types its figure without a reason.
    unknown = figure.value is None or (figure.value == 0 and not figure.sources)
    new = None if unknown else Decimal(figure.value or 0).quantize(_PLACES)
    old, untouched = row.computed, row.value == row.computed
    row.computed, row.note, row.completeness = new, figure.note[:500], figure.completeness
    row.sources = [str(reference) for reference in figure.sources[:MOST_SOURCES]]
    if untouched or row.value == new:
        row.value, row.reason = (new, "") if untouched else (row.value, "")
    elif row.value is not None and new is not None and not row.reason:
        row.reason = _("Đơn vị tự nhập trước khi hệ thống có số liệu.")
    if old == new:
        return None
    return Change(indicator.code, indicator.title, old, new, row.value if row.value != new else None)


def figures_refresh(*, actor: Actor, report_id: int, revision: int, now: datetime) -> Sequence[Change]:
    """Bring one report's recorded figures up to date, asked for by a person; return what changed.

    :raises StaleError: somebody has written in it meanwhile.
    :raises PermissionDeniedError: the report of another unit.
    """
    with transaction.atomic():
        report = UnitReport.objects.select_related("period", "unit").filter(pk=report_id).first()
        if report is None or not rights_on(actor, report, local_date(now)).write:
            raise PermissionDeniedError(
                _("Chỉ người báo cáo của đơn vị mới cập nhật được số liệu của báo cáo này.")
            )
        held = UnitReport.objects.filter(pk=report_id, revision=revision, state__in=REPORT_EDITABLE).update(
            revision=F("revision") + 1, state=ReportState.DRAFT, updated_at=now
        )
        if not held:
            raise StaleError(
                _("Báo cáo vừa có người khác lưu hoặc gửi. Hãy xem lại bản mới nhất rồi cập nhật.")
            )
        changes = figures_fill(period=report.period, reports=[report], now=now).get(report_id, [])
        audit_record(
            actor=actor, action="plan.report.refresh", target=report, at=now,
            after={"changes": [f"{one.code}: {one.old} -> {one.new}" for one in changes][:100]},
        )  # fmt: skip
    return changes


def changed_sentences(changes: Iterable[Change]) -> list[str]:
    """Return the changes as sentences for a notice."""

    sentences = []
    for one in changes:
        old, new = number_vi(one.old) or _("chưa có"), number_vi(one.new) or _("không có")
        text = _("%(title)s: %(old)s → %(new)s.") % {"title": one.title, "old": old, "new": new}
        if one.kept is not None:
            text += " " + _("Đơn vị vẫn báo cáo %(kept)s.") % {"kept": number_vi(one.kept)}
        sentences.append(text)
    return sentences
