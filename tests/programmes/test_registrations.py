"""Registering: seats, waiting list, hours, who may, groups, questions, forgetting."""

import io
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from openpyxl import Workbook

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import AuditEvent, Message
from khcn.programmes.enums import Audience, ProgrammeState, RegistrationState, RegistrationWay
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.registrations import Registration
from khcn.programmes.rules.questions import AnswerError, answers_clean, questions_clean
from khcn.programmes.services.consents import withdrawal_followers
from khcn.programmes.services.registrations import (
    PeopleError,
    Person,
    group_create,
    people_add,
    registration_approve,
    registration_cancel,
    registration_create,
    registration_refuse,
    registration_update,
    seats_of,
)
from khcn.programmes.services.registrations_groups import paper_consents_record
from khcn.programmes.services.registrations_privacy import data_copy, people_forget_due, person_erase
from khcn.programmes.services.registrations_seats import seats_follow
from khcn.programmes.services.registrations_sheet import sheet_read
from tests.programmes.factories import NOW, TODAY, People, make_programme, make_session

pytestmark = pytest.mark.django_db
AN = Person("Nguyễn Văn An", Audience.TEACHERS, birth_year=1990)


def register(programme: Any, number: int = 0, **more: Any) -> Registration:
    person = replace(AN, name=f"Nguyễn Văn {chr(65 + number)}n")
    values = {"person": person, "address": f"n{number}@example.vn", "now": NOW} | more
    return registration_create(programme=programme, **values)


def pupils(count: int) -> list[Person]:
    return [
        Person(f"Học Sinh {n:02d}a", Audience.PUPILS, birth_year=2013, class_name="7A") for n in range(count)
    ]


def test_seats_then_waiting_then_promotion_in_order_of_arrival() -> None:
    programme = make_programme(capacity=2)
    rows = [register(programme, number) for number in range(5)]
    assert [row.state for row in rows] == ["confirmed"] * 2 + ["waiting"] * 3
    assert [row.arrival for row in rows] == [1, 2, 3, 4, 5]
    assert registration_cancel(registration=rows[0], now=NOW)
    assert not registration_cancel(registration=rows[0], now=NOW)
    states = list(Registration.objects.order_by("arrival").values_list("state", flat=True))
    assert states == ["cancelled", "confirmed", "confirmed", "waiting", "waiting"]
    assert Message.objects.filter(recipient="n2@example.vn", body__startswith="Bạn đã có chỗ").exists()
    assert seats_of(programme).free == 0
    programme.capacity = 4
    programme.save()
    assert seats_follow(NOW) == 2
    assert seats_of(programme).confirmed == 4


def test_sent_twice_is_once_and_a_foreign_key_opens_nothing() -> None:
    programme = make_programme()
    first = register(programme, client_key="k" * 32)
    assert register(programme, client_key="k" * 32).pk == first.pk
    with pytest.raises(ProgrammeError):
        register(programme, 1, client_key="k" * 32)
    with pytest.raises(ProgrammeError) as twice:
        register(programme)
    assert twice.value.code == "twice"
    assert Registration.objects.count() == 1
    assert AuditEvent.objects.filter(target_label__contains="Nguyễn").count() == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": ProgrammeState.CANCELLED}, "đã hủy"),
        ({"state": ProgrammeState.DRAFT}, "không nhận"),
        ({"opens_at": NOW + timedelta(seconds=1)}, "Chưa đến giờ"),
        ({"closes_at": NOW}, "hết hạn"),
        ({"starts_on": TODAY - timedelta(days=2), "ends_on": TODAY - timedelta(days=1)}, "hết hạn"),
        ({"registration": RegistrationWay.GROUP}, "đoàn"),
        ({"registration": RegistrationWay.NONE}, "không cần"),
        ({"capacity": 0, "waiting_list": False}, "hết chỗ"),
    ],
)
def test_closed_says_why(fields: dict[str, Any], words: str) -> None:
    programme = make_programme(**fields)
    with pytest.raises(ProgrammeError) as refused:
        register(programme)
    assert words.lower() in refused.value.message.lower()


