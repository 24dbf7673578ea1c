"""Stories of messages: nothing leaves unread, what was read is what leaves, hostile text stays text."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.outbox import Message
from khcn.orgs.enums import Role
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.exports.calendar_feed import zalo_text
from khcn.programmes.models.attendance import Attendance
from khcn.programmes.models.letters import Letter
from khcn.programmes.rules.letters import filled, strange_places
from khcn.programmes.services import letters as deeds
from khcn.programmes.services.calendar_programmes import programme_cancel
from khcn.programmes.services.letters_automatic import (
    letters_erase,
    letters_remind,
    reminders_set,
    session_cancelled,
)
from khcn.programmes.services.letters_to import group_chat_text, letter_preview_of
from tests.orgs.factories import give_role, make_unit, make_user
from tests.programmes.factories import (
    NOW,
    People,
    make_consent,
    make_group,
    make_programme,
    make_registration,
    make_session,
)

pytestmark = pytest.mark.django_db
LIST_QUERIES = 25


def counted(client, address):
    """Return how many queries a page makes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def text(**more):
    return deeds.LetterText(
        **(
            {
                "kind": "custom",
                "audience": "confirmed",
                "subject": "Tin {title}",
                "body": "Chào {name}: {link}",
            }
            | more
        )
    )


@pytest.fixture
def scene():
    people = People()
    programme = make_programme(people.unit)
    return people, programme, make_registration(programme, name="{link} Bình")


def written(people, programme, **more):
    return deeds.letter_save(actor=people.reporter, programme=programme, values=text(**more), now=NOW)


def test_read_then_released_with_the_count(scene):
    people, programme, row = scene
    letter = written(people, programme)
    own = {"actor": people.reporter, "letter_id": letter.pk, "now": NOW}
    with pytest.raises(StaleError):
        deeds.letter_release(**own, count=1)
    deeds.letter_preview(**own)
    with pytest.raises(ProgrammeError, match="1 người"):
        deeds.letter_release(**own, count=2)
    make_registration(programme)
    with pytest.raises(StaleError):
        deeds.letter_release(**own, count=2)
    assert Message.objects.count() == 0
    deeds.letter_preview(**own)
    assert deeds.letter_release(**own, count=2) == 2
    with pytest.raises(ProgrammeError):
        deeds.letter_release(**own, count=2)
    message = Message.objects.get(recipient=row.contact_address)
    assert "Chào {link} Bình" in message.body and row.token in message.body


def test_who_may(scene):
    people, programme, _row = scene
    for wrong in (people.head, people.leader, people.auditor, people.clerk, people.editor, people.focal_head):
        with pytest.raises(PermissionDeniedError):
            deeds.letter_save(actor=wrong, programme=programme, values=text(), now=NOW)
    letter = written(people, programme)
    with pytest.raises(PermissionDeniedError):
        deeds.letter_preview(actor=People().reporter, letter_id=letter.pk, now=NOW)


def test_hostile_text(scene):
    people, programme, _row = scene
    with pytest.raises(ProgrammeError, match="__class__"):
        written(people, programme, body="{name.__class__}")
    letter = written(people, programme, subject="Tin\r\nBcc: x@y.vn")
    assert letter.subject == "Tin Bcc: x@y.vn"
    assert strange_places("{}", "{0}") == ["", "0"]
    assert filled("{name} {title}", {"name": "{title}", "title": "T"}) == "{title} T"


def test_withdrawn_erased_and_without_consent_get_nothing(scene):
    people, programme, row = scene
    make_registration(programme, state="cancelled")
    make_registration(programme, erased_at=NOW)
    make_registration(programme, contact_address="khong phai")
    seen = letter_preview_of(written(people, programme))
    assert [one.registration for one in seen.to] == [row] and len(seen.left_out) == 1
    other = written(people, programme, kind="announcement")
    assert letter_preview_of(other).to == []
    make_consent(programme, f"programmes.registration:{row.pk}", "contact")
    assert len(letter_preview_of(other).to) == 1


def test_group_contact_gets_one(scene):
    people, programme, _row = scene
    group = make_group(programme, contact_address="truong@example.vn", contact_name="Cô Lan")
    for _n in range(3):
        make_registration(programme, group=group)
    seen = letter_preview_of(written(people, programme, audience="groups"))
    assert [one.name for one in seen.to] == ["Cô Lan"]


