"""A report on its way, as short stories: written, handed on, approved, accepted, returned, late, excepted, excused."""

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from khcn.core.calendar.rules import LOCAL_ZONE
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.indicators import Figure, Period, indicators
from khcn.core.models.audit import AuditEvent
from khcn.core.models.outbox import Message
from khcn.core.references import Reference, resolve_many
from khcn.orgs.enums import Role
from khcn.orgs.models import Unit, UnitSuccession
from khcn.plan.enums import EvidenceKind, ItemState, ReportMove, ReportState
from khcn.plan.errors import StaleError
from khcn.plan.models import Evidence, RegimeRule, ReportFigure, ReportPeriod, UnitReport
from khcn.plan.rules.chasing import Timeliness
from khcn.plan.selectors.report_form import figure_sources, own_codes, report_page
from khcn.plan.selectors.reports import due_reports, report_stand
from khcn.plan.services.periods import period_open
from khcn.plan.services.prefill import figures_refresh
from khcn.plan.services.receipts import NoReceiptError, receipt_paper, receipt_pdf, receipt_step
from khcn.plan.services.report_exceptions import (
    ExceptionRefusedError,
    exception_end,
    exception_grant,
    report_excuse,
)
from khcn.plan.services.report_files import DRAWER, report_file_add, report_file_remove
from khcn.plan.services.report_moves import (
    CommentMissingError,
    content_digest,
    report_accept,
    report_approve,
    report_reopen,
    report_return,
    reports_accept,
)
from khcn.plan.services.reports import (
    Content,
    FigureInput,
    ReportClosedError,
    ReportFaultsError,
    Saved,
    report_save,
)
from tests.orgs.factories import give_role, make_unit, make_user
from tests.plan.factories import (
    NOW,
    People,
    make_indicator,
    make_item,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db


class Story:
    """One unit, one period with two figures and one required heading, its report opened."""

    def __init__(self, **regime: Any) -> None:
        self.people = People()
        self.trained, self.registered = make_indicator("trained"), make_indicator("registered")
        self.regime = make_regime(
            [self.people.unit], indicators=(self.trained, self.registered), headings=("Kết quả", "Kiến nghị"),
            receiver=self.people.focal, **regime,
        )  # fmt: skip
        self.regime.outline.filter(order=1).update(is_required=True)
        RegimeRule.objects.create(regime=self.regime, left="trained", compare="le", right="registered")
        self.period = make_period(self.regime)
        period_open(actor=None, period=self.period, now=NOW)
        self.report = UnitReport.objects.get(period=self.period)
        self.heading = self.regime.outline.get(order=1)

    def save(self, *, actor: Any = None, now: datetime = NOW, submit: bool = False, **fields: Any) -> Saved:
        """Save as the reporter, with the revision of now unless one is named."""
        fields.setdefault("revision", UnitReport.objects.get(pk=self.report.pk).revision)
        fields.setdefault("content", self.content())
        actor = actor or self.people.reporter
        return report_save(actor=actor, report_id=self.report.pk, now=now, submit=submit, **fields)

    def content(
        self, trained: int | None = 10, registered: int | None = 12, text: str = "Đã mở 3 lớp."
    ) -> Content:
        figures = {"trained": trained, "registered": registered}
        return Content(
            {code: FigureInput(None if value is None else Decimal(value)) for code, value in figures.items()},
            {self.heading.pk: text},
        )

    def approve(self, *, actor: Any = None, now: datetime = NOW) -> UnitReport:
        revision = UnitReport.objects.get(pk=self.report.pk).revision
        return report_approve(
            actor=actor or self.people.head, report_id=self.report.pk, revision=revision, now=now
        )

    def sent(self, now: datetime = NOW) -> UnitReport:
        """Submit and approve."""
        assert self.save(submit=True, now=now).submitted
        return self.approve(now=now)

    def fresh(self) -> UnitReport:
        return UnitReport.objects.select_related("period__regime", "unit").get(pk=self.report.pk)


def local(day: date, hour: int = 9, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LOCAL_ZONE)


DUE = date(2026, 6, 1)


# Writing


def test_a_draft_is_saved_as_often_as_one_likes() -> None:
    story = Story()
    first = story.save(content=story.content(trained=3, registered=None, text=""))
    assert (first.report.state, first.report.revision, first.submitted) == (ReportState.DRAFT, 1, False)
    second = story.save()
    assert (second.report.revision, second.report.written_by) == (2, story.people.reporter)
    assert {row.indicator.code: row.value for row in story.report.figures.all()} == {
        "trained": 10,
        "registered": 12,
    }


def test_trained_12_of_10_registered_stops_the_submission_and_keeps_the_draft() -> None:
    story = Story()
    saved = story.save(content=story.content(trained=12, registered=10), submit=True)
    assert [one.where for one in saved.problems] == ["trained"]
    assert "là 12, không được lớn hơn" in saved.problems[0].message
    assert (saved.submitted, story.fresh().state) == (False, ReportState.DRAFT)
    assert story.report.figures.get(indicator=story.trained).value == 12
    assert story.save(submit=True).submitted


def test_a_warning_is_shown_once_and_then_believed() -> None:
    story = Story()
    RegimeRule.objects.filter(regime=story.regime).update(is_warning=True)
    content = story.content(trained=12, registered=10)
    saved = story.save(content=content, submit=True)
    assert (saved.submitted, [one.warning for one in saved.problems]) == (False, [True])
    assert story.save(content=content, submit=True, confirmed=True).submitted


def test_a_required_text_is_missing() -> None:
    story = Story()
    assert [one.where for one in story.save(content=story.content(text=" "), submit=True).problems] == [
        f"text-{story.heading.pk}"
    ]


@pytest.mark.parametrize("who", ["officer", "focal_head", "leader", "finance", "clerk"])
def test_nobody_else_writes_for_a_unit(who: str) -> None:
    story = Story()
    with pytest.raises(PermissionDeniedError):
        story.save(actor=getattr(story.people, who))
    stranger = make_user()
    give_role(stranger, Role.UNIT_REPORTER)
    with pytest.raises(PermissionDeniedError):
        story.save(actor=stranger)


def test_two_phones_never_overwrite_each_other() -> None:
    story = Story()
    colleague = make_user("Trần Thị Hai")
    give_role(colleague, Role.UNIT_REPORTER, story.people.unit)
    story.save(actor=colleague, revision=0, content=story.content(trained=7))
    with pytest.raises(StaleError, match="Trần Thị Hai"):
        story.save(revision=0, content=story.content(trained=9))
    assert story.report.figures.get(indicator=story.trained).value == 7


def test_submitted_twice_is_one_report() -> None:
    story = Story()
    assert story.save(revision=0, submit=True).submitted
    with pytest.raises(StaleError):
        story.save(revision=0, submit=True)
    assert story.report.moves.filter(move=ReportMove.SUBMITTED).count() == 1
    assert UnitReport.objects.filter(period=story.period, unit=story.people.unit).count() == 1


def test_pasted_word_html_is_cleaned_and_said() -> None:
    story = Story()
    saved = story.save(content=story.content(text="<p class=MsoNormal><b>Mở</b> 3 lớp<img src='x'></p>"))
    assert story.report.texts.get(heading=story.heading).text == "Mở 3 lớp"
    assert len(saved.notes) == 1 and "1 hình" in saved.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        Content({"khong_co": FigureInput(Decimal(1))}),
        Content({}, {999_999: "chữ"}),
    ],
)
def test_fields_that_the_form_has_not_are_refused(content: Content) -> None:
    story = Story()
    with pytest.raises(ReportFaultsError):
        story.save(content=content)
    assert story.fresh().revision == 0


