"""Getting answers from servers that misbehave: limits hold, redirects are checked, time is bounded."""

import gzip
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.fetch import Fetcher, check_address
from khcn.engines.oai.limits import Limits
from tests.oai_fake import FakeOai, Silent, serving

LIMITS = Limits(max_bytes=200_000, answer_s=1.0, idle_s=0.5, connect_s=1.0, attempts=1, backoff_s=0.01)


@pytest.fixture
def fake() -> Iterator[FakeOai]:
    with serving(FakeOai()) as server:
        yield server


def fetcher(**changes: Any) -> Fetcher:
    def guard(host: str, _port: int) -> list[str]:
        if host == "127.0.0.1":
            return ["127.0.0.1"]
        raise HarvestError("refused_address", host=host)

    return Fetcher(guard=guard, limits=replace(LIMITS, **changes))


def code_of(fake: FakeOai, trick: Any, **changes: Any) -> str:
    fake.trick = trick
    with pytest.raises(HarvestError) as caught:
        fetcher(**changes).get(fake.url)
    assert str(caught.value)  # there is a sentence for it
    return caught.value.code


def test_an_honest_answer_comes_whole(fake: FakeOai) -> None:
    fake.trick = lambda *_: (200, {"Content-Type": "text/xml"}, b"<a/>")
    answer = fetcher().get(fake.url)
    assert (answer.body, answer.content_type, answer.status) == (b"<a/>", "text/xml", 200)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data)[2:-4]),  # servers that take "deflate" by its word
        ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    ],
)
def test_packed_answers_are_unpacked(fake: FakeOai, encoding: str, pack: Any) -> None:
    body = "<a>Thư viện</a>".encode()
    fake.trick = lambda *_: (200, {"Content-Encoding": encoding}, pack(body))
    assert fetcher().get(fake.url).body == body


def test_bombs_do_not_go_off(fake: FakeOai) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < LIMITS.max_bytes
    assert code_of(fake, lambda *_: (200, {"Content-Encoding": "gzip"}, bomb)) == "too_large"


def test_too_much_is_refused_whether_announced_or_not(fake: FakeOai) -> None:
    big = b"x" * 300_000
    assert code_of(fake, lambda *_: (200, {}, big)) == "too_large"
    assert code_of(fake, lambda *_: (200, {"Content-Length": ""}, big)) == "too_large"


def test_what_is_packed_badly_or_strangely_is_refused(fake: FakeOai) -> None:
    assert code_of(fake, lambda *_: (200, {"Content-Encoding": "gzip"}, b"no gzip")) == "packed_badly"
    assert code_of(fake, lambda *_: (200, {"Content-Encoding": "br"}, b"x")) == "packed_badly"
    half = gzip.compress(b"<a/>" * 1000)[:-12]
    assert code_of(fake, lambda *_: (200, {"Content-Encoding": "gzip"}, half)) == "cut"


def _trickle(part: str) -> Any:
    def trick(_fake: FakeOai, _asked: dict[str, str], handler: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n"
        if part == "body":
            handler.wfile.write(head + b"\r\n")
        else:
            handler.wfile.write(head)
        for _ in range(200):
            time.sleep(0.05)
            handler.wfile.write(b"x" if part == "body" else b"X-A: b\r\n"[_ % 8 : _ % 8 + 1])
            handler.wfile.flush()
        raise Silent

    return trick


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_trickle_ends_at_the_limit(fake: FakeOai, part: str) -> None:
    start = time.monotonic()
    assert code_of(fake, _trickle(part)) == "slow"
    assert time.monotonic() - start < 2.5


def test_silence_ends_sooner_than_the_whole_time(fake: FakeOai) -> None:
    start = time.monotonic()
    assert code_of(fake, lambda *_: time.sleep(3), answer_s=20.0) == "slow"
    assert time.monotonic() - start < 2.0


def test_a_cut_connection_is_told_from_an_end(fake: FakeOai) -> None:
    def trick(_fake: FakeOai, _asked: dict[str, str], handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<OAI-PMH>")
        raise Silent

    assert code_of(fake, trick) == "cut"


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("http://169.254.169.254/latest/meta-data", "refused_address"),
        ("http://localhost:1/", "refused_address"),
        ("file:///etc/passwd", "bad_address"),
        ("gopher://127.0.0.1/", "bad_address"),
        ("http://u:p@127.0.0.1/", "bad_address"),
    ],
)
def test_redirects_are_checked_like_the_first_address(fake: FakeOai, place: str, code: str) -> None:
    assert code_of(fake, lambda *_: (302, {"Location": place}, b"")) == code


def test_redirects_end(fake: FakeOai) -> None:
    assert code_of(fake, lambda *_: (302, {"Location": fake.url}, b"")) == "redirects"
    assert len(fake.asked) == LIMITS.redirects + 1


def test_a_safe_address_never_becomes_an_unsafe_one() -> None:
    from khcn.engines.oai.fetch import _check_step  # there is no TLS server in tests

    _check_step("http://a/", "https://b/")
    with pytest.raises(HarvestError, match="bảo mật"):
        _check_step("https://a/", "http://a/")


def test_the_connection_goes_to_the_checked_address_and_nowhere_else(fake: FakeOai) -> None:
    asked: list[str] = []

    def guard(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    port = check_address(fake.url)[1]
    fake.trick = lambda _fake, _asked, handler: (200, {}, handler.headers["Host"].encode())
    # A name that no resolver knows: only the guard's answer counts (so DNS cannot change its mind in between).
    answer = Fetcher(guard=guard, limits=LIMITS).get(f"http://nguon.invalid:{port}/oai")
    assert answer.body == f"nguon.invalid:{port}".encode()
    assert asked == ["nguon.invalid"]


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2015 00:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_as_number_or_date(fake: FakeOai, said: str, wait: float | None) -> None:
    from datetime import UTC, datetime  # only here

    fake.trick = lambda *_: (503, {"Retry-After": said}, b"")
    client = Fetcher(
        guard=lambda *_: ["127.0.0.1"], limits=LIMITS, now=lambda: datetime(2026, 1, 1, tzinfo=UTC)
    )
    with pytest.raises(HarvestError) as caught:
        client.get(fake.url)
    assert caught.value.wait_s == wait
    assert caught.value.passing


def test_politeness_waits_between_requests(fake: FakeOai) -> None:
    slept: list[float] = []
    limits = replace(LIMITS, pause_s=5.0, answer_s=90.0)
    client = Fetcher(guard=lambda *_: ["127.0.0.1"], limits=limits, clock=lambda: 100.0, sleep=slept.append)
    fake.trick = lambda *_: (200, {}, b"x")
    client.get(fake.url)
    client.get(fake.url)
    assert slept == [5.0]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "thuvien.vn/oai",
        "ftp://a/",
        "http://",
        "http://a:99999/",
        "http://a b/",
        "http://a:0/",
        "x" * 9000,
    ],
)
def test_bad_addresses(address: str) -> None:
    with pytest.raises(HarvestError) as caught:
        check_address(address)
    assert caught.value.code == "bad_address"