def test_reminders_are_drafted_once_and_leave_only_when_switched_on(scene):
    people, programme, _row = scene
    make_session(programme, starts_at=NOW + timedelta(days=1))
    assert letters_remind(NOW) == 1 and letters_remind(NOW) == 0
    assert Letter.objects.get().state == "draft" and not Message.objects.exists()
    reminders_set(actor=people.reporter, programme=programme, automatic=True, now=NOW)
    make_session(programme, starts_at=NOW + timedelta(days=1, hours=3))
    letters_remind(NOW)
    assert Message.objects.count() == 1


def test_notice_leaves_once_and_is_forgotten(scene):
    _people, programme, row = scene
    session = make_session(programme)
    for _n in range(2):
        assert session_cancelled(session, NOW) == 1
    assert Message.objects.count() == 1
    letters_erase(f"programmes.registration:{row.pk}", NOW)
    assert not Message.objects.exists()


def test_failed_is_seen_and_tried_again(scene):
    people, programme, _row = scene
    letter = written(people, programme)
    own = {"actor": people.reporter, "letter_id": letter.pk, "now": NOW}
    deeds.letter_preview(**own)
    deeds.letter_release(**own, count=1)
    Message.objects.update(state="failed", error="Hộp thư đầy")
    client = Client()
    client.force_login(people.reporter)
    address = reverse("programmes-desk:letter", args=[programme.pk, letter.pk])
    assert "Hộp thư đầy" in client.get(address).content.decode()
    client.post(address, {"viec": "retry"})
    assert Message.objects.get().state == "waiting"
    client.post(address, {"viec": "cancel"})
    assert Message.objects.get().state == "cancelled"


def test_pages(scene):
    people, programme, row = scene
    client = Client()
    client.force_login(people.reporter)
    new = reverse("programmes-desk:letter-new", args=[programme.pk])
    assert client.get(new + "?loai=reminder").status_code == 200
    values = {"kind": "custom", "audience": "confirmed", "subject": "S", "body": "B {bad}", "client_key": "k"}
    assert client.post(new, values).status_code == 422
    for _n in range(2):
        assert client.post(new, values | {"body": "B {name}"}).status_code == 302
    letter = Letter.objects.get()
    address = reverse("programmes-desk:letter", args=[programme.pk, letter.pk])
    assert row.contact_address in client.get(address).content.decode()
    client.post(address, {"viec": "preview"})
    assert client.post(address, {"viec": "release", "count": "5"}).status_code == 422
    assert client.post(address, {"viec": "release", "count": "1"}).status_code == 302
    assert client.get(reverse("programmes-desk:letters", args=[programme.pk])).status_code == 200
    client.force_login(people.leader)
    assert client.get(address).status_code == 403


def released(people, programme, **more):
    letter = written(people, programme, **more)
    own = {"actor": people.reporter, "letter_id": letter.pk, "now": NOW}
    seen = deeds.letter_preview(**own)
    deeds.letter_release(**own, count=len(seen.to))
    return letter


def test_group_chat_text_holds_nobodys_name_or_link(scene):
    people, programme, row = scene
    session = make_session(programme, venue="Phòng {name} 2")
    letter = written(
        people, programme, body="Kính gửi {name}: {title}, {when}, {where}, {link}", session=session
    )
    said = group_chat_text(letter)
    assert "Kính gửi quý vị" in said and programme.title in said and "Phòng {name} 2" in said
    assert "27/05/2026" in said and f"/chuong-trinh/{programme.key}/" in said
    assert row.token not in said and row.name not in said
    client = Client()
    client.force_login(people.reporter)
    page = client.get(reverse("programmes-desk:letter", args=[programme.pk, letter.pk])).content.decode()
    assert "quý vị" in page and "data-copy-text" in page


def test_links_in_letters_open(scene, client):
    people, programme, row = scene
    group = make_group(programme, contact_address="truong@example.vn")
    make_registration(programme, group=group)
    seen = letter_preview_of(written(people, programme))
    assert len(seen.to) == 2
    for one in seen.to:
        address = one.body.rsplit(" ", 1)[1].split("/", 3)[3]
        assert client.get("/" + address).status_code == 200, address
    assert row.token in seen.to[0].body and group.token in seen.to[1].body