def test_a_text_too_long_is_refused_whole() -> None:
    story = Story()
    with pytest.raises(ReportFaultsError, match="20000"):
        story.save(content=story.content(text="chữ " * 6000))
    assert story.fresh().revision == 0


# The head


def test_the_drafter_never_approves_and_the_moment_of_approval_counts() -> None:
    story = Story()
    story.save(actor=story.people.head, submit=True)
    with pytest.raises(PermissionDeniedError, match="không tự duyệt"):
        story.approve()
    deputy = make_user()
    give_role(deputy, Role.UNIT_HEAD, story.people.unit)
    report = story.approve(actor=deputy, now=NOW + timedelta(hours=1))
    assert (report.state, report.submitted_at) == (ReportState.APPROVED, NOW + timedelta(hours=1))
    step = report.moves.get(move=ReportMove.APPROVED)
    assert step.content_hash == report.content_hash == content_digest(step.content)
    assert step.content["figures"][0]["value"] == "10"


def test_a_reporter_does_not_approve_and_a_head_of_another_unit_neither() -> None:
    story = Story()
    story.save(submit=True)
    for actor in (story.people.reporter, story.people.officer, story.people.focal_head, story.people.leader):
        with pytest.raises(PermissionDeniedError):
            story.approve(actor=actor)
    stranger = make_user()
    give_role(stranger, Role.UNIT_HEAD)
    with pytest.raises(PermissionDeniedError):
        story.approve(actor=stranger)


