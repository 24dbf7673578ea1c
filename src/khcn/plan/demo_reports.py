"""Reports of the demo's units: what each of them says, sent, accepted, late; consolidated reports. Figures are made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from khcn.plan.demo_cast import OWN, WARDS, Stage, luck, working
from khcn.plan.demo_now import Days
from khcn.plan.enums import RegimeKind, ReportState
from khcn.plan.models import Consolidation, OutlineItem, Plan, Regime, ReportPeriod, UnitReport
from khcn.plan.services.ad_hoc import ad_hoc_request
from khcn.plan.services.batches import ReportDeed, reports_enter
from khcn.plan.services.periods import period_open
from khcn.plan.services.report_exceptions import exception_grant
from khcn.plan.services.report_moves import report_approve, report_return
from khcn.plan.services.reports import Content, FigureInput, report_save
from khcn.plan.services.rolls import roll_start, roll_title_edit
from khcn.plan.services.rolls_approval import roll_approve, roll_issue, roll_pass, roll_publish, roll_submit

# What a kind of unit reports (code -> from, up to); the larger of two figures that a rule ties stands first.
_WARD: Final = {
    "people_reached": (300, 2600), "communication_items": (2, 12), "sessions": (1, 4), "attendees": (40, 180),
    "documents_disseminated": (1, 6),
}  # fmt: skip
_FIGURES: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "phong-gddt": {
        "schools": (8, 22), "activities": (6, 30), "pupils_attending": (400, 2200), "registrations": (120, 300),
        "people_trained": (60, 110), "teachers_trained": (30, 60), "classes": (2, 6),
    },
    "phong-tu-phap": {"sessions": (2, 6), "documents_disseminated": (3, 9), "attendees": (90, 320)},
    "phong-vhtt": {"people_reached": (2000, 9000), "communication_items": (10, 40)},
    "phong-tckh": {"budget_allocated_vnd": (900, 1200), "budget_disbursed_vnd": (200, 700)},
    "quan-doan-5": {"young_people_supported": (60, 240), "exhibitions_joined": (1, 3), "activities": (3, 9)},
    "lien-doan-lao-dong": {"registrations": (80, 150), "people_trained": (30, 70), "classes": (1, 3)},
    "hoi-doanh-nghiep": {"enterprises_supported": (5, 25), "events_publicised": (2, 8), "people_attending": (20, 90)},
}  # fmt: skip
_RESULTS: Final = (
    "Đã tuyên truyền chủ trương, chính sách về khoa học và công nghệ qua loa phát thanh, bảng tin và nhóm Zalo khu phố (số liệu minh họa).",
    "Đã phối hợp tổ chức buổi phổ biến về sở hữu trí tuệ và nhãn hiệu cho hộ kinh doanh; người dự quan tâm nhiều đến thủ tục đăng ký (số liệu minh họa).",
    "Đã phổ biến thư viện khoa học và công nghệ trực tuyến đến cán bộ, đoàn viên và người dân (số liệu minh họa).",
)  # fmt: skip
_HURDLES: Final = (
    "", "Thiếu báo cáo viên am hiểu về sở hữu trí tuệ.", "Kinh phí cho tuyên truyền còn ít so với nhu cầu.",
    "Nhiều hoạt động trùng thời gian nên khó bố trí người.",
)  # fmt: skip
_NEXT: Final = (
    "Tiếp tục tuyên truyền theo kế hoạch; vận động hộ kinh doanh dự lớp tập huấn.",
    "Phối hợp trường học tổ chức hoạt động trải nghiệm cho học sinh.",
)
_ASKS: Final = (
    "",
    "Đề nghị hỗ trợ tài liệu, hình ảnh để tuyên truyền.",
    "Đề nghị mở thêm lớp tập huấn cho cán bộ mới.",
)
_MILLION: Final = 1_000_000
_SILENT: Final = ("ubnd-p06", "ubnd-p10")  # have not answered the request


@dataclass(frozen=True, slots=True)
class Sent:
    """How far the report of a unit got: sent on a day (``None``: not), accepted, waiting for its head, returned."""

    unit: str
    day: date | None
    accepted: bool = True
    submitted: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a report says: figures by code, texts by heading."""

    figures: dict[str, Decimal]
    texts: dict[int, str]


