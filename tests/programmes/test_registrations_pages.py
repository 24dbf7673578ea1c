"""The pages of registering: two steps, the secret links, the desk."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from khcn.core.models import Message
from khcn.programmes.enums import Audience, RegistrationWay
from khcn.programmes.models.certificates import Certificate, CertificateBatch
from khcn.programmes.models.consents import Consent
from khcn.programmes.models.programmes import barred
from khcn.programmes.models.registrations import ContactCode, Registration, RegistrationGroup
from khcn.programmes.services.attendance import attendance_mark
from khcn.programmes.services.evaluation import survey_answer, survey_of, survey_open
from khcn.programmes.services.registrations import Person, group_create, registration_create
from khcn.programmes.services.registrations_groups import PAPERS
from tests.programmes.factories import NOW, People, human, make_programme, make_registration, make_session

pytestmark = pytest.mark.django_db


def current(**fields: Any) -> Any:
    today = timezone.localdate()
    return make_programme(**({"starts_on": today, "ends_on": today, "year": today.year} | fields))


def digits() -> str:
    body = Message.objects.filter(subject__startswith="Mã xác nhận").latest("pk").body
    return "".join(sign for sign in body.split(":")[1] if sign.isdigit())[:6]


def second(client: Client, url: str) -> dict[str, Any]:
    page = client.post(url, human() | {"address": "an@example.vn"})
    assert page.status_code == 200, page.context["form"].errors
    form = page.context["form"]
    return {"stage": form["stage"].value(), "client_key": form["client_key"].value()}


def test_a_person_registers_in_two_steps_and_a_fault_needs_no_second_code(client: Client) -> None:
    programme = current(capacity=1, purposes="|photo|")
    url = reverse("programmes:register", args=[programme.key])
    hidden = second(client, url)
    wrong = client.post(url, hidden | {"code": "000000", "name": "An"})
    assert wrong.status_code == 422
    page = client.post(url, hidden | {"code": digits(), "name": "An Thử", "audience": "teachers"})
    assert page.status_code == 422  # the box of processing
    assert "ok_processing" in page.context["form"].errors
    assert "code" not in page.context["form"].fields
    data = {"stage": page.context["form"]["stage"].value(), "client_key": hidden["client_key"], "name": "An Thử",
            "audience": "teachers", "ok_processing": "on"}  # fmt: skip
    done = client.post(url, data)
    again = client.post(url, data)
    assert done.status_code == again.status_code == 302
    assert done["Location"] == again["Location"]
    row = Registration.objects.get()
    assert list(Consent.objects.values_list("purpose", flat=True)) == ["processing"]
    shown = client.get(done["Location"])
    assert row.ticket in shown.content.decode()
    assert shown["Cache-Control"] == "no-store, private"
    forged = client.post(url, data | {"stage": "1:x"})
    assert forged.status_code == 422
    other = reverse("programmes:register", args=[current().key])
    assert "address" in client.post(other, data).context["form"].fields


def test_a_code_is_sent_again_expires_and_is_not_guessed(client: Client) -> None:
    programme = current()
    url = reverse("programmes:register", args=[programme.key])
    hidden = second(client, url)
    data = hidden | {"name": "An Thử", "audience": "teachers", "ok_processing": "on"}
    assert client.post(url, hidden | {"gui": "lai"}).status_code == 200
    assert Message.objects.filter(subject__startswith="Mã xác nhận").count() == 2
    for _try in range(5):
        assert client.post(url, data | {"code": "x"}).status_code == 422
    assert client.post(url, data | {"code": digits()}).status_code == 422
    assert not Registration.objects.exists()
    client.post(url, hidden | {"gui": "lai"})
    ContactCode.objects.update(expires_at=timezone.now())
    late = client.post(url, data | {"code": digits()})
    assert "hết hạn" in str(late.context["form"].errors["code"])
    robot = client.post(url, human() | {"address": "an@example.vn", "website": "x"})
    assert not robot.context.get("address")


def test_my_data_copy_withdraw_erase(client: Client) -> None:
    row = registration_create(
        programme=current(), person=Person("An Thử", Audience.TEACHERS), now=timezone.now(), address="an@example.vn",
        consents=["processing", "photo"],
    )  # fmt: skip
    url = reverse("programmes:my-data", args=[row.token])
    assert client.get(f"{url}?tep=json").json()["name"] == "An Thử"
    client.post(url, {"rut": "photo"})
    assert Consent.objects.get(purpose="photo").withdrawn_at
    assert client.post(url, {"viec": "xoa"}).status_code == 200
    assert client.get(url).status_code == 404
    for name in ("registration", "my-data", "group"):
        wrong = client.get(reverse(f"programmes:{name}", args=["x" * 32]))
        assert wrong.status_code == 404 and "Hãy mở lại tin đã nhận" in wrong.content.decode()


def test_a_person_changes_and_cancels(client: Client) -> None:
    row = registration_create(
        programme=current(),
        person=Person("An Thử", Audience.TEACHERS),
        now=timezone.now(),
        address="an@example.vn",
    )
    url = reverse("programmes:registration", args=[row.token])
    assert client.post(url, {"viec": "sua", "name": "", "audience": "teachers"}).status_code == 422
    client.post(url, {"viec": "sua", "name": "An Mới", "audience": "teachers"})
    client.post(url, {"viec": "huy"})
    row.refresh_from_db()
    assert (row.name, row.state) == ("An Mới", "cancelled")


def test_a_school_registers_a_class(client: Client) -> None:
    programme = current(registration=RegistrationWay.GROUP, capacity=1, audiences="|pupils|")
    url = reverse("programmes:register-group", args=[programme.key])
    done = client.post(
        url,
        second(client, url)
        | {"code": digits(), "name": "THCS Thử", "contact_name": "Cô", "ok_processing": "on"},
    )
    group = RegistrationGroup.objects.get()
    assert done["Location"] == reverse("programmes:group", args=[group.token])
    listing = "Họ và tên,Lớp,Năm sinh\nBé Một,7A,2013\nBé Hai,7A,2013\n".encode()
    file = SimpleUploadedFile("ds.csv", listing)
    seen = client.post(done["Location"], {"viec": "xem", "file": file})
    assert "Bé Hai" in seen.content.decode()
    assert not group.people.exists()
    bad = SimpleUploadedFile("ds.csv", listing + b",7A,2013\n")
    assert "dòng 4" in client.post(done["Location"], {"viec": "xem", "file": bad}).content.decode()
    carried = seen.context["carried"]
    assert client.post(done["Location"], {"viec": "nhan", "danh_sach": f"{carried}x"}).status_code == 422
    client.post(done["Location"], {"viec": "nhan", "danh_sach": carried})
    client.post(done["Location"], {"viec": "nhan", "danh_sach": carried})  # a double click
    assert list(group.people.order_by("arrival").values_list("state", flat=True)) == ["confirmed", "waiting"]
    client.post(done["Location"], {"viec": "phieu", "purposes": "processing", "by": "guardian"})
    assert Consent.objects.filter(by="guardian", form="paper").count() == 2
    assert Consent.objects.get(by="self").subject == f"programmes.registrationgroup:{group.pk}"
    child = reverse("programmes:group-person", args=[group.token, group.people.get(arrival=2).pk])
    client.post(child, {"rut": "processing"})
    assert Consent.objects.exclude(withdrawn_at=None).count() == 1
    client.post(done["Location"], {"viec": "ten", "doan-name": "THCS Mới", "doan-contact_name": "Thầy"})
    client.post(
        reverse("programmes:group-person", args=[group.token, group.people.get(arrival=1).pk]), {"viec": "bo"}
    )
    assert group.people.get(arrival=2).state == "confirmed"
    for name, query in (
        ("group-template", ""),
        ("group-print", ""),
        ("group-print", "?phieu=1"),
        ("group", ""),
    ):
        assert client.get(reverse(f"programmes:{name}", args=[group.token]) + query).status_code == 200


@pytest.mark.parametrize(
    ("who", "own", "reads", "writes", "ledger"),
    [("officer", 200, 200, 200, 200), ("reporter", 200, 403, 200, 200), ("head", 200, 403, 403, 403),
     ("focal_head", 200, 200, 403, 403), ("auditor", 200, 200, 403, 200), ("leader", 403, 403, 403, 403),
     ("finance", 403, 403, 403, 403), ("editor", 403, 403, 403, 403), ("clerk", 403, 403, 403, 403)],
)  # fmt: skip
def test_who_opens_the_desk_pages(
    client: Client, who: str, own: int, reads: int, writes: int, ledger: int
) -> None:
    people = People()
    mine, other = current(unit=people.unit), current()
    group = group_create(
        programme=mine,
        now=timezone.now(),
        name="Đoàn",
        people=[Person("An Thử", "pupils")],
        actor=people.officer,
    )
    row = group.people.get()
    make_registration(other)
    client.force_login(getattr(people, who))

    def status(name: str, *args: int, query: str = "") -> int:
        return client.get(reverse(f"programmes-desk:{name}", args=args) + query).status_code

    for query in ("", "?tep=xlsx", "?tep=csv", "?tim=an&tinh-trang=confirmed"):
        assert status("registrations", mine.pk, query=query) == own
    assert status("registrations", other.pk) == reads
    assert status("registration", mine.pk, row.pk) == own
    assert status("registration-group", mine.pk, group.pk) == own
    for name in ("registration-new", "registrations-sheet", "registration-questions"):
        assert status(name, mine.pk) == writes
    assert status("consents", mine.pk) == ledger
    cancelled = client.post(
        reverse("programmes-desk:registrations", args=[mine.pk]), {"chon": row.pk, "viec": "huy", "chac": "1"}
    )
    row.refresh_from_db()
    assert (row.state == "cancelled") == (writes == 200)
    assert cancelled.status_code == (302 if writes == 200 else 403)


def test_a_clerk_writes_questions_and_a_list(client: Client) -> None:
    people = People()
    programme = current(unit=people.unit, needs_approval=True)
    client.force_login(people.reporter)
    url = reverse("programmes-desk:registration-questions", args=[programme.pk])
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-label": "Ăn trưa?", "form-0-kind": "yesno",
            "form-1-label": "Món", "form-1-kind": "choice", "form-1-choices": "Chay\nMặn", "form-1-if_key": "1", "form-1-if_value": "Có"}  # fmt: skip
    assert client.post(url, data).status_code == 302
    programme.refresh_from_db()
    assert programme.questions[1]["show_if"] == {"cau1": "yes"}
    assert client.post(url, data | {"form-1-if_key": "2"}).status_code == 422
    assert client.get(url).status_code == 200
    new = reverse("programmes-desk:registration-new", args=[programme.pk])
    done = client.post(
        new, {"name": "=SUM(A1)", "audience": "teachers", "client_key": "c" * 32, "q_cau1": "no"}
    )
    assert done.status_code == 302
    listing = reverse("programmes-desk:registrations", args=[programme.pk])
    exported = b"".join(client.get(f"{listing}?tep=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=SUM(A1)" in exported
    file = io.BytesIO("Họ và tên\nBé Ba\n".encode())
    file.name = "a.csv"
    sheet = reverse("programmes-desk:registrations-sheet", args=[programme.pk])
    assert client.post(sheet, {"file": file}).status_code == 302
    file.seek(0)
    client.post(sheet, {"file": file})
    assert Registration.objects.filter(name="Bé Ba").count() == 1


def test_a_scan_is_for_readers_of_the_ledger_and_goes_with_the_person(client: Client) -> None:
    people = People()
    programme = current(unit=people.unit)
    class_7a = [Person("Bé Một", "pupils"), Person("Bé Hai", "pupils")]
    group = group_create(
        programme=programme, now=timezone.now(), name="Đoàn", people=class_7a, actor=people.officer
    )
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "PNG")
    url = reverse("programmes-desk:registration-group", args=[programme.pk, group.pk])
    client.force_login(people.reporter)
    scan = SimpleUploadedFile("phieu.png", picture.getvalue())
    assert client.post(url, {"purposes": "processing", "by": "guardian", "scan": scan}).status_code == 302
    bad = SimpleUploadedFile("phieu.exe", b"MZ\x00\x01")
    assert client.post(url, {"purposes": "processing", "by": "child", "scan": bad}).status_code == 422
    held = Consent.objects.order_by("pk")
    assert held.count() == 2
    paper = reverse("programmes-desk:consent-paper", args=[programme.pk, held[0].pk])
    assert client.get(paper).status_code == 200
    file = PAPERS.path(held[0].paper)
    with TestCase.captureOnCommitCallbacks(execute=True):
        for row in group.people.all():
            assert file.exists()
            person = reverse("programmes-desk:registration", args=[programme.pk, row.pk])
            assert client.post(person, {"viec": "xoa"}).status_code == 302
    assert not file.exists()
    client.force_login(people.head)
    assert client.get(paper).status_code == 403


def test_the_list_asks_as_much_for_many_as_for_few(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    people = People()
    programme = current(unit=people.unit)
    client.force_login(people.officer)
    url = reverse("programmes-desk:registrations", args=[programme.pk])
    client.get(url)
    for _number in range(40):
        make_registration(programme)
    with django_assert_max_num_queries(24):
        assert client.get(url).status_code == 200


def test_the_copy_of_ones_data_says_what_came_of_it_and_not_what_was_said(client: Client) -> None:
    people = People()
    programme = make_programme(people.unit)
    one, two = (make_session(programme, starts_at=NOW - timedelta(days=n), title=f"Buổi {n}") for n in (2, 1))
    row, other = make_registration(programme), make_registration(programme)
    for person, state in ((row, True), (other, False)):
        attendance_mark(actor=people.reporter, session=one, registration=person, present=state, now=NOW)
    survey = survey_of(actor=people.reporter, programme=programme, now=NOW)
    survey_open(actor=people.reporter, survey=survey, opened=True, now=NOW)
    given = {"satisfaction": "1", "useful": "2", "pace": "0", "wish": "Điều rất riêng"}
    survey_answer(session=one, secret=row.ticket, given=given, now=NOW)
    survey_answer(session=two, secret=other.ticket, given=given, now=NOW)
    for state, name in (("issued", "Giấy đã cấp"), ("draft", "Giấy còn nháp")):
        batch = CertificateBatch.objects.create(
            programme=programme, state=state, title=name, text="x", signer_name="A", signer_position="B",
            prepared_at=NOW, decision_number="1/QĐ", decision_date=NOW.date(), issued_at=NOW if state == "issued" else None,
        )  # fmt: skip
        Certificate.objects.create(batch=batch, registration=row, name=row.name, code=f"MA{state}")
    url = reverse("programmes:my-data", args=[row.token])
    answer = client.get(f"{url}?tep=json")
    found = answer.json()
    assert [(part["session"][:6], part["state"]) for part in found["attendance"]] == [("Buổi 2", "present")]
    assert len(found["surveys_answered"]) == 1 and found["surveys_answered"][0].startswith("Buổi 2")
    assert [part["code"] for part in found["certificates"]] == ["MAissued"]
    assert "Điều rất riêng" not in answer.content.decode()


def test_the_editor_keeps_for_whom_a_question_is(client: Client) -> None:
    people = People()
    asked = {
        "key": "lop",
        "label": "Dạy lớp mấy?",
        "kind": "number",
        "required": False,
        "audience": ["teachers"],
    }
    for audiences, shown in ((["officials", "teachers"], True), (["teachers"], False)):
        programme = make_programme(people.unit, audiences=barred(audiences), questions=[asked])
        client.force_login(people.reporter)
        address = reverse("programmes-desk:registration-questions", args=[programme.pk])
        assert ("Chỉ hỏi người là" in client.get(address).content.decode()) is shown
        form = {
            "form-TOTAL_FORMS": "1",
            "form-INITIAL_FORMS": "1",
            "form-0-key": "lop",
            "form-0-kind": "number",
        }
        form |= {"form-0-label": "Dạy khối mấy?"} | ({"form-0-audience": ["teachers"]} if shown else {})
        assert client.post(address, form).status_code == 302
        programme.refresh_from_db()
        kept = programme.questions[0]
        assert (kept["label"], kept["audience"]) == ("Dạy khối mấy?", ["teachers"])