def test_the_head_approves_what_was_read() -> None:
    story = Story()
    story.save(submit=True)
    read = story.fresh().revision
    report_return(actor=story.people.head, report_id=story.report.pk, comment="Sửa số", now=NOW)
    story.save(submit=True, content=story.content(trained=11))
    with pytest.raises(StaleError):
        report_approve(actor=story.people.head, report_id=story.report.pk, revision=read, now=NOW)


@pytest.mark.parametrize(
    ("moment", "stand"),
    [(local(DUE, 23, 59, 59), Timeliness.ON_TIME), (local(DUE, 17, 1), Timeliness.ON_TIME)],
)
def test_the_last_second_of_the_last_day_is_in_time(moment: datetime, stand: Timeliness) -> None:
    story = Story()
    story.save(submit=True, now=moment)
    assert report_stand(story.approve(now=moment), date(2026, 6, 5)) == stand


def test_a_second_later_the_form_is_closed() -> None:
    story = Story()
    story.save(submit=True, now=local(DUE, 23, 59, 59))
    with pytest.raises(ReportClosedError, match="01/06/2026"):
        story.approve(now=local(date(2026, 6, 2), 0, 0, 0))


def test_after_the_deadline_a_draft_is_kept_but_not_handed_on() -> None:
    story = Story()
    saved = story.save(submit=True, now=local(date(2026, 6, 2), 0, 0, 0))
    assert (saved.submitted, [one.where for one in saved.problems]) == (False, [""])
    assert story.fresh().state == ReportState.DRAFT


# Exceptions


def test_an_exception_opens_the_form_for_one_unit_and_counts_as_late() -> None:
    story = Story()
    late = local(date(2026, 6, 2), 10)
    given = exception_grant(
        actor=story.people.focal_head,
        report_id=story.report.pk,
        until=date(2026, 6, 3),
        reason="Mất điện",
        now=late,
    )
    report = story.sent(now=local(date(2026, 6, 3), 23, 59, 59))
    assert report_stand(report, date(2026, 6, 4)) == Timeliness.LATE
    event = AuditEvent.objects.get(action="plan.report.exception")
    assert (event.reason, event.after) == ("Mất điện", {"until": "2026-06-03"})
    page = report_page(story.people.leader, report.pk, late)
    assert page is not None and [one.reason for one in page.exceptions] == ["Mất điện"]
    assert given.granted_by == story.people.focal_head


def test_an_exception_can_be_taken_back() -> None:
    story = Story()
    late = local(date(2026, 6, 2), 10)
    given = exception_grant(
        actor=story.people.focal_head,
        report_id=story.report.pk,
        until=date(2026, 6, 3),
        reason="Mất điện",
        now=late,
    )
    assert exception_end(actor=story.people.focal_head, exception_id=given.pk, now=late)
    assert not exception_end(actor=story.people.focal_head, exception_id=given.pk, now=late)
    assert not story.save(submit=True, now=late).submitted


