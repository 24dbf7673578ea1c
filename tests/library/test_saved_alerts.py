"""Alerts of saved searches: each work told once, to those who may read it, in the morning, until they leave."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khcn.core.calendar.rules import LOCAL_ZONE
from khcn.core.enums import MessageState
from khcn.core.models import Message
from khcn.core.outbox.services import outbox_deliver
from khcn.library.enums import Alert, Visibility, WorkState
from khcn.library.models import SavedDigest, SavedSearch, Work
from khcn.library.rules_saved import next_slot
from khcn.library.search.changes import index_drain, index_enqueue
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.services import saved_alerts
from khcn.library.services.saved import TooManySavedError, search_change, search_save, search_seen
from khcn.library.services.saved_alerts import digests_send
from khcn.library.services.saved_visitors import (
    ALL_A_DAY,
    ASKED_A_DAY,
    MAILS_A_DAY,
    SubscribedTooOftenError,
    alert_subscribe,
    subscriptions_tidy,
)
from khcn.orgs.enums import Role
from khcn.orgs.models import Membership
from tests.library.makers import make_page, make_work
from tests.orgs.factories import make_member, make_unit, make_user

pytestmark = pytest.mark.django_db
PUBLISHED = WorkState.PUBLISHED


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


SAVED = at("2026-05-20 10:00")  # a Wednesday
MORNING = at("2026-05-21 07:30")


def put(title: str, published: str, **fields: Any) -> Work:
    """Publish a work that the search finds by "thử nghiệm"."""
    fields.setdefault("state", PUBLISHED)
    work = make_work(f"{title} thử nghiệm", published_at=at(published), **fields)
    make_page(work, text="Nội dung thử nghiệm.")
    index_enqueue([work.pk])
    index_drain()
    return work


def save(user: Any, params: str = "q=th%E1%BB%AD+nghi%E1%BB%87m", **fields: Any) -> SavedSearch:
    values = {"name": "Thử nghiệm", "alert": Alert.DAILY, "by_mail": True, "now": SAVED, **fields}
    return search_save(actor=user, params=params, **values)


def told(now: datetime) -> list[str]:
    """Send what is due at ``now`` and return the texts that left."""
    mail.outbox.clear()
    digests_send(now)
    outbox_deliver(now)
    return [str(sent.body) for sent in mail.outbox]


# --- when -----------------------------------------------------------------------------------------------------

SLOTS = [
    ("2026-05-20 10:00", Alert.DAILY, "2026-05-21 07:30"),
    ("2026-05-20 07:29", Alert.DAILY, "2026-05-20 07:30"),
    ("2026-05-20 07:30", Alert.DAILY, "2026-05-21 07:30"),
    ("2026-05-20 10:00", Alert.WEEKLY, "2026-05-25 07:30"),
    ("2026-05-25 07:00", Alert.WEEKLY, "2026-05-25 07:30"),
    ("2026-05-25 07:30", Alert.WEEKLY, "2026-06-01 07:30"),
]


@pytest.mark.parametrize(("after", "alert", "expected"), SLOTS)
def test_next_slot(after: str, alert: Alert, expected: str) -> None:
    assert next_slot(at(after), alert) == at(expected)


def test_no_alert_has_no_slot() -> None:
    assert next_slot(SAVED, Alert.NEVER) is None


# --- each work once ---------------------------------------------------------------------------------------------


def test_each_work_is_told_once_and_nothing_when_nothing_is_new() -> None:
    user = make_user(email="an@example.vn")
    put("Cũ", "2026-05-19 09:00")
    save(user)
    put("Thứ nhất", "2026-05-20 15:00")
    put("Thứ hai", "2026-05-20 15:00")
    assert told(at("2026-05-21 07:29")) == []
    (text,) = told(MORNING)
    assert "Thứ nhất" in text and "Thứ hai" in text and "Cũ" not in text
    assert told(MORNING + timedelta(minutes=10)) == []
    assert told(at("2026-05-22 07:30")) == []
    put("Thứ ba", "2026-05-22 12:00")
    (text,) = told(at("2026-05-23 07:40"))
    assert "Thứ ba" in text and "Thứ nhất" not in text


def test_a_work_published_this_moment_waits_for_the_next_digest() -> None:
    save(make_user())
    put("Vừa đăng", "2026-05-21 07:25")
    assert told(MORNING) == []
    assert len(told(at("2026-05-22 07:30"))) == 1


def test_a_work_kept_back_is_told_when_it_opens() -> None:
    save(make_user())
    work = put("Chờ ngày", "2026-05-20 11:00", embargoed=True, embargo_until=at("2026-05-23 00:00").date())
    assert told(MORNING) == []
    Work.objects.filter(pk=work.pk).update(embargoed=False)
    index_enqueue([work.pk])
    index_drain()
    assert len(told(at("2026-05-23 07:30"))) == 1
    assert told(at("2026-05-24 07:30")) == []


def test_the_night_is_quiet_and_a_missed_morning_is_made_up() -> None:
    save(make_user())
    put("Mới", "2026-05-20 15:00")
    assert told(at("2026-05-21 22:00")) == []
    assert told(at("2026-05-22 03:00")) == []
    assert len(told(at("2026-05-22 09:15"))) == 1


def test_two_workers_tell_once() -> None:
    save(make_user())
    put("Mới", "2026-05-20 15:00")
    one, other = SavedSearch.objects.get(), SavedSearch.objects.get()
    assert saved_alerts._tell(one, MORNING) is True
    assert saved_alerts._tell(other, MORNING) is False
    assert (Message.objects.count(), SavedDigest.objects.count()) == (1, 1)


def test_many_works_are_named_up_to_a_limit() -> None:
    save(make_user())
    works = [
        make_work(f"Số {n} thử nghiệm", state=PUBLISHED, published_at=at("2026-05-20 15:00"))
        for n in range(25)
    ]
    index_enqueue([work.pk for work in works])
    index_drain()
    (text,) = told(MORNING)
    assert text.count("/thu-vien/so-") == 20
    assert "… và 5 tài liệu khác." in text
    assert "25 tài liệu mới" in mail.outbox[0].subject


def test_one_search_that_fails_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, _good = save(make_user(), name="hỏng"), save(make_user(), name="lành")
    put("Mới", "2026-05-20 15:00")
    real = saved_alerts.fresh_keys

    def fail_once(params: str, **values: Any) -> Any:
        if values["user"].pk == bad.owner_id:
            raise RuntimeError("no such luck")
        return real(params, **values)

    monkeypatch.setattr(saved_alerts, "fresh_keys", fail_once)
    assert len(told(MORNING)) == 1
    bad.refresh_from_db()
    assert bad.next_at == at("2026-05-22 07:30")


def test_an_index_that_is_rebuilt_delays_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    save(make_user())
    put("Mới", "2026-05-20 15:00")
    with monkeypatch.context() as patched:

        def gone(*_args: Any, **_values: Any) -> Any:
            raise IndexUnavailableError("test")

        patched.setattr(saved_alerts, "fresh_keys", gone)
        assert told(MORNING) == []
    assert len(told(MORNING + timedelta(minutes=10))) == 1


# --- what may be read ---------------------------------------------------------------------------------------------

CLOSED = [
    {"visibility": Visibility.SIGNED_IN},
    {"visibility": Visibility.UNITS},
    {"embargoed": True, "embargo_until": at("2030-01-01 00:00").date()},
    {"state": WorkState.DRAFT},
    {"state": WorkState.FROZEN},
    {"state": WorkState.WITHDRAWN},
    {"state": WorkState.SUBMITTED, "sensitive": True},
]


@pytest.mark.parametrize("fields", CLOSED)
def test_closed_works_are_never_told_to_an_address(fields: dict[str, Any]) -> None:
    SavedSearch.objects.create(
        address="doc@example.vn", name="x", params="q=th%E1%BB%AD+nghi%E1%BB%87m", alert=Alert.DAILY, by_mail=True,
        created_at=SAVED, confirmed_at=SAVED, nonce="n", told_at=SAVED, seen_at=SAVED, next_at=MORNING,
    )  # fmt: skip
    put("Mật", "2026-05-20 15:00", **fields)
    assert told(MORNING) == []
    put("Mở", "2026-05-20 15:00")
    SavedSearch.objects.update(next_at=MORNING)
    (text,) = told(MORNING + timedelta(minutes=10))
    assert "Mở" in text and "Mật" not in text


def test_who_lost_a_role_before_the_mail_leaves_gets_nothing_closed() -> None:
    unit = make_unit()
    user = make_member(Role.CONTRIBUTOR, unit)
    save(user)
    closed = put("Nội bộ", "2026-05-20 15:00", visibility=Visibility.UNITS)
    closed.units.add(unit)
    index_enqueue([closed.pk])
    index_drain()
    put("Công khai", "2026-05-20 15:30")
    assert digests_send(MORNING) == 1
    Membership.objects.filter(user=user).delete()
    mail.outbox.clear()
    outbox_deliver(MORNING + timedelta(minutes=1))
    (sent,) = mail.outbox
    assert "Công khai" in sent.body and "Nội bộ" not in sent.body
    assert "Nội bộ" not in "".join(Message.objects.values_list("body", flat=True))


def test_nothing_readable_is_left_and_nothing_leaves() -> None:
    save(make_user())
    work = put("Rút ngay", "2026-05-20 15:00")
    assert digests_send(MORNING) == 1
    Work.objects.filter(pk=work.pk).update(state=WorkState.WITHDRAWN)
    mail.outbox.clear()
    outbox_deliver(MORNING + timedelta(minutes=1))
    assert mail.outbox == []
    assert Message.objects.get().state == MessageState.CANCELLED


def test_an_account_that_was_closed_is_told_nothing() -> None:
    user = make_user()
    save(user, on_desk=True)
    put("Mới", "2026-05-20 15:00")
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert told(MORNING) == []
    assert not Message.objects.exists()


# --- the mail ---------------------------------------------------------------------------------------------------


def test_the_mail_says_why_it_comes_and_how_it_ends() -> None:
    user = make_user(email="an@example.vn")
    search = save(user, name="Điện mặt trời\r\nBcc: x@example.com")
    put("Mới", "2026-05-20 15:00", legal={"number": "12/KH-UBND", "organ_name": "Ủy ban nhân dân"})
    told(MORNING)
    (sent,) = mail.outbox
    assert sent.to == ["an@example.vn"] and "\n" not in sent.subject
    leave = re.search(r"Thôi nhận thư này: (\S+)", sent.body)
    assert leave and sent.extra_headers["List-Unsubscribe"] == f"<{leave[1]}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for words in ("12/KH-UBND", "Ủy ban nhân dân", "vì tài khoản của bạn", "20/05/2026", "mỗi ngày một lần"):
        assert words in sent.body
    assert f"/lan-tim/{search.pk}/" in sent.body


def test_one_click_ends_an_owner_s_mails_and_keeps_the_search() -> None:
    search = save(make_user(), on_desk=True)
    put("Mới", "2026-05-20 15:00")
    told(MORNING)
    address = (
        mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").partition("//")[2].partition("/")[2]
    )
    answer = Client(enforce_csrf_checks=True).post(f"/{address}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    search.refresh_from_db()
    assert (search.by_mail, search.on_desk, search.alert) == (False, True, Alert.DAILY)


def test_on_the_desk_no_title_is_kept() -> None:
    user = make_user(email="")
    search = save(user, by_mail=False, on_desk=True)
    put("Mới", "2026-05-20 15:00")
    assert told(MORNING) == []
    message = Message.objects.get()
    assert (message.user, message.link) == (user, reverse("library-desk:saved-search", args=[search.pk]))
    assert "Mới" not in message.body


# --- people without an account ------------------------------------------------------------------------------------


def subscribe(client: Client, address: str = "doc@example.vn", query: str = "q=thử nghiệm") -> Any:
    return client.post(f"/thu-vien/luu-lan-tim/?{query}", {"address": address, "alert": "daily"})


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/\s]+(/thu-vien/nhan-tin/\S+)", text)
    assert found
    return found[1]


def test_nothing_comes_before_the_address_said_yes(client: Client) -> None:
    hostile = "q=MUA THUỐC http://evil.example&co-quan=evil.example"
    assert subscribe(client, query=hostile).status_code == 200
    now = timezone.now().replace(hour=5) + timedelta(days=1)  # noon here
    (text,) = told(now)
    assert "evil" not in text and "THUỐC" not in text
    SavedSearch.objects.update(told_at=now - timedelta(days=2))
    assert told(now + timedelta(days=2)) == []
    confirm = link_in(text)
    assert client.get(confirm).status_code == 200  # programs open links; that says nothing
    assert SavedSearch.objects.get().confirmed_at is None
    assert client.post(confirm).status_code == 200
    search = SavedSearch.objects.get()
    assert search.confirmed_at and search.next_at


def test_leaving_forgets_the_address(client: Client) -> None:
    subscribe(client)
    now = timezone.now().replace(hour=5) + timedelta(days=1)
    (text,) = told(now)
    client.post(link_in(text))
    SavedSearch.objects.update(told_at=SAVED, next_at=now)
    put("Mới", "2026-05-20 15:00")
    (text,) = told(now)
    leave = link_in(text.partition("Thôi nhận")[2])
    assert "xác nhận" in text and "doc@example.vn" not in text
    assert client.get(leave).status_code == 200
    assert SavedSearch.objects.exists()  # looking is not leaving
    for _click in range(2):
        assert Client(enforce_csrf_checks=True).post(leave).status_code == 200
    assert not SavedSearch.objects.exists() and not SavedDigest.objects.exists()
    assert not Message.objects.filter(recipient="doc@example.vn").exists()
    assert client.get(leave).status_code == 404


@pytest.mark.parametrize("path", ["xac-nhan", "huy"])
@pytest.mark.parametrize("token", ["x", "a:b:c", "WzEsIm4iXQ:1abc:sig", "%00", "." * 300])
def test_a_false_link_says_so(client: Client, path: str, token: str) -> None:
    answer = client.get(f"/thu-vien/nhan-tin/{path}/{token}/")
    assert answer.status_code == 404
    assert answer.headers.get("Referrer-Policy")


def test_an_address_that_never_answers_is_forgotten(client: Client) -> None:
    subscribe(client)
    now = timezone.now()
    assert subscriptions_tidy(now + timedelta(days=2)) == 0
    assert subscriptions_tidy(now + timedelta(days=4)) == 1
    assert not SavedSearch.objects.exists() and not Message.objects.exists()


def ask(address: str = "doc@example.vn", visitor: str = "203.0.113.5", params: str = "q=a") -> None:
    alert_subscribe(address=address, params=params, alert=Alert.DAILY, visitor=visitor, now=SAVED)


def test_limits() -> None:
    for number in range(MAILS_A_DAY + 2):
        ask(params=f"q={number}", visitor=f"203.0.113.{number}")
    assert Message.objects.count() == MAILS_A_DAY
    for number in range(ASKED_A_DAY):
        ask(address=f"a{number}@example.vn", visitor="198.51.100.1")
    with pytest.raises(SubscribedTooOftenError):
        ask(address="b@example.vn", visitor="198.51.100.1")
    for number in range(ALL_A_DAY):
        try:
            ask(address=f"c{number}@example.vn", visitor=f"192.0.2.{number}")
        except SubscribedTooOftenError:
            break
    assert Message.objects.count() < ALL_A_DAY


def test_asking_twice_makes_one_subscription_and_says_the_same(client: Client) -> None:
    first, second = subscribe(client), subscribe(client, "DOC@example.vn")
    assert SavedSearch.objects.count() == 1
    assert first.content.decode().replace("doc@", "DOC@").count("DOC@") == second.content.decode().count(
        "DOC@"
    )


# --- in the account -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["q=%22%22%22", "q=' OR 1=1 --", "q=%00&loai=x", "q=((((", "nam=" + "9" * 300, "q=" + "а" * 320]
)
def test_hostile_questions_are_kept_and_told_like_any_other(client: Client, query: str) -> None:
    user = make_user()
    client.force_login(user)
    answer = client.post(f"/thu-vien/luu-lan-tim/?{query}", {"name": "x", "alert": "daily", "by_mail": "on"})
    assert answer.status_code == 302
    SavedSearch.objects.update(told_at=SAVED, next_at=MORNING)
    put("Mới", "2026-05-20 15:00")
    told(MORNING)
    assert client.get("/ban-lam-viec/thu-vien/lan-tim/").status_code == 200


def test_what_is_too_long_to_keep_is_said(client: Client) -> None:
    client.force_login(make_user())
    answer = client.post("/thu-vien/luu-lan-tim/?q=" + "а" * 390, {"name": "x", "alert": "never"})
    assert (answer.status_code, SavedSearch.objects.count()) == (200, 0)
    assert "Hãy rút ngắn câu tìm" in answer.content.decode()


def test_the_account_counts_what_is_new_since_the_last_look(client: Client) -> None:
    user = make_user()
    client.force_login(user)
    search = save(user, alert=Alert.NEVER, by_mail=False)
    put("Thứ nhất", "2026-05-20 15:00")
    put("Thứ hai", "2026-05-20 16:00")
    assert "2 tài liệu mới" in client.get("/ban-lam-viec/thu-vien/lan-tim/").content.decode()
    address = f"/ban-lam-viec/thu-vien/lan-tim/{search.pk}/"
    page = client.get(address).content.decode()
    assert "Thứ nhất" in page and "Thứ hai" in page
    assert (
        client.get(address).content.decode().count("hit__title") == 2
    )  # looking at the list changes nothing
    client.post(address, {"viec": "da-xem"})
    assert "Không có gì mới" in client.get("/ban-lam-viec/thu-vien/lan-tim/").content.decode()
    put("Thứ ba", "2026-05-21 09:00")
    assert search_seen(actor=user, search=SavedSearch.objects.get(), now=at("2026-05-22 09:00")) == 1


def test_nobody_sees_or_changes_the_searches_of_others(client: Client) -> None:
    search = save(make_user())
    address = f"/ban-lam-viec/thu-vien/lan-tim/{search.pk}/"
    assert client.get(address).status_code == 302
    for other in (make_user(), make_member(Role.LIBRARIAN), make_member(Role.AUDITOR)):
        client.force_login(other)
        assert client.get(address).status_code == 404
        assert client.post(address, {"viec": "xoa"}).status_code == 404
        assert search.name not in client.get("/ban-lam-viec/thu-vien/lan-tim/").content.decode()
    assert SavedSearch.objects.filter(pk=search.pk).exists()


def test_changing_and_deleting(client: Client) -> None:
    user = make_user(email="an@example.vn")
    client.force_login(user)
    search = save(user, alert=Alert.NEVER, by_mail=False)
    address = f"/ban-lam-viec/thu-vien/lan-tim/{search.pk}/"
    client.post(address, {"viec": "sua", "name": "Tên mới", "alert": "weekly", "by_mail": "on"})
    search.refresh_from_db()
    assert (search.name, search.alert, search.by_mail) == ("Tên mới", Alert.WEEKLY, True)
    assert search.next_at and search.told_at > SAVED
    client.post(address, {"viec": "xoa"})
    assert not SavedSearch.objects.exists()


def test_an_alert_without_a_place_goes_to_the_desk() -> None:
    search = save(make_user(), alert=Alert.NEVER, by_mail=False)
    values = {"name": "x", "by_mail": False, "on_desk": False, "now": SAVED}
    assert search_change(actor=search.owner, search=search, alert=Alert.DAILY, **values).on_desk
    assert not search_change(actor=search.owner, search=search, alert=Alert.NEVER, **values).on_desk


def test_there_is_a_limit_for_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khcn.library.services.saved.MOST_OF_ONE", 2)
    user = make_user()
    save(user)
    save(user)
    with pytest.raises(TooManySavedError):
        save(user)


def test_the_result_page_offers_to_keep_it(client: Client) -> None:
    put("Mới", "2026-05-20 15:00")
    page = client.get("/thu-vien/tim/?q=thử+nghiệm&trang=1").content.decode()
    assert (
        "/thu-vien/luu-lan-tim/?q=th%E1%BB%AD+nghi%E1%BB%87m" in page
        and "trang" not in page.partition("luu-lan-tim/?")[2].partition('"')[0]
    )
    assert client.get("/thu-vien/luu-lan-tim/").status_code == 302
