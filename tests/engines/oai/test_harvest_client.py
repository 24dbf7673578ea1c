"""The verbs against a server of our own: honest, clumsy and hostile."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from khcn.engines.oai.client import Client, granular
from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.fetch import Fetcher
from khcn.engines.oai.limits import Limits
from khcn.engines.oai.types import HarvestedRecord
from tests.oai_fake import DC, FakeOai, FakeRecord, serving

LIMITS = Limits(answer_s=5.0, idle_s=2.0, attempts=3, backoff_s=0.01, empty_pages=5)


@pytest.fixture
def fake() -> Iterator[FakeOai]:
    with serving(FakeOai()) as server:
        yield server


def client(fake: FakeOai, slept: list[float] | None = None, **changes: Any) -> Client:
    fetch = Fetcher(
        guard=lambda *_: ["127.0.0.1"], limits=replace(LIMITS, **changes),
        sleep=(slept if slept is not None else []).append,
    )  # fmt: skip
    return Client(fake.url, fetch)


def harvest(fake: FakeOai, **changes: Any) -> list[HarvestedRecord]:
    return [record for page in client(fake, **changes).pages(prefix="oai_dc") for record in page.records]


def code_of(fake: FakeOai, **changes: Any) -> str:
    with pytest.raises(HarvestError) as caught:
        harvest(fake, **changes)
    return caught.value.code


def test_who_the_source_is(fake: FakeOai) -> None:
    asked = client(fake)
    identity = asked.identify()
    assert (identity.name, identity.granularity, identity.deleted) == ("Thư viện thử", "second", "persistent")
    assert [one.key for one in asked.sets()] == ["sach"]
    assert [one.key for one in asked.formats()] == ["oai_dc"]


def test_all_records_come_once(fake: FakeOai) -> None:
    for number in range(25):
        fake.add(number)
    found = harvest(fake)
    assert [one.identifier for one in found] == [f"oai:nguon:{number}" for number in range(25)]
    assert found[3].title == "Tài liệu số 3"
    assert found[3].creators[0].name == "Tác giả 3"
    assert found[3].address == "https://nguon.example.vn/3"
    assert "from" not in fake.asked[0]


def test_one_record_and_none(fake: FakeOai) -> None:
    fake.add(1)
    asked = client(fake)
    known = asked.record("oai:nguon:1", "oai_dc")
    assert known is not None and known.title == "Tài liệu số 1"
    assert asked.record("oai:nguon:2", "oai_dc") is None
    assert list(client(fake).page(prefix="oai_dc", since="2030-01-01").records) == []


def test_an_always_new_token_with_empty_pages_ends(fake: FakeOai) -> None:
    count = iter(range(1000))
    fake.trick = lambda server, *_: server.envelope(
        f"<ListRecords><resumptionToken>{next(count)}</resumptionToken></ListRecords>"
    )
    assert code_of(fake) == "empty_pages"
    assert len(fake.asked) <= LIMITS.empty_pages


@pytest.mark.parametrize("period", [1, 3])
def test_a_circle_of_tokens_ends(fake: FakeOai, period: int) -> None:
    count = iter(range(1000))
    record = FakeRecord("oai:a:1", dc={"title": ["x"]}).xml()
    fake.trick = lambda server, *_: server.envelope(
        f"<ListRecords>{record}<resumptionToken>t{next(count) % period}</resumptionToken></ListRecords>"
    )
    assert code_of(fake) == "token_loop"
    assert len(fake.asked) <= period + 1


def test_more_records_than_anybody_has(fake: FakeOai) -> None:
    for number in range(30):
        fake.add(number)
    assert code_of(fake, max_records=20) == "too_many"


def test_a_busy_source_is_given_the_time_it_asks_for(fake: FakeOai) -> None:
    fake.add(1)
    calls: list[int] = []
    slept: list[float] = []

    def trick(*_: Any) -> Any:
        calls.append(1)
        return (503, {"Retry-After": "9"}, b"") if len(calls) < 3 else None

    fake.trick = trick
    assert len(client(fake, slept).page(prefix="oai_dc").records) == 1
    assert slept == [9.0, 9.0]
    fake.trick = lambda *_: (429, {"Retry-After": "9000"}, b"")
    with pytest.raises(HarvestError) as caught:
        client(fake, slept).page(prefix="oai_dc")
    assert (caught.value.code, caught.value.wait_s) == ("busy", 9000.0)
    assert slept == [9.0, 9.0]  # not waited for here


def test_errors_of_the_server_are_tried_again_and_then_told(fake: FakeOai) -> None:
    slept: list[float] = []
    fake.trick = lambda *_: (500, {}, b"")
    with pytest.raises(HarvestError) as caught:
        client(fake, slept).page(prefix="oai_dc")
    assert (caught.value.code, caught.value.params["status"]) == ("http", 500)
    assert len(fake.asked) == 3 and slept == [0.01, 0.02]


def test_an_answer_cut_in_the_middle_is_asked_again(fake: FakeOai) -> None:
    fake.add(1)
    calls: list[int] = []

    def trick(server: FakeOai, asked: dict[str, str], _handler: Any) -> Any:
        calls.append(1)
        body = server.document(asked).encode()
        return (200, {}, body[: len(body) // 2]) if len(calls) == 1 else None

    fake.trick = trick
    assert len(client(fake).page(prefix="oai_dc").records) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ((200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html/>"), "not_xml"),
        ((200, {"Content-Type": "text/xml"}, b"<rss/>"), "not_oai"),
        ((404, {}, b"not here"), "http"),
        ((200, {}, b""), "not_xml"),
    ],
)
def test_what_is_no_repository(fake: FakeOai, reply: Any, code: str) -> None:
    fake.trick = lambda *_: reply
    assert code_of(fake) == code


def test_an_answer_with_the_wrong_type_but_right_inside_is_taken(fake: FakeOai) -> None:
    fake.add(1)
    fake.trick = lambda server, asked, _h: (
        200,
        {"Content-Type": "text/html"},
        server.document(asked).encode(),
    )
    assert len(harvest(fake)) == 1


def test_a_refusal_says_why(fake: FakeOai) -> None:
    fake.trick = lambda server, *_: server.envelope(
        server.error("badArgument", "no <b>such</b> thing".replace("<", "&lt;"))
    )
    with pytest.raises(HarvestError) as caught:
        harvest(fake)
    assert caught.value.oai_code == "badArgument"
    assert "no such thing" in str(caught.value)


# --- fields -------------------------------------------------------------------------------------------------------


def one(fake: FakeOai, **dc: Any) -> HarvestedRecord:
    fake.records.clear()
    fake.add(1, **dc)
    return harvest(fake)[0]


def test_dirty_fields_are_cleaned(fake: FakeOai) -> None:
    found = one(
        fake,
        title="Tie\u0302\u0301ng Vie\u0323\u0302t <i>Oryza</i> &amp;&eacute;  \u202eo\u0300",
        description=["<p>Một</p><p>Hai</p><script>alert(1)</script>", "p < 0,05 và q > 3"],
    )
    assert found.title == "Tiếng Việt Oryza &é ò"
    assert found.abstract == "Một\nHai\np < 0,05 và q > 3"
    assert set(found.notes) == {"html", "control"}


def test_titles_missing_and_endless(fake: FakeOai) -> None:
    assert one(fake, title=[]).problem == "no_title"
    assert one(fake, title="\u200b ").problem == "no_title"
    long = one(fake, title="chữ " * 25_000)
    assert long.problem == "" and len(long.title) >= 99_999
    assert one(fake, title="Th\ufffd vi\ufffdn").problem == "broken_text"


@pytest.mark.parametrize(
    ("said", "issued"),
    [
        (["2019-03-01T08:00:00Z", "2019-03-02T08:00:00Z", "2018"], "2018"),  # as DSpace gives them
        (["2019-03-01T08:00:00Z"], "2019-03-01"),
        (["19/05/2021"], "2021-05-19"),
        (["tháng 5 năm 2021"], "2021"),
        (["2021-02-30"], "2021-02"),
        (["không rõ"], ""),
        (["9999"], ""),
    ],
)
def test_dates(fake: FakeOai, said: list[str], issued: str) -> None:
    assert one(fake, date=said).issued == issued


def test_identifiers_and_the_way_home(fake: FakeOai) -> None:
    found = one(
        fake,
        identifier=[
            "doi:10.1234/ABC",
            "ISBN 978-0-306-40615-7",
            "0306406152",
            "javascript:alert(1)",
            "82/KH-UBND",
        ],
    )
    assert {(known.scheme, known.value) for known in found.identifiers} == {
        ("doi", "10.1234/abc"), ("isbn", "9780306406157"), ("other", "javascript:alert(1)"), ("other", "82/KH-UBND"),
    }  # fmt: skip
    assert found.address == "https://doi.org/10.1234/abc"
    assert one(fake, identifier=["https://a.vn/x.pdf", "https://a.vn/trang"]).address == "https://a.vn/trang"


def test_languages_and_titles_in_two(fake: FakeOai) -> None:
    assert [one(fake, language=said).language for said in ("vie", "en_US", "Tiếng Việt", "??")] == [
        "vi",
        "en",
        "vi",
        "",
    ]
    raw = f'<oai_dc:dc {DC}><dc:title xml:lang="en">Rice</dc:title><dc:title xml:lang="vi">Lúa</dc:title></oai_dc:dc>'
    fake.records = [FakeRecord("oai:a:1", raw=raw)]
    found = harvest(fake)[0]
    assert (found.title, found.title_en) == ("Lúa", "Rice")


def test_headers_alone(fake: FakeOai) -> None:
    fake.records = [
        FakeRecord("oai:a:1", deleted=True),
        FakeRecord("", dc={"title": ["x"]}),
        FakeRecord("oai:a:3", raw=" "),
    ]
    found = harvest(fake)
    assert [(known.deleted, known.problem) for known in found] == [
        (True, ""), (False, "no_identifier"), (False, "no_metadata"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "day", "second"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02", "2026-01-02T03:04:05Z"),
        ("2026-01-02", "2026-01-02", "2026-01-02T00:00:00Z"),
        ("", "", ""),
        ("nonsense", "", ""),
    ],
)
def test_datestamps_at_the_granularity_of_the_source(moment: str, day: str, second: str) -> None:
    assert (granular(moment, "day"), granular(moment, "second")) == (day, second)
