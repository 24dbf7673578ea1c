"""The pages of training: every page for everybody who may, refusals for the others, whole ways by hand, constant queries."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from khcn.core.models import Message
from khcn.orgs.enums import Role
from khcn.orgs.models import User
from khcn.programmes.areas import todo_lists
from khcn.programmes.enums_training import ProposalState, RecordState
from khcn.programmes.models.training import RosterUpload, TrainingPerson, TrainingPosition, TrainingTopic
from khcn.programmes.models.training_more import CourseProposal, NeedsAnswer, NeedsSurvey, TrainingRecord
from khcn.programmes.services.training_setup import programme_teaches
from tests.orgs.factories import make_member, make_unit, make_user
from tests.programmes.factories import People, human, make_programme, make_registration
from tests.programmes.training_factories import (
    make_person,
    make_position,
    make_record,
    make_topic,
    roster_file,
    roster_row,
)

pytestmark = pytest.mark.django_db
ALL = ("home", "people", "records", "suggestions", "surveys", "proposals", "positions", "topics", "summary")


def _as(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _url(name: str, *args: Any) -> str:
    return reverse(f"training-desk:{name}", args=args)


class Office:
    """A unit with a position that requires two topics, two people, a record that waits, and another unit with one person."""

    def __init__(self) -> None:
        self.people = People()
        self.safety, self.stem = make_topic("ATTT", months=24), make_topic("STEM")
        self.position = make_position(self.people.unit, "Công chức", self.safety, (self.stem, 6))
        since = timezone.localdate() - timedelta(days=400)
        self.one = make_person(
            self.people.unit, self.position, name="Bùi Thị An", email="an@x.vn", since=since
        )
        self.two = make_person(self.people.unit, self.position, name="Đỗ Văn Bảy", since=since)
        self.stranger = make_person(make_unit("Nơi khác"), name="Người Nơi Khác", since=since)
        make_record(self.one, self.safety, timezone.localdate() - timedelta(days=100))
        self.waiting = make_record(
            self.two,
            self.stem,
            timezone.localdate(),
            state=RecordState.ENTERED,
            entered_by=self.people.reporter,
        )


def test_every_page_for_everybody_who_may_and_nobody_else() -> None:
    office = Office()
    people = office.people
    for user in (people.reporter, people.head, people.officer, people.focal_head, people.auditor):
        client = _as(user)
        for name in ALL:
            assert client.get(_url(name)).status_code == 200, (name, user)
        assert client.get(_url("person", office.one.pk)).status_code == 200
        assert client.get(_url("record", office.waiting.pk)).status_code == 200
    for user in (people.leader, make_member(Role.DOST_READER)):
        client = _as(user)
        page = client.get(_url("summary"))
        assert page.status_code == 200
        assert "Bùi" not in page.content.decode()
        assert client.get(_url("home")).status_code == 302
        for name in ("people", "records", "suggestions", "proposals", "surveys"):
            assert client.get(_url(name)).status_code == 403, name
        assert client.get(_url("person", office.one.pk)).status_code == 403
    for user in (people.finance, people.clerk, make_member(Role.JUROR), make_user()):
        client = _as(user)
        for name in ("people", "records", "summary", "surveys", "topics"):
            assert client.get(_url(name)).status_code == 403, (name, user)
        assert client.get(_url("mine")).status_code == 200
    assert Client().get(_url("people")).status_code == 302


def test_a_unit_sees_only_its_own() -> None:
    office = Office()
    client = _as(office.people.reporter)
    page = client.get(_url("people")).content.decode()
    assert "Bùi Thị An" in page
    assert "Người Nơi Khác" not in page
    assert client.get(_url("person", office.stranger.pk)).status_code == 404
    assert (
        client.get(_url("people"), {"don-vi": office.stranger.posts.get().unit_id})
        .content.decode()
        .count("Người Nơi Khác")
        == 0
    )
    assert client.get(_url("roster"), {"don-vi": office.stranger.posts.get().unit_id}).status_code == 404
    for name in ("topic-new", "survey-new"):
        assert client.get(_url(name)).status_code == 403
    assert client.get(_url("position-new")).status_code == 403  # a common one
    for query in (
        {"tim": "bui thi"},
        {"tinh-trang": "can"},
        {"chu-de": office.stem.pk},
        {"la": "officials"},
        {"tim": "\x00", "don-vi": "x", "trang": "999"},
    ):
        assert client.get(_url("people"), query).status_code == 200
    assert "Đỗ Văn Bảy" in client.get(_url("people"), {"tinh-trang": "missing"}).content.decode()
    assert (
        "Bùi"
        not in client.get(
            _url("people"), {"chu-de": office.safety.pk, "tinh-trang": "missing"}
        ).content.decode()
    )
    for name in ("people", "records", "summary"):
        answer = client.get(_url(name), {"tep": "xlsx"})
        assert b"".join(answer.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_a_roster_goes_down_comes_back_is_looked_at_and_written() -> None:
    office = Office()
    client, url = _as(office.people.reporter), _url("roster")
    template = client.get(url, {"tep": "mau"})
    assert template.content[:2] == b"PK"
    filled = SimpleUploadedFile("ds.xlsx", template.content)
    first = client.post(url, {"file": filled})
    look = RosterUpload.objects.get()
    assert first.status_code == 302
    page = client.get(_url("roster-look", look.pk)).content.decode()
    assert "2 người như cũ" in page
    client.post(_url("roster-look", look.pk))
    assert client.post(_url("roster-look", look.pk)).status_code == 302
    assert TrainingPerson.objects.count() == 3
    bad = roster_file([roster_row("Cúc"), roster_row("Dung")], merge=["C2:C3"])
    answer = client.post(url, {"file": SimpleUploadedFile("x.xlsx", bad.read())})
    assert answer.status_code == 422
    assert "Ô gộp C2:C3" in answer.content.decode()
    good = roster_file([roster_row("Cúc Mới", "Chuyên viên", thu="cuc@x.vn")])
    client.post(url, {"file": SimpleUploadedFile("y.xlsx", good.read())})
    look = RosterUpload.objects.get(applied_at=None)
    assert "Chức danh mới: Chuyên viên" in client.get(_url("roster-look", look.pk)).content.decode()
    assert _as(office.people.head).post(_url("roster-look", look.pk)).status_code == 403
    assert _as(make_member(Role.UNIT_REPORTER)).get(_url("roster-look", look.pk)).status_code == 404
    client.post(_url("roster-look", look.pk))
    assert TrainingPerson.objects.filter(email="cuc@x.vn").exists()


def test_one_person_by_hand_from_writing_in_to_leaving() -> None:
    office = Office()
    client, today = _as(office.people.reporter), timezone.localdate()
    data = {
        "name": "Em Mới",
        "position": "Công chức",
        "audience": "officials",
        "starts_on": "2026-01-05",
        "email": "em@x.vn",
    }
    assert client.post(_url("person-new"), data | {"email": "hỏng"}).status_code == 422
    assert client.post(_url("person-new"), data).status_code == 302
    row = TrainingPerson.objects.get(email="em@x.vn")
    assert client.post(_url("person-new"), data).status_code == 422
    assert client.post(_url("person-edit", row.pk), data | {"name": "Em Mới Hai"}).status_code == 302
    user = make_user("Em Mới Hai")
    page = _url("person", row.pk)
    assert client.post(page, {"viec": "tk", "tk-username": "khong-co"}).status_code == 422
    assert client.post(page, {"viec": "tk", "tk-username": user.username}).status_code == 302
    assert "Em Mới Hai" in _as(user).get(_url("mine")).content.decode()
    assert client.post(page, {"viec": "gui"}).status_code == 302
    assert Message.objects.filter(recipient="em@x.vn").exists()
    record = {
        "client_key": "k" * 20,
        "topic": office.stem.pk,
        "title": "Khóa",
        "organiser": "Nơi khác",
        "held_on": "2026-02-01",
    }
    assert client.post(_url("record-new", row.pk), record).status_code == 422
    assert client.post(_url("record-new", row.pk), record | {"certificate_number": "5"}).status_code == 302
    made = TrainingRecord.objects.get(person=row)
    assert client.post(_url("record", made.pk), {"viec": "xac-nhan"}).status_code == 403
    head = _as(office.people.head)
    assert head.post(_url("record", made.pk), {"viec": "tu-choi"}).status_code == 422
    assert head.post(_url("record", made.pk), {"viec": "xac-nhan"}).status_code == 302
    assert head.post(_url("record", made.pk), {"viec": "huy", "reason": "Nhầm"}).status_code == 302
    assert client.post(page, {"viec": "la"}).status_code == 404
    assert (
        client.post(
            page,
            {
                "viec": "chuyen",
                "chuyen-unit": office.people.focal.pk,
                "chuyen-position": "X",
                "chuyen-starts_on": str(today),
            },
        ).status_code
        == 403
    )
    assert client.post(page, {"viec": "thoi", "thoi-ends_on": "2020-01-01"}).status_code == 422
    assert (
        client.post(page, {"viec": "thoi", "thoi-ends_on": str(today - timedelta(days=1))}).status_code == 302
    )
    assert client.get(page).status_code == 404


def test_topics_positions_and_what_a_programme_teaches() -> None:
    office = Office()
    client = _as(office.people.officer)
    topic = {
        "code": "cds",
        "name": "Chuyển đổi số",
        "valid_months": "36",
        "warn_days": "60",
        "is_active": "on",
    }
    assert client.post(_url("topic-new"), topic | {"warn_days": "x"}).status_code == 422
    assert client.post(_url("topic-new"), topic).status_code == 302
    row = TrainingTopic.objects.get(code="CDS")
    assert client.post(_url("topic", row.pk), topic | {"name": "Đổi tên"}).status_code == 302
    position = {
        "title": "Hiệu trưởng",
        "audience": "teachers",
        f"level-{row.pk}": "mandatory",
        f"within-{row.pk}": "12",
    }
    assert client.post(_url("position-new"), position).status_code == 302
    common = TrainingPosition.objects.get(unit=None)
    assert [(one.topic_id, one.within_months) for one in common.requirements.all()] == [(row.pk, 12)]
    assert client.post(_url("position-new"), position).status_code == 422
    assert client.post(_url("position", common.pk), {"viec": "xoa"}).status_code == 302
    reporter = _as(office.people.reporter)
    assert (
        reporter.post(_url("position", office.position.pk), {"viec": "xoa"}).status_code == 302
    )  # held: told why not
    assert TrainingPosition.objects.filter(pk=office.position.pk).exists()
    unit = f"?don-vi={office.people.unit.pk}"
    assert reporter.post(_url("position-new") + unit, position | {"title": "Kế toán"}).status_code == 302
    programme = make_programme(office.people.focal)
    teaches = _url("programme", programme.pk)
    assert client.post(teaches, {f"teaches-{row.pk}": "on", f"hours-{row.pk}": "7,5"}).status_code == 302
    assert client.get(teaches).status_code == 200
    assert client.post(teaches, {"viec": "cap-nhat"}).status_code == 302
    assert reporter.get(teaches).status_code == 200
    assert reporter.post(teaches, {}).status_code == 403
    registration = make_registration(programme, name="Bùi Thị An", contact_address="khac@x.vn")
    assert "khac@x.vn" not in reporter.get(_url("suggestions")).content.decode()
    link = {"dang-ky": registration.pk, "nguoi": office.one.pk, "la": "co"}
    assert reporter.post(_url("link"), link).status_code == 302
    assert reporter.post(_url("link"), {"dang-ky": "x"}).status_code == 404


def test_a_survey_by_hand() -> None:
    office = Office()
    client, reporter = _as(office.people.officer), _as(office.people.reporter)
    data = {
        "year": "2026",
        "deadline": str(timezone.localdate() + timedelta(days=3)),
        "topics": [office.stem.pk],
        "units": [office.people.unit.pk, office.people.focal.pk],
    }
    assert client.post(_url("survey-new"), data | {"deadline": "2001-01-01"}).status_code == 422
    assert client.post(_url("survey-new"), data).status_code == 302
    row = NeedsSurvey.objects.get()
    page = _url("survey", row.pk)
    assert [one.url for one in _todos(office.people.reporter) if "khao-sat" in one.url] == [
        _url("answer", row.pk, office.people.unit.pk)
    ]
    answer = _url("answer", row.pk, office.people.unit.pk)
    assert reporter.get(answer).status_code == 200
    fields = {
        f"people-{office.stem.pk}": "4",
        f"priority-{office.stem.pk}": "1",
        f"time-{office.stem.pk}": "",
        f"form-{office.stem.pk}": "online",
        "revision": "0",
    }
    assert reporter.post(answer, fields | {f"people-{office.stem.pk}": "nhiều"}).status_code == 422
    assert reporter.post(answer, fields).status_code == 302
    assert reporter.post(answer, fields).status_code == 422  # from the old page
    assert reporter.get(_url("answer", row.pk, office.people.focal.pk)).status_code == 404
    assert _as(office.people.head).get(answer).status_code == 403
    seen = client.get(page).content.decode()
    assert seen.index(office.people.focal.name) < seen.index(
        office.people.unit.name
    )  # who has not answered stands first
    own = reporter.get(page).content.decode()
    assert office.people.focal.name not in own
    for query in ({"tep": "xlsx"}, {"tep": "xlsx", "bang": "don-vi"}):
        assert client.get(page, query).status_code == 200
    assert client.post(page, {"viec": "nhac"}).status_code == 302
    assert client.post(page, {"viec": "han", "deadline": ""}).status_code == 422
    assert reporter.post(page, {"viec": "dong"}).status_code == 403
    assert client.post(page, {"viec": "dong"}).status_code == 302
    assert NeedsAnswer.objects.filter(submitted_at__isnull=False).count() == 1
    assert _as(make_member(Role.UNIT_REPORTER)).get(page).status_code == 404


def _todos(user: User) -> Sequence[Any]:
    class Request:
        def __init__(self) -> None:
            self.user, self.path = user, "/"

    return todo_lists.get("training")(Request(), timezone.now())  # type: ignore[arg-type]


def test_a_proposal_by_hand() -> None:
    office = Office()
    reporter, head, officer = _as(office.people.reporter), _as(office.people.head), _as(office.people.officer)
    ended = timezone.localdate() - timedelta(days=3)
    data = {
        "client_key": "k" * 20, "course": "Khóa của thành phố", "topic": office.stem.pk, "organiser": "Học viện", "starts_on": str(ended - timedelta(days=4)),
        "ends_on": str(ended), "cost_vnd": "1,5 triệu", "people": [office.one.pk, office.two.pk],
    }  # fmt: skip
    assert reporter.post(_url("proposal-new"), data | {"people": [office.stranger.pk]}).status_code == 422
    assert reporter.post(_url("proposal-new"), data).status_code == 302
    assert reporter.post(_url("proposal-new"), data).status_code == 302
    row = CourseProposal.objects.get()
    page = _url("proposal", row.pk)
    assert _as(office.people.auditor).get(page).status_code == 404  # a draft is the unit's
    assert reporter.get(_url("proposal-edit", row.pk)).status_code == 200
    assert reporter.post(_url("proposal-edit", row.pk), data | {"people": [office.one.pk]}).status_code == 302
    assert reporter.post(page, {"viec": "trinh"}).status_code == 302
    assert reporter.post(page, {"viec": "duyet"}).status_code == 403
    assert any(page in one.url for one in _todos(office.people.head))
    assert head.post(page, {"viec": "tra-lai"}).status_code == 422
    assert head.post(page, {"viec": "duyet"}).status_code == 302
    gather = {"client_key": "g" * 20, "title": "Đợt 1", "addressee": "Sở mẫu", "proposals": [row.pk]}
    assert reporter.post(_url("proposals"), gather).status_code in {403, 422}
    assert officer.post(_url("proposals"), gather | {"addressee": ""}).status_code == 422
    assert officer.post(_url("proposals"), gather).status_code == 302
    row.refresh_from_db()
    batch = _url("batch", row.batch_id)
    assert officer.get(batch).status_code == 200
    assert officer.get(batch, {"tep": "xlsx"}).status_code == 200
    assert reporter.get(batch).status_code == 403
    assert officer.post(page, {"viec": "ket-qua", f"outcome-{office.one.pk}": "attended"}).status_code == 302
    row.refresh_from_db()
    assert row.state == ProposalState.CLOSED
    assert TrainingRecord.objects.standing().filter(person=office.one, topic=office.stem).count() == 1
    assert reporter.post(page, {"viec": "rut"}).status_code == 422


def test_the_own_record_by_a_code_and_a_secret_link() -> None:
    Office()
    client = Client()
    assert client.get(reverse("training:public")).status_code == 200
    url = reverse("training:ask")
    assert client.get(url).status_code == 200
    for address in ("an@x.vn", "khong-ai@x.vn"):  # known or not: the same answer
        page = client.post(url, {"address": address} | human())
        assert page.status_code == 200
        assert "Mã xác nhận 6 số" in page.content.decode()
    digits = "".join(
        c
        for c in Message.objects.filter(recipient="khong-ai@x.vn").latest("pk").body.split(":")[1]
        if c.isdigit()
    )[:6]
    nobody = client.post(url, {"address": "khong-ai@x.vn", "code": digits})
    assert nobody.status_code == 422
    digits = "".join(
        c for c in Message.objects.filter(recipient="an@x.vn").latest("pk").body.split(":")[1] if c.isdigit()
    )[:6]
    assert (
        client.post(url, {"address": "an@x.vn", "code": f"{(int(digits) + 1) % 10**6:06d}"}).status_code
        == 422
    )
    answer = client.post(url, {"address": "an@x.vn", "code": digits})
    assert answer.status_code == 302
    own = client.get(answer["Location"])
    assert own["Cache-Control"] == "no-store, private"
    assert "noindex" in own["X-Robots-Tag"]
    assert "Bùi Thị An" in own.content.decode()
    assert "Đỗ Văn Bảy" not in own.content.decode()
    assert client.get(answer["Location"] + "?in=1").status_code == 200
    document = json.loads(client.get(answer["Location"] + "?tep=json").content)
    assert (document["name"], [one["topic"] for one in document["records"]]) == ("Bùi Thị An", ["ATTT"])
    assert client.get(answer["Location"] + "?tep=xlsx").status_code == 200
    assert client.get(reverse("training:own", args=["x" * 32])).status_code == 404
    TrainingPerson.objects.update(token_until=timezone.now() - timedelta(seconds=1))
    assert client.get(answer["Location"]).status_code == 404
    public = client.get(reverse("training:public")).content.decode()
    assert "Bùi" not in public


def test_the_public_page_counts_open_courses_only() -> None:
    office = Office()
    programme = make_programme(
        office.people.focal, ends_on=timezone.localdate() + timedelta(days=5), starts_on=timezone.localdate()
    )
    over = make_programme(office.people.focal, ends_on=date(2025, 1, 2), starts_on=date(2025, 1, 1))
    for one in (programme, over):
        programme_teaches(
            actor=office.people.officer, programme=one, hours={office.stem.pk: None}, now=timezone.now()
        )
    assert "1 lớp đang mở" in Client().get(reverse("training:public")).content.decode()


@pytest.mark.parametrize(
    "name", ["home", "people", "records", "proposals", "summary", "suggestions", "positions"]
)
def test_lists_ask_the_database_as_often_for_many_as_for_few(name: str) -> None:
    office = Office()
    client = _as(office.people.officer)
    _proposal(office, office.people.unit)
    client.get(_url(name))

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(_url(name)).status_code == 200
        return len(asked)

    few = count()
    for number in range(12):
        unit = make_unit()
        who = make_person(unit, make_position(unit, f"Vị trí {number}", office.safety))
        make_record(who, office.safety, timezone.localdate() - timedelta(days=number))
        _proposal(office, unit)
    assert count() == few


def _proposal(office: Office, unit: Any) -> None:
    day = date(2026, 1, 1)
    CourseProposal.objects.create(
        unit=unit,
        course="K",
        topic=office.stem,
        organiser="N",
        starts_on=day,
        ends_on=day,
        created_at=timezone.now(),
    )
