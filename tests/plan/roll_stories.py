"""Stories of consolidated reports: periods with units that reported, and their way through the offices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from khcn.orgs.models import Unit
from khcn.plan.enums import ReportState
from khcn.plan.models import (
    Consolidation,
    PlanIndicator,
    Regime,
    ReportFigure,
    ReportPeriod,
    ReportText,
    UnitReport,
)
from khcn.plan.services.rolls import roll_start
from khcn.plan.services.rolls_approval import roll_approve, roll_issue, roll_pass, roll_submit
from tests.orgs.factories import make_unit
from tests.plan.factories import People, make_indicator, make_period, make_plan, make_regime, make_report

NOW = datetime(
    2026, 6, 2, 2, 0, tzinfo=UTC
)  # a Tuesday, 09:00 in Viet Nam; the reports were due the day before
SENT = datetime(2026, 5, 29, 3, 0, tzinfo=UTC)


def send(
    period: ReportPeriod,
    unit: Unit,
    figures: Mapping[PlanIndicator, int | Decimal | None] | None = None,
    *,
    texts: Sequence[str] = (),
    at: datetime = SENT,
    sources: int = 2,
    state: str = ReportState.ACCEPTED,
) -> UnitReport:
    """Send the report of a unit: its figures, each with ``sources`` rows behind it, and texts by heading."""
    report = make_report(period, unit, state=state, submitted_at=at)
    put_figures(report, figures or {}, sources=sources)
    for heading, text in zip(period.regime.outline.order_by("order"), texts, strict=False):
        ReportText.objects.create(report=report, heading=heading, text=text)
    return report


def put_figures(
    report: UnitReport, figures: Mapping[PlanIndicator, int | Decimal | None], *, sources: int = 2
) -> None:
    """Write figures into a report, in place of what was there."""
    for indicator, value in figures.items():
        number = None if value is None else Decimal(value)
        named = [f"plan.evidence:{report.pk}-{indicator.pk}-{one}" for one in range(sources)]
        ReportFigure.objects.update_or_create(
            report=report,
            indicator=indicator,
            defaults={"value": number, "computed": number, "sources": named},
        )


@dataclass
class Story:
    """A half year of three wards: two sent, one is late with everything."""

    people: People = field(default_factory=People)
    wards: list[Unit] = field(init=False)
    trained: PlanIndicator = field(init=False)
    sessions: PlanIndicator = field(init=False)
    regime: Regime = field(init=False)
    period: ReportPeriod = field(init=False)
    reports: list[UnitReport] = field(init=False)

    def __post_init__(self) -> None:
        self.wards = [make_unit(f"Phường {n}", parent=self.people.committee, order=n) for n in (1, 2, 3)]
        self.trained = make_indicator("people_trained", title="Số người được tập huấn", order=1)
        self.sessions = make_indicator("sessions", title="Số lớp tập huấn", unit="lớp", order=2)
        plan = make_plan(issuer=self.people.committee, focal_unit=self.people.focal)
        self.regime = make_regime(
            self.wards,
            indicators=(self.trained, self.sessions),
            headings=("Kết quả nổi bật", "Khó khăn, vướng mắc"),
            plan=plan,
            receiver=self.people.focal,
            addressed_to=self.people.committee,
            superior=make_unit("Sở Khoa học và Công nghệ thử"),
        )
        self.period = make_period(self.regime, opened_at=datetime(2026, 5, 1, tzinfo=UTC))
        self.reports = [
            send(
                self.period, self.wards[0], {self.trained: 40, self.sessions: 2},
                texts=["Đã mở hai lớp.", "Thiếu giảng viên."],
            ),
            send(
                self.period, self.wards[1], {self.trained: 47, self.sessions: None},
                texts=["Phát 300 tờ rơi.", "Không có."],
                at=NOW,
            ),
            make_report(self.period, self.wards[2]),
        ]  # fmt: skip

    def start(self, now: datetime = NOW) -> Consolidation:
        """Press "Tổng hợp"."""
        return roll_start(actor=self.people.officer, period=self.period, now=now)

    def approve(self, roll: Consolidation) -> Consolidation:
        """Carry a draft to the clerk."""
        for deed, actor in (
            (roll_submit, self.people.officer), (roll_pass, self.people.focal_head), (roll_approve, self.people.leader),
        ):  # fmt: skip
            roll.refresh_from_db()
            deed(actor=actor, roll=roll, revision=roll.revision, now=NOW)
        roll.refresh_from_db()
        return roll

    def issue(self, roll: Consolidation | None = None) -> Consolidation:
        """Issue a report, from the press on."""
        roll = self.approve(roll or self.start())
        return roll_issue(actor=self.people.clerk, roll=roll, now=NOW)


def total(content: Mapping[str, Any], code: str) -> dict[str, Any]:
    """Return one total of a content."""
    return next(row for row in content["indicators"] if row["code"] == code)


def day(text: str) -> date:
    """Return a day."""
    return date.fromisoformat(text)
