"""Regimes, periods and requests: from a plan, from data, by hand; who owes a report on which day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from khcn.core.calendar.services import day_off_set
from khcn.core.errors import PermissionDeniedError
from khcn.core.models.audit import AuditEvent
from khcn.core.models.outbox import Message
from khcn.orgs.models import Unit, UnitSuccession
from khcn.orgs.services.profiles import profile_load
from khcn.plan.enums import RegimeKind, ReportState, VersionState
from khcn.plan.models import PlanIndicator, Regime, Reminder, ReportPeriod, ReportText, UnitReport
from khcn.plan.rules.checking import Rule
from khcn.plan.rules.deadlines import PeriodDays
from khcn.plan.rules.regime_forms import FigureRow, Form, Heading, usual_headings
from khcn.plan.selectors.expected import expected_on
from khcn.plan.services.ad_hoc import ad_hoc_request, request_text
from khcn.plan.services.periods import (
    PeriodDaysError,
    period_close,
    period_create,
    period_open,
    period_update,
    periods_open_due,
)
from khcn.plan.services.regime_data import indicators_seed
from khcn.plan.services.regime_plans import regime_from_plan, regime_load
from khcn.plan.services.regimes import (
    RegimeError,
    RegimeFacts,
    regime_create,
    regime_form,
    regime_form_set,
)
from tests.orgs.factories import make_unit
from tests.plan.factories import (
    NOW,
    TODAY,
    People,
    make_group,
    make_indicator,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db
REPORTERS = [
    "phong-tckh", "phong-tu-phap", "phong-vhtt", "phong-gddt", "quan-doan-5", "lien-doan-lao-dong", "hoi-doanh-nghiep",
    *(f"ubnd-p{number:02d}" for number in range(1, 15)),
]  # fmt: skip
REPORTING = {
    "reporters": REPORTERS, "to_confirm": ["hoi-lhpn"], "addressed_to": "ubnd-q5", "through": "phong-kinh-te",
    "consolidated_to": "so-khcn", "per_year": 2,
    "periods": [
        {"code": "2021-H1", "title": "Báo cáo lần 1 năm 2021", "due": "2021-06-01", "cutoff": None, "task": "IV.8-H1"},
        {"code": "2021-H2", "title": "Báo cáo lần 2 năm 2021", "due": "2021-11-01", "cutoff": None, "task": "IV.8-H2"},
    ],
}  # fmt: skip


def days_of(period: ReportPeriod) -> tuple[date, date, date, date]:
    return (period.starts_on, period.cutoff, period.opens_on, period.due)


# The regime of plan 82


def test_the_regime_of_plan_82_from_its_data_file() -> None:
    profile_load(name="quan5-2021", actor=None, today=TODAY)
    regime = regime_load(actor=None, name="kh-82-2021", now=NOW)
    first, second = regime.periods.order_by("due")
    assert days_of(first) == (date(2021, 1, 1), date(2021, 5, 25), date(2021, 5, 18), date(2021, 6, 1))
    assert days_of(second) == (date(2021, 5, 26), date(2021, 10, 25), date(2021, 10, 18), date(2021, 11, 1))
    assert first.cutoff_proposed and second.previous == first
    assert first.reports.count() == second.reports.count() == 21
    assert (regime.receiver.key, regime.superior and regime.superior.key) == ("phong-kinh-te", "so-khcn")
    assert set(first.reports.values_list("unit__key", flat=True)) == set(REPORTERS)
    before = AuditEvent.objects.count()
    assert regime_load(actor=None, name="kh-82-2021", now=NOW) == regime
    assert AuditEvent.objects.count() == before


def test_the_regime_from_a_drafted_plan() -> None:
    profile_load(name="quan5-2021", actor=None, today=TODAY)
    units = Unit.objects.in_bulk(field_name="key")
    plan = make_plan(
        state=VersionState.DRAFT, year=2021, full_number="82/KH-UBND", starts_on=date(2021, 4, 12),
        ends_on=date(2021, 12, 31), issuer=units["ubnd-q5"], focal_unit=units["phong-kinh-te"],
        kinds={"library": "Thư viện trực tuyến", "training": "Tập huấn"},
    )  # fmt: skip
    version = plan.versions.get()
    version.reporting = REPORTING
    version.save()
    lead = units["phong-kinh-te"]
    make_task(plan, lead=lead, kind="training", indicators=["classes", "people_trained"], order=1)
    make_task(plan, lead=lead, kind="library", indicators=["items_published", "visits"], order=2)
    make_task(plan, lead=lead, kind="visit", indicators=["visits", "people_trained", "chua_biet"], order=3)
    regime = regime_from_plan(version=version, actor=None, now=NOW)
    assert regime is not None
    rows = list(regime.indicators.values_list("indicator__code", "group"))
    assert rows == [
        ("classes", "Tập huấn"), ("people_trained", "Tập huấn"), ("items_published", "Thư viện trực tuyến"),
        ("library_visits", "Thư viện trực tuyến"), ("visits", ""), ("chua_biet", ""),
    ]  # fmt: skip
    assert regime.periods.get(code="2021-H1").reports.count() == 21
    assert list(regime.outline.values_list("title", flat=True)) == [one.title for one in usual_headings()]
    assert PlanIndicator.objects.get(code="classes").unit == "lớp"
    assert Regime.objects.filter(plan=plan, is_template=True, kind=RegimeKind.AD_HOC).count() == 1
    counts = (
        Regime.objects.count(),
        ReportPeriod.objects.count(),
        UnitReport.objects.count(),
        AuditEvent.objects.count(),
    )
    assert regime_from_plan(version=version, actor=None, now=NOW + timedelta(days=1)) == regime
    assert counts == (
        Regime.objects.count(), ReportPeriod.objects.count(), UnitReport.objects.count(), AuditEvent.objects.count()
    )  # fmt: skip


def test_a_confirmed_cutoff_survives_a_second_import() -> None:
    profile_load(name="quan5-2021", actor=None, today=TODAY)
    plan = make_plan(year=2021, focal_unit=Unit.objects.get(key="phong-kinh-te"))
    version = plan.versions.get()
    version.reporting = REPORTING
    version.save()
    regime = regime_from_plan(version=version, actor=None, now=NOW)
    assert regime is not None
    period = regime.periods.get(code="2021-H1")
    period_update(
        actor=None, period=period, title=period.title, request="", now=NOW,
        days=PeriodDays(date(2020, 12, 15), date(2021, 5, 14), date(2021, 5, 18), date(2021, 6, 1)),
    )  # fmt: skip
    regime_from_plan(version=version, actor=None, now=NOW)
    period.refresh_from_db()
    assert (period.cutoff, period.cutoff_proposed) == (date(2021, 5, 14), False)


def test_a_plan_that_names_an_unknown_reporter_makes_nothing() -> None:
    version = make_plan().versions.get()
    version.reporting = {"reporters": ["khong-co"], "periods": REPORTING["periods"]}
    version.save()
    with pytest.raises(RegimeError, match="khong-co"):
        regime_from_plan(version=version, actor=None, now=NOW)
    assert not Regime.objects.exists()


def test_a_plan_without_reports_has_no_regime() -> None:
    assert regime_from_plan(version=make_plan().versions.get(), actor=None, now=NOW) is None


def test_the_register_is_seeded_once() -> None:
    assert indicators_seed() > 50
    PlanIndicator.objects.filter(code="classes").update(title="Lớp đã mở")
    assert indicators_seed() == 0
    assert PlanIndicator.objects.get(code="classes").title == "Lớp đã mở"


# By hand


def facts(people: People, **fields: Any) -> RegimeFacts:
    return RegimeFacts(**{"title": "Báo cáo quý", "receiver": people.focal, **fields})


def test_only_the_officer_keeps_regimes() -> None:
    people = People()
    form = Form([Heading("Kết quả")], [FigureRow("classes")])
    made = regime_create(
        actor=people.officer, facts=facts(people), form=form, reporters=[people.unit], now=NOW
    )
    assert made.key == "bao-cao-quy"
    for actor in (people.focal_head, people.leader, people.reporter, people.head, people.finance):
        with pytest.raises(PermissionDeniedError):
            regime_create(actor=actor, facts=facts(people), form=form, reporters=[people.unit], now=NOW)
        with pytest.raises(PermissionDeniedError):
            period_open(actor=actor, period=make_period(made, f"2026-{actor.pk}"), now=NOW)


@pytest.mark.parametrize(
    ("change", "form", "item"),
    [
        ({"title": " "}, Form(), "title"),
        ({"kind": "khac"}, Form(), "kind"),
        ({}, Form(figures=[FigureRow("a"), FigureRow("a")]), "figures"),
        ({}, Form(figures=[FigureRow("a", aggregate="ratio", numerator="a", denominator="b")]), "figures"),
        ({}, Form(figures=[FigureRow("a")], rules=[Rule("a", "le", "b")]), "rules"),
        ({}, Form(figures=[FigureRow("a")], rules=[Rule("a", "gt", "5")]), "rules"),
    ],
)
def test_what_does_not_hold_together_is_refused(change: dict[str, Any], form: Form, item: str) -> None:
    people = People()
    with pytest.raises(RegimeError) as caught:
        regime_create(
            actor=people.officer, facts=facts(people, **change), form=form, reporters=[people.unit], now=NOW
        )
    assert caught.value.item == item
    assert not Regime.objects.exists()


def test_a_heading_with_texts_stays_and_the_form_can_be_copied() -> None:
    people = People()
    regime = make_regime([people.unit], headings=("Kết quả", "Kiến nghị"))
    report = make_report(make_period(regime), people.unit)
    ReportText.objects.create(report=report, heading=regime.outline.get(title="Kết quả"), text="Xong")
    with pytest.raises(RegimeError, match="Kết quả"):
        regime_form_set(actor=people.officer, regime=regime, form=Form([Heading("Khác")]), now=NOW)
    form = Form(
        [Heading("Khác"), Heading("Kết quả", required=True)],
        [FigureRow("a", required=True)],
        [Rule("a", "ge", "1")],
    )
    regime_form_set(actor=people.officer, regime=regime, form=form, now=NOW)
    assert list(regime.outline.values_list("title", flat=True)) == ["Khác", "Kết quả"]
    assert report.texts.get().heading.title == "Kết quả"
    copied = regime_form(Regime.objects.get(pk=regime.pk))
    assert ([one.code for one in copied.figures], copied.rules) == (["a"], [Rule("a", "ge", "1")])


# Periods


def test_a_deadline_too_close_to_its_cutoff_is_refused_with_the_first_possible_day() -> None:
    people = People()
    regime = make_regime([people.unit])
    days = PeriodDays(date(2026, 5, 1), date(2026, 5, 29), date(2026, 5, 20), date(2026, 5, 31))
    with pytest.raises(PeriodDaysError) as caught:
        period_create(
            actor=people.officer, regime=regime, code="2026-05", title="Tháng 5", days=days, now=NOW
        )
    assert [fault.item for fault in caught.value.faults] == ["due"]
    assert "thứ Hai 01/06/2026" in caught.value.message
    day_off_set(
        actor=None, day=date(2026, 6, 1), name="Nghỉ bù", now=NOW
    )  # the calendar of the office decides
    late = PeriodDays(days.starts_on, days.cutoff, days.opens_on, date(2026, 6, 1))
    with pytest.raises(PeriodDaysError, match="02/06/2026"):
        period_create(
            actor=people.officer, regime=regime, code="2026-05", title="Tháng 5", days=late, now=NOW
        )
    assert not regime.periods.exists()


def test_a_period_opens_once_with_groups_and_successors_of_that_day() -> None:
    people = People()
    gone = make_unit("Phường cũ 1", valid_to=date(2026, 3, 31))
    heir = make_unit("Phường mới", valid_from=date(2026, 4, 1))
    UnitSuccession.objects.create(
        kind="merge",
        predecessor=gone,
        successor=heir,
        decision_number="1/QĐ",
        effective_date=date(2026, 4, 1),
    )
    lost = make_unit("Đội đã giải thể", valid_to=date(2026, 3, 31))
    coming = make_unit("Đơn vị chưa lập", valid_from=date(2027, 1, 1))
    group = make_group("Các phường", [gone, heir, lost, coming, people.unit])
    regime = make_regime([group, people.unit], indicators=(make_indicator("classes"),))
    period = make_period(regime)
    assert [unit.name for unit in expected_on(regime, period.opens_on).gone] == ["Đội đã giải thể"]
    assert period_open(actor=people.officer, period=period, now=NOW) == 2
    assert set(period.reports.values_list("unit_name", flat=True)) == {heir.name, people.unit.name}
    assert period.reports.first().figures.count() == 1  # type: ignore[union-attr]
    assert period_open(actor=people.officer, period=period, now=NOW) == 0
    Unit.objects.filter(pk=heir.pk).update(name="Tên khác")
    assert period.reports.get(unit=heir).unit_name == "Phường mới"


def test_before_the_merger_the_old_units_report() -> None:
    gone = make_unit("Phường cũ 1", valid_to=date(2026, 6, 30))
    heir = make_unit("Phường mới", valid_from=date(2026, 7, 1))
    UnitSuccession.objects.create(
        kind="merge",
        predecessor=gone,
        successor=heir,
        decision_number="1/QĐ",
        effective_date=date(2026, 7, 1),
    )
    regime = make_regime([gone])
    assert [unit.pk for unit in expected_on(regime, date(2026, 6, 30)).units] == [gone.pk]
    assert [unit.pk for unit in expected_on(regime, date(2026, 7, 1)).units] == [heir.pk]


def test_the_duty_opens_what_is_due_of_published_plans_only() -> None:
    people = People()
    drafted = make_regime([people.unit], plan=make_plan(state=VersionState.DRAFT))
    running = make_regime([people.unit], plan=make_plan())
    off = make_regime([people.unit], is_active=False)
    for regime in (drafted, running, off):
        make_period(regime, opens_on=TODAY)
    make_period(running, "2026-H2", starts_on=date(2026, 5, 26), cutoff=date(2026, 10, 25), due=date(2026, 11, 2),
                opens_on=TODAY + timedelta(days=1))  # fmt: skip
    assert list(periods_open_due(NOW)) == ["2026-H1"]
    assert UnitReport.objects.get().period.regime == running
    assert periods_open_due(NOW) == {}
    assert list(periods_open_due(NOW + timedelta(days=1))) == ["2026-H2"]


def test_closing_and_reopening_a_period() -> None:
    people = People()
    period = make_period(make_regime([people.unit]))
    assert period_close(actor=people.officer, period=period, now=NOW)
    assert not period_close(actor=people.officer, period=period, now=NOW)
    assert period_close(actor=people.officer, period=period, now=NOW, closed=False)


# Ad hoc requests


def test_an_ad_hoc_request_goes_out_at_once() -> None:
    people = People()
    silent = make_unit("Đơn vị không có tài khoản", parent=people.committee)
    template = make_regime([people.unit], indicators=(make_indicator("classes"),), receiver=people.focal)
    sent = ad_hoc_request(
        actor=people.officer, template=template, title="Số lớp tập huấn", request="Báo số lớp từ đầu năm.",
        units=[people.unit, silent], starts_on=date(2026, 1, 1), cutoff=TODAY, due=TODAY + timedelta(days=2), now=NOW,
    )  # fmt: skip
    assert (sent.units, sent.people, sent.unreached) == (2, 2, ["Đơn vị không có tài khoản"])
    assert sent.period.code == "2026-DX1"
    assert sent.period.reports.count() == 2
    assert sent.period.regime.kind == RegimeKind.AD_HOC
    assert [row.indicator.code for row in sent.period.regime.indicators.all()] == ["classes"]
    assert (
        Message.objects.filter(user__in=[people.reporter, people.head]).count() == 4
    )  # desk and mail, two people
    assert Reminder.objects.count() == 2  # the ladder does not say it again
    text = request_text(sent.period, address="https://example.vn/x")
    assert "Báo số lớp từ đầu năm." in text and "Hạn: hết thứ Sáu ngày 22/05/2026." in text
    template.refresh_from_db()
    assert template.reporters.count() == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"due": TODAY}, PeriodDaysError),
        ({"cutoff": date(2026, 5, 22), "due": date(2026, 5, 24)}, PeriodDaysError),  # Friday to Sunday
        ({"request": " "}, RegimeError),
        ({"title": ""}, RegimeError),
        ({"units": []}, RegimeError),
        (
            {"starts_on": date(2025, 1, 1), "cutoff": date(2025, 2, 1), "due": date(2025, 3, 3)},
            RegimeError,
        ),  # long past
    ],
)
def test_a_request_that_cannot_stand_sends_nothing(change: dict[str, Any], error: type[Exception]) -> None:
    people = People()
    asked: dict[str, Any] = {
        "title": "Gấp", "request": "Báo số lớp.", "units": [people.unit], "starts_on": date(2026, 1, 1), "cutoff": TODAY,
        "due": TODAY + timedelta(days=2),
    }  # fmt: skip
    with pytest.raises(error):
        ad_hoc_request(
            actor=people.officer, template=make_regime([people.unit]), now=NOW, **{**asked, **change}
        )
    assert not Message.objects.exists()
    assert not UnitReport.objects.exists()


def test_a_report_that_nobody_touched_is_expected() -> None:
    people = People()
    period = make_period(make_regime([people.unit]))
    period_open(actor=None, period=period, now=datetime(2026, 5, 1, tzinfo=UTC))
    assert period.reports.get().state == ReportState.EXPECTED
