"""Records of own programmes and of others, linking registrations, needs of a unit, units that follow one another."""

import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from khcn.core.errors import PermissionDeniedError
from khcn.core.indicators import Period, indicators
from khcn.core.models import AuditEvent
from khcn.orgs.enums import CodeScheme, Role, SuccessionKind
from khcn.orgs.handover import HandOver, Takers
from khcn.orgs.models import SuccessionDecision, UnitCode, UnitSuccession
from khcn.programmes.enums import BatchState
from khcn.programmes.enums_training import LinkState, RecordBasis, RecordState
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.attendance import Attendance
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.training import TrainingPerson, TrainingPost
from khcn.programmes.models.training_more import RegistrationLink, TrainingRecord
from khcn.programmes.rules.attendance import Source
from khcn.programmes.selectors.training import suggestions
from khcn.programmes.selectors.training_needs import needs_document, unit_named
from khcn.programmes.selectors.training_summary import year_summary
from khcn.programmes.services.certificates import certificates_revoke
from khcn.programmes.services.training_handover import TrainingFollower
from khcn.programmes.services.training_people import person_move
from khcn.programmes.services.training_records import (
    RecordWish,
    record_enter,
    record_refuse,
    record_verify,
    record_void,
)
from khcn.programmes.services.training_setup import TopicWish, programme_teaches, topic_save
from khcn.programmes.services.training_sync import link_decide, programme_sync, training_sync
from tests.orgs.factories import make_member, make_unit
from tests.programmes.factories import (
    NOW,
    TODAY,
    People,
    make_programme,
    make_registration,
    make_session,
)
from tests.programmes.training_factories import make_person, make_position, make_record, make_topic

pytestmark = pytest.mark.django_db


class Course:
    """An own course of five sessions that teaches one topic for 24 months, and somebody of a unit who registered."""

    def __init__(self, **registration: Any) -> None:
        self.people = People()
        self.topic = make_topic("ATTT", months=24)
        self.programme = make_programme(
            self.people.focal, starts_on=TODAY - timedelta(days=40), ends_on=TODAY - timedelta(days=10)
        )
        self.sessions = [
            make_session(self.programme, starts_at=NOW - timedelta(days=40 - 7 * n)) for n in range(5)
        ]
        self.person = make_person(self.people.unit, name="Lê Thị Hoa", email="hoa@x.vn")
        given = {
            "name": "Lê Thị Hoa",
            "contact_address": "hoa@x.vn",
            "organisation": self.people.unit.name,
        } | registration
        self.registration = make_registration(self.programme, **given)
        programme_teaches(
            actor=self.people.officer, programme=self.programme, hours={self.topic.pk: Decimal(20)}, now=NOW
        )

    def come(self, times: int) -> None:
        for one in self.sessions[:times]:
            Attendance.objects.create(
                session=one, registration=self.registration, at=NOW, at_server=NOW, source=Source.LIST
            )

    def sync(self) -> int:
        return programme_sync(programme=self.programme, now=NOW)

    def record(self) -> TrainingRecord:
        return TrainingRecord.objects.get()

    def certificate(self) -> Certificate:
        batch = CertificateBatch.objects.create(
            programme=self.programme, state=BatchState.ISSUED, title="Giấy", text="Đã học", signer_name="A", signer_position="B",
            decision_number="1/QĐ", decision_date=TODAY, prepared_at=NOW, prepared_by=self.people.officer,
        )  # fmt: skip
        return Certificate.objects.create(
            batch=batch, registration=self.registration, code=f"C{batch.pk}", number=1, issued_on=TODAY
        )


def test_who_came_often_enough_holds_the_topic_once() -> None:
    course = Course()
    course.come(3)
    assert (course.sync(), TrainingRecord.objects.count()) == (0, 0)  # 60 % of the needed 80
    course.come(0)
    Attendance.objects.create(
        session=course.sessions[3],
        registration=course.registration,
        at=NOW,
        at_server=NOW,
        source=Source.LIST,
    )
    assert course.sync() == 1
    row = course.record()
    assert (row.basis, row.state, row.hours, row.person) == (
        RecordBasis.ATTENDANCE,
        RecordState.VERIFIED,
        Decimal(20),
        course.person,
    )
    assert row.held_on == TODAY - timedelta(days=12)
    assert row.unit == course.people.unit
    assert course.sync() == 0
    paper = course.certificate()  # the same course, now with a certificate: still one record
    assert course.sync() == 1
    row = course.record()
    assert (row.basis, row.certificate, row.held_on) == (
        RecordBasis.CERTIFICATE,
        paper,
        TODAY - timedelta(days=12),
    )
    assert TrainingRecord.objects.standing().count() == 1


