"""Stories of units with their work: who enters, who confirms, and what happens when two phones send at once."""

import io
import threading
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import AuditEvent
from khcn.core.private_files import FileRefusedError
from khcn.orgs.enums import Role
from khcn.plan.enums import EvidenceKind, ItemState, PercentRule, ReportState, TaskLevel
from khcn.plan.errors import StaleError
from khcn.plan.models import Evidence, ProgressNote, ReportFigure, TaskUnit, WorkItem
from khcn.plan.services.progress import (
    Entry,
    ProgressError,
    progress_confirm,
    progress_enter,
    progress_note_add,
    progress_reopen,
)
from khcn.plan.services.progress_evidence import EVIDENCE, Proof, evidence_add, evidence_remove
from khcn.plan.services.progress_steps import percents_follow, step_add, step_remove, step_tick
from tests.orgs.factories import give_role, make_member, make_unit
from tests.plan.factories import (
    NOW,
    TODAY,
    People,
    make_group,
    make_indicator,
    make_item,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return People()


def an_item(people: People, **task: Any) -> WorkItem:
    return make_item(make_task(make_plan(), lead=people.unit, **task))


def enter(actor: Any, item: WorkItem, state: str = ItemState.DOING, **more: Any) -> WorkItem:
    revision = more.pop("revision", WorkItem.objects.get(pk=item.pk).revision)
    return progress_enter(
        actor=actor, item_id=item.pk, revision=revision, entry=Entry(state=state, **more), now=NOW
    )


# Entering


def test_a_reporter_enters_and_everybody_sees_it(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, text="Đã phát 200 tờ rơi", difficulties="Thiếu giấy")
    item.refresh_from_db()
    assert (item.state, item.percent, item.started_on, item.revision) == (ItemState.DOING, 50, TODAY, 1)
    assert (item.result, item.difficulties) == ("Đã phát 200 tờ rơi", "Thiếu giấy")
    note = ProgressNote.objects.get()
    assert (note.by_id, note.unit_id, note.text, note.percent) == (
        people.reporter.pk,
        people.unit.pk,
        "Đã phát 200 tờ rơi",
        50,
    )
    event = AuditEvent.objects.get(action="plan.progress.enter")
    assert event.before == {
        "state": "todo",
        "percent": 0,
        "started_on": None,
        "result": "",
        "difficulties": "",
    }


def test_done_keeps_the_name_that_the_unit_had(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, ItemState.DONE, text="Xong", done_on=date(2026, 5, 18))
    people.unit.name = "Tên mới"
    people.unit.save()
    item.refresh_from_db()
    assert (item.done_on, item.percent) == (date(2026, 5, 18), 100)
    assert item.unit_name not in {"", "Tên mới"}


def test_an_empty_text_keeps_the_last_result(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, text="Đã họp")
    enter(people.reporter, item, ItemState.DONE)
    item.refresh_from_db()
    assert item.result == "Đã họp"


@pytest.mark.parametrize("who", ["leader", "finance", "clerk", "focal_head"])
def test_others_do_not_enter_for_a_unit(people: People, who: str) -> None:
    item = an_item(people)
    with pytest.raises(PermissionDeniedError):
        enter(getattr(people, who), item)
    assert not ProgressNote.objects.exists()


def test_another_unit_does_not_enter(people: People) -> None:
    item = an_item(people)
    with pytest.raises(PermissionDeniedError):
        enter(make_member(Role.UNIT_REPORTER), item)
    enter(people.officer, item)  # the focal officer may, for a unit without a computer


def test_a_role_that_has_ended_enters_nothing(people: People) -> None:
    item = an_item(people)
    former = make_member(Role.CONTRIBUTOR)
    give_role(former, Role.UNIT_REPORTER, people.unit, last=TODAY - timedelta(days=1))
    with pytest.raises(PermissionDeniedError):
        enter(former, item)


@pytest.mark.parametrize(
    ("task", "entry", "code"),
    [
        ({}, {"state": "nonsense"}, "progress-move"),
        ({}, {"state": ItemState.DROPPED}, "progress-move"),
        ({}, {"state": ItemState.DONE, "done_on": TODAY + timedelta(days=1)}, "progress-day"),
        ({}, {"state": ItemState.DOING, "text": "x" * 10_001}, "progress-long"),
        ({"percent_rule": PercentRule.TYPED}, {"state": ItemState.DOING, "percent": 100}, "progress-percent"),
        ({"percent_rule": PercentRule.TYPED}, {"state": ItemState.DOING, "percent": 101}, "progress-percent"),
        ({"level": TaskLevel.REPORT}, {"state": ItemState.DONE}, "progress-by-report"),
        ({"percent_rule": PercentRule.REPORT}, {"state": ItemState.DONE}, "progress-by-report"),
    ],
)
def test_what_does_not_go_together_is_refused(people: People, task: Any, entry: Any, code: str) -> None:
    item = an_item(people, **task)
    with pytest.raises(ProgressError) as caught:
        progress_enter(actor=people.reporter, item_id=item.pk, revision=0, entry=Entry(**entry), now=NOW)
    assert caught.value.code == code
    item.refresh_from_db()
    assert (item.state, item.revision) == (ItemState.TODO, 0)
    assert not ProgressNote.objects.exists()


def test_difficulties_of_a_report_item_may_be_written(people: People) -> None:
    item = an_item(people, level=TaskLevel.REPORT)
    enter(people.reporter, item, ItemState.TODO, difficulties="Chưa có mẫu")
    assert WorkItem.objects.get().difficulties == "Chưa có mẫu"


# Two phones


def test_the_second_phone_is_told(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, text="máy một", revision=0)
    with pytest.raises(StaleError) as caught:
        enter(people.head, item, text="máy hai", revision=0)
    assert "trước bạn" in caught.value.message
    assert list(ProgressNote.objects.values_list("text", flat=True)) == ["máy một"]


@pytest.mark.django_db(transaction=True)
def test_many_phones_at_once_leave_one_entry() -> None:
    people = People()
    item = an_item(people)
    ready, outcomes = threading.Barrier(6), []

    def phone(number: int) -> None:
        try:
            ready.wait()
            enter(people.reporter, item, text=f"máy {number}", revision=0)
            outcomes.append("kept")
        except StaleError:
            outcomes.append("told")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=phone, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept"] + ["told"] * 5
    assert ProgressNote.objects.count() == 1
    assert WorkItem.objects.get().revision == 1


# The head


def test_a_head_confirms_and_the_unit_is_bound(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, ItemState.DONE, text="Xong")
    progress_confirm(actor=people.head, item_id=item.pk, revision=1, now=NOW)
    item.refresh_from_db()
    assert (item.confirmed_by, item.revision) == (people.head, 2)
    with pytest.raises(ProgressError) as caught:
        enter(people.reporter, item, ItemState.DOING)
    assert "mở lại" in caught.value.message
    progress_reopen(actor=people.head, item_id=item.pk, revision=2, reason="Thiếu ảnh", now=NOW)
    item.refresh_from_db()
    assert (item.state, item.percent, item.done_on, item.confirmed_at, item.unit_name) == (
        "doing",
        50,
        None,
        None,
        "",
    )
    assert ProgressNote.objects.first().text == "Mở lại: Thiếu ảnh"  # type: ignore[union-attr]
    enter(people.reporter, item, ItemState.DONE)


def test_whoever_entered_does_not_confirm(people: People) -> None:
    item = an_item(people)
    enter(people.head, item, ItemState.DONE, text="Tôi làm")
    with pytest.raises(PermissionDeniedError) as caught:
        progress_confirm(actor=people.head, item_id=item.pk, revision=1, now=NOW)
    assert "không tự xác nhận" in caught.value.message
    progress_confirm(actor=people.focal_head, item_id=item.pk, revision=1, now=NOW)


@pytest.mark.parametrize("who", ["reporter", "officer", "leader", "finance"])
def test_others_do_not_confirm(people: People, who: str) -> None:
    item = an_item(people)
    enter(people.reporter, item, ItemState.DONE)
    with pytest.raises(PermissionDeniedError):
        progress_confirm(actor=getattr(people, who), item_id=item.pk, revision=1, now=NOW)


def test_nothing_is_confirmed_that_nobody_entered(people: People) -> None:
    with pytest.raises(ProgressError):
        progress_confirm(actor=people.head, item_id=an_item(people).pk, revision=0, now=NOW)


def test_what_was_confirmed_meanwhile_changed_is_not_confirmed(people: People) -> None:
    item = an_item(people)
    enter(people.reporter, item, ItemState.DONE)
    enter(people.reporter, item, ItemState.DONE, text="Sửa")
    with pytest.raises(StaleError):
        progress_confirm(actor=people.head, item_id=item.pk, revision=1, now=NOW)


def test_reopening_needs_a_reason_and_a_finished_item(people: People) -> None:
    item = an_item(people)
    with pytest.raises(ProgressError):
        progress_reopen(actor=people.head, item_id=item.pk, revision=0, reason=" ", now=NOW)
    with pytest.raises(ProgressError):
        progress_reopen(actor=people.head, item_id=item.pk, revision=0, reason="Vì sao", now=NOW)


# Cooperating units


def test_a_cooperating_unit_adds_but_does_not_decide(people: People) -> None:
    helper_unit = make_unit("Hội thử")
    helper = make_member(Role.UNIT_REPORTER, helper_unit)
    item = an_item(people)
    with pytest.raises(PermissionDeniedError):
        progress_note_add(actor=helper, item_id=item.pk, text="Đã mời hội viên", now=NOW)
    TaskUnit.objects.create(task=item.task, unit=make_group("Khối hội thử", [helper_unit]))
    note = progress_note_add(actor=helper, item_id=item.pk, text="Đã mời hội viên", now=NOW)
    assert (note.unit, note.unit_name) == (helper_unit, "Hội thử")
    evidence_add(
        actor=helper, item_id=item.pk, proof=Proof(EvidenceKind.LINK, link="https://example.vn/anh"), now=NOW
    )
    with pytest.raises(PermissionDeniedError):
        enter(helper, item)
    with pytest.raises(PermissionDeniedError):
        step_add(actor=helper, item_id=item.pk, title="Bước", now=NOW)
    item.refresh_from_db()
    assert (item.state, item.revision) == (ItemState.TODO, 0)


# Steps


def test_percent_follows_the_steps(people: People) -> None:
    item = an_item(people, percent_rule=PercentRule.STEPS)
    steps = [
        step_add(actor=people.reporter, item_id=item.pk, title=name, now=NOW) for name in ("Một", "Hai", "Ba")
    ]
    step_tick(actor=people.reporter, item_id=item.pk, step_id=steps[0].pk, done=True, now=NOW)
    item.refresh_from_db()
    assert (item.percent, item.state, item.started_on) == (33, ItemState.DOING, TODAY)
    with pytest.raises(ProgressError) as caught:
        enter(people.reporter, item, ItemState.DONE)
    assert "2 bước" in caught.value.message
    step_remove(actor=people.reporter, item_id=item.pk, step_id=steps[2].pk, now=NOW)
    step_tick(actor=people.reporter, item_id=item.pk, step_id=steps[1].pk, done=True, now=NOW)
    enter(people.reporter, item, ItemState.DONE)
    item.refresh_from_db()
    assert item.percent == 100
    step_tick(actor=people.reporter, item_id=item.pk, step_id=steps[0].pk, done=False, now=NOW)
    item.refresh_from_db()
    assert (item.percent, item.state, item.done_on) == (50, ItemState.DOING, None)


def test_a_step_of_another_item_is_not_touched(people: People) -> None:
    first, second = an_item(people), an_item(people)
    step = step_add(actor=people.reporter, item_id=first.pk, title="Bước", now=NOW)
    with pytest.raises(StaleError):
        step_tick(actor=people.reporter, item_id=second.pk, step_id=step.pk, done=True, now=NOW)


# Indicators


def test_sessions_count_towards_the_target(people: People) -> None:
    indicator = make_indicator("nguoi_du", source="plan.session_people")
    item = an_item(
        people, percent_rule=PercentRule.INDICATOR, target=Decimal(200), target_indicator=indicator.code
    )
    enter(people.reporter, item)
    session = Proof(EvidenceKind.SESSION, title="Buổi nói chuyện", held_on=date(2026, 5, 5), people=90)
    evidence_add(actor=people.reporter, item_id=item.pk, proof=session, now=NOW)
    assert percents_follow(NOW) == 1
    item.refresh_from_db()
    assert (item.percent, item.revision) == (45, 1)  # the open form of somebody stays good
    assert percents_follow(NOW) == 0


def test_a_typed_indicator_counts_what_was_reported(people: People) -> None:
    indicator = make_indicator("to_roi")
    item = an_item(
        people, percent_rule=PercentRule.INDICATOR, target=Decimal(1000), target_indicator="to_roi"
    )
    period = make_period(
        make_regime([people.unit], indicators=(indicator,), plan=item.plan), cutoff=date(2026, 5, 15)
    )
    report = make_report(period, people.unit, state=ReportState.DRAFT)
    ReportFigure.objects.create(report=report, indicator=indicator, value=Decimal(250))
    enter(people.reporter, item)
    item.refresh_from_db()
    assert item.percent == 0  # a draft says nothing yet
    report.state = ReportState.ACCEPTED
    report.save()
    percents_follow(NOW)
    item.refresh_from_db()
    assert item.percent == 25


# Evidence


def test_a_photo_is_kept_and_taken_away(people: People, tmp_path: Any) -> None:
    from PIL import Image

    sink = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(sink, "JPEG")
    item = an_item(people)
    photo = SimpleUploadedFile("ảnh buổi họp.jpg", sink.getvalue())
    row = evidence_add(
        actor=people.reporter, item_id=item.pk, proof=Proof(EvidenceKind.FILE, file=photo), now=NOW
    )
    assert (row.title, len(row.sha256)) == ("ảnh buổi họp.jpg", 64)
    assert EVIDENCE.path(row.file).is_file()
    with pytest.raises(PermissionDeniedError):
        evidence_remove(actor=make_member(Role.UNIT_HEAD), item_id=item.pk, evidence_id=row.pk, now=NOW)
    evidence_remove(actor=people.head, item_id=item.pk, evidence_id=row.pk, now=NOW)
    row.refresh_from_db()
    assert row.removed_at == NOW
    with pytest.raises(StaleError):
        evidence_remove(actor=people.head, item_id=item.pk, evidence_id=row.pk, now=NOW)


def test_a_program_is_no_evidence_and_leaves_nothing_behind(people: People) -> None:
    item = an_item(people)
    before = set(EVIDENCE.folder().iterdir())
    with pytest.raises(FileRefusedError):
        bad = SimpleUploadedFile("anh.jpg", b"MZ\x90\x00" + b"\x00" * 200)
        evidence_add(
            actor=people.reporter, item_id=item.pk, proof=Proof(EvidenceKind.FILE, file=bad), now=NOW
        )
    assert set(EVIDENCE.folder().iterdir()) == before
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "ftp://example.vn/a", "https://", "//example.vn", "https://a:b@example.vn/", "data:text/html,x",
     "https://example.vn/ co khoang trang"],
)  # fmt: skip
def test_links_that_no_page_may_show_are_refused(people: People, link: str) -> None:
    with pytest.raises(ProgressError) as caught:
        evidence_add(
            actor=people.reporter,
            item_id=an_item(people).pk,
            proof=Proof(EvidenceKind.LINK, link=link),
            now=NOW,
        )
    assert caught.value.code == "evidence-link"