def test_who_came_and_who_stayed_away(scene):
    people, programme, row = scene
    session = make_session(programme, starts_at=NOW - timedelta(days=1))
    away = make_registration(programme)
    for audience in ("attended", "absent"):  # nothing entered: neither
        assert letter_preview_of(written(people, programme, audience=audience, session=session)).to == []
    Attendance.objects.create(
        session=session, registration=row, state="present", at=NOW, at_server=NOW, source="hand"
    )
    came = letter_preview_of(written(people, programme, audience="attended", session=session))
    stayed = letter_preview_of(written(people, programme, audience="absent"))
    assert [one.registration for one in came.to] == [row]
    assert [one.registration for one in stayed.to] == [away]


def test_one_message_is_tried_again_or_stopped(scene):
    people, programme, _row = scene
    make_registration(programme)
    letter = released(people, programme)
    Message.objects.update(state="failed", error="Hộp thư đầy")
    first, second = letter.recipients.order_by("pk")
    client = Client()
    client.force_login(people.reporter)
    address = reverse("programmes-desk:letter", args=[programme.pk, letter.pk])
    client.post(address, {"viec": f"retry:{first.pk}"})
    client.post(address, {"viec": f"stop:{second.pk}"})
    first.message.refresh_from_db()
    second.message.refresh_from_db()
    assert (first.message.state, second.message.state) == ("waiting", "cancelled")
    with pytest.raises(ProgrammeError, match="đã dừng"):
        deeds.recipient_stop(actor=people.reporter, letter_id=letter.pk, recipient_id=second.pk, now=NOW)
    other = make_programme(people.unit)
    make_registration(other)
    elsewhere = released(people, other)
    with pytest.raises(ProgrammeError):
        deeds.recipient_stop(actor=people.reporter, letter_id=elsewhere.pk, recipient_id=first.pk, now=NOW)
    assert client.post(address, {"viec": "stop:٣"}).status_code == 302
    client.force_login(people.auditor)
    client.post(address, {"viec": f"stop:{first.pk}"})
    first.message.refresh_from_db()
    assert first.message.state == "waiting"


def test_list_of_recipients_as_a_table(scene):
    people, programme, _row = scene
    make_registration(programme, name="=cmd|1")
    letter = released(people, programme)
    client = Client()
    address = reverse("programmes-desk:letter", args=[programme.pk, letter.pk])

    def csv(user):
        client.force_login(user)
        return b"".join(client.get(address + "?tep=csv").streaming_content).decode("utf-8-sig")

    assert "'=cmd|1" in csv(people.reporter) and "@example.vn" in csv(people.reporter)
    assert "***@example.vn" in csv(people.auditor) and "nguoi" not in csv(people.auditor)
    client.force_login(people.reporter)
    assert client.get(address + "?tep=xlsx")["Content-Type"].endswith("sheet")


@pytest.mark.parametrize(
    ("role", "reads", "writes"),
    [
        ("officer", 200, 200), ("reporter", 200, 200), ("head", 200, 403), ("focal_head", 200, 403), ("auditor", 200, 403),
        ("leader", 403, 403), ("finance", 403, 403), ("editor", 403, 403), ("clerk", 403, 403), ("juror", 403, 403),
        ("sysadmin", 403, 403), ("stranger", 403, 403), ("nobody", 302, 302),
    ],
)  # fmt: skip
def test_pages_by_role(scene, role, reads, writes):
    people, programme, row = scene
    draft, gone = written(people, programme), released(people, programme)
    users = {"juror": Role.JUROR, "sysadmin": Role.SYSADMIN, "stranger": Role.UNIT_REPORTER}
    client = Client()
    if role in users:
        user = make_user()
        give_role(user, users[role], make_unit())
        client.force_login(user)
    elif role != "nobody":
        client.force_login(getattr(people, role))
    own = [programme.pk]
    pages = {
        reverse("programmes-desk:letters", args=own): reads,
        reverse("programmes-desk:letter", args=[*own, draft.pk]): reads,
        reverse("programmes-desk:letter", args=[*own, gone.pk]): reads,
        reverse("programmes-desk:letter-new", args=own): writes,
        reverse("programmes-desk:letter-edit", args=[*own, draft.pk]): writes,
    }
    for address, status in pages.items():
        answer = client.get(address)
        assert answer.status_code == status, address
        if writes != 200:
            assert row.contact_address not in answer.content.decode()
    before = Letter.objects.get(pk=draft.pk)
    client.post(reverse("programmes-desk:letter", args=[*own, draft.pk]), {"viec": "preview"})
    draft.refresh_from_db()
    assert (draft.previewed_at is not None) is (writes == 200)
    assert before.previewed_at is None


