"""OAI-PMH 2.0 as the protocol has it: every answer against schemas, every error, lists that go on."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree

from khcn.engines.oai.tokens import read_token, write_token
from khcn.library.enums import Visibility, WorkState
from khcn.library.exports import oai as export
from khcn.library.models import Collection, OaiRecord, Work
from khcn.library.services.oai import oai_follow
from tests.library.makers import make_page, make_term
from tests.library.oai_world import (
    OAI,
    ask,
    changed,
    error_codes,
    identifiers,
    pages,
    public_work,
    small_repository,
)

pytestmark = pytest.mark.django_db
PREFIXES = ("oai_dc", "oai_datacite", "khcn_legal", "marcxml")
SECRET = "bimatkhongduoclo"


@pytest.fixture(scope="session")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "oai" / "all.xsd"))


@pytest.fixture(autouse=True)
def _domain(settings: Any) -> None:
    settings.KHCN = settings.KHCN.model_copy(update={"base_url": "https://thuvien.example.vn"})


@pytest.fixture
def works() -> list[Work]:
    return small_repository()


def answers_of_every_verb(pk: int) -> list[str]:
    name = f"oai:thuvien.example.vn:{pk}"
    return [
        "verb=Identify",
        "verb=ListMetadataFormats",
        f"verb=ListMetadataFormats&identifier={name}",
        "verb=ListSets",
        "verb=ListIdentifiers&metadataPrefix=oai_dc",
        *(f"verb=GetRecord&identifier={name}&metadataPrefix={prefix}" for prefix in PREFIXES),
        *(f"verb=ListRecords&metadataPrefix={prefix}" for prefix in PREFIXES),
    ]


def test_every_answer_is_valid(client: Client, works: list[Work], schema: etree.XMLSchema) -> None:
    Work.objects.filter(pk=works[1].pk).update(state=WorkState.WITHDRAWN)
    changed(works[1])
    oai_follow()
    for query in answers_of_every_verb(works[-1].pk):
        root = ask(client, query)
        schema.assertValid(root)
        assert not error_codes(root), query


NASTY = "Tên \x00\x0b\x1b\ufffe & <b>\"'</b> ]]> \u2028 😀 đ"


def test_hostile_strings_leave_every_format_valid(client: Client, schema: etree.XMLSchema) -> None:
    shelf = make_term(Collection, "Kệ")
    Collection.objects.filter(pk=shelf.pk).update(name=NASTY.replace("\x00", ""), description="<x> ]]> &")
    text = NASTY.replace("\x00", "")  # PostgreSQL keeps no NUL in text at all
    work = public_work(
        text,
        abstract=text * 400,
        creators=[{"name": text, "orcid": "khong-phai-orcid"}, {"name": " "}],
        contributors=[{"name": text, "role": '"><'}],
        identifiers=[{"type": '"', "value": text}],
        source=text,
        coverage=text,
        publisher=text,
        rights_note=text,
        legal={"number": '1"/2020', "organ_name": text, "recipients": [text, ""]},
    )
    work.collections.add(shelf)
    oai_follow()
    for prefix in PREFIXES:
        root = ask(client, verb="ListRecords", metadataPrefix=prefix)
        schema.assertValid(root)
        assert "<b>" in "".join(root.itertext())
    schema.assertValid(ask(client, verb="ListSets"))


ERRORS = [
    ("", "badVerb"),
    ("junk", "badVerb"),
    ("verb=junk", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=Identify&verb=ListSets", "badVerb"),
    ("&".join(["a=1"] * 200), "badVerb"),
    ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
    ("verb=Identify&extra=1", "badArgument"),
    ("verb=ListSets&from=2020-01-01", "badArgument"),
    ("verb=ListMetadataFormats&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListMetadataFormats&identifier=", "badArgument"),
    ("verb=ListMetadataFormats&identifier=oai:thuvien.example.vn:99999999", "idDoesNotExist"),
    ("verb=GetRecord", "badArgument"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&identifier=oai:thuvien.example.vn:1", "badArgument"),
    ("verb=GetRecord&identifier=invalid%22id&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=GetRecord&identifier=oai:khac.example.vn:{pk}&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=GetRecord&identifier=oai:thuvien.example.vn:0{pk}&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=GetRecord&identifier=oai:thuvien.example.vn:%D9%A3&metadataPrefix=oai_dc", "idDoesNotExist"),
    (
        "verb=GetRecord&identifier=oai:thuvien.example.vn:" + "9" * 30 + "&metadataPrefix=oai_dc",
        "idDoesNotExist",
    ),
    ("verb=GetRecord&identifier=oai:thuvien.example.vn:{pk}&metadataPrefix=mods", "cannotDisseminateFormat"),
    (
        "verb=GetRecord&identifier=a&identifier=oai:thuvien.example.vn:{pk}&metadataPrefix=oai_dc",
        "badArgument",
    ),
    ("verb=ListIdentifiers&until=junk", "badArgument"),
    ("verb=ListIdentifiers&from=junk", "badArgument"),
    ("verb=ListIdentifiers&resumptionToken=junk&until=2000-02-05", "badArgument"),
    ("verb=ListIdentifiers&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListRecords&metadataPrefix=", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai dc", "badArgument"),
    ("verb=ListRecords&metadataPrefix=mods", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=junk", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=junk", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-30", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-1-1", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=0000-00-00", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=9999-12-31T25:00:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00:00.5Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-01-01T00:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2002-02-05&until=2002-02-06T05:35:00Z", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2024-02-02&until=2024-02-01", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=a b", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=kind:", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=khong-co", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=kind:video", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=1990-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=9999-12-31", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&until=0001-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=junk&until=1990-01-10", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=a.b", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=%E1%BB%99.%ff", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=" + "x" * 3000, "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=" + "x" * 9000, "badArgument"),
    ("verb=ListRecords&resumptionToken=a&resumptionToken=b", "badArgument"),
    ("verb=ListSets&resumptionToken=junk", "badResumptionToken"),
]


@pytest.mark.parametrize(("query", "code"), ERRORS)
def test_errors(client: Client, works: list[Work], schema: etree.XMLSchema, query: str, code: str) -> None:
    root = ask(client, query.replace("{pk}", str(works[0].pk)).replace(" ", "%20"))
    schema.assertValid(root)
    assert error_codes(root) == [code]
    request = root.find(f"{OAI}request")
    if code in ("badVerb", "badArgument"):
        assert not request.attrib
    else:
        assert request.get("verb")
    posted = client.post(
        "/oai", query.replace("{pk}", str(works[0].pk)), content_type="application/x-www-form-urlencoded"
    )
    assert error_codes(etree.fromstring(posted.content)) == [code]


def test_an_empty_repository_says_so(client: Client, schema: etree.XMLSchema) -> None:
    root = ask(client, verb="ListRecords", metadataPrefix="oai_dc")
    schema.assertValid(root)
    assert error_codes(root) == ["noRecordsMatch"]
    schema.assertValid(ask(client, verb="Identify"))


def test_identify(client: Client, works: list[Work]) -> None:
    root = ask(client, verb="Identify").find(f"{OAI}Identify")
    assert root.findtext(f"{OAI}baseURL") == "https://thuvien.example.vn/oai"
    assert root.findtext(f"{OAI}deletedRecord") == "persistent"
    earliest = root.findtext(f"{OAI}earliestDatestamp")
    assert earliest <= min(f"{row.datestamp:%Y-%m-%dT%H:%M:%SZ}" for row in OaiRecord.objects.all())
    space = "{http://www.openarchives.org/OAI/2.0/oai-identifier}"
    assert root.findtext(f".//{space}repositoryIdentifier") == "thuvien.example.vn"
    sample = root.findtext(f".//{space}sampleIdentifier")
    assert not error_codes(ask(client, verb="GetRecord", identifier=sample, metadataPrefix="oai_dc"))


def test_post_asks_as_get_does_without_a_token_of_the_session(works: list[Work]) -> None:
    client = Client(enforce_csrf_checks=True)
    name = f"oai:thuvien.example.vn:{works[0].pk}"
    for arguments in (
        {"verb": "Identify"},
        {"verb": "GetRecord", "identifier": name, "metadataPrefix": "oai_dc"},
    ):
        body = "&".join(f"{key}={quote(value)}" for key, value in arguments.items())
        answer = client.post("/oai", body, content_type="application/x-www-form-urlencoded")
        assert etree.fromstring(answer.content).find(f"{OAI}{arguments['verb']}") is not None
    assert client.put("/oai", "verb=Identify").status_code == 405


def test_compressed_when_asked_and_only_then(client: Client, works: list[Work]) -> None:
    plain = client.get("/oai?verb=ListSets")
    packed = client.get("/oai?verb=ListSets", headers={"accept-encoding": "gzip, deflate"})
    assert not plain.has_header("Content-Encoding")
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert etree.fromstring(gzip.decompress(packed.content)).find(f"{OAI}ListSets") is not None
    assert client.head("/oai?verb=Identify").status_code == 200


def test_a_window_is_inclusive_on_both_sides_to_the_second(client: Client, works: list[Work]) -> None:
    row = OaiRecord.objects.get(pk=works[0].pk)
    stamp = f"{row.datestamp:%Y-%m-%dT%H:%M:%SZ}"
    name = f"oai:thuvien.example.vn:{works[0].pk}"
    exact = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": stamp, "until": stamp}
    assert name in identifiers(ask(client, **exact))
    day = stamp[:10]
    assert name in identifiers(ask(client, **{**exact, "from": day, "until": day}))
    before = f"{row.datestamp - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    assert error_codes(ask(client, **{**exact, "from": before, "until": before})) == ["noRecordsMatch"]


def test_every_record_of_a_set_says_that_it_stands_there(client: Client, works: list[Work]) -> None:
    listed = [one.text for one in ask(client, verb="ListSets").iter(f"{OAI}setSpec")]
    assert {"kind", "kind:legal", "collection", "collection:bao-cao-hang-nam"} <= set(listed)
    for spec, expected in (
        ("kind", 4),
        ("kind:legal", 1),
        ("collection", 1),
        ("collection:bao-cao-hang-nam", 1),
    ):
        root = ask(client, verb="ListRecords", metadataPrefix="oai_dc", set=spec)
        specs = [[s.text for s in head.iter(f"{OAI}setSpec")] for head in root.iter(f"{OAI}header")]
        assert len(specs) == expected
        assert all(spec in of_one for of_one in specs)


def test_a_deleted_record_has_a_header_and_nothing_else(client: Client, works: list[Work]) -> None:
    Work.objects.filter(pk=works[0].pk).update(state=WorkState.FROZEN)
    changed(works[0])
    oai_follow()
    name = f"oai:thuvien.example.vn:{works[0].pk}"
    for prefix in PREFIXES:
        record = ask(client, verb="GetRecord", identifier=name, metadataPrefix=prefix).find(f".//{OAI}record")
        assert record.find(f"{OAI}header").get("status") == "deleted"
        assert record.find(f"{OAI}metadata") is None
    root = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", set="collection:bao-cao-hang-nam")
    assert [head.get("status") for head in root.iter(f"{OAI}header")] == ["deleted"]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": WorkState.WITHDRAWN},
        {"state": WorkState.DRAFT},
        {"visibility": Visibility.SIGNED_IN},
        {"embargoed": True, "embargo_until": "2999-01-01"},
    ],
)
def test_what_has_just_been_closed_is_not_told_even_before_the_follower_knows(
    client: Client, fields: dict[str, Any]
) -> None:
    work = public_work(SECRET, abstract=SECRET, creators=[{"name": SECRET}], source=SECRET)
    make_page(work, text=SECRET)
    oai_follow()
    assert SECRET in etree.tostring(ask(client, verb="ListRecords", metadataPrefix="oai_dc")).decode()
    Work.objects.filter(pk=work.pk).update(**fields)
    for query in answers_of_every_verb(work.pk):
        assert SECRET not in etree.tostring(ask(client, query)).decode(), query


def test_signed_in_people_get_what_everybody_gets(admin_client: Client, works: list[Work]) -> None:
    public_work(SECRET, visibility=Visibility.SIGNED_IN)
    oai_follow()
    for prefix in PREFIXES:
        root = ask(admin_client, verb="ListRecords", metadataPrefix=prefix)
        assert SECRET not in etree.tostring(root).decode()


class TestLists:
    """Lists of several pages."""

    @pytest.fixture(autouse=True)
    def _short_pages(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(export, "PAGE", {"ListRecords": 3, "ListIdentifiers": 3})

    @pytest.fixture
    def many(self) -> list[Work]:
        works = [public_work(f"Số {number}") for number in range(8)]
        oai_follow()
        return works

    @pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
    def test_all_are_told_once_in_order(
        self, client: Client, many: list[Work], schema: etree.XMLSchema, verb: str
    ) -> None:
        found, cursors, sizes = [], [], []
        for root in pages(client, verb=verb, metadataPrefix="oai_dc", set="kind:document"):
            schema.assertValid(root)
            found += identifiers(root)
            token = root.find(f".//{OAI}resumptionToken")
            cursors.append(token.get("cursor"))
            sizes.append(token.get("completeListSize"))
        assert found == [f"oai:thuvien.example.vn:{work.pk}" for work in many]
        assert cursors == ["0", "3", "6"]
        assert sizes == ["8"] * 3
        assert not token.text
        assert token.get("expirationDate") is None

    def test_exactly_one_page_has_no_token(self, client: Client, many: list[Work]) -> None:
        OaiRecord.objects.filter(work_id__in=[work.pk for work in many[3:]]).delete()
        assert (
            ask(client, verb="ListRecords", metadataPrefix="oai_dc").find(f".//{OAI}resumptionToken") is None
        )

    def test_records_that_change_meanwhile_are_met_again_and_none_is_missed(
        self, client: Client, many: list[Work]
    ) -> None:
        found: list[str] = []
        for number, root in enumerate(pages(client, metadataPrefix="oai_dc")):
            found += identifiers(root)
            if number == 0:  # one told already, one still to come, one taken away, one new
                Work.objects.filter(pk__in=[many[0].pk, many[7].pk]).update(title="Đã sửa")
                Work.objects.filter(pk=many[6].pk).update(state=WorkState.WITHDRAWN)
                changed(many[0], many[7], many[6])
                many.append(public_work("Mới đến"))
                oai_follow()
        assert set(found) == {f"oai:thuvien.example.vn:{work.pk}" for work in many}
        assert found.count(f"oai:thuvien.example.vn:{many[0].pk}") == 2

    def test_when_all_that_was_left_has_moved_out_of_the_window_the_page_is_not_empty(
        self, client: Client, many: list[Work], schema: etree.XMLSchema
    ) -> None:
        until = f"{OaiRecord.objects.first().datestamp:%Y-%m-%dT%H:%M:%SZ}"  # type: ignore[union-attr]  # there are eight
        first = ask(client, verb="ListRecords", metadataPrefix="oai_dc", until=until)
        Work.objects.update(title="Đều đổi")
        changed(*many)
        oai_follow()
        root = ask(client, verb="ListRecords", resumptionToken=first.findtext(f".//{OAI}resumptionToken"))
        schema.assertValid(root)
        assert identifiers(root) == identifiers(first)[-1:]
        assert root.find(f".//{OAI}resumptionToken").text is None

    def test_a_token_may_be_used_again(self, client: Client, many: list[Work]) -> None:
        token = ask(client, verb="ListRecords", metadataPrefix="oai_dc").findtext(f".//{OAI}resumptionToken")
        twice = [identifiers(ask(client, verb="ListRecords", resumptionToken=token)) for _ in range(2)]
        assert twice[0] == twice[1]

    def test_a_token_needs_no_encoding(self, client: Client, many: list[Work]) -> None:
        token = ask(client, verb="ListRecords", metadataPrefix="oai_dc").findtext(f".//{OAI}resumptionToken")
        assert quote(token, safe="") == token

    def test_edited_expired_or_foreign_tokens_are_refused(self, client: Client, many: list[Work]) -> None:
        token = ask(client, verb="ListRecords", metadataPrefix="oai_dc").findtext(f".//{OAI}resumptionToken")
        key = export._key(settings.SECRET_KEY)
        now = datetime.now(UTC)
        place = read_token(token, key, verb="ListRecords", now=now)
        old = write_token(
            replace(place, expires=now - timedelta(hours=1)),
            key,
        )
        other_key = write_token(place, b"khoa khac")
        gone_format = write_token(replace(place, prefix="mods"), key)
        body, _dot, signature = token.partition(".")
        edited = [
            body[:-2] + ("AA" if body[-2:] != "AA" else "BB") + "." + signature,
            body,
            token + "x",
            "." + signature,
        ]
        for bad in [old, other_key, *edited]:
            assert error_codes(ask(client, verb="ListRecords", resumptionToken=bad)) == [
                "badResumptionToken"
            ], bad
        assert error_codes(ask(client, verb="ListIdentifiers", resumptionToken=token)) == [
            "badResumptionToken"
        ]
        assert error_codes(ask(client, verb="ListRecords", resumptionToken=gone_format)) == [
            "badResumptionToken"
        ]


def test_the_schema_of_our_format_is_served_and_named(client: Client, works: list[Work]) -> None:
    answer = client.get("/oai/khcn_legal.xsd")
    assert answer.status_code == 200
    etree.XMLSchema(etree.fromstring(answer.content))
    formats = ask(client, verb="ListMetadataFormats")
    assert "https://thuvien.example.vn/oai/khcn_legal.xsd" in [
        one.text for one in formats.iter(f"{OAI}schema")
    ]
    assert [one.text for one in formats.iter(f"{OAI}metadataPrefix")] == list(PREFIXES)


def test_the_own_format_carries_the_fields_of_the_decree(client: Client, works: list[Work]) -> None:
    name = f"oai:thuvien.example.vn:{works[-1].pk}"
    root = ask(client, verb="GetRecord", identifier=name, metadataPrefix="khcn_legal")
    at = "{urn:khcn:legal:1}"
    said = {
        one.tag.removeprefix(at): (one.text or "", dict(one.attrib))
        for one in root.iter()
        if one.tag.startswith(at)
    }
    assert said["TypeName"][0] == "Quyết định"
    assert (said["CodeNumber"][0], said["CodeNotation"][0]) == ("12/2024", "QĐ-UBND")
    assert said["Number"][0] == "12/2024/QĐ-UBND"
    assert said["FullName"][0] == "Lê Văn C"
    assert said["Validity"][1] == {"from": "2024-06-01", "before": "2026-01-01"}
    relations = [
        (one.get("kind"), one.get("number"), bool(one.get("ark"))) for one in root.iter(f"{at}relation")
    ]
    assert relations == [("based_on", None, True), ("replaces", "1/2020/QĐ-UBND", False)]


def test_the_number_of_queries_does_not_grow_with_the_page(client: Client, works: list[Work]) -> None:
    ask(client, verb="Identify")

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            ask(client, verb="ListRecords", metadataPrefix="oai_dc")
        return len(seen)

    few = asked()
    for number in range(20):
        public_work(f"Thêm {number}")
    oai_follow()
    assert asked() == few
