"""Short stories about plans begin here: one call makes a plan in force, a work item, a report, a line. Plain ORM."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from khcn.engines.text.fold import fold
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, User
from khcn.plan.enums import EstimateState, RegimeKind, TaskLevel, VersionState
from khcn.plan.models import (
    BudgetLine,
    Campaign,
    Consolidation,
    Document,
    Estimate,
    OutlineItem,
    OutsideEvent,
    Plan,
    PlanIndicator,
    PlanVersion,
    Regime,
    RegimeIndicator,
    ReportPeriod,
    Section,
    Task,
    UnitReport,
    WorkItem,
)
from tests.orgs.factories import give_role, make_kind, make_unit, make_user

_number = count(1)
NOW = datetime(2026, 5, 20, 2, 0, tzinfo=UTC)  # a Wednesday, 09:00 in Viet Nam
TODAY = date(2026, 5, 20)


class People:
    """The people of one deployment: focal unit, leader, finance, clerk, and reporter and head of one unit."""

    def __init__(self, unit: Unit | None = None) -> None:
        self.committee = make_unit("Ủy ban thử")
        self.focal = make_unit("Phòng đầu mối thử", parent=self.committee)
        self.unit = unit or make_unit(parent=self.committee)
        self.officer = self._person(Role.FOCAL_OFFICER, self.focal)
        self.focal_head = self._person(Role.FOCAL_HEAD, self.focal)
        self.leader = self._person(Role.LEADER, self.committee)
        self.finance = self._person(Role.FINANCE, make_unit("Phòng tài chính thử", parent=self.committee))
        self.clerk = self._person(Role.CLERK, self.committee)
        self.reporter = self._person(Role.UNIT_REPORTER, self.unit)
        self.head = self._person(Role.UNIT_HEAD, self.unit)

    @staticmethod
    def _person(role: Role, unit: Unit) -> User:
        user = make_user()
        give_role(user, role, unit)
        return user


def make_plan(*, state: str = VersionState.PUBLISHED, **fields: Any) -> Plan:
    """Return a plan with one version (in force), one section and no task."""
    number = next(_number)
    fields.setdefault("key", f"{number}-kh-thu-2026")
    fields.setdefault("full_number", f"{number}/KH-THU")
    fields.setdefault("title", f"Kế hoạch thử {number}")
    fields.setdefault("year", 2026)
    fields.setdefault("starts_on", date(2026, 1, 1))
    fields.setdefault("ends_on", date(2026, 12, 31))
    if "issuer" not in fields:
        fields["issuer"] = make_unit()
    plan = Plan.objects.create(created_at=NOW, folded_title=fold(fields["title"]), **fields)
    version = PlanVersion.objects.create(plan=plan, number=1, state=state, title=plan.title, created_at=NOW)
    Section.objects.create(version=version, ref="II.1", title="Mục thử", order=1)
    return plan


def make_task(plan: Plan, *, lead: Unit | None = None, **fields: Any) -> Task:
    """Return a task of the plan's newest version, due at the end of the year."""
    number = next(_number)
    version = plan.versions.latest("number")
    fields.setdefault("code", f"II.1-{number}")
    fields.setdefault("title", f"Nhiệm vụ thử {number}")
    fields.setdefault("level", TaskLevel.PROGRAMME)
    fields.setdefault("deadline", date(2026, 12, 31))
    fields.setdefault("order", number)
    section = version.sections.first()
    return Task.objects.create(
        version=version,
        section=section,
        lead=lead or make_unit(),
        folded_title=fold(fields["title"]),
        **fields,
    )


def make_item(task: Task, *, unit: Unit | None = None, **fields: Any) -> WorkItem:
    """Return the work item of a unit (the task's lead when left out)."""
    fields.setdefault("due", task.deadline)
    return WorkItem.objects.create(
        plan=task.version.plan, task=task, code=task.code, unit=unit or task.lead, updated_at=NOW, **fields
    )


def make_indicator(code: str = "", **fields: Any) -> PlanIndicator:
    """Return an indicator that is typed by hand."""
    code = code or f"chi_tieu_{next(_number)}"
    fields.setdefault("title", f"Chỉ tiêu {code}")
    fields.setdefault("unit", "người")
    return PlanIndicator.objects.create(code=code, **fields)