def period_fill(stage: Stage, period: ReportPeriod, sent: Sequence[Sent]) -> None:
    """Open a period on its day and bring reports in. Late ones come by an exception that the focal unit's head granted.

    What has been accepted comes in as one batch, the others step by step.
    """
    period_open(actor=None, period=period, now=stage.at(period.opens_on, 7))
    rows = UnitReport.objects.filter(period=period).select_related("unit", "period__regime")
    reports = {report.unit.key: report for report in rows.prefetch_related("figures__indicator")}
    headings = list(period.regime.outline.order_by("order"))
    known = [(reports[one.unit], one) for one in sent if one.unit in reports]
    whole = [(report, one) for report, one in known if one.day and one.accepted and not one.comment]
    for report, one in whole:
        if one.day and one.day > period.due:
            _excepted(stage, report, one.day)
    deeds = [_deed(stage, report, one, _said(report, headings)) for report, one in whole]
    if deeds:
        reports_enter(actor=None, period=period, deeds=deeds, now=stage.now)
    for report, one in known:
        if (report, one) not in whole:
            _stepwise(stage, report, one, _said(report, headings))


def _excepted(stage: Stage, report: UnitReport, day: date) -> None:
    exception_grant(
        actor=None, report_id=report.pk, until=day + timedelta(days=2), now=stage.at(report.period.due, 16),
        reason="Cán bộ phụ trách đi công tác dài ngày (minh họa).",
    )  # fmt: skip


def _written(stage: Stage, report: UnitReport, one: Sent) -> datetime:
    chance = luck(report.period.code, one.unit)
    day = one.day or max(report.period.opens_on, working(stage.today, -1))
    return stage.at(day, 8 + chance.randrange(0, 3), chance.randrange(0, 60))


def _deed(stage: Stage, report: UnitReport, one: Sent, said: Said) -> ReportDeed:
    written = _written(stage, report, one)
    return ReportDeed(
        report, said.figures, said.texts, ReportState.ACCEPTED, written_at=written, written_by=stage.people["baocao"].pk,
        approved_by=stage.people["truongdonvi"].pk, accepted_by=stage.people["daumoi"].pk,
        sent_at=min(written + timedelta(hours=5), stage.now), accepted_at=min(written + timedelta(hours=7), stage.now),
    )  # fmt: skip


def _stepwise(stage: Stage, report: UnitReport, one: Sent, said: Said) -> None:
    written = _written(stage, report, one)
    content = Content({code: FigureInput(value) for code, value in said.figures.items()}, said.texts)
    saved = report_save(
        actor=None, report_id=report.pk, revision=report.revision, content=content, now=written,
        submit=one.submitted, confirmed=True,
    )  # fmt: skip
    if one.day is None or not saved.submitted:
        return
    sent = min(written + timedelta(hours=5), stage.now)
    report_approve(actor=None, report_id=report.pk, revision=saved.report.revision, now=sent)
    if one.comment:
        later = min(sent + timedelta(hours=2), stage.now)
        report_return(actor=None, report_id=report.pk, comment=one.comment, now=later)


def _said(report: UnitReport, headings: Sequence[OutlineItem]) -> Said:
    """Return what a unit puts: figures that the installation has not recorded itself, and a text under each heading."""
    chance = luck("figures", report.period.code, report.unit.key)
    have = {row.indicator.code: row.computed for row in report.figures.all()}
    figures = {}
    for code, (low, high) in _FIGURES.get(report.unit.key, _WARD).items():
        value = Decimal(chance.randrange(low, high) * (_MILLION if code.endswith("_vnd") else 1))
        if code in have and have[code] is None:
            figures[code] = value
    words = (_RESULTS, _HURDLES, _NEXT, _ASKS)
    return Said(figures, {row.pk: chance.choice(said) for row, said in zip(headings, words, strict=False)})