def test_a_revoked_certificate_takes_the_topic_away_at_once_and_a_new_one_gives_it_back() -> None:
    course = Course()
    course.come(5)
    paper = course.certificate()
    course.sync()
    certificates_revoke(actor=course.people.focal_head, pks=[paper.pk], reason="Nhầm người", now=NOW)
    assert not TrainingRecord.objects.standing().exists()  # before any duty ran
    assert training_sync(NOW) == 1
    assert course.record().state == RecordState.VOID
    assert training_sync(NOW) == 0
    course.certificate()
    assert course.sync() == 1
    assert TrainingRecord.objects.standing().count() == 1


def test_attendance_taken_back_voids_the_record() -> None:
    course = Course()
    course.come(4)
    course.sync()
    Attendance.objects.filter(session=course.sessions[0]).delete()
    assert course.sync() == 1
    assert course.record().state == RecordState.VOID
    course.come(1)
    course.sync()
    assert course.record().state == RecordState.VERIFIED
    programme_teaches(actor=course.people.officer, programme=course.programme, hours={}, now=NOW)
    assert course.record().state == RecordState.VOID


@pytest.mark.parametrize(
    ("given", "linked"),
    [
        ({}, True),
        ({"contact_address": "khac@x.vn"}, False),  # a name alone ties nobody
        ({"organisation": "Đơn vị khác hẳn"}, False),
        ({"organisation": ""}, False),
        ({"name": "Lê Thị Hoà", "contact_address": "hoa@x.vn"}, True),  # marks of the name may differ
        ({"name": "Lê Văn Hoa"}, False),
    ],
)
def test_a_registration_is_tied_only_where_unit_name_and_contact_agree(
    given: dict[str, Any], linked: bool
) -> None:
    course = Course(**given)
    course.come(5)
    course.sync()
    assert RegistrationLink.objects.filter(state=LinkState.LINKED).exists() is linked
    assert TrainingRecord.objects.exists() is linked
    expected = 0 if linked or given.get("name") == "Lê Văn Hoa" else 1
    assert len(suggestions(course.people.reporter, TODAY)) == expected


def test_a_suggestion_is_confirmed_or_rejected_by_the_own_reporter() -> None:
    course = Course(contact_address="0900000000")
    course.come(5)
    course.sync()
    base: dict[str, Any] = {
        "registration_id": course.registration.pk,
        "person_id": course.person.pk,
        "now": NOW,
    }
    for stranger in (
        make_member(Role.UNIT_REPORTER),
        course.people.head,
        course.people.auditor,
        course.people.finance,
    ):
        with pytest.raises(PermissionDeniedError):
            link_decide(actor=stranger, same=True, **base)
    assert not suggestions(make_member(Role.UNIT_REPORTER), TODAY)
    link_decide(actor=course.people.reporter, same=False, **base)
    assert not suggestions(course.people.reporter, TODAY)
    course.sync()
    assert not TrainingRecord.objects.exists()  # a rejected pair is never tied by itself again
    link_decide(actor=course.people.reporter, same=True, **base)
    link_decide(actor=course.people.reporter, same=True, **base)
    assert course.record().person == course.person
    twin = make_person(course.people.unit, name="Lê Thị Hoa", email="hai@x.vn")
    with pytest.raises(StaleError):
        link_decide(actor=course.people.reporter, same=True, **(base | {"person_id": twin.pk}))
    other = make_person(course.people.unit, name="Người Khác Hẳn")
    with pytest.raises(ProgrammeError, match="khác nhau"):
        link_decide(actor=course.people.reporter, same=True, **(base | {"person_id": other.pk}))


def _wish(topic: Any, **more: Any) -> RecordWish:
    values = {
        "title": "Khóa của Sở",
        "organiser": "Sở mẫu",
        "held_on": date(2026, 3, 1),
        "certificate_number": "12/CN",
    } | more
    return RecordWish(topic_id=topic.pk, **values)


