"""The outbox: what leaves, when, once, and what happens when it cannot."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from khcn.core.calendar.rules import LOCAL_ZONE
from khcn.core.enums import Channel, MessageState
from khcn.core.models import Message
from khcn.core.outbox import senders
from khcn.core.outbox.rules import (
    BACK_OFF,
    MAX_ATTEMPTS,
    RecipientError,
    clean_mail,
    clean_phone,
    deliver_at,
    one_line,
    retry_at,
)
from khcn.core.outbox.selectors import desk_messages_for, desk_unread_count
from khcn.core.outbox.senders import FileSender, MailText, SendError, outbox_senders
from khcn.core.outbox.services import (
    CLAIM_LIMIT,
    DeliveryReport,
    desk_message_read,
    desk_messages_read_all,
    message_cancel,
    message_retry,
    message_send,
    messages_forget,
    outbox_deliver,
)
from khcn.core.registry import Registry
from tests.core.factories import make_user


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


DAY = _at("2021-06-07 09:00")
NIGHT = _at("2021-06-07 23:00")


def _send(**values: Any) -> Message:
    values = {
        "channel": Channel.MAIL,
        "recipient": "an@example.vn",
        "subject": "Tài liệu đã được duyệt",
        "body": "Chào bạn",
        "now": DAY,
        **values,
    }
    return message_send(**values)


class FakeSender:
    """Remembers what it sent; fails as often as told."""

    def __init__(self, *failures: Exception) -> None:
        self.sent: list[int] = []
        self.failures = list(failures)

    def send(self, message: Message) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message.pk)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSender:
    sender = FakeSender()
    monkeypatch.setitem(outbox_senders, Channel.MAIL, sender)
    return sender


@pytest.mark.parametrize(
    ("now", "arrives"),
    [
        ("2021-06-07 06:59:59", "2021-06-07 07:00"),
        ("2021-06-07 07:00", "2021-06-07 07:00"),
        ("2021-06-07 20:59:59", "2021-06-07 20:59:59"),
        ("2021-06-07 21:00", "2021-06-08 07:00"),
        ("2021-06-07 23:59", "2021-06-08 07:00"),
        ("2021-06-08 00:00", "2021-06-08 07:00"),
        ("2021-12-31 22:00", "2022-01-01 07:00"),
    ],
)
def test_the_night_is_quiet(now: str, arrives: str) -> None:
    assert deliver_at(_at(now), quiet=True) == _at(arrives)
    assert deliver_at(_at(now), quiet=False) == _at(now)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_nothing_ever_arrives_at_night_or_before_its_time(naive: datetime) -> None:
    now = naive.replace(tzinfo=LOCAL_ZONE)
    arrives = deliver_at(now, quiet=True)
    assert now <= arrives < now + timedelta(hours=10, seconds=1)
    assert 7 <= arrives.astimezone(LOCAL_ZONE).hour < 21


def test_office_hours_wait_for_monday() -> None:
    assert deliver_at(_at("2021-06-05 10:00"), quiet=True, office_hours=True) == _at("2021-06-07 07:30")


def test_back_off_grows_and_then_gives_up() -> None:
    waits = [retry_at(DAY, n) for n in range(1, MAX_ATTEMPTS + 1)]
    assert waits == [DAY + wait for wait in BACK_OFF] + [None]
    assert list(BACK_OFF) == sorted(BACK_OFF)


@pytest.mark.parametrize(
    ("number", "clean"),
    [
        ("0901 234 567", "+84901234567"),
        ("84901234567", "+84901234567"),
        ("+1 (415) 555-0100", "+14155550100"),
    ],
)
def test_phone_numbers(number: str, clean: str) -> None:
    assert clean_phone(number) == clean


@pytest.mark.parametrize("number", ["", "12", "abc", "0901234567\n+84999999999", "+84" + "9" * 20])
def test_bad_phone_numbers(number: str) -> None:
    with pytest.raises(RecipientError, match="số điện thoại"):
        clean_phone(number)


@pytest.mark.parametrize(
    "address", ["", "an", "an@", "an@b.vn\nBcc: x@y.vn", "a@b.vn, c@d.vn", "an@b.vn\r\n\r\nx"]
)
def test_bad_mail_addresses(address: str) -> None:
    with pytest.raises(RecipientError, match="thư điện tử"):
        clean_mail(address)


@given(st.text())
def test_a_subject_is_always_one_clean_line(text: str) -> None:
    line = one_line(text)
    assert not any(ord(sign) < 32 or sign in "\x7f\x85\u2028\u2029" for sign in line)
    assert len(line.splitlines()) <= 1


@pytest.mark.django_db
def test_a_mail_leaves_once_with_its_link_and_without_injected_headers() -> None:
    _send(subject="Đã duyệt\r\nBcc: ai-do@example.vn", link="/thu-vien/7/", body="Dòng 1\r\nDòng 2")
    assert outbox_deliver(DAY) == DeliveryReport(sent=1)
    assert outbox_deliver(DAY + timedelta(days=1)) == DeliveryReport()
    (letter,) = mail.outbox
    assert letter.to == ["an@example.vn"]
    assert letter.subject == "Đã duyệt Bcc: ai-do@example.vn"
    assert letter.message()["Bcc"] is None
    assert "http://127.0.0.1:8000/thu-vien/7/" in letter.body
    assert str(Message.objects.get().pk) in letter.message()["Message-ID"]


@pytest.mark.django_db
def test_a_person_is_written_to_at_their_own_address() -> None:
    assert _send(user=make_user(), recipient="").recipient == "an.nguyen@example.vn"
    with pytest.raises(RecipientError, match="chưa có địa chỉ"):
        _send(user=make_user("binh", email=""), recipient="")


@pytest.mark.django_db
def test_the_same_occasion_is_told_once() -> None:
    first = _send(dedupe_key="library.returned:7:1")
    assert _send(dedupe_key="library.returned:7:1", subject="khác") == first
    _send(dedupe_key="library.returned:7:2")
    _send()
    _send()
    assert Message.objects.count() == 4


@pytest.mark.django_db
def test_a_deed_that_is_rolled_back_tells_nobody() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _send()
        raise RuntimeError
    assert outbox_deliver(DAY) == DeliveryReport()


@pytest.mark.django_db
def test_a_message_of_the_night_arrives_in_the_morning(fake: FakeSender) -> None:
    _send(now=NIGHT)
    assert outbox_deliver(NIGHT) == DeliveryReport(postponed=1)
    assert outbox_deliver(_at("2021-06-08 06:59")) == DeliveryReport()
    assert outbox_deliver(_at("2021-06-08 07:00")) == DeliveryReport(sent=1)


@pytest.mark.django_db
def test_office_hours_respect_tet(fake: FakeSender) -> None:
    _send(now=_at("2021-02-10 09:00"), office_hours=True)
    assert outbox_deliver(_at("2021-02-10 09:00")).postponed == 1
    assert Message.objects.get().not_before == _at("2021-02-17 07:30")


@pytest.mark.django_db
def test_a_failed_message_is_tried_again_later_and_then_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = FakeSender(*[SendError("máy chủ thư bận")] * 50)
    monkeypatch.setitem(outbox_senders, Channel.MAIL, sender)
    message, now = _send(), DAY
    reports = []
    for _attempt in range(MAX_ATTEMPTS + 3):
        reports.append(outbox_deliver(now))
        now = _at((now + timedelta(days=2)).strftime("%Y-%m-%d 09:00"))
    message.refresh_from_db()
    assert sum(report.retried for report in reports) == MAX_ATTEMPTS - 1
    assert sum(report.failed for report in reports) == 1
    assert (message.state, message.attempts, message.error) == (
        MessageState.FAILED,
        MAX_ATTEMPTS,
        "máy chủ thư bận",
    )
    sender.failures.clear()
    assert message_retry(actor=None, message=message, now=now)
    assert not message_retry(actor=None, message=message, now=now)
    assert outbox_deliver(now).sent == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (SendError("550 no such user", permanent=True), MessageState.FAILED),
        (SendError("451 try later"), MessageState.WAITING),
        (RuntimeError("bug in a plug-in"), MessageState.WAITING),
    ],
)
def test_one_bad_message_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, state: MessageState
) -> None:
    monkeypatch.setitem(outbox_senders, Channel.MAIL, FakeSender(failure))
    bad, good = _send(), _send()
    outbox_deliver(DAY)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == (state, MessageState.SENT)
    assert bad.error


@pytest.mark.django_db
def test_a_message_whose_worker_died_is_sent_by_another(fake: FakeSender) -> None:
    message = _send()
    Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING, claimed_at=DAY, attempts=1)
    assert outbox_deliver(DAY + CLAIM_LIMIT) == DeliveryReport()
    assert outbox_deliver(DAY + CLAIM_LIMIT + timedelta(seconds=1)) == DeliveryReport(sent=1)


@pytest.mark.django_db
def test_a_cancelled_message_stays(fake: FakeSender) -> None:
    message = _send()
    assert message_cancel(actor=None, message=message, now=DAY)
    assert outbox_deliver(DAY) == DeliveryReport()
    assert not message_cancel(actor=None, message=message, now=DAY)


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(fake: FakeSender) -> None:
    for _n in range(20):
        _send()
    barrier = Barrier(4)

    def work() -> None:
        barrier.wait()
        outbox_deliver(DAY)
        connections.close_all()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.sent) == len(set(fake.sent)) == 20


@pytest.mark.django_db
def test_sms_goes_to_a_file_until_a_gateway_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(outbox_senders, Channel.SMS, FileSender(tmp_path / "new"))
    _send(channel=Channel.SMS, recipient="0901234567", body="Mã của bạn: 12")
    assert outbox_deliver(DAY).sent == 1
    line = json.loads((tmp_path / "new" / "sms.jsonl").read_text())
    assert (line["to"], line["text"]) == ("+84901234567", "Mã của bạn: 12")


@pytest.mark.django_db
def test_desk_messages_are_there_at_once_and_have_a_read_state() -> None:
    an, binh = make_user(), make_user("binh")
    first = _send(channel=Channel.DESK, user=an, recipient="", now=NIGHT)
    second = _send(channel=Channel.DESK, user=an, recipient="", now=NIGHT)
    later = _send(
        channel=Channel.DESK, user=an, recipient="", now=NIGHT, not_before=NIGHT + timedelta(hours=1)
    )
    _send(user=an, now=NIGHT)  # a mail is no desk message
    assert list(desk_messages_for(an, NIGHT)) == [second, first]
    assert later in desk_messages_for(an, NIGHT + timedelta(hours=1))
    assert not desk_message_read(actor=binh, message_id=first.pk, now=NIGHT)
    assert desk_message_read(actor=an, message_id=first.pk, now=NIGHT)
    assert not desk_message_read(actor=an, message_id=first.pk, now=NIGHT)
    assert desk_unread_count(an, NIGHT) == 1
    assert desk_messages_read_all(actor=an, now=NIGHT) == 1
    assert desk_messages_read_all(actor=None, now=NIGHT) == 0
    assert desk_unread_count(an, NIGHT) == 0


@pytest.mark.django_db
def test_a_desk_message_needs_a_person() -> None:
    with pytest.raises(ValueError, match="needs a user"):
        _send(channel=Channel.DESK)


# --- mails that are finished when they leave ---


@pytest.mark.django_db
def test_a_finisher_writes_the_mail_in_the_moment_it_leaves(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    texts = {"1": MailText("Chủ đề", "Mới", {"List-Unsubscribe": "<https://example.vn/huy/>"}), "2": None}
    registry: Registry[Any] = Registry("test")
    registry.register("test.news", lambda message: texts[message.dedupe_key.rpartition(":")[2]])
    monkeypatch.setattr(senders, "mail_finishers", registry)
    wanted, unwanted = _send(dedupe_key="test.news:1"), _send(dedupe_key="test.news:2")
    assert outbox_deliver(DAY) == DeliveryReport(sent=1)
    (sent,) = mail.outbox
    assert (sent.subject, sent.body) == ("Chủ đề", "Mới")
    assert sent.extra_headers["List-Unsubscribe"] == "<https://example.vn/huy/>"
    wanted.refresh_from_db()
    unwanted.refresh_from_db()
    assert (wanted.state, unwanted.state) == (MessageState.SENT, MessageState.CANCELLED)


@pytest.mark.django_db
def test_forgetting_deletes_one_occasion_only() -> None:
    _send(dedupe_key="test.news:1:a")
    _send(dedupe_key="test.news:1:b")
    kept = _send(dedupe_key="test.news:12:a")
    assert messages_forget(occasion="test.news:1:") == 2
    assert list(Message.objects.all()) == [kept]
    with pytest.raises(ValueError, match="occasion"):
        messages_forget(occasion="test")
