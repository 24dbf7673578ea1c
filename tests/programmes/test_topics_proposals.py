"""Calls and proposals: published by another, handed in in time, by the unit or by link, returned, hostile input."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import Message
from khcn.programmes.enums_topics import CallState, TopicFileKind, TopicState
from khcn.programmes.errors import GoneError, ProgrammeError, StaleError
from khcn.programmes.models.topics import Topic, TopicCall, TopicRubric
from khcn.programmes.models.topics_parts import TopicFile
from khcn.programmes.rules.topics import BudgetLine, Member, Product, Work
from khcn.programmes.services.codes import CodeError, code_send
from khcn.programmes.services.topics_base import Door
from khcn.programmes.services.topics_calls import (
    call_end,
    call_publish,
    call_save,
    rubric_publish,
    rubric_save,
)
from khcn.programmes.services.topics_decisions import topic_check, topic_reject, topic_return
from khcn.programmes.services.topics_files import DRAWER, file_add, file_remove
from khcn.programmes.services.topics_proposals import (
    Host,
    code_purpose,
    proposal_save,
    proposal_submit,
    proposal_withdraw,
    topic_by_token,
    topic_start_link,
    topic_start_unit,
)
from khcn.programmes.services.topics_results import contact_forget
from tests.programmes.factories import NOW, TODAY, People
from tests.programmes.topics_factories import (
    CLASSES,
    D,
    M,
    checked,
    door_of,
    drafted,
    make_rubric,
    make_topic_call,
    proposal,
    submitted,
    upload,
)

pytestmark = pytest.mark.django_db
HOST = Host("Công ty Thử", "Bà Chủ Nhiệm", kind="enterprise", contact_name="Ông Liên Hệ")
ROWS = [
    {"key": "a", "title": "Ý nghĩa", "most": "60", "anchors": [{"points": 60, "text": "Tốt"}, {"points": 0, "text": "Không"}]},
    {"key": "b", "title": "Khả thi", "most": "40", "anchors": [{"points": 40, "text": "Tốt"}, {"points": 0, "text": "Không"}]},
]  # fmt: skip


def call_values(**fields: Any) -> dict[str, Any]:
    return {
        "title": "Đợt 1", "year": 2026, "text": "Mời đề xuất", "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=30), "budget_year": 2026, "task_code": "II.5-c", "ceiling_vnd": D(100 * M),
        "fields": "Công nghệ; Môi trường",
    } | fields  # fmt: skip


def test_a_call_is_written_by_one_and_published_by_another() -> None:
    people = People()
    rubrics = {}
    for kind in ("appraisal", "acceptance"):
        values = {"title": "Bộ thử", "pass_total": D(50), "classes": CLASSES if kind == "acceptance" else []}
        row = rubric_save(actor=people.officer, kind=kind, values=values, criteria=ROWS, now=NOW)
        rubrics[kind] = row
    with pytest.raises(PermissionDeniedError):
        rubric_publish(actor=people.officer, rubric_id=rubrics["appraisal"].pk, now=NOW)
    values = call_values(**rubrics)
    call = call_save(
        actor=people.officer, key="dot-1", unit=people.focal, values=values, now=NOW, client_key="k" * 20
    )
    assert (
        call_save(
            actor=people.officer, key="dot-1", unit=people.focal, values=values, now=NOW, client_key="k" * 20
        )
        == call
    )
    assert call.field_list == ["Công nghệ", "Môi trường"]
    with pytest.raises(ProgrammeError, match="đã công bố") as error:
        call_publish(actor=people.focal_head, call_id=call.pk, now=NOW)
    assert error.value.field == "appraisal"
    for row in rubrics.values():
        rubric_publish(actor=people.focal_head, rubric_id=row.pk, now=NOW)
    TopicCall.objects.filter(pk=call.pk).update(created_by=people.focal_head)
    with pytest.raises(PermissionDeniedError, match="không tự công bố"):
        call_publish(actor=people.focal_head, call_id=call.pk, now=NOW)
    TopicCall.objects.filter(pk=call.pk).update(created_by=people.officer)
    call = call_publish(actor=people.focal_head, call_id=call.pk, now=NOW)
    assert call.takes(NOW)
    changed = call_save(
        actor=people.officer, key="", unit=None, call_id=call.pk, now=NOW,
        values={"ceiling_vnd": D(M), "closes_at": NOW + timedelta(days=40)},
    )  # fmt: skip
    assert (changed.ceiling_vnd, changed.closes_at) == (100 * M, NOW + timedelta(days=40))
    with pytest.raises(ProgrammeError, match="lùi ra sau"):
        call_save(
            actor=people.officer,
            key="",
            unit=None,
            call_id=call.pk,
            values={"closes_at": NOW + timedelta(days=2)},
            now=NOW,
        )
    with pytest.raises(ProgrammeError, match="không sửa được"):
        rubric_save(
            actor=people.officer,
            kind="appraisal",
            values={"title": "x"},
            criteria=ROWS,
            now=NOW,
            rubric_id=rubrics["appraisal"].pk,
        )
    second = rubric_save(
        actor=people.officer, kind="appraisal", values={"title": "Bản hai"}, criteria=ROWS, now=NOW
    )
    assert second.version == 2
    ended = call_end(actor=people.focal_head, call_id=call.pk, reason="Không còn kinh phí năm nay", now=NOW)
    assert ended.state == CallState.CANCELLED


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (CLASSES[:1], "ít nhất hai mức"),
        ([{"key": "a", "title": "A", "least": "70"}, {"key": "b", "title": "B", "least": "80"}, {"key": "c", "title": "C"}], "thấp hơn"),
        ([{"key": "a", "title": "A", "least": "170"}, {"key": "b", "title": "B"}], "tổng điểm"),
        ([{"key": "a", "title": "A", "least": "70"}, {"key": "a", "title": "B"}], "mã riêng"),
    ],
)  # fmt: skip
def test_classes_that_do_not_fit(classes: list[dict[str, str]], words: str) -> None:
    people = People()
    with pytest.raises(ProgrammeError, match=words):
        rubric_save(
            actor=people.officer,
            kind="acceptance",
            values={"title": "Bộ", "classes": classes},
            criteria=ROWS,
            now=NOW,
        )
    assert not TopicRubric.objects.exists()


def test_a_late_proposal_is_refused_clearly_also_when_its_file_took_too_long() -> None:
    people = People()
    call = make_topic_call(people)
    topic = drafted(people, call)
    door, after = door_of(people, topic), call.closes_at
    before = call.closes_at - timedelta(seconds=5)
    kept = set(DRAWER.folder().iterdir())
    with pytest.raises(ProgrammeError, match="Đã hết hạn nộp lúc") as error:
        file_add(door=door, kind="proposal", file=upload(), now=before, clock=lambda: after)
    assert error.value.code == "topic-closed"
    assert set(DRAWER.folder().iterdir()) == kept  # nothing is left behind
    assert topic.files.count() == 1
    with pytest.raises(ProgrammeError, match="Đã hết hạn nộp lúc"):
        proposal_submit(door=door, now=after)
    with pytest.raises(ProgrammeError, match="Đã hết hạn nộp lúc"):
        proposal_save(door=door, proposal=proposal(), revision=topic.revision, now=after)
    with pytest.raises(ProgrammeError, match="Đợt này nhận từ"):
        topic_start_unit(
            actor=people.reporter, call=call, unit=people.unit, title="Sớm", host=HOST, client_key="x" * 20,
            now=call.opens_at - timedelta(days=1),
        )  # fmt: skip
    assert proposal_submit(door=door, now=before).state == TopicState.SUBMITTED
    assert proposal_submit(door=door, now=after).state == TopicState.SUBMITTED  # twice is once


def test_what_is_missing_is_named_one_by_one() -> None:
    people = People()
    call = make_topic_call(people)
    topic = topic_start_unit(
        actor=people.reporter,
        call=call,
        unit=people.unit,
        title="Trống",
        host=HOST,
        client_key="m" * 20,
        now=NOW,
    )
    again = topic_start_unit(
        actor=people.reporter,
        call=call,
        unit=people.unit,
        title="Trống",
        host=HOST,
        client_key="m" * 20,
        now=NOW,
    )
    assert again == topic
    door = door_of(people, topic)
    fields = []
    steps: list[dict[str, Any]] = [
        {"summary": "", "objectives": "", "methods": "", "works": (), "products": (), "budget": ()}, {"objectives": "", "methods": "", "works": (), "products": (), "budget": ()},
        {"methods": "", "works": (), "products": (), "budget": ()}, {"works": (), "products": (), "budget": ()}, {"products": (), "budget": ()},
        {"budget": ()}, {"budget": (BudgetLine("other", "Quá trần", D(101 * M)),)}, {},
    ]  # fmt: skip
    for fields_now in steps:
        topic = proposal_save(door=door, proposal=proposal(**fields_now), revision=topic.revision, now=NOW)
        with pytest.raises(ProgrammeError) as error:
            proposal_submit(door=door, now=NOW)
        fields.append(error.value.field)
    assert fields == ["summary", "objectives", "methods", "works", "products", "budget", "budget", "files"]
    file_add(door=door, kind=TopicFileKind.PROPOSAL, file=upload("a"), now=NOW)
    file_add(door=door, kind=TopicFileKind.PROPOSAL, file=upload("a"), now=NOW)  # the same file again
    assert topic.files.count() == 1
    assert proposal_submit(door=door, now=NOW).state == TopicState.SUBMITTED
    with pytest.raises(ProgrammeError, match="đã nộp"):
        file_remove(door=door, file_id=topic.files.get().pk, now=NOW)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"months": 0}, "months"), ({"months": 25}, "months"),
        ({"members": (Member("\x00 "),)}, "members"), ({"works": (Work("Ngược", 5, 3),)}, "works"),
        ({"works": (Work("Quá dài", 1, 13),)}, "works"), ({"works": tuple(Work("Việc", 1, 2) for _ in range(61))}, "works"),
        ({"budget": (BudgetLine("other", "Âm", D(-1)),)}, "budget"), ({"budget": (BudgetLine("other", "Lẻ", D("0.5")),)}, "budget"),
        ({"budget": (BudgetLine("other", "Không", D(0)),)}, "budget"), ({"budget": (BudgetLine("other", "NaN", D("NaN")),)}, "budget"),
        ({"budget": (BudgetLine("lạ", "Loại lạ", D(1)),)}, "budget"), ({"products": (Product("paper", "Bài", quantity=0),)}, "products"),
        ({"budget": (BudgetLine("other", "Quá lớn", D(10) ** 12),)}, "budget"),
    ],
)  # fmt: skip
def test_hostile_rows_are_refused_and_nothing_is_lost(fields: dict[str, Any], field: str) -> None:
    people = People()
    topic = drafted(people, make_topic_call(people))
    with pytest.raises(ProgrammeError) as error:
        proposal_save(
            door=door_of(people, topic), proposal=proposal(**fields), revision=topic.revision, now=NOW
        )
    assert error.value.field == field
    topic.refresh_from_db()
    assert (topic.asked_state, topic.works.count(), topic.budget.count()) == (60 * M, 2, 2)


def test_two_windows_hostile_files_and_odd_names() -> None:
    people = People()
    topic = drafted(
        people,
        make_topic_call(people),
        title="  Đếm\x00 khách \u202eở chợ  ",
        leader_name="Nguyễn Thị Ẩn\u200b Ý",
    )
    assert (topic.title, topic.leader_name) == ("Đếm khách ở chợ", "Nguyễn Thị Ẩn Ý")
    door = door_of(people, topic)
    with pytest.raises(StaleError):
        proposal_save(door=door, proposal=proposal(), revision=topic.revision - 1, now=NOW)
    for bad in (
        SimpleUploadedFile("x.pdf", b""), SimpleUploadedFile("thuyet-minh.pdf", b"MZ\x90\x00" + b"\x00" * 200),
    ):  # fmt: skip
        with pytest.raises(ProgrammeError):
            file_add(door=door, kind="proposal", file=bad, now=NOW)
    assert topic.files.count() == 1
    with pytest.raises(ProgrammeError, match="không nhận loại tệp"):
        file_add(door=door, kind="report", file=upload(), now=NOW)


def test_an_organisation_comes_by_a_secret_link() -> None:
    people = People()
    call = make_topic_call(people)
    code_send(address="lienhe@example.vn", purpose=code_purpose(call), visitor="1", now=NOW, about="đề tài")
    digits = (
        Message.objects.latest("pk").body.split("là: ")[-1]
        if "là: " in Message.objects.latest("pk").body
        else ""
    )
    digits = digits or "".join(c for c in Message.objects.latest("pk").body.split(":")[1] if c.isdigit())[:6]
    args: dict[str, Any] = {
        "call": call, "address": "lienhe@example.vn", "title": "Pin mặt trời", "host": HOST, "client_key": "link-key-0123456789", "now": NOW,
    }  # fmt: skip
    with pytest.raises(CodeError):
        topic_start_link(digits="000000" if digits != "000000" else "111111", **args)
    topic = topic_start_link(digits=digits, **args)
    assert topic_start_link(digits=digits, **args) == topic  # the same form again
    assert topic_by_token(topic.token) == topic
    assert topic.unit is None
    door = Door(token=topic.token)
    topic = proposal_save(
        door=door, proposal=proposal(organisation="Công ty Thử"), revision=topic.revision, now=NOW
    )
    file_add(door=door, kind="proposal", file=upload(), now=NOW)
    proposal_submit(door=door, now=NOW)
    with pytest.raises(GoneError):
        proposal_submit(door=Door(token="khong-phai"), now=NOW)
    with pytest.raises(PermissionDeniedError):
        proposal_submit(door=Door(actor=people.reporter, topic_id=topic.pk), now=NOW)
    topic_return(
        actor=people.officer,
        topic_id=topic.pk,
        reason="Thiếu báo giá thiết bị",
        until=NOW + timedelta(days=3),
        now=NOW,
    )
    told = Message.objects.filter(recipient="lienhe@example.vn").latest("pk")
    assert "Thiếu báo giá" in told.body
    late = call.closes_at + timedelta(days=100)
    with pytest.raises(ProgrammeError, match="Hạn bổ sung đã qua"):
        proposal_submit(door=door, now=late)
    assert proposal_submit(door=door, now=NOW + timedelta(days=2)).state == TopicState.SUBMITTED
    proposal_withdraw(door=door, reason="", now=NOW)
    contact_forget(topic_id=topic.pk, now=NOW)
    topic.refresh_from_db()
    assert (topic.contact_name, topic.contact_address) == ("", "")
    with pytest.raises(GoneError):
        topic_by_token(door.token)


def test_returned_beyond_the_end_of_the_call_and_rejected_by_another() -> None:
    people = People()
    call = make_topic_call(people)
    topic = submitted(people, call)
    until = call.closes_at + timedelta(days=5)
    topic_return(actor=people.officer, topic_id=topic.pk, reason="Bổ sung dự toán", until=until, now=NOW)
    door, later = door_of(people, topic), call.closes_at + timedelta(days=1)
    file_add(door=door, kind="proposal", file=upload(), now=later)
    proposal_submit(door=door, now=later)
    topic_check(actor=people.officer, topic_id=topic.pk, note="", now=later)
    with pytest.raises(StaleError):
        topic_check(actor=people.officer, topic_id=topic.pk, note="", now=later)
    Topic.objects.filter(pk=topic.pk).update(checked_by=people.focal_head)
    with pytest.raises(PermissionDeniedError, match="người khác phải quyết định"):
        topic_reject(actor=people.focal_head, topic_id=topic.pk, reason="Trùng đề tài khác", now=later)
    topic_reject(actor=people.leader, topic_id=topic.pk, reason="Trùng đề tài khác", now=later)
    with pytest.raises(ProgrammeError, match="đã có quyết định"):
        proposal_withdraw(door=door, reason="", now=later)
    assert TopicFile.objects.filter(topic=topic).count() == 2
    assert call_end(actor=people.focal_head, call_id=call.pk, reason="", now=later).state == CallState.CLOSED
    assert TODAY.year == 2026
    make_rubric("appraisal")
    assert checked(people, make_topic_call(people)).state == TopicState.CHECKED
