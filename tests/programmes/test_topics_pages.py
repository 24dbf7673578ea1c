"""Pages of research topics: what everybody reads, what a unit reads of its own, what stays inside."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khcn.orgs.enums import Role
from khcn.programmes.enums_topics import TopicState
from khcn.programmes.models.topics import Topic
from tests.orgs.factories import make_member, make_unit
from tests.programmes.factories import NOW, People
from tests.programmes.topics_factories import drafted, make_topic_call, submitted

pytestmark = pytest.mark.django_db


def approved(topic: Topic) -> Topic:
    """Make a topic one that everybody may know of."""
    Topic.objects.filter(pk=topic.pk).update(
        state=TopicState.APPROVED, approved_state=50_000_000, decided_at=NOW
    )
    return Topic.objects.get(pk=topic.pk)


def page(person: Any, address: str) -> tuple[int, str]:
    """Return what a person gets."""
    client = Client()
    if person is not None:
        client.force_login(person)
    response = client.get(address)
    return response.status_code, "" if response.streaming else response.content.decode()


def test_the_register_shows_topics_from_the_decision_on(client: Client) -> None:
    people = People()
    call = make_topic_call(people)
    hidden = submitted(people, call, title="Đề tài còn kín")
    shown = approved(submitted(people, call, title="Đếm khách ở chợ bằng máy ảnh"))
    text = client.get(reverse("topics:topics")).content.decode()
    assert shown.title in text
    assert hidden.title not in text
    assert client.get(reverse("topics:topic", args=[hidden.key])).status_code == 404
    text = client.get(reverse("topics:topic", args=[shown.key])).content.decode()
    assert "50.000.000" in text
    for one in shown.members.all():
        assert one.name not in text  # the team stays inside


def test_words_are_found_without_tone_marks_and_nonsense_finds_nothing(client: Client) -> None:
    people = People()
    topic = approved(submitted(people, make_topic_call(people), title="Đếm khách ở chợ"))
    address = reverse("topics:topics")
    assert topic.title in client.get(address, {"tim": "dem khach"}).content.decode()
    for query in (
        {"tim": "không có"},
        {"nam": "1999"},
        {"trang-thai": "sai"},
        {"tim": "a\x00b"},
        {"nam": "²²²²"},
    ):
        response = client.get(address, query)
        assert response.status_code == 200
    assert topic.title not in client.get(address, {"tim": "khong co dau"}).content.decode()


def test_calls_say_until_when_and_what_is_looked_at(client: Client) -> None:
    people = People()
    call = make_topic_call(people)
    text = client.get(reverse("topics:call", args=[call.key])).content.decode()
    for criterion in call.appraisal.criteria.all() if call.appraisal else ():
        assert criterion.title in text
    type(call).objects.filter(pk=call.pk).update(state="draft")
    assert client.get(reverse("topics:call", args=[call.key])).status_code == 404
    assert call.title not in client.get(reverse("topics:calls")).content.decode()
    assert client.get(reverse("topics:products")).status_code == 200


def test_the_desk_shows_a_unit_its_own_and_the_focal_unit_all_that_was_handed_in() -> None:
    people = People()
    call = make_topic_call(people)
    topic, draft = submitted(people, call, title="Bản kia"), drafted(people, call, title="Còn nháp")
    stranger = make_member(Role.UNIT_REPORTER, make_unit("Đơn vị lạ"))
    juror, clerk = make_member(Role.JUROR, make_unit("Nơi khác")), people.clerk
    address, own = reverse("topics-desk:topics"), reverse("topics-desk:topic", args=[topic.pk])
    assert {name: page(person, own)[0] for name, person in {
        "visitor": None, "reporter": people.reporter, "officer": people.officer, "head": people.focal_head,
        "leader": people.leader, "finance": people.finance, "auditor": people.auditor, "stranger": stranger, "juror": juror,
        "editor": people.editor,
    }.items()} == {
        "visitor": 302, "reporter": 200, "officer": 200, "head": 200, "leader": 200, "finance": 200, "auditor": 200,
        "stranger": 404, "juror": 403, "editor": 403,
    }  # fmt: skip
    assert page(clerk, own)[0] in {200, 403}
    assert draft.title in page(people.reporter, address)[1]
    assert draft.title not in page(people.officer, address)[1]
    assert topic.title not in page(stranger, address)[1]
    text = page(people.officer, own)[1]
    assert "Kiểm tra hồ sơ" in text  # what comes next
    file = topic.files.first()
    assert file is not None
    at = reverse("topics-desk:file", args=[file.pk])
    assert [page(one, at)[0] for one in (people.officer, people.reporter, stranger, juror)] == [
        200,
        200,
        404,
        404,
    ]


def test_lists_ask_the_same_however_long_they_are(client: Client) -> None:
    people = People()
    call = make_topic_call(people)

    def asked() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as first:
            client.get(reverse("topics:topics"))
        desk = Client()
        desk.force_login(people.officer)
        with CaptureQueriesContext(connection) as second:
            desk.get(reverse("topics-desk:topics"))
        return len(first), len(second)

    approved(submitted(people, call, title="Một"))
    asked()
    once = asked()
    for number in range(4):
        approved(submitted(people, call, title=f"Đề tài {number}"))
    assert asked() == once


def test_a_hostile_name_is_text(client: Client) -> None:
    people = People()
    topic = approved(submitted(people, make_topic_call(people), title="<script>alert(1)</script> chợ"))
    text = client.get(reverse("topics:topic", args=[topic.key])).content.decode()
    assert "<script>alert" not in text