def test_by_session_counts_each_session() -> None:
    programme = make_programme(by_session=True)
    one, two = make_session(programme, capacity=1), make_session(programme, capacity=1)
    with pytest.raises(ProgrammeError):
        register(programme)
    assert register(programme, session=one).state == RegistrationState.CONFIRMED
    assert register(programme, 1, session=one).state == RegistrationState.WAITING
    assert register(programme, session=two).state == RegistrationState.CONFIRMED


def test_approval_gives_a_seat_or_the_waiting_list() -> None:
    people = People()
    programme = make_programme(people.unit, capacity=1, needs_approval=True)
    rows = [register(programme, number) for number in range(3)]
    assert {row.state for row in rows} == {"requested"}
    assert registration_approve(actor=people.reporter, registration=rows[1], now=NOW).state == "confirmed"
    assert registration_approve(actor=people.officer, registration=rows[0], now=NOW).state == "waiting"
    with pytest.raises(StaleError):
        registration_approve(actor=people.officer, registration=rows[0], now=NOW)
    with pytest.raises(ProgrammeError):
        registration_refuse(actor=people.officer, registration=rows[2], now=NOW, reason=" ")
    registration_refuse(actor=people.officer, registration=rows[2], now=NOW, reason="Không đúng đối tượng")
    registration_cancel(actor=people.officer, registration=rows[1], now=NOW)
    rows[0].refresh_from_db()
    assert rows[0].state == "confirmed"


@pytest.mark.parametrize(
    ("who", "may"),
    [("officer", True), ("reporter", True), ("head", False), ("focal_head", False), ("leader", False),
     ("finance", False), ("clerk", False), ("editor", False), ("auditor", False)],
)  # fmt: skip
@pytest.mark.parametrize("own", [True, False])
def test_who_may_write(who: str, may: bool, own: bool) -> None:
    people = People()
    programme = make_programme(people.unit if own else None)
    allowed = may and (own or who == "officer")
    deed = {"programme": programme, "person": AN, "now": NOW, "actor": getattr(people, who)}
    if allowed:
        row = registration_create(**deed)
        assert registration_update(registration=row, person=AN, now=NOW, actor=deed["actor"]).revision == 1
        return
    row = register(programme)
    with pytest.raises(PermissionDeniedError):
        registration_create(**deed)
    with pytest.raises(PermissionDeniedError):
        registration_cancel(registration=row, now=NOW, actor=deed["actor"])
    with pytest.raises(PermissionDeniedError):
        person_erase(registration=row, now=NOW, actor=deed["actor"])


def test_children_come_with_their_school() -> None:
    programme = make_programme(registration=RegistrationWay.BOTH)
    child = Person("Bé Thử", Audience.PUPILS, birth_year=2012)
    with pytest.raises(ProgrammeError) as refused:
        registration_create(programme=programme, person=child, now=NOW, address="a@example.vn")
    assert refused.value.code == "too-young"
    older = replace(child, birth_year=2009)
    with pytest.raises(ProgrammeError) as unguarded:
        registration_create(programme=programme, person=older, now=NOW, address="a@example.vn")
    assert unguarded.value.field == "guardian_name"
    row = registration_create(
        programme=programme, person=replace(older, guardian_name="Mẹ Thử"), now=NOW, address="a@example.vn",
        consents=["processing", "photo"],
    )  # fmt: skip
    assert row.is_minor
    assert set(Consent.objects.values_list("by", flat=True)) == {"child"}