def make_group(name: str, members: list[Unit]) -> Unit:
    """Return a group of units."""
    kind = make_kind("nhom", "Nhóm đơn vị")
    kind.is_group = True
    kind.save()
    group = make_unit(name, kind=kind)
    group.members.set(members)
    return group


def make_regime(
    reporters: list[Unit],
    *,
    indicators: tuple[PlanIndicator, ...] = (),
    headings: tuple[str, ...] = ("Kết quả",),
    **fields: Any,
) -> Regime:
    """Return a periodic regime with its outline and number form."""
    number = next(_number)
    fields.setdefault("key", f"che-do-{number}")
    fields.setdefault("title", f"Báo cáo thử {number}")
    fields.setdefault("kind", RegimeKind.PERIODIC)
    if "receiver" not in fields:
        fields["receiver"] = make_unit()
    regime = Regime.objects.create(created_at=NOW, **fields)
    regime.reporters.set(reporters)
    for order, title in enumerate(headings, start=1):
        OutlineItem.objects.create(regime=regime, order=order, title=title)
    for order, indicator in enumerate(indicators, start=1):
        RegimeIndicator.objects.create(regime=regime, indicator=indicator, order=order)
    return regime


def make_period(regime: Regime, code: str = "2026-H1", **fields: Any) -> ReportPeriod:
    """Return a period whose figures run to 25 May 2026, due on 1 June 2026."""
    fields.setdefault("title", f"Kỳ {code}")
    fields.setdefault("starts_on", date(2025, 12, 1))
    fields.setdefault("cutoff", date(2026, 5, 25))
    fields.setdefault("opens_on", date(2026, 5, 1))
    fields.setdefault("due", date(2026, 6, 1))
    return ReportPeriod.objects.create(regime=regime, code=code, created_at=NOW, **fields)


def make_report(period: ReportPeriod, unit: Unit, **fields: Any) -> UnitReport:
    """Return the expected report of a unit."""
    fields.setdefault("unit_name", unit.name)
    return UnitReport.objects.create(period=period, unit=unit, updated_at=NOW, **fields)


def make_estimate(plan: Plan | None = None, **fields: Any) -> Estimate:
    """Return an approved estimate of 2026."""
    fields.setdefault("year", 2026)
    fields.setdefault("title", f"Dự toán thử {next(_number)}")
    fields.setdefault("state", EstimateState.APPROVED)
    return Estimate.objects.create(plan=plan, created_at=NOW, **fields)


def make_line(estimate: Estimate, unit: Unit, **fields: Any) -> BudgetLine:
    """Return a line with ten million dong allocated."""
    fields.setdefault("title", f"Nội dung chi {next(_number)}")
    fields.setdefault("estimated", Decimal(10_000_000))
    fields.setdefault("allocated", Decimal(10_000_000))
    return BudgetLine.objects.create(estimate=estimate, unit=unit, **fields)


def make_document(agency: Unit, **fields: Any) -> Document:
    """Return a drafted report."""
    fields.setdefault("type_code", "BC")
    fields.setdefault("symbol", "BC-THU")
    fields.setdefault("subject", "Báo cáo thử")
    return Document.objects.create(
        agency=agency, folded_subject=fold(fields["subject"]), drafted_at=NOW, **fields
    )


def make_campaign(*units: Unit, **fields: Any) -> Campaign:
    """Return a campaign that runs in May 2026."""
    fields.setdefault("title", f"Đợt tuyên truyền {next(_number)}")
    fields.setdefault("starts_on", date(2026, 5, 1))
    fields.setdefault("ends_on", date(2026, 5, 31))
    campaign = Campaign.objects.create(created_at=NOW, **fields)
    campaign.units.set(units)
    return campaign


def make_event(**fields: Any) -> OutsideEvent:
    """Return a workshop that somebody else holds in June 2026."""
    fields.setdefault("title", f"Hội thảo {next(_number)}")
    fields.setdefault("kind", "workshop")
    fields.setdefault("organiser", "Sở thử")
    fields.setdefault("received_on", TODAY)
    fields.setdefault("starts_on", date(2026, 6, 10))
    fields.setdefault("ends_on", date(2026, 6, 10))
    return OutsideEvent.objects.create(created_at=NOW, **fields)


def make_roll(period: ReportPeriod, **fields: Any) -> Consolidation:
    """Return a consolidated report in work."""
    fields.setdefault("title", f"Báo cáo tổng hợp {period.code}")
    return Consolidation.objects.create(period=period, created_at=NOW, **fields)
