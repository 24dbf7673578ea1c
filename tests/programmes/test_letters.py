"""Stories of messages: nothing leaves unread, what was read is what leaves, hostile text stays text."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from khcn.core.errors import PermissionDeniedError
from khcn.core.models.outbox import Message
from khcn.programmes.errors import ProgrammeError, StaleError
from khcn.programmes.models.letters import Letter
from khcn.programmes.rules.letters import filled, strange_places
from khcn.programmes.services import letters as deeds
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
    seen = deeds.letter_preview_of(written(people, programme))
    assert [one.registration for one in seen.to] == [row] and len(seen.left_out) == 1
    other = written(people, programme, kind="announcement")
    assert deeds.letter_preview_of(other).to == []
    make_consent(programme, f"programmes.registration:{row.pk}", "contact")
    assert len(deeds.letter_preview_of(other).to) == 1


def test_group_contact_gets_one(scene):
    people, programme, _row = scene
    group = make_group(programme, contact_address="truong@example.vn", contact_name="Cô Lan")
    for _n in range(3):
        make_registration(programme, group=group)
    seen = deeds.letter_preview_of(written(people, programme, audience="groups"))
    assert [one.name for one in seen.to] == ["Cô Lan"]


def test_reminders_are_drafted_once_and_leave_only_when_switched_on(scene):
    people, programme, _row = scene
    make_session(programme, starts_at=NOW + timedelta(days=1))
    assert deeds.letters_remind(NOW) == 1 and deeds.letters_remind(NOW) == 0
    assert Letter.objects.get().state == "draft" and not Message.objects.exists()
    deeds.reminders_set(actor=people.reporter, programme=programme, automatic=True, now=NOW)
    make_session(programme, starts_at=NOW + timedelta(days=1, hours=3))
    deeds.letters_remind(NOW)
    assert Message.objects.count() == 1


def test_notice_leaves_once_and_is_forgotten(scene):
    _people, programme, row = scene
    session = make_session(programme)
    for _n in range(2):
        assert deeds.notice_send(registration=row, kind="confirmed", now=NOW)
        deeds.session_cancelled(session, NOW)
    assert Message.objects.count() == 2
    deeds.letters_erase(f"programmes.registration:{row.pk}", NOW)
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
