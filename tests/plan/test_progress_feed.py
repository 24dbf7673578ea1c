"""A unit's calendar: whose address opens it, and that Google, Outlook and iPhones read it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from khcn.core.errors import PermissionDeniedError
from khcn.core.models import AuditEvent
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from khcn.plan.enums import ItemState
from khcn.plan.exports.progress_feed import feed_calendar
from khcn.plan.models import FeedToken
from khcn.plan.selectors.progress_feed import feed_of
from khcn.plan.services.progress import Entry, progress_enter
from khcn.plan.services.progress_feeds import feed_end, feed_make
from tests.orgs.factories import make_member
from tests.plan.factories import (
    NOW,
    TODAY,
    People,
    make_item,
    make_period,
    make_plan,
    make_regime,
    make_report,
    make_task,
)

pytestmark = pytest.mark.django_db


def events(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))


def get(secret: str, **headers: str) -> Any:
    return Client(headers=headers).get(reverse("plan:unit-feed", args=[secret]))


def test_a_calendar_of_days() -> None:
    people = People()
    item = make_item(
        make_task(make_plan(), lead=people.unit, title="Tập huấn; sở hữu, trí tuệ"), due=date(2026, 12, 31)
    )
    period = make_period(make_regime([people.unit]), title="Báo cáo năm 2026")
    make_report(period, people.unit)
    content = feed_calendar(
        feed_of(people.unit, TODAY), lambda record: f"https://khcn.example.vn/viec/{record.pk}/"
    )
    task, report = events(content)
    assert (task["DTSTART"].dt, task["DTEND"].dt) == (
        date(2026, 12, 31),
        date(2027, 1, 1),
    )  # the end is exclusive
    assert "VALUE=DATE" in content.decode()
    assert str(task["SUMMARY"]) == f"Hạn: {item.code} Tập huấn; sở hữu, trí tuệ"
    assert task["SEQUENCE"] == 0
    assert (report["DTSTART"].dt, str(report["SUMMARY"])) == (period.due, "Hạn báo cáo: Báo cáo năm 2026")
    assert b"VALARM" not in content
    calendar = Calendar.from_ical(content)
    assert str(calendar["X-WR-TIMEZONE"]) == "Asia/Ho_Chi_Minh"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert content.count(b"\n") == content.count(b"\r\n")


def test_names_stay_and_the_sequence_grows() -> None:
    people = People()
    item = make_item(make_task(make_plan(), lead=people.unit))
    before = events(feed_calendar(feed_of(people.unit, TODAY), lambda _record: ""))[0]
    progress_enter(
        actor=people.reporter, item_id=item.pk, revision=0, entry=Entry(state=ItemState.DONE), now=NOW
    )
    after = events(feed_calendar(feed_of(people.unit, TODAY), lambda _record: ""))[0]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert str(after["SUMMARY"]).startswith("Đã xong: ")


def test_old_things_leave_and_closed_ones_too() -> None:
    people, plan = People(), make_plan()
    make_item(make_task(plan, lead=people.unit), due=TODAY - timedelta(days=200), state=ItemState.DONE)
    make_item(make_task(plan, lead=people.unit), due=TODAY, state=ItemState.DROPPED)
    make_item(make_task(plan, lead=people.unit, deadline=None))
    kept = make_item(make_task(plan, lead=people.unit), due=TODAY - timedelta(days=200))  # open: still owed
    assert list(feed_of(people.unit, TODAY).items) == [kept]


@pytest.mark.parametrize(
    "name",
    [
        "Phường\r\nEND:VCALENDAR\r\nBEGIN:VEVENT",
        "Phường\nATTACH:http://x",
        "Phường\x07\x1b[31m\u2028SUMMARY:x",
        "x" * 200,
    ],
)
def test_hostile_names_do_not_break_out(name: str) -> None:
    people = People()
    people.unit.name = name
    people.unit.save()
    make_item(
        make_task(make_plan(), lead=people.unit, title="Việc\r\nBEGIN:VALARM\r\nTRIGGER:-PT0M", text="")
    )
    content = feed_calendar(feed_of(people.unit, TODAY), lambda _record: "https://khcn.example.vn/")
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert [line for line in lines if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    assert not [line for line in lines if line.startswith(("ATTACH", "TRIGGER"))]
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", content.decode())


def test_the_secret_opens_it_and_only_its_digest_is_kept() -> None:
    people = People()
    make_item(make_task(make_plan(), lead=people.unit), due=timezone.localdate())
    secret = feed_make(actor=people.reporter, unit=people.unit, now=NOW)
    response = get(secret)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "noindex" in response["X-Robots-Tag"]
    assert len(events(response.content)) == 1
    assert secret not in str(list(FeedToken.objects.values()))
    assert secret not in str(list(AuditEvent.objects.values()))
    assert get(secret, **{"If-None-Match": response["ETag"]}).status_code == 304


def test_a_new_address_ends_the_old_one() -> None:
    people = People()
    old = feed_make(actor=people.reporter, unit=people.unit, now=NOW)
    new = feed_make(actor=people.reporter, unit=people.unit, now=NOW)
    assert (get(old).status_code, get(new).status_code) == (404, 200)
    assert feed_end(actor=people.reporter, unit=people.unit, now=NOW) == 1
    assert get(new).status_code == 404


def test_who_has_lost_the_role_gets_nothing() -> None:
    people = People()
    secret = feed_make(actor=people.reporter, unit=people.unit, now=NOW)
    assert get(secret).status_code == 200
    Membership.objects.filter(user=people.reporter).update(valid_to=timezone.localdate() - timedelta(days=1))
    assert get(secret).status_code == 404


def test_who_was_locked_out_gets_nothing() -> None:
    people = People()
    secret = feed_make(actor=people.head, unit=people.unit, now=NOW)
    people.head.is_active = False
    people.head.save()
    assert get(secret).status_code == 404


@pytest.mark.parametrize("secret", ["khcnlich_sai", "abc", "khcnlich_" + "x" * 300])
def test_guesses_find_nothing(secret: str) -> None:
    assert get(secret).status_code == 404


def test_nobody_has_the_calendar_of_another_unit() -> None:
    people = People()
    with pytest.raises(PermissionDeniedError):
        feed_make(actor=make_member(Role.UNIT_REPORTER), unit=people.unit, now=NOW)
    with pytest.raises(PermissionDeniedError):
        feed_make(actor=people.leader, unit=people.unit, now=NOW)


def test_the_page_shows_the_address_once() -> None:
    people = People()
    client = Client()
    client.force_login(people.reporter)
    place = reverse("plan-desk:progress-feeds")
    text = client.post(place, {"don-vi": people.unit.pk}).content.decode()
    found = re.search(r"http://testserver(/ke-hoach/lich/[^<\s]+\.ics)", text)
    assert found
    assert Client().get(found[1]).status_code == 200
    assert "khcnlich_" not in client.get(place).content.decode()
    assert client.post(place, {"don-vi": people.unit.pk, "viec": "thu-hoi"}).status_code == 302
    assert Client().get(found[1]).status_code == 404
    assert client.post(place, {"don-vi": 987654}).status_code == 404