@pytest.mark.parametrize("record", ["library.work:999999", "library.work", ":", "nobody.knows:1", "x" * 500])
def test_records_nobody_may_see_are_refused(people: People, record: str) -> None:
    with pytest.raises(ProgressError) as caught:
        proof = Proof(EvidenceKind.RECORD, record=record)
        evidence_add(actor=people.reporter, item_id=an_item(people).pk, proof=proof, now=NOW)
    assert caught.value.code == "evidence-record"


def test_another_item_may_be_evidence(people: People) -> None:
    first, second = an_item(people), an_item(people)
    proof = Proof(EvidenceKind.RECORD, record=f"plan.workitem:{second.pk}")
    row = evidence_add(actor=people.reporter, item_id=first.pk, proof=proof, now=NOW)
    assert second.code in row.title


@pytest.mark.parametrize(
    "session",
    [{"held_on": TODAY + timedelta(days=1), "people": 3}, {"held_on": None, "people": 3}, {"held_on": TODAY, "people": None},
     {"held_on": TODAY, "people": -1}, {"held_on": TODAY, "people": 10_000_000}],
)  # fmt: skip
def test_a_session_needs_a_day_and_people(people: People, session: Any) -> None:
    with pytest.raises(ProgressError):
        proof = Proof(EvidenceKind.SESSION, title="Buổi", **session)
        evidence_add(actor=people.reporter, item_id=an_item(people).pk, proof=proof, now=NOW)