def test_courses_of_others_count_once_somebody_else_verified_them() -> None:
    people, topic = People(), make_topic(months=12)
    person = make_person(people.unit)
    base: dict[str, Any] = {"actor": people.reporter, "person_id": person.pk, "now": NOW}
    row = record_enter(wish=_wish(topic), client_key="k" * 20, **base)
    assert record_enter(wish=_wish(topic), client_key="k" * 20, **base).pk == row.pk  # a double click
    assert (row.state, row.valid_until) == (RecordState.ENTERED, date(2027, 3, 1))
    assert not TrainingRecord.objects.standing().exists()
    for actor in (
        people.reporter,
        make_member(Role.UNIT_HEAD),
        people.auditor,
        people.finance,
        people.leader,
    ):
        with pytest.raises(PermissionDeniedError):
            record_verify(actor=actor, record_id=row.pk, now=NOW)
    record_verify(actor=people.head, record_id=row.pk, now=NOW)
    with pytest.raises(StaleError):
        record_verify(actor=people.officer, record_id=row.pk, now=NOW)
    assert TrainingRecord.objects.standing().count() == 1
    with pytest.raises(ProgrammeError):
        record_void(actor=people.head, record_id=row.pk, reason=" ", now=NOW)
    record_void(actor=people.head, record_id=row.pk, reason="Giấy của người khác", now=NOW)
    assert not TrainingRecord.objects.standing().exists()
    mine = record_enter(
        wish=_wish(topic), client_key="o" * 20, actor=people.officer, person_id=person.pk, now=NOW
    )
    with pytest.raises(PermissionDeniedError):  # four eyes, also for the focal officer
        record_verify(actor=people.officer, record_id=mine.pk, now=NOW)
    record_refuse(actor=people.head, record_id=mine.pk, reason="Thiếu giấy", now=NOW)
    mine.refresh_from_db()
    assert (mine.state, mine.reason) == (RecordState.REFUSED, "Thiếu giấy")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"certificate_number": ""}, "certificate_number"),
        ({"held_on": TODAY + timedelta(days=1)}, "held_on"),
        ({"held_on": date(1970, 1, 1)}, "held_on"),
        ({"title": "\u200b "}, "title"),
        ({"hours": Decimal(9999)}, "hours"),
        ({"title": "x" * 301}, "title"),
    ],
)
def test_what_a_course_of_others_must_say(more: dict[str, Any], field: str) -> None:
    people, topic = People(), make_topic()
    person = make_person(people.unit)
    with pytest.raises(ProgrammeError) as caught:
        record_enter(
            actor=people.reporter,
            person_id=person.pk,
            wish=_wish(topic, **more),
            client_key="k" * 20,
            now=NOW,
        )
    assert caught.value.field == field
    assert not TrainingRecord.objects.exists()


def test_evidence_is_checked_by_its_content() -> None:
    people, topic = People(), make_topic()
    person = make_person(people.unit)
    base: dict[str, Any] = {
        "actor": people.reporter,
        "person_id": person.pk,
        "now": NOW,
        "wish": _wish(topic, certificate_number=""),
    }
    with pytest.raises(Exception, match="Không nhận loại tệp"):
        record_enter(client_key="a" * 20, evidence=SimpleUploadedFile("giay.pdf", b"MZ\x90\x00" * 99), **base)
    assert not TrainingRecord.objects.exists()