@pytest.mark.parametrize(
    ("until", "reason", "item"),
    [
        (date(2026, 6, 1), "Mất điện", "until"),  # past
        (date(2026, 9, 1), "Mất điện", "until"),  # no short delay
        (date(2026, 6, 4), "  ", "reason"),
    ],
)
def test_exceptions_have_a_reason_and_a_near_end(until: date, reason: str, item: str) -> None:
    story = Story()
    with pytest.raises(ExceptionRefusedError) as caught:
        exception_grant(
            actor=story.people.focal_head, report_id=story.report.pk, until=until, reason=reason,
            now=local(date(2026, 6, 2)),
        )  # fmt: skip
    assert caught.value.item == item


@pytest.mark.parametrize("who", ["officer", "leader", "head", "reporter"])
def test_only_the_focal_head_grants(who: str) -> None:
    story = Story()
    with pytest.raises(PermissionDeniedError):
        exception_grant(
            actor=getattr(story.people, who),
            report_id=story.report.pk,
            until=date(2026, 6, 4),
            reason="x",
            now=NOW,
        )


# The focal unit


def test_accepting_locks_and_closes_the_task_of_reporting() -> None:
    people_plan = make_plan()
    story = Story(plan=people_plan)
    task = make_task(people_plan, lead=story.people.unit, code="IV.8-H1", level="report")
    item = make_item(task)
    ReportPeriod.objects.filter(pk=story.period.pk).update(task_code="IV.8-H1")
    story.sent()
    report = report_accept(actor=story.people.officer, report_id=story.report.pk, now=NOW)
    item.refresh_from_db()
    assert (report.state, item.state, item.percent, item.done_on) == (
        ReportState.ACCEPTED, ItemState.DONE, 100, NOW.date()
    )  # fmt: skip
    with pytest.raises(StaleError):
        story.save()
    with pytest.raises(StaleError):
        report_accept(actor=story.people.focal_head, report_id=report.pk, now=NOW)
    report_reopen(actor=story.people.officer, report_id=report.pk, comment="Sai số lớp", now=NOW)
    item.refresh_from_db()
    assert (story.fresh().state, item.state) == (ReportState.RETURNED, ItemState.DOING)


def test_what_was_returned_after_the_deadline_may_be_corrected_and_stays_in_time() -> None:
    story = Story()
    story.sent()
    first = story.fresh().submitted_at
    returned = local(date(2026, 6, 3), 15)  # a Wednesday after the deadline
    report_return(
        actor=story.people.officer, report_id=story.report.pk, comment="Thiếu lớp thứ ba", now=returned
    )
    report = story.fresh()
    assert (report.state, report.comment) == (ReportState.RETURNED, "Thiếu lớp thứ ba")
    assert Message.objects.filter(user=story.people.reporter, subject__contains="trả lại").exists()
    assert not story.save(
        submit=True, now=local(date(2026, 6, 9), 8)
    ).submitted  # three working days are over
    story.sent(now=local(date(2026, 6, 8), 8))
    assert (story.fresh().submitted_at, story.report.moves.filter(move=ReportMove.APPROVED).count()) == (
        first,
        2,
    )


def test_a_report_goes_back_only_with_a_word() -> None:
    story = Story()
    story.sent()
    with pytest.raises(CommentMissingError):
        report_return(actor=story.people.officer, report_id=story.report.pk, comment=" \n ", now=NOW)
    for actor in (story.people.reporter, story.people.leader, story.people.finance):
        with pytest.raises(PermissionDeniedError):
            report_return(actor=actor, report_id=story.report.pk, comment="x", now=NOW)
        with pytest.raises(PermissionDeniedError):
            report_accept(actor=actor, report_id=story.report.pk, now=NOW)