def test_lists_ask_the_same_number_of_times(scene):
    people, programme, _row = scene
    client = Client()
    client.force_login(people.reporter)
    address = reverse("programmes-desk:letters", args=[programme.pk])
    letter = released(people, programme)
    one = reverse("programmes-desk:letter", args=[programme.pk, letter.pk])
    client.get(address)
    few = [counted(client, address), counted(client, one)]
    for _n in range(6):
        make_registration(programme)
    for _n in range(5):
        last = released(people, programme)
    many = [
        counted(client, address),
        counted(client, reverse("programmes-desk:letter", args=[programme.pk, last.pk])),
    ]
    assert few == many and max(many) <= LIST_QUERIES


def test_a_cancelled_programme_is_told_to_each_person_once(scene):
    people, programme, row = scene
    make_session(programme)
    make_session(programme, starts_at=NOW + timedelta(days=9))
    make_registration(programme, name="Người Chờ", state="waiting", contact_address="cho@example.vn")
    make_registration(programme, name="Đã Hủy", state="cancelled", contact_address="huy@example.vn")
    make_registration(programme, name="Đã Xóa", erased_at=NOW, contact_address="xoa@example.vn")
    make_registration(programme, name="Không Địa Chỉ", contact_address="")
    group = make_group(programme, contact_address="truong@example.vn", contact_name="Cô Lan")
    for _n in range(3):
        make_registration(programme, group=group, contact_address="")
    programme_cancel(actor=people.reporter, programme_id=programme.pk, reason="Bão số 5", now=NOW)
    sent = list(Message.objects.order_by("recipient"))
    assert sorted(one.recipient for one in sent) == sorted(
        [row.contact_address, "cho@example.vn", "truong@example.vn"]
    )
    assert all("đã hủy" in one.body and "buổi còn lại" in one.body for one in sent)
    letter = Letter.objects.get()
    assert (letter.kind, letter.state, letter.session) == ("cancelled", "released", None)
    with pytest.raises(ProgrammeError):
        programme_cancel(actor=people.reporter, programme_id=programme.pk, reason="Bão số 5", now=NOW)
    assert Message.objects.count() == 3


def test_who_booked_single_sessions_is_told_once_and_only_of_those_to_come():
    people = People()
    programme = make_programme(people.unit, by_session=True)
    past = make_session(programme, starts_at=NOW - timedelta(days=3))
    ahead = [make_session(programme, starts_at=NOW + timedelta(days=n)) for n in (3, 4)]
    for session in ahead:
        make_registration(programme, name="Lê An", session=session, contact_address="an@example.vn")
    make_registration(programme, name="Lê Bình", session=ahead[0], contact_address="an@example.vn")
    make_registration(programme, name="Đã Dự", session=past, contact_address="roi@example.vn")
    programme_cancel(actor=people.reporter, programme_id=programme.pk, reason="Mưa", now=NOW)
    assert [one.recipient for one in Message.objects.all()] == ["an@example.vn"] * 2
    assert {"Lê An" in one.body for one in Message.objects.all()} == {True, False}


def test_the_page_of_who_registered_says_why_it_is_off(scene, client):
    people, programme, row = scene
    make_session(programme)
    programme_cancel(actor=people.reporter, programme_id=programme.pk, reason="Bão số 5", now=NOW)
    page = client.get(reverse("programmes:registration", args=[row.token])).content.decode()
    assert "Chương trình đã hủy" in page and "Bão số 5" in page
    assert row.ticket not in page and "Hủy đăng ký" not in page
    programme.refresh_from_db()
    chat = zalo_text(programme, list(programme.sessions.all()), NOW)
    assert chat.startswith("ĐÃ HỦY: ") and "Bão số 5" in chat and "đăng ký" not in chat


def test_no_reminder_is_drafted_where_nobody_registered():
    make_session(make_programme(registration="none"), starts_at=NOW + timedelta(days=1))
    assert letters_remind(NOW) == 0 and not Letter.objects.exists()