def test_the_needs_of_a_unit_as_a_command() -> None:
    people = People()
    safety, ip, stem = make_topic("ATTT", months=24), make_topic("SHTT"), make_topic("STEM", months=12)
    make_position(None, "Công chức", (safety, 6))  # common: every "công chức" of the district
    position = make_position(people.unit, "Công chức", ip, stem)
    one = make_person(people.unit, position, name="Bùi An", since=date(2025, 1, 1))
    two = make_person(people.unit, position, name="Đỗ Ánh", since=TODAY - timedelta(days=30))
    make_person(people.unit, position, name="Đã Nghỉ", until=TODAY - timedelta(days=1))
    today = date.today()
    make_record(one, safety, today - timedelta(days=400))
    make_record(one, safety, today - timedelta(days=700))
    make_record(one, ip, date(2020, 1, 1))
    make_record(one, stem, today - timedelta(days=340))
    make_record(two, stem, today - timedelta(days=800))
    make_record(two, ip, today, state=RecordState.ENTERED)  # not verified: does not count
    UnitCode.objects.create(unit=people.unit, scheme=CodeScheme.INTERNAL, code="DV-01")
    for name in (people.unit.key, "DV-01", str(people.unit.pk), people.unit.name):
        out = io.StringIO()
        call_command("training", "needs", "--unit", name, "--json", stdout=out)
        found = json.loads(out.getvalue())
        assert found["unit"]["key"] == people.unit.key
    assert [(row["name"], row["position"], row["meets"]) for row in found["people"]] == [
        ("Bùi An", "Công chức", True),
        ("Đỗ Ánh", "Công chức", False),
    ]
    states = [[(topic["code"], topic["state"]) for topic in row["topics"]] for row in found["people"]]
    assert states == [
        [("ATTT", "held"), ("SHTT", "held"), ("STEM", "expiring")],
        [("ATTT", "missing"), ("SHTT", "missing"), ("STEM", "expired")],
    ]
    assert found["people"][0]["topics"][1]["until"] is None
    assert found["counts"]["required"] == 6
    assert {key: found["counts"][key] for key in ("held", "expiring", "expired", "missing", "bound", "meeting")} == {
        "held": 2, "expiring": 1, "expired": 1, "missing": 2, "bound": 2, "meeting": 1,
    }  # fmt: skip
    again = io.StringIO()
    call_command("training", "needs", "--unit", people.unit.key, "--json", stdout=again)
    assert again.getvalue() == out.getvalue()
    call_command("training", "needs", "--unit", people.unit.key, stdout=again)
    assert "2 người, 6 yêu cầu" in again.getvalue()


@pytest.mark.parametrize("name", ["khong-co", "", "\x00", "999999", "9" * 40])
def test_an_unknown_unit_is_said_in_words(name: str) -> None:
    err = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("training", "needs", "--unit", name, "--json", stderr=err)
    assert caught.value.code == 2
    assert "Không có đơn vị nào" in err.getvalue()


def test_another_validity_counts_for_the_past_and_a_leap_day_is_kept() -> None:
    people, topic = People(), make_topic("ATTT", months=12)
    person = make_person(people.unit, make_position(people.unit, "Công chức", topic))
    row = make_record(person, topic, date(2024, 2, 29))
    assert row.valid_until == date(2025, 2, 28)
    topic_save(
        actor=people.officer, wish=TopicWish("ATTT", "An toàn", valid_months=48), now=NOW, topic_id=topic.pk
    )
    row.refresh_from_db()
    assert row.valid_until == date(2028, 2, 29)
    topic_save(actor=people.officer, wish=TopicWish("ATTT", "An toàn"), now=NOW, topic_id=topic.pk)
    row.refresh_from_db()
    assert row.valid_until is None
    for actor in (people.reporter, people.focal_head, people.auditor):
        with pytest.raises(PermissionDeniedError):
            topic_save(actor=actor, wish=TopicWish("X", "X"), now=NOW)
    with pytest.raises(ProgrammeError):
        topic_save(actor=people.officer, wish=TopicWish("attt", "Trùng mã"), now=NOW)


def test_what_was_learnt_goes_along_to_another_unit_and_the_past_stays_with_the_old() -> None:
    people, topic, other = People(), make_topic("ATTT"), make_unit("Đơn vị mới")
    person = make_person(people.unit, make_position(people.unit, "Công chức", topic))
    make_position(other, "Công chức", topic)
    make_record(person, topic, date(2026, 2, 1))
    person_move(
        actor=people.officer,
        person_id=person.pk,
        unit=other,
        position="Công chức",
        starts_on=date(2026, 5, 1),
        now=NOW,
    )
    assert [row["topics"][0]["state"] for row in needs_document(other, TODAY)["people"]] == ["held"]
    assert needs_document(people.unit, TODAY)["people"] == []
    assert not TrainingPerson.objects.visible_to(people.reporter, TODAY).exists()
    found = {one.name: (one.people, one.trained) for one in year_summary(None, 2026, TODAY).units}
    assert found == {people.unit.name: (0, 1), "Đơn vị mới": (1, 0)}
    with pytest.raises(PermissionDeniedError):
        person_move(
            actor=people.reporter,
            person_id=person.pk,
            unit=people.unit,
            position="X",
            starts_on=TODAY,
            now=NOW,
        )