def test_bulk_acceptance_says_what_had_moved_on() -> None:
    story = Story()
    story.sent()
    other = make_report(story.period, make_unit(), state=ReportState.RETURNED)
    assert reports_accept(
        actor=story.people.officer, report_ids=[story.report.pk, other.pk, story.report.pk], now=NOW
    ) == (1, 1)


# Units that close


def test_a_successor_writes_the_report_of_a_dissolved_unit_under_its_old_name() -> None:
    story = Story()
    heir = make_unit("Phường mới", valid_from=date(2026, 5, 15))
    old = story.people.unit
    Unit.objects.filter(pk=old.pk).update(valid_to=date(2026, 5, 14))
    UnitSuccession.objects.create(
        kind="merge",
        predecessor=old,
        successor=heir,
        decision_number="9/QĐ",
        effective_date=date(2026, 5, 15),
    )
    new_reporter, new_head = make_user(), make_user()
    give_role(new_reporter, Role.UNIT_REPORTER, heir)
    give_role(new_head, Role.UNIT_HEAD, heir)
    assert [line.report.pk for line in due_reports(new_reporter, NOW)] == [story.report.pk]
    with pytest.raises(PermissionDeniedError):
        story.save(actor=story.people.reporter)  # the old unit writes no more
    assert story.save(actor=new_reporter, submit=True).submitted
    assert story.approve(actor=new_head).unit_name == old.name


def test_a_unit_may_be_excused_with_a_reason() -> None:
    story = Story()
    report_excuse(actor=story.people.officer, report_id=story.report.pk, reason="Giải thể theo QĐ 9", now=NOW)
    assert report_stand(story.fresh(), date(2026, 6, 9)) == Timeliness.EXCUSED
    with pytest.raises(ReportClosedError, match="QĐ 9"):
        story.save()
    assert due_reports(story.people.reporter, NOW) == []
    report_excuse(actor=story.people.officer, report_id=story.report.pk, reason="", now=NOW)
    story.sent()
    with pytest.raises(StaleError):
        report_excuse(actor=story.people.officer, report_id=story.report.pk, reason="muộn rồi", now=NOW)


# Recorded figures


class Counted:
    """An indicator that says what the test tells it."""

    title = unit = "thử"

    def __init__(self) -> None:
        self.value: Decimal | None = Decimal(5)
        self.sources: tuple[Reference, ...] = (Reference("library.work", "1"), Reference("gone.app", "2"))
        self.asked: list[tuple[int, ...]] = []

    def figure(self, *, period: Period, unit_ids: Any, reader: Any) -> Figure:
        self.asked.append(tuple(unit_ids))
        return Figure(self.value, sources=self.sources)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    made = Counted()
    monkeypatch.setitem(indicators._items, "test.counted", made)
    return made


def counted_story(counted: Counted) -> Story:
    del counted
    story = Story()
    story.trained.source = "test.counted"
    story.trained.save()
    UnitReport.objects.all().delete()
    ReportPeriod.objects.update(opened_at=None)
    period_open(actor=None, period=story.period, now=NOW)
    story.report = UnitReport.objects.get(period=story.period)
    return story


def test_recorded_figures_fill_the_form_and_a_correction_needs_a_reason(counted: Counted) -> None:
    story = counted_story(counted)
    row = story.report.figures.get(indicator=story.trained)
    assert (row.computed, row.value, row.sources) == (5, 5, ["library.work:1", "gone.app:2"])
    with pytest.raises(ReportFaultsError) as caught:
        story.save(content=Content({"trained": FigureInput(Decimal(7))}))
    assert [one.where for one in caught.value.problems] == ["trained"]
    story.save(content=Content({"trained": FigureInput(Decimal(7), "Có 2 người ghi sổ tay")}))
    row.refresh_from_db()
    assert (row.computed, row.value, row.reason) == (5, 7, "Có 2 người ghi sổ tay")
    story.save(content=Content({"trained": FigureInput(Decimal(5), "Có 2 người ghi sổ tay")}))
    row.refresh_from_db()
    assert (row.value, row.reason) == (5, "")  # back to what was recorded: no reason is left over