def test_a_class_of_thirty_for_twenty_five_seats() -> None:
    programme = make_programme(capacity=25, registration=RegistrationWay.GROUP)
    values = {"programme": programme, "now": NOW, "name": "THCS Thử", "people": pupils(30), "client_key": "g" * 32,
              "contact_address": "co@example.vn", "contact_name": "Cô Thử"}  # fmt: skip
    group = group_create(**values)
    assert group_create(**values).pk == group.pk
    states = list(group.people.order_by("arrival").values_list("state", flat=True))
    assert states == ["confirmed"] * 25 + ["waiting"] * 5
    assert not group.people.exclude(token=None).exists()
    bad = [Person("  ", Audience.PUPILS), Person("Tốt Lắm", Audience.PUPILS), *pupils(1)]
    with pytest.raises(PeopleError) as refused:
        people_add(group=group, people=bad, now=NOW, rows=[2, 3, 4])
    assert [fault.where for fault in refused.value.faults] == ["dòng 2", "dòng 4"]
    assert group.people.count() == 30
    registration_cancel(registration=group.people.get(arrival=1), now=NOW)
    assert group.people.get(arrival=26).state == "confirmed"
    assert Message.objects.filter(recipient="co@example.vn", body__contains="thêm 1 người").exists()
    ids = list(group.people.values_list("pk", flat=True))
    assert (
        paper_consents_record(group=group, people=ids, purposes=["processing"], by="guardian", now=NOW) == 29
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Nguye\u0302\u0303n  An", "Nguyễn An"), ("\u202eAn\u200b Bình\u0000", "An Bình"), ("An 𠮷🎉", "An 𠮷🎉"),
     ("=HYPERLINK(1)", "=HYPERLINK(1)"), ("أحمد", "أحمد")],
)  # fmt: skip
def test_names_of_any_writing(typed: str, kept: str) -> None:
    row = register(make_programme(), person=replace(AN, name=typed))
    row.refresh_from_db()
    assert row.name == kept


@pytest.mark.parametrize("name", ["", " \u200b ", "=1+1", "🎉", "A" * 151])
def test_no_names(name: str) -> None:
    with pytest.raises(ProgrammeError) as refused:
        register(make_programme(), person=replace(AN, name=name))
    assert refused.value.field == "name"


ASKED = [
    {"key": "an", "label": "Ăn trưa?", "kind": "yesno", "required": True},
    {"key": "mon", "label": "Món", "kind": "choice", "choices": ["Chay", "Mặn"], "required": True, "show_if": {"an": "yes"}},
    {"key": "mon_day", "label": "Môn dạy", "kind": "text", "audience": ["teachers"], "required": True},
    {"key": "so", "label": "Số máy", "kind": "number"},
]  # fmt: skip


def test_only_questions_that_apply_are_checked_and_kept() -> None:
    rows = questions_clean(ASKED)
    given = {"an": "no", "mon": "Chay", "mon_day": "Lý", "so": "1.200"}
    assert answers_clean(rows, given, "teachers") == {"an": "no", "mon_day": "Lý", "so": "1200"}
    assert answers_clean(rows, given, "officials") == {"an": "no", "so": "1200"}
    with pytest.raises(AnswerError) as refused:
        answers_clean(rows, {"an": "yes", "mon": "Khác"}, "officials")
    assert refused.value.field == "q_mon"
    with pytest.raises(AnswerError):
        answers_clean(rows, {}, "officials")
    assert answers_clean(rows, {}, "officials", lenient=True) == {}


@pytest.mark.parametrize(
    "bad", [{"key": "A b"}, {"key": "x", "label": ""}, {"key": "x", "label": "L", "kind": "file"},
            {"key": "x", "label": "L", "kind": "choice", "choices": ["một"]},
            {"key": "x", "label": "L", "kind": "text", "show_if": {"sau": "yes"}}, "x"],
)  # fmt: skip
def test_wrong_questions_are_refused(bad: Any) -> None:
    with pytest.raises(ProgrammeError):
        questions_clean([bad])


def book(rows: list[list[Any]]) -> io.BytesIO:
    made, out = Workbook(), io.BytesIO()
    sheet = made.worksheets[0]
    for row in rows:
        sheet.append(row)
    if len(rows) > 3:
        sheet.merge_cells("A3:B3")
    made.save(out)
    return io.BytesIO(out.getvalue())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_lists_in_every_encoding(encoding: str) -> None:
    import unicodedata

    text = "Họ và tên;Lớp;Năm sinh\r\nTrần Thị Bưởi;7A;2013\r\n"
    if encoding == "cp1258":
        import re

        nfd = unicodedata.normalize("NFD", text)
        text = nfd
        text = re.sub(
            "([aeiouyAEIOUY])([\u0300\u0301\u0303\u0309\u0323])?([\u0302\u0306\u031b])",
            lambda m: unicodedata.normalize("NFC", m[1] + m[3]) + (m[2] or ""),
            text,
        )
    sheet = sheet_read(io.BytesIO(text.encode(encoding)), make_programme(audiences="|pupils|"))
    assert [(one.name, one.class_name, one.birth_year, one.audience) for one in sheet.people] == [
        ("Trần Thị Bưởi", "7A", 2013, "pupils")
    ]


