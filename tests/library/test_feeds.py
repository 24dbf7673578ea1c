"""Feeds of searches and shelves, the OPDS catalogue, descriptions of works: right, safe, and open to everybody alike."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from khcn.library.enums import Visibility, WorkKind, WorkState
from khcn.library.models import Audience, Collection, Subject, Work, WorkFile
from khcn.library.search.facade import reindex
from khcn.library.tables.results import work_url
from tests.library.makers import make_page, make_term, make_work
from tests.library.oai_world import legal_work, public_work

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "bimatkhongduoclo"
HOSTILE = [
    "]]><script>alert(1)</script>",
    "\x00\x08\x1b\ufffe\ud800",
    '"><x y="',
    "&amp;&#0;%s{0}{{ 7*7 }}",
    "đ" * 10_000,
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
]


@pytest.fixture
def shelf() -> Any:
    return make_term(Collection, "Kế hoạch năm")


@pytest.fixture
def works(shelf: Any) -> Iterator[list[Work]]:
    subject, audience = make_term(Subject, "Chuyển đổi số"), make_term(Audience, "Doanh nghiệp")
    made = [
        legal_work(),
        *(public_work(f"Kế hoạch số {number}", abstract="Tóm <tắt> & ]]> hay") for number in range(3)),
    ]
    for work in made:
        work.collections.add(shelf)
        work.subjects.add(subject)
        work.audiences.add(audience)
    WorkFile.objects.create(
        work=made[0],
        sha256="a" * 64,
        original_name="Quyết định.pdf",
        mime="application/pdf",
        kind="pdf",
        size_bytes=1234,
        added_at=timezone.now(),
    )
    hidden: list[dict[str, Any]] = [
        {"state": WorkState.DRAFT},
        {"state": WorkState.WITHDRAWN},
        {"state": WorkState.FROZEN},
        {"visibility": Visibility.SIGNED_IN},
        {"visibility": Visibility.UNITS},
        {"embargoed": True, "embargo_until": "2999-01-01"},
    ]
    for number, fields in enumerate(hidden):
        closed = make_work(f"Kế hoạch {SECRET} {number}", **{"state": WorkState.PUBLISHED, **fields})
        closed.collections.add(shelf)
        closed.subjects.add(subject)
        closed.audiences.add(audience)
        make_page(closed, text=SECRET)
    reindex()
    yield made


DOORS = [
    ("library:recent-feed", ["atom"]),
    ("library:recent-feed", ["rss"]),
    ("library:search-feed", ["atom"]),
    ("library:search-feed", ["rss"]),
    ("library:collection-feed", ["ke-hoach-nam", "atom"]),
    ("library:subject-feed", ["chuyen-doi-so", "rss"]),
    ("library:audience-feed", ["doanh-nghiep", "atom"]),
    ("library-root:opds", []),
    ("library-root:opds-recent", []),
    ("library-root:opds-search", []),
]


@pytest.mark.parametrize(("name", "arguments"), DOORS)
def test_every_door_tells_what_everybody_may_read_and_nothing_else(
    client: Client, admin_client: Client, works: list[Work], name: str, arguments: list[str]
) -> None:
    address = reverse(name, args=arguments)
    asked = client.get(address)
    assert asked.status_code == 200
    said = asked.content.decode()
    assert "Kế hoạch số 1" in said
    assert SECRET not in said
    assert admin_client.get(address).content == asked.content  # kept by others, so the same for all
    assert SECRET not in client.get(address, {"q": SECRET, "query": SECRET}).content.decode().replace(
        f"q={SECRET}", ""
    ).replace(f"“{SECRET}”", "").replace(f"query={SECRET}", "")


@pytest.mark.parametrize(("name", "arguments"), DOORS)
def test_a_reader_that_has_it_already_is_told_so(
    client: Client, works: list[Work], name: str, arguments: list[str]
) -> None:
    address = reverse(name, args=arguments)
    first = client.get(address)
    assert first["Last-Modified"]
    assert "max-age=300" in first["Cache-Control"]
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert not again.content
    Work.objects.filter(pk=works[1].pk).update(title="Kế hoạch số 1 đã sửa")
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_an_atom_feed_says_what_readers_need(client: Client, works: list[Work]) -> None:
    root = etree.fromstring(client.get("/thu-vien/bo-suu-tap/ke-hoach-nam/atom.xml").content)
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}id") == "http://127.0.0.1:8000/thu-vien/bo-suu-tap/ke-hoach-nam/atom.xml"
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 4
    ids = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(set(ids)) == 4
    assert all(one.startswith("ark:/") for one in ids)
    legal = next(one for one in entries if "Quyết định" in one.findtext(f"{ATOM}title"))
    assert [a.findtext(f"{ATOM}name") for a in legal.findall(f"{ATOM}author")] == [
        "Nguyễn Văn An",
        "Phòng Kinh tế",
    ]
    enclosure = next(link for link in legal.findall(f"{ATOM}link") if link.get("rel") == "enclosure")
    assert (enclosure.get("type"), enclosure.get("length")) == ("application/pdf", "1234")
    assert root.findtext(f"{ATOM}updated") == max(one.findtext(f"{ATOM}updated") for one in entries)
    plain = next(one for one in entries if one is not legal)
    assert plain.findtext(f"{ATOM}summary") == "Tóm <tắt> & ]]> hay"
    for one in (root, *entries):  # what RFC 4287 makes mandatory
        assert all(one.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))


def test_an_rss_feed_says_what_readers_need(client: Client, works: list[Work]) -> None:
    channel = etree.fromstring(client.get("/thu-vien/moi/rss.xml").content).find("channel")
    assert all(channel.findtext(name) for name in ("title", "link", "description"))
    items = channel.findall("item")
    assert len(items) == 4
    assert all(one.find("guid").get("isPermaLink") == "false" for one in items)
    assert {one.findtext("description") for one in items} >= {
        "Tóm &lt;tắt&gt; &amp; ]]&gt; hay"
    }  # HTML in XML
    assert sum(one.find("enclosure") is not None for one in items) == 1


def test_a_search_feed_answers_the_search_of_its_address(client: Client, works: list[Work]) -> None:
    address = reverse("library:search-feed", args=["atom"])
    for params, expected in (
        ({"q": "ke hoach so 2"}, {"Kế hoạch số 2"}),
        ({"loai": "legal"}, {"Quyết định về hoạt động khoa học"}),
        ({"q": "khongcogica"}, set()),
    ):
        root = etree.fromstring(client.get(address, params).content)
        titles = {one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")}
        assert expected <= titles
        assert bool(titles) == bool(expected)
    first, later = (client.get(address, {"q": "ke hoach", "trang": number}).content for number in ("1", "7"))
    assert first == later  # a feed has one page


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["q", "loai", "sap-xep", "trang", "query"])
def test_hostile_searches_are_safe(client: Client, works: list[Work], text: str, name: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    query = f"{name}=" + "".join(f"%{byte:02X}" for byte in raw)
    for form in ("atom", "rss"):
        response = client.get(f"/thu-vien/tim/{form}.xml?{query}")
        assert response.status_code == 200
        etree.fromstring(response.content)
        assert not response.has_header("Set-Cookie")
        assert len(response.content) < 60_000
    response = client.get(f"/opds/tim?{query}")
    assert response.status_code == 200
    json.loads(response.content)
    page = client.get(f"/thu-vien/tim/?{query}").content.decode()
    assert "<script>alert(1)" not in page


def test_hostile_works_leave_feeds_whole(client: Client) -> None:
    text = "]]> & <b>\x0b\x1b\ufffe\"' \u2028"
    work = public_work(text, abstract=text, creators=[{"name": text}], publisher=text)
    WorkFile.objects.create(
        work=work,
        sha256="b" * 64,
        original_name=text,
        mime='a/b"><x',
        kind="pdf",
        size_bytes=1,
        added_at=timezone.now(),
    )
    for address in ("/thu-vien/moi/atom.xml", "/thu-vien/moi/rss.xml"):
        etree.fromstring(client.get(address).content)
    json.loads(client.get("/opds/").content)
    for form in ("oai_dc", "oai_datacite", "khcn_legal", "marcxml"):
        etree.fromstring(client.get(reverse("library:description", args=[work.pk, form])).content)
    page = client.get(work_url(work))
    assert '"><x' not in page["Link"]
    assert "\n" not in page["Link"]
    assert "<b>\x0b" not in page.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/thu-vien/moi/pdf.xml",
        "/thu-vien/tim/x.xml",
        "/thu-vien/bo-suu-tap/khong-co/atom.xml",
        "/thu-vien/mo-ta/999999/oai_dc",
    ],
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


class TestOpds:
    """The catalogue for reading applications."""

    def test_the_front_leads_everywhere(self, client: Client, works: list[Work]) -> None:
        response = client.get("/opds/")
        assert response["Content-Type"] == "application/opds+json"
        front = response.json()
        links = {link["rel"]: link for link in front["links"]}
        assert links["search"]["templated"] is True
        assert links["search"]["href"].endswith("/opds/tim{?query}")
        groups = {group["metadata"]["title"]: group for group in front["groups"]}
        assert [one["properties"]["numberOfItems"] for one in groups["Bộ sưu tập"]["navigation"]] == [4]
        assert len(groups["Mới thêm"]["publications"]) == 4
        for group in groups.values():
            for entry in group.get("navigation", []):
                followed = client.get(entry["href"].removeprefix("http://127.0.0.1:8000"))
                assert followed.json()["metadata"]["numberOfItems"] == entry["properties"]["numberOfItems"]

    def test_a_publication_is_complete(self, client: Client, works: list[Work]) -> None:
        found = client.get("/opds/tim", {"query": "Quyết định về hoạt động"}).json()["publications"]
        legal = next(one for one in found if one["metadata"]["title"].startswith("Quyết định"))
        about = legal["metadata"]
        assert about["identifier"].startswith("ark:/")
        assert about["author"][0] == {
            "name": "Nguyễn Văn An",
            "identifier": "https://orcid.org/0000-0002-1825-0097",
        }
        assert about["published"] == "2024-05-02"
        acquisitions = [
            one for one in legal["links"] if one.get("rel") == "http://opds-spec.org/acquisition/open-access"
        ]
        assert [one["type"] for one in acquisitions] == ["application/pdf"]
        for one in found:
            assert any("acquisition" in link.get("rel", "") for link in one["links"])

    def test_pages_and_facets(self, client: Client) -> None:
        for number in range(33):
            public_work(f"Tài liệu {number}", kind=WorkKind.REPORT if number % 2 else WorkKind.DOCUMENT)
        reindex()
        first = client.get("/opds/tim", {"sap-xep": "ten"}).json()
        rels = {link.get("rel"): link["href"] for link in first["links"]}
        assert (first["metadata"]["numberOfItems"], len(first["publications"])) == (33, 30)
        second = client.get(rels["next"].removeprefix("http://127.0.0.1:8000")).json()
        assert len(second["publications"]) == 3
        assert "next" not in {link.get("rel") for link in second["links"]}
        assert "previous" in {link.get("rel") for link in second["links"]}
        kinds = next(one for one in first["facets"] if one["metadata"]["title"] == "Loại")
        assert {one["title"]: one["properties"]["numberOfItems"] for one in kinds["links"]} == {
            "Tài liệu": 17,
            "Báo cáo": 16,
        }
        narrowed = client.get(kinds["links"][1]["href"].removeprefix("http://127.0.0.1:8000")).json()
        assert narrowed["metadata"]["numberOfItems"] == kinds["links"][1]["properties"]["numberOfItems"]

    def test_an_empty_library_has_an_empty_catalogue(self, client: Client) -> None:
        assert client.get("/opds/").status_code == 200
        assert client.get("/opds/moi").json()["publications"] == []


class TestWorkPage:
    """What machines read on the page of a work."""

    def test_structured_data_is_complete(self, client: Client, works: list[Work]) -> None:
        page = client.get(work_url(works[0])).content.decode()
        data = json.loads(page.split('<script type="application/ld+json">')[1].split("</script>")[0])
        assert data["@type"] == "Legislation"
        assert data["legislationIdentifier"] == "12/2024/QĐ-UBND"
        assert data["author"][0] == {
            "@type": "Person",
            "name": "Nguyễn Văn An",
            "sameAs": "https://orcid.org/0000-0002-1825-0097",
        }
        assert data["author"][1]["@type"] == "Organization"
        assert data["temporalCoverage"] == "2024-06-01/2026-01-01"
        assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
        assert data["encoding"][0]["encodingFormat"] == "application/pdf"
        assert {one["propertyID"] for one in data["identifier"]} == {"ARK", "DOI", "ISBN"}

    def test_signposting_level_one(self, client: Client, works: list[Work]) -> None:
        values = client.get(work_url(works[0]))["Link"].split(", <")
        by_rel: dict[str, list[str]] = {}
        for value in values:
            rel = value.split('rel="')[1].split('"')[0]
            by_rel.setdefault(rel, []).append(value.lstrip("<").split(">")[0])
        assert by_rel["cite-as"] == ["https://doi.org/10.1234/abc"]
        assert by_rel["author"] == ["https://orcid.org/0000-0002-1825-0097"]
        assert by_rel["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
        assert by_rel["type"] == ["https://schema.org/AboutPage", "https://schema.org/Legislation"]
        assert len(by_rel["item"]) == 1
        assert len(by_rel["describedby"]) >= 5
        for address in (*by_rel["describedby"], *by_rel["linkset"]):
            assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200, address

    def test_a_work_without_a_doi_is_cited_by_its_ark(self, client: Client, works: list[Work]) -> None:
        cited = client.get(work_url(works[1]))["Link"].split(">")[0].lstrip("<")
        assert cited.startswith("http://127.0.0.1:8000/ark:/99999/k")

    def test_signposting_level_two(self, client: Client, works: list[Work]) -> None:
        response = client.get(reverse("library:description", args=[works[0].pk, "linkset"]))
        assert response["Content-Type"] == "application/linkset+json"
        landing, *others = response.json()["linkset"]
        assert {"cite-as", "describedby", "item", "author", "license", "type"} <= set(landing)
        assert {next(key for key in one if key != "anchor") for one in others} == {"collection", "describes"}
        assert len(others) == len(landing["item"]) + len(landing["describedby"])

    def test_cards_for_messengers(self, client: Client, works: list[Work]) -> None:
        head = client.get(work_url(works[0])).content.decode().split("</head>")[0]
        for said in (
            '<meta property="og:title" content="Quyết định về hoạt động khoa học">',
            '<meta name="twitter:card" content="summary">',
            '<meta name="citation_author" content="Nguyễn Văn An">',
            "khoa học &amp; công nghệ &lt;cấp cơ sở&gt;",
        ):
            assert said in head

    @pytest.mark.parametrize(
        "form", ["oai_dc", "oai_datacite", "khcn_legal", "marcxml", "schema-org", "linkset"]
    )
    @pytest.mark.parametrize(
        "fields",
        [
            {"state": WorkState.DRAFT},
            {"state": WorkState.FROZEN},
            {"visibility": Visibility.UNITS},
            {"embargoed": True, "embargo_until": "2999-01-01"},
        ],
    )
    def test_descriptions_of_closed_works_do_not_exist(
        self, admin_client: Client, form: str, fields: dict[str, Any]
    ) -> None:
        work = make_work(SECRET, **{"state": WorkState.PUBLISHED, **fields})
        assert admin_client.get(reverse("library:description", args=[work.pk, form])).status_code == 404


def test_lists_and_searches_name_their_feeds(client: Client, works: list[Work]) -> None:
    for page, feed in (
        ("/thu-vien/moi/", 'href="atom.xml"'),
        ("/thu-vien/bo-suu-tap/ke-hoach-nam/", 'href="atom.xml"'),
        ("/thu-vien/tim/?q=ke+hoach", "/thu-vien/tim/atom.xml?q=ke+hoach"),
        ("/thu-vien/", "/thu-vien/moi/atom.xml"),
    ):
        assert feed in client.get(page).content.decode().split("</head>")[0], page
    assert "/thu-vien/tim/rss.xml?q=ke+hoach" in client.get("/thu-vien/tim/?q=ke+hoach").content.decode()