def test_a_refresh_says_what_changed_and_keeps_corrections(counted: Counted) -> None:
    story = counted_story(counted)
    counted.value = Decimal(8)
    changes = figures_refresh(actor=story.people.reporter, report_id=story.report.pk, revision=0, now=NOW)
    assert [(one.code, one.old, one.new, one.kept) for one in changes] == [("trained", 5, 8, None)]
    assert story.report.figures.get(indicator=story.trained).value == 8
    story.save(content=Content({"trained": FigureInput(Decimal(9), "Đếm lại")}))
    counted.value = Decimal(10)
    revision = story.fresh().revision
    changes = figures_refresh(
        actor=story.people.reporter, report_id=story.report.pk, revision=revision, now=NOW
    )
    assert [(one.old, one.new, one.kept) for one in changes] == [(8, 10, 9)]
    row = story.report.figures.get(indicator=story.trained)
    assert (row.computed, row.value, row.reason) == (10, 9, "Đếm lại")
    with pytest.raises(StaleError):
        figures_refresh(actor=story.people.reporter, report_id=story.report.pk, revision=revision, now=NOW)


def test_an_untouched_figure_follows_what_was_recorded_meanwhile(counted: Counted) -> None:
    story = counted_story(counted)
    ReportFigure.objects.filter(report=story.report, indicator=story.trained).update(computed=6, value=6)
    story.save(content=Content({"trained": FigureInput(Decimal(5), seen=Decimal(5), has_seen=True)}))
    row = story.report.figures.get(indicator=story.trained)
    assert (row.computed, row.value, row.reason) == (6, 6, "")


@pytest.mark.parametrize("value", [None, Decimal(0)])
def test_nothing_recorded_is_no_zero(counted: Counted, value: Decimal | None) -> None:
    counted.value, counted.sources = value, ()
    story = counted_story(counted)
    row = story.report.figures.get(indicator=story.trained)
    assert (row.computed, row.value) == (None, None)
    story.save(content=Content({"trained": FigureInput(Decimal(3))}))
    row.refresh_from_db()
    assert (row.value, row.reason) == (3, "")


def test_a_unit_counts_what_its_predecessors_did_unless_they_report_themselves(counted: Counted) -> None:
    story = counted_story(counted)
    gone, other = make_unit(valid_to=date(2026, 1, 31)), make_unit(valid_to=date(2026, 1, 31))
    for predecessor in (gone, other):
        UnitSuccession.objects.create(
            kind="merge", predecessor=predecessor, successor=story.people.unit, decision_number="2/QĐ",
            effective_date=date(2026, 2, 1),
        )  # fmt: skip
    make_report(story.period, other)
    counted.asked.clear()
    figures_refresh(actor=story.people.reporter, report_id=story.report.pk, revision=0, now=NOW)
    assert counted.asked == [tuple(sorted([story.people.unit.pk, gone.pk]))]


def test_sources_are_shown_as_far_as_the_reader_may_see_them(counted: Counted) -> None:
    story = counted_story(counted)
    page = report_page(story.people.reporter, story.report.pk, NOW)
    assert page is not None
    found = figure_sources(story.people.reporter, page, "trained")
    assert found is not None and (found.shown, found.hidden) == ([], 2)
    assert figure_sources(story.people.reporter, page, "registered") is not None
    assert figure_sources(story.people.reporter, page, "khac") is None


