"""Reports of a simulated half-year: the period opens, units report (some late, some never), the whole is consolidated."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.calendar.selectors import working_calendar
from khcn.plan.enums import Compare, ReportState
from khcn.plan.models import Consolidation, Regime, ReportFigure, ReportPeriod, UnitReport
from khcn.plan.rules.checking import Rule
from khcn.plan.rules.deadlines import PeriodDays
from khcn.plan.services.batches import ReportDeed, reports_enter
from khcn.plan.services.periods import period_create, period_open
from khcn.plan.services.regimes import RegimeFacts, regime_create, regime_rules
from khcn.plan.services.report_exceptions import exception_grant
from khcn.plan.services.rolls import roll_start
from khcn.plan.services.rolls_approval import roll_approve, roll_issue, roll_pass, roll_submit
from khcn.plan.simulation import MARK
from khcn.plan.simulation.cast import Cast, moment
from khcn.plan.simulation.specs import COMMITTEE, FOCAL, GROUP, regime_form, sentences

REGIME = f"{MARK}che-do"
MISSING, LATE = 0.03, 0.1  # of the units
CORRECTED = 0.06  # of the recorded figures that no rule ties to another
RESULTS = (
    "Đã tổ chức các hoạt động tuyên truyền, tập huấn theo kế hoạch.", "Người dân quan tâm nhiều đến sở hữu trí tuệ.",
    "Đã phối hợp với trường học và đoàn thể trên địa bàn.", "Các nhiệm vụ còn lại thực hiện trong kỳ sau.",
)  # fmt: skip
OTHERS = ("Không có.", "Kinh phí còn ít so với nhu cầu.", "Đề nghị mở thêm lớp tập huấn cho cán bộ mới.")
_CUTOFFS = {"H1": (5, 25), "H2": (10, 25)}
_STARTS = {"H1": (-1, 10, 26), "H2": (0, 5, 26)}


def regime_bring(cast: Cast) -> Regime:
    """Return the regime of all years, made when missing."""
    known = Regime.objects.filter(key=REGIME).first()
    if known is not None:
        return known
    facts = RegimeFacts(
        title="Báo cáo sáu tháng mô phỏng", receiver=cast.units[FOCAL], addressed_to=cast.units[COMMITTEE],
        basis="Quy định mô phỏng",
    )  # fmt: skip
    now = moment(date(cast.city.span[0], 1, 5))
    return regime_create(
        actor=cast.person("chuyen-vien"),
        facts=facts,
        form=regime_form(),
        reporters=[cast.units[GROUP]],
        now=now,
        key=REGIME,
    )


def period_days(year: int, code: str, calendar: WorkingCalendar) -> PeriodDays:
    """Return the days of a half-year: cut-off on the 25th, entry from the next day, five working days to report."""
    cutoff = date(year, *_CUTOFFS[code])
    back, month, day = _STARTS[code]
    due = calendar.add_working_days(cutoff, 5)
    return PeriodDays(
        date(year + back, month, day),
        cutoff,
        cutoff + timedelta(days=1),
        due,
        calendar.add_working_days(due, 5),
    )


def period_fill(cast: Cast, regime: Regime, year: int, code: str) -> ReportPeriod | None:
    """Open a half-year and bring its reports in; ``None`` when it lies ahead."""
    days = period_days(year, code, working_calendar({year - 1, year, year + 1}))
    officer = cast.person("chuyen-vien")
    if not cast.reached(days.opens_on):
        return None
    opened = cast.at(days.opens_on, 7)
    period = period_create(
        actor=officer,
        regime=regime,
        code=f"{year}-{code}",
        title=f"Sáu tháng {code[1]} năm {year}",
        days=days,
        now=opened,
    )
    period_open(actor=officer, period=period, now=opened)
    if cast.reached(days.due):
        period = ReportPeriod.objects.select_related("regime").get(pk=period.pk)
        reports_enter(
            actor=officer,
            period=period,
            deeds=_deeds(cast, period),
            now=cast.at(days.due + timedelta(days=6)),
        )
    return period


def _deeds(cast: Cast, period: ReportPeriod) -> list[ReportDeed]:
    chance = cast.city.random("reports", period.code)
    places = {unit.pk: place for place, unit in enumerate(cast.wards)}
    reports = period.reports.select_related("period__regime", "unit").order_by("unit__key")
    known: dict[int, dict[str, ReportFigure]] = {}
    for figure in ReportFigure.objects.filter(report__period=period).select_related("indicator"):
        known.setdefault(figure.report_id, {})[figure.indicator.code] = figure
    headings = [one.pk for one in period.regime.outline.all()]
    rules = regime_rules(period.regime)
    found = []
    for report in reports:
        luck = chance.random()
        if luck < MISSING / 2:
            continue
        values, reasons = _values(known[report.pk], rules, chance)
        found.append(
            _deed(
                cast, period, report, places[report.unit_id], luck, values, reasons, _texts(headings, chance)
            )
        )
    return found


def _deed(
    cast: Cast, period: ReportPeriod, report: UnitReport, place: int, luck: float, *said: dict[str, Decimal | None] | dict[str, str] | dict[int, str],
) -> ReportDeed:  # fmt: skip
    values, reasons, texts = said
    late = luck < LATE
    day = (
        period.due + timedelta(days=1 + int(luck * 30) % 3)
        if late
        else period.due - timedelta(days=int(luck * 100) % 4)
    )
    sent = cast.at(day, 16, int(luck * 1000) % 60)
    if late and luck >= MISSING:
        exception_grant(
            actor=cast.person("truong-phong"), report_id=report.pk, until=period.due + timedelta(days=5),
            reason="Cán bộ phụ trách nghỉ ốm.", now=cast.at(period.due + timedelta(days=1), 8),
        )  # fmt: skip
    state = (
        ReportState.DRAFT
        if luck < MISSING
        else ReportState.APPROVED
        if luck < MISSING + 0.01
        else ReportState.ACCEPTED
    )
    return ReportDeed(
        report=report,
        values=values,  # type: ignore[arg-type]  # by place
        reasons=reasons,  # type: ignore[arg-type]  # by place
        texts=texts,  # type: ignore[arg-type]  # by place
        state=state,
        written_at=min(sent, cast.at(day, 10)),
        written_by=cast.reporter(place).pk,
        approved_by=cast.head(place).pk,
        accepted_by=cast.person("chuyen-vien").pk,
        sent_at=sent if state != ReportState.DRAFT else None,
        accepted_at=cast.at(day + timedelta(days=1), 14) if state == ReportState.ACCEPTED else None,
    )


def _values(
    figures: dict[str, ReportFigure], rules: list[Rule], chance: Random
) -> tuple[dict[str, Decimal | None], dict[str, str]]:
    """Return what a unit reports: recorded figures (a few corrected with a reason), typed ones that keep the rules."""
    tied = {rule.left for rule in rules} | {rule.right for rule in rules}
    values: dict[str, Decimal | None] = {}
    reasons: dict[str, str] = {}
    for code, figure in figures.items():
        typed = Decimal(chance.randrange(0, 60))
        corrected = chance.random() < CORRECTED
        if figure.computed is None:
            values[code] = typed
        elif corrected and code not in tied:
            values[code], reasons[code] = (
                figure.computed + 1 + typed // 10,
                "Có thêm hoạt động chưa kịp ghi vào hệ thống.",
            )
        else:
            values[code] = figure.computed
    for _round in range(len(rules)):
        for rule in rules:
            _keep_rule(rule, values, reasons, figures)
    return values, reasons


def _keep_rule(
    rule: Rule, values: dict[str, Decimal | None], reasons: dict[str, str], figures: dict[str, ReportFigure]
) -> None:
    """Move the typed side of a broken rule; where both are recorded, correct the right one with a reason."""
    left, right = values.get(rule.left), values.get(rule.right)
    if rule.compare != Compare.AT_MOST or left is None or right is None or left <= right:
        return
    if figures[rule.left].computed is None:
        values[rule.left] = right
        return
    values[rule.right] = left
    if figures[rule.right].computed is not None:
        reasons[rule.right] = "Danh sách giấy của đơn vị chưa nhập hết vào hệ thống."


def _texts(headings: list[int], chance: Random) -> dict[int, str]:
    first, *others = headings
    return {
        first: sentences(RESULTS, chance.randrange(1, 5)),
        **{one: chance.choice(OTHERS) for one in others},
    }


def roll_fill(cast: Cast, period: ReportPeriod, *, issue: bool) -> Consolidation:
    """Consolidate a period; with ``issue`` hand it through the offices until it is issued."""
    officer, now = cast.person("chuyen-vien"), cast.at(period.due + timedelta(days=7))
    roll = roll_start(actor=officer, period=period, now=now)
    if not issue:
        return roll
    for move, login in (
        (roll_submit, "chuyen-vien"),
        (roll_pass, "truong-phong"),
        (roll_approve, "lanh-dao"),
    ):
        move(actor=cast.person(login), roll=roll, revision=roll.revision, now=now)
        roll = Consolidation.objects.get(pk=roll.pk)
    return roll_issue(actor=cast.person("van-thu"), roll=roll, now=now)