def test_a_merged_unit_hands_its_people_over_once() -> None:
    people, topic = People(), make_topic("ATTT")
    taker = make_unit("Phường mới")
    person = make_person(people.unit, make_position(people.unit, "Công chức", topic), since=date(2023, 5, 1))
    make_record(person, topic, date(2026, 2, 1))
    effective = TODAY
    decision = SuccessionDecision.objects.create(number="1/NQ", effective_on=effective, recorded_at=NOW)
    UnitSuccession.objects.create(
        kind=SuccessionKind.MERGE,
        predecessor=people.unit,
        successor=taker,
        decision=decision,
        decision_number="1/NQ",
        effective_date=effective,
    )
    hand = HandOver(decision, {people.unit.pk: Takers(people.unit, (taker,), taker)}, NOW, None)
    follower = TrainingFollower()
    assert [one.group for one in follower.open_things([people.unit], TODAY)] == ["training:roster"]
    assert follower.hand_over(hand) == {"programmes.training_people": 1}
    assert follower.hand_over(hand) == {}
    assert [(row["name"], row["since"]) for row in needs_document(taker, TODAY)["people"]] == [
        (person.name, "2023-05-01")
    ]
    assert [one["state"] for one in needs_document(taker, TODAY)["people"][0]["topics"]] == ["held"]
    assert list(person.posts.order_by("starts_on").values_list("unit__name", "ends_on")) == [
        (people.unit.name, TODAY - timedelta(days=1)), ("Phường mới", None),
    ]  # fmt: skip
    found = {one.name: (one.people, one.trained) for one in year_summary(None, 2026, TODAY).units}
    assert found == {"Phường mới": (1, 1)}  # the successor carries the past in figures
    reporter = make_member(Role.UNIT_REPORTER, taker)
    assert TrainingPerson.objects.visible_to(reporter, TODAY).count() == 1
    assert unit_named(people.unit.key, TODAY) == people.unit


def test_the_year_by_unit_topic_and_position_and_the_indicators() -> None:
    people, topic, free = People(), make_topic("ATTT"), make_topic("STEM")
    position = make_position(people.unit, "Công chức", topic)
    one, two = make_person(people.unit, position), make_person(people.unit, position)
    make_record(one, topic, date(2026, 2, 1), hours=Decimal("7.5"))
    make_record(one, free, date(2026, 3, 1))
    make_record(two, topic, date(2026, 4, 1), state=RecordState.ENTERED)
    make_record(two, free, date(2025, 4, 1))
    found = year_summary(people.officer, 2026, TODAY)
    total = found.total
    assert (total.people, total.trained, total.records, total.hours, total.bound, total.meeting) == (
        2,
        1,
        2,
        Decimal("15.5"),
        2,
        1,
    )
    assert total.share == 0.5
    assert [(row.name, row.records) for row in found.topics] == [("Chủ đề ATTT", 1), ("Chủ đề STEM", 1)]
    assert [(row.name, row.people, row.trained) for row in found.positions] == [("Công chức", 2, 1)]
    period = Period(date(2026, 1, 1), date(2026, 12, 31))
    values = {}
    for key in ("training.people", "training.records", "training.hours", "training.meeting"):
        figure = indicators.get(key).figure(period=period, unit_ids=None, reader=people.officer)
        bulk = indicators.get(key).figures(
            period=period, groups={1: [people.unit.pk], 2: [people.focal.pk]}, reader=None
        )  # type: ignore[attr-defined]
        assert bulk[1].value == figure.value
        values[key] = figure.value
    assert values == {
        "training.people": 1,
        "training.records": 2,
        "training.hours": Decimal("15.5"),
        "training.meeting": Decimal("50.0"),
    }
    stranger = make_member(Role.UNIT_REPORTER)
    assert year_summary(stranger, 2026, TODAY).total.people == 0
    assert year_summary(people.finance, 2026, TODAY).total.records == 0
    assert year_summary(make_member(Role.DOST_READER), 2026, TODAY).total.trained == 1


def test_the_trail_names_nobody() -> None:
    course = Course()
    course.come(5)
    course.sync()
    base: dict[str, Any] = {"actor": course.people.reporter, "person_id": course.person.pk, "now": NOW}
    record_enter(wish=_wish(course.topic), client_key="k" * 20, **base)
    for event in AuditEvent.objects.filter(action__startswith="programmes.training"):
        assert "Hoa" not in f"{event.target_label}{event.before}{event.after}"
    assert isinstance(NOW, datetime)
    assert TrainingPost.objects.count() == 1
