"""Reports of running periods: the successor owes one, the old unit's is excused with the decision as the reason."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.references import reference_to
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.plan.enums import REPORT_EDITABLE, ReportState
from khcn.plan.models import UnitReport
from khcn.plan.services.periods import empty_figures

_WAITING = REPORT_EDITABLE | {ReportState.SUBMITTED}


def open_things(units: Sequence[Unit], on: date) -> list[OpenThing]:
    """Return the reports that ``units`` owe for periods whose figures still run on the day ``on``."""
    return [
        OpenThing(
            str(reference_to(report)), f"period:{report.period.code}", _("Báo cáo phải nộp"),
            f"{report.period.regime.title}, {report.period.title}", report.unit_id, all_take=True,
        )
        for report in _owed(units, on)
    ]  # fmt: skip


def _owed(units: Sequence[Unit], on: date) -> list[UnitReport]:
    rows = UnitReport.objects.filter(unit__in=units, excused="", state__in=_WAITING)
    rows = rows.filter(period__cutoff__gte=on, period__closed_at=None)
    return list(rows.select_related("period__regime", "unit").order_by("period", "unit__order", "pk"))


def hand_over(hand: HandOver) -> dict[str, int]:
    """Excuse the old reports and make the successors'; a report that was sent stays and counts as it is."""
    excused = owed = 0
    units = [takers.unit for takers in hand.takers.values() if takers.ends]
    for report in _owed(units, hand.on):
        targets = hand.takers[report.unit_id].targets
        words = {
            "number": hand.decision.number,
            "day": f"{hand.on:%d/%m/%Y}",
            "units": ", ".join(unit.name for unit in targets),
        }
        reason = _("Kết thúc từ %(day)s theo %(number)s; %(units)s báo cáo cả kỳ.") % words
        state = ReportState.RETURNED if report.state == ReportState.SUBMITTED else report.state
        excused += UnitReport.objects.filter(pk=report.pk, state=report.state, excused="").update(
            excused=reason[:300], state=state, revision=F("revision") + 1, updated_at=hand.now
        )
        for unit in targets:
            made, new = UnitReport.objects.get_or_create(
                period=report.period,
                unit=unit,
                defaults={"unit_name": unit.name, "updated_at": hand.now},
            )
            if new:
                empty_figures(report.period, [made])
                owed += 1
    return {"plan.reports_excused": excused, "plan.reports_owed": owed}
