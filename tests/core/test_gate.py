"""The gate before expensive pages: who is counted, how the refusal reads, and how many work at once."""

import ipaddress
import threading
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from khcn.core import gate
from khcn.core.gate import BusyError, Slots, busy_answer, costly

PERSON = 41


@pytest.fixture
def env(settings: Any) -> Any:
    def change(**values: Any) -> None:
        settings.KHCN = settings.KHCN.model_copy(update=values)

    return change


@costly("test.view", per_minute=3)
def view(request: HttpRequest) -> HttpResponse:
    """A page."""
    return HttpResponse("here")


def ask(address: str = "203.0.113.9", *, user: Any = None, **headers: str) -> Any:
    request = RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)
    request.user = user or AnonymousUser()
    return view(request)


def statuses(times: int, address: str = "203.0.113.9", *, user: Any = None) -> list[int]:
    return [ask(address, user=user).status_code for _n in range(times)]


@pytest.mark.parametrize(
    ("settings_changed", "address", "passed"),
    [
        ({}, "203.0.113.9", 3),
        ({}, "2001:db8:1:2::7", 3),
        ({}, "", 3),  # an address that cannot be read is one visitor, not none
        ({}, "127.0.0.1", 8),
        ({}, "::1", 8),
        ({"gate_percent": 0}, "203.0.113.9", 8),
        ({"gate_percent": 200}, "203.0.113.9", 6),
        ({"gate_percent": 1}, "203.0.113.9", 1),
    ],
)
def test_so_many_a_minute(env: Any, settings_changed: dict[str, Any], address: str, passed: int) -> None:
    env(**settings_changed)
    assert statuses(8, address).count(200) == passed


def test_a_minutes_worth_at_once_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    @costly("test.burst", per_minute=90)
    def busy(request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    def asked(second: float) -> int:
        monkeypatch.setattr("khcn.core.api.limits.time.time", lambda: second)
        request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9")
        request.user = AnonymousUser()
        return [busy(request).status_code for _n in range(40)].count(200)

    assert [asked(600.0 + 10 * n) for n in range(5)] == [30, 30, 30, 0, 0]
    assert asked(660.0) == 30


def test_the_office_network_may_be_set_free(env: Any) -> None:
    env(gate_free_networks=[ipaddress.ip_network("10.20.0.0/16")])
    assert statuses(5, "10.20.3.4").count(200) == 5
    assert statuses(5, "10.21.3.4").count(200) == 3


def test_neighbours_do_not_pay_for_each_other() -> None:
    assert statuses(5, "203.0.113.9").count(200) == 3
    assert statuses(3, "203.0.113.10").count(200) == 3
    assert ask("2001:db8:1:2::1").status_code == 200
    assert [ask(f"2001:db8:1:2::{n}").status_code for n in range(2, 5)] == [200, 200, 429]


def person() -> Any:
    return get_user_model()(pk=PERSON, username="ban-doc")


def test_who_signed_in_has_five_times_as_much_and_pays_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.never_refused, "_items", {})
    assert statuses(17, user=person()).count(200) == 15
    assert ask().status_code == 200  # the address itself is another visitor


def test_who_works_here_is_never_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.never_refused, "_items", {"x": lambda request: request.user.pk == PERSON})
    assert statuses(40, user=person()).count(200) == 40
    assert statuses(4).count(200) == 3


@pytest.mark.django_db
def test_a_browser_reads_a_page_a_program_a_line() -> None:
    page = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for _n in range(3):
        ask(**page)
    polite = ask(**page)
    assert polite.status_code == 429
    assert 1 <= int(polite["Retry-After"]) <= 60
    assert polite["Cache-Control"] == "no-store"
    assert "nhanh quá" in polite.content.decode() and "giây" in polite.content.decode()
    for headers in ({"Accept": "application/json"}, {"Accept": "*/*"}, {**page, "HX-Request": "true"}):
        plain = ask(**headers)
        assert plain.status_code == 429
        assert plain["Content-Type"].startswith("text/plain")
        assert "quá nhiều yêu cầu" in plain.content.decode()
    assert ask(**page)["Content-Type"].startswith("text/plain")  # who does not slow down gets no more pages


def test_at_most_so_many_at_once() -> None:
    slots = Slots(2, wait_s=0.05)
    inside, leave = threading.Barrier(3), threading.Event()

    def work() -> None:
        with slots.taken():
            inside.wait(5)
            leave.wait(5)

    workers = [threading.Thread(target=work) for _n in range(2)]
    for worker in workers:
        worker.start()
    inside.wait(5)
    with pytest.raises(BusyError) as stop, slots.taken():
        pass
    answer = busy_answer(RequestFactory().get("/"), stop.value)
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    leave.set()
    for worker in workers:
        worker.join(5)
    with slots.taken():
        pass


def test_waiting_takes_no_more_threads_than_work() -> None:
    slots = Slots(1, wait_s=5)
    first, waiting, done = threading.Event(), threading.Event(), []
    leave = threading.Event()

    def hold() -> None:
        with slots.taken():
            first.set()
            leave.wait(5)

    def wait() -> None:
        waiting.set()
        with slots.taken():
            done.append("waited")

    holder, waiter = threading.Thread(target=hold), threading.Thread(target=wait)
    holder.start()
    first.wait(5)
    waiter.start()
    waiting.wait(5)
    while slots._room.acquire(blocking=False):  # until the waiter has the only place to wait in
        slots._room.release()
    with pytest.raises(BusyError), slots.taken():
        pass
    leave.set()
    holder.join(5)
    waiter.join(5)
    assert done == ["waited"]


def test_visitors_share_half_of_the_threads_and_who_signed_in_does_not(
    env: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    env(web_threads=2, gate_percent=0)
    full = Slots(1, wait_s=0.01)
    monkeypatch.setattr(gate, "slots_of", lambda _name: full)

    @costly("test.shared", per_minute=3, shared=True, noindex=True)
    def shared(request: HttpRequest) -> HttpResponse:
        return HttpResponse("here")

    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9")
    request.user = AnonymousUser()
    free = shared(request)
    assert (free.status_code, free["X-Robots-Tag"]) == (200, "noindex")
    with full.taken():
        busy = shared(request)
        assert (busy.status_code, busy["Retry-After"]) == (503, "10")
        request.user = person()
        assert shared(request).status_code == 200


def test_a_slot_comes_back_after_a_failure() -> None:
    slots = Slots(1, wait_s=0.01)
    for _n in range(3):
        with pytest.raises(ZeroDivisionError), slots.taken():
            _ = 1 / 0