@pytest.mark.parametrize(
    "data",
    [
        "Hä vµ tªn;Líp\nTrÇn ThÞ B\xadëi;7A\nNguyÔn V¨n Dòng;7B\n",
        "Hoï vaø teân;Lôùp\nTraàn Thò Böôûi;7A\nNguyeãn Vaên Duõng;7B\n",
    ],
    ids=["tcvn3", "vni"],
)
def test_lists_in_old_fonts(data: str) -> None:
    sheet = sheet_read(io.BytesIO(data.encode("cp1252")), make_programme())
    assert [(one.name, one.class_name) for one in sheet.people] == [
        ("Trần Thị Bưởi", "7A"),
        ("Nguyễn Văn Dũng", "7B"),
    ]
    rows = [line.split(";") for line in data.splitlines()]
    typed = book([["Họ và tên", "Lớp"], *rows[1:]])
    assert sheet_read(typed, make_programme()).people[0].name == "Trần Thị Bưởi"


def test_hostile_lists_are_refused_with_a_sentence() -> None:
    programme = make_programme()
    head = ["Họ và tên *", "Năm sinh"]
    sheet = sheet_read(book([head, ["An", "12/05/2013"], ["Bình", None], ["Chi", "mười"]]), programme)
    assert [one.birth_year for one in sheet.people] == [2013, None]
    assert sheet.faults[0].where == "dòng 4"
    for data in (
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 broken",
        book([head, *([[f"An {n}", 2000] for n in range(10_000)])]).getvalue(),
    ):
        with pytest.raises(Exception) as refused:
            sheet_read(io.BytesIO(data), programme)
        assert getattr(refused.value, "message", "")
    with pytest.raises(PeopleError):  # nothing but a formula that was never worked out
        sheet_read(book([head, ['=HYPERLINK("http://x")', None]]), programme)


def test_who_is_forgotten_still_counts() -> None:
    programme = make_programme(capacity=5, purposes="|photo|", keep_until=TODAY)
    row = register(programme, consents=["processing", "photo"])
    other = register(programme, 1)
    assert data_copy(row)["consents"][0]["text"]
    seen: list[tuple[str, str]] = []
    withdrawal_followers.register(
        "test-follow", lambda subject, purpose, now: seen.append((subject, purpose))
    )
    try:
        assert person_erase(registration=row, now=NOW)
    finally:
        withdrawal_followers._items.pop("test-follow", None) if hasattr(
            withdrawal_followers, "_items"
        ) else None
    assert {purpose for _subject, purpose in seen} == {"processing", "photo"}
    row.refresh_from_db()
    assert (row.name, row.contact_address, row.token, row.answers) == ("—", "", None, {})
    assert Consent.objects.filter(subject_name="", by_name="").count() == 2
    assert not Message.objects.filter(recipient="n0@example.vn").exists()
    assert people_forget_due(NOW) == 0
    assert people_forget_due(NOW + timedelta(days=1)) == 1
    other.refresh_from_db()
    assert other.name == "—"
    assert other.state == "confirmed"
    assert programme.registrations.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_rush_from_many_threads_gives_exactly_the_seats() -> None:
    programme = make_programme(capacity=10)
    errors: list[BaseException] = []

    def some(worker: int) -> None:
        try:
            for number in range(6):
                register(
                    programme,
                    person=replace(AN, name=f"An {worker} {number} a"),
                    address=f"r{worker}{number}@example.vn",
                )
        except BaseException as error:  # told below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=some, args=[worker]) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    rows = list(Registration.objects.order_by("arrival").values_list("arrival", "state"))
    assert [arrival for arrival, _state in rows] == list(range(1, 25))
    assert [state for _arrival, state in rows] == ["confirmed"] * 10 + ["waiting"] * 14