def roll_bring(stage: Stage, period: ReportPeriod, day: date, *, issue: bool) -> Consolidation:
    """Consolidate a period; with ``issue`` hand it through the offices, freeze it and let the public read it."""
    people = stage.people
    roll = roll_start(actor=people["daumoi"], period=period, now=stage.at(day, 9))
    title = roll.title if "minh họa)" in roll.title else f"{roll.title} (số liệu minh họa)"
    roll_title_edit(
        actor=people["daumoi"], roll=roll, title=title, shown=roll.title, now=stage.at(day, 9, 30)
    )
    roll = Consolidation.objects.get(pk=roll.pk)
    if not issue:
        return roll
    for move, login, hour in (
        (roll_submit, "daumoi", 10),
        (roll_pass, "truongdaumoi", 11),
        (roll_approve, "lanhdao", 14),
    ):
        move(actor=people[login], roll=roll, revision=roll.revision, now=stage.at(day, hour))
        roll = Consolidation.objects.get(pk=roll.pk)
    roll = roll_issue(actor=people["vanthu"], roll=roll, now=stage.at(day, 15))
    roll_publish(actor=people["lanhdao"], roll=roll, public=True, now=stage.at(day, 16))
    return roll


# This year


def periods_of(plan: Plan) -> tuple[ReportPeriod, ReportPeriod]:
    """Return the two periods of this year's plan."""
    periods = ReportPeriod.objects.filter(regime__plan=plan, regime__kind=RegimeKind.PERIODIC).order_by("due")
    first, second = periods.select_related("regime")
    return first, second


def issued_on(period: ReportPeriod, days: Days) -> date:
    """Return the day on which the first period's report is issued."""
    return min(working(period.due, 6), days.today)


def first_fill(stage: Stage, period: ReportPeriod, days: Days) -> None:
    """The first period: everybody reported, three of them late, consolidated and issued."""
    late = {"ubnd-p06": 3, "ubnd-p10": 1, "hoi-doanh-nghiep": 2}
    sent = [
        Sent(key, working(period.due, late.get(key, -luck("k1", key).randrange(0, 5))))
        for key in _reporters(period)
    ]
    period_fill(stage, period, sent)
    roll_bring(stage, period, issued_on(period, days), issue=True)


def second_fill(stage: Stage, period: ReportPeriod, days: Days) -> None:
    """The second period, open today: some reports are in, some wait, the visitor's own is untouched."""
    period_fill(stage, period, _second(_reporters(period), days))
    roll_bring(stage, period, days.today, issue=False)


def _reporters(period: ReportPeriod) -> list[str]:
    keys = [unit.key for unit in period.regime.reporters.all()]
    return [*(key for key in keys if key != "ubnd-14-phuong" and key not in WARDS), *WARDS]


def _second(units: Sequence[str], days: Days) -> list[Sent]:
    """Return how far the reports of the open period are: the first units are done, the last have not begun."""
    found = []
    others = [key for key in units if key != OWN]
    for place, key in enumerate(others):
        day = days.working(-1 - place % 3)
        if place < 7:
            found.append(Sent(key, day))
        elif place < 10:
            found.append(Sent(key, day, accepted=False))
        elif place < 12:
            found.append(Sent(key, None))
        elif place < 14:
            found.append(Sent(key, None, submitted=False))
        elif place == 14:
            found.append(
                Sent(key, day, comment="Số người tiếp cận chưa khớp với số buổi; đề nghị xem lại (minh họa).")
            )
    return found


def request_fill(stage: Stage, plan: Plan, days: Days) -> None:
    """An ad hoc request whose last day was the day before yesterday: two wards have not answered."""
    template = Regime.objects.filter(plan=plan, kind=RegimeKind.AD_HOC, is_template=True).first()
    if template is None:
        return
    due, asked = days.working(-2), days.working(-7)
    sent = ad_hoc_request(
        actor=None, template=template, title="Rà soát nhu cầu tập huấn chuyển đổi số của hộ kinh doanh (minh họa)",
        request="Báo cáo số buổi đã tổ chức, số người dự và nhu cầu tập huấn trong thời gian tới.",
        units=[stage.units[key] for key in WARDS if key != OWN], starts_on=days.signed, cutoff=days.working(-5), due=due,
        now=stage.at(asked, 9),
    )  # fmt: skip
    period_fill(stage, sent.period, [Sent(key, due) for key in WARDS if key not in (OWN, *_SILENT)])