# Closed items


@pytest.mark.parametrize("state", [ItemState.DROPPED, ItemState.HANDED_OVER])
def test_a_closed_item_takes_nothing_more(people: People, state: str) -> None:
    item = make_item(make_task(make_plan(), lead=people.unit), state=state)
    proof = Proof(EvidenceKind.LINK, link="https://example.vn")
    deeds = [
        lambda: enter(people.reporter, item, ItemState.DONE),
        lambda: progress_note_add(actor=people.reporter, item_id=item.pk, text="Chữ", now=NOW),
        lambda: step_add(actor=people.reporter, item_id=item.pk, title="Bước", now=NOW),
        lambda: evidence_add(actor=people.reporter, item_id=item.pk, proof=proof, now=NOW),
    ]
    for deed in deeds:
        with pytest.raises(ProgressError):
            deed()
    assert not Evidence.objects.exists()


def test_the_day_is_that_of_viet_nam(people: People) -> None:
    item = an_item(people)
    late_evening = datetime(2026, 5, 20, 18, 0, tzinfo=NOW.tzinfo)  # 01:00 on the 21st in Viet Nam
    progress_enter(
        actor=None, item_id=item.pk, revision=0, entry=Entry(state=ItemState.DONE), now=late_evening
    )
    item.refresh_from_db()
    assert item.done_on == date(2026, 5, 21)