def test_recorded_sessions_fill_the_figures_of_their_task() -> None:
    plan, unit = make_plan(), make_unit()
    task = make_task(plan, lead=unit, indicators=["classes", "people_trained"])
    mixed = make_task(plan, lead=unit, indicators=["classes", "teachers_trained", "pupils_trained"])
    for one, people in ((task, 30), (task, 12), (mixed, 40)):
        item = unit_item(one, unit)
        Evidence.objects.create(
            item=item,
            unit=unit,
            kind=EvidenceKind.SESSION,
            title="Lớp",
            held_on=date(2026, 5, 5),
            people=people,
            added_at=NOW,
        )
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    wanted = {
        "plan.session.classes": Decimal(3), "plan.session.people_trained": Decimal(42),
        "plan.session.teachers_trained": None, "plan.total.teachers_trained": Decimal(0),
    }  # fmt: skip
    for key, value in wanted.items():
        found = indicators.get(key).figure(period=period, unit_ids=[unit.pk], reader=None)
        assert found.value == value, key
    outside = Period(date(2026, 6, 1), date(2026, 6, 30))
    assert (
        indicators.get("plan.session.classes").figure(period=outside, unit_ids=[unit.pk], reader=None).value
        is None
    )


def unit_item(task: Any, unit: Unit) -> Any:
    return task.items.filter(unit=unit).first() or make_item(task, unit=unit)


def test_the_form_knows_which_figures_are_the_units_own() -> None:
    plan = make_plan()
    story = Story(plan=plan)
    assert own_codes(story.fresh()) == frozenset()
    make_task(plan, lead=story.people.unit, indicators=["trained"])
    make_task(plan, lead=make_unit(), indicators=["registered"])
    assert own_codes(story.fresh()) == {"trained"}


# Attachments, receipt, references


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile(
        "biên bản.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "application/pdf"
    )


def test_attachments_are_part_of_what_is_sent_and_locked_with_it() -> None:
    story = Story()
    row = report_file_add(actor=story.people.reporter, report_id=story.report.pk, file=pdf(), now=NOW)
    report = story.sent()
    step = receipt_step(report)
    assert step is not None and step.content["files"][0]["sha256"] == row.sha256
    for deed in (
        lambda: report_file_add(actor=story.people.reporter, report_id=story.report.pk, file=pdf(), now=NOW),
        lambda: report_file_remove(actor=story.people.reporter, file_id=row.pk, now=NOW),
    ):
        with pytest.raises(StaleError):
            deed()
    assert DRAWER.path(row.file).exists()


def test_a_file_that_was_never_sent_goes_for_good(django_capture_on_commit_callbacks: Any) -> None:
    story = Story()
    row = report_file_add(actor=story.people.reporter, report_id=story.report.pk, file=pdf(), now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        report_file_remove(actor=story.people.reporter, file_id=row.pk, now=NOW)
    assert not DRAWER.path(row.file).exists()


def test_no_program_and_no_stranger_attaches() -> None:
    story = Story()
    with pytest.raises(KhcnError):
        report_file_add(
            actor=story.people.reporter, report_id=story.report.pk, now=NOW,
            file=SimpleUploadedFile("a.pdf", b"MZ\x90\x00" + b"\x00" * 200, "application/pdf"),
        )  # fmt: skip
    with pytest.raises(PermissionDeniedError):
        report_file_add(actor=story.people.officer, report_id=story.report.pk, file=pdf(), now=NOW)
    assert not story.report.files.exists()


def test_the_receipt_names_hash_time_and_people() -> None:
    story = Story()
    report = story.sent()
    step = receipt_step(report)
    assert step is not None
    words = str(receipt_paper(UnitReport.objects.get(pk=report.pk), step))
    for wanted in (report.content_hash, "09:00:00 20/05/2026", story.people.head.full_name, story.people.reporter.full_name,
                   "Đúng hạn"):  # fmt: skip
        assert wanted in words, wanted


@pytest.mark.office
def test_the_receipt_as_pdf_is_drawn_once() -> None:
    story = Story()
    with pytest.raises(NoReceiptError):
        receipt_pdf(story.fresh())
    report = story.sent()
    first = receipt_pdf(story.fresh())
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages)
    assert report.content_hash in "".join(words.split())
    assert "BIÊN NHẬN" in words
    assert receipt_pdf(story.fresh()) == first


def test_references_to_reports_follow_the_reader() -> None:
    story = Story()
    reference = Reference("plan.unitreport", str(story.report.pk))
    assert reference in resolve_many([reference], story.people.officer)
    assert resolve_many([reference], make_user()) == {}
