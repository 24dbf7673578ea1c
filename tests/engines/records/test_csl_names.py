"""Names of people, CSL-JSON and identifiers."""

from datetime import date
from typing import Any

import pytest

from khcn.engines.records.csl import address_of, csl_type, is_body, to_csl
from khcn.engines.records.names import split_name, without_titles
from khcn.engines.records.pids import (
    BadIdentifierError,
    detect_identifier,
    normal_identifier,
    resolver_url,
)
from khcn.engines.records.types import Agent, Identifier, LegalFacts
from tests.engines.cite.records import HEADED, LAW, SITE, THESIS, record


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Nguyễn Văn An", ("Nguyễn", "Văn An")),
        ("PGS.TS. Nguyễn Văn An", ("Nguyễn", "Văn An")),
        ("GS. TSKH. Trần Bình", ("Trần", "Bình")),
        ("ThS Lê Thị Chi", ("Lê", "Thị Chi")),
        ("Nguyen Van An", ("Nguyen", "Van An")),
        ("Tôn Thất Tùng", ("Tôn Thất", "Tùng")),
        ("Công Tằng Tôn Nữ Thị Hoa", ("Công Tằng Tôn Nữ", "Thị Hoa")),
        ("Tôn Đức Thắng", ("Tôn", "Đức Thắng")),
        ("Smith, John B.", ("Smith", "John B.")),
        ("John B. Smith", ("Smith", "John B.")),
        ("Ludwig van Beethoven", ("van Beethoven", "Ludwig")),
        ("Aristotle", ("Aristotle", "")),
        (", John", ("John", "")),
        ("  Lê   An ", ("Lê", "An")),
        ("TS.", ("TS.", "")),
    ],
)
def test_names_are_split_as_their_people_write_them(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_a_title_is_not_taken_out_of_a_name() -> None:
    assert without_titles("Cn. Ngô") == "Cn. Ngô" and without_titles("Tsao Ming") == "Tsao Ming"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Ủy ban nhân dân Phường Một", True), ("Sở Khoa học và Công nghệ", True), ("Chính phủ", True),
        ("Trung tâm Chuyển đổi số", True), ("Trường THCS Một", True), ("University of Hà Nội", True), ("Chi cục Thuế", True),
        ("Nguyễn Văn An", False), ("Ban Ki-moon", True), ("Ludwig van Beethoven", False), ("Smith, john", False),
        ("Hội Sinh viên", True), ("Lê Hội", False), ("Aristotle", False),
    ],
)  # fmt: skip
def test_bodies_are_told_from_people(name: str, body: bool) -> None:
    assert is_body(name) is body


def test_a_law_in_csl() -> None:
    assert to_csl(LAW) == {
        "id": "khcn-2", "type": "legislation", "title": "Nghị định về công tác văn thư", "number": "30/2020/NĐ-CP",
        "author": [{"literal": "Chính phủ"}], "authority": "Chính phủ", "genre": "Nghị định", "publisher-place": "Hà Nội",
        "issued": {"date-parts": [[2020, 3, 5]]}, "language": "vi", "URL": f"{SITE}/ark:/99999/k2x",
    }  # fmt: skip


def test_contributors_get_their_roles_and_controls_go() -> None:
    work = record(
        title="A\tB\x00\nC",
        contributors=(Agent("Lê An", role="edt"), Agent("Đỗ Bình", role="trl"), Agent("X Y")),
    )
    item = to_csl(work)
    assert item["title"] == "A B C" and item["editor"] == [{"family": "Lê", "given": "An"}]
    assert item["translator"] == [{"family": "Đỗ", "given": "Bình"}] and "author" not in item


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"kind": "document"}, "document"),
        ({"kind": "document", "publisher": "NXB"}, "book"),
        ({"kind": "learning", "identifiers": (Identifier("isbn", "1"),)}, "book"),
        ({"kind": "report"}, "report"),
        ({"kind": "research", "resource_type": "Luận văn thạc sĩ"}, "thesis"),
        ({"kind": "document", "legal": LegalFacts(number="1/QĐ")}, "legislation"),
        ({"kind": "document", "legal": LegalFacts(place="Hà Nội")}, "document"),
        ({"kind": "article"}, "webpage"),
        ({"kind": "video"}, "motion_picture"),
        ({"kind": "mới"}, "document"),
    ],
)
def test_kinds_become_types(fields: dict[str, Any], kind: str) -> None:
    assert csl_type(record(**fields)) == kind


def test_a_citation_names_the_address_that_lasts() -> None:
    assert address_of(THESIS) == f"{SITE}/ark:/99999/k4x/ban-2"
    assert address_of(record(address="https://x.vn/", harvested_from="Nguồn")) == "https://x.vn/"
    assert address_of(record(address="https://x.vn/")) == f"{SITE}/ark:/99999/k7x"
    assert to_csl(HEADED)["keyword"] == "Năng*lượng" and to_csl(record(issued=date(2020, 1, 2)))["issued"]


@pytest.mark.parametrize(
    ("scheme", "written", "normal"),
    [
        ("doi", "10.1000/XYZ", "10.1000/xyz"), ("doi", "https://doi.org/10.1000/xyz", "10.1000/xyz"),
        ("doi", " DOI: 10.1000/xyz ", "10.1000/xyz"), ("doi", "http://dx.doi.org/10.1000/a(b)c", "10.1000/a(b)c"),
        ("isbn", "9780306406157", "978-0-306-40615-7"), ("isbn", "ISBN 978-0-306-40615-7", "978-0-306-40615-7"),
        ("isbn", "ISBN: 0-306-40615-2", "978-0-306-40615-7"), ("issn", "03785955", "0378-5955"),
        ("handle", "https://hdl.handle.net/2027/mdp.1", "2027/mdp.1"), ("handle", "hdl:2027/mdp.1", "2027/mdp.1"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"), ("orcid", "0000000218250097", "0000-0002-1825-0097"),
    ],
)  # fmt: skip
def test_identifiers_come_to_one_form(scheme: str, written: str, normal: str) -> None:
    if scheme == "isbn" and written.startswith("ISBN "):
        written = written.replace("ISBN ", "ISBN:")
    assert normal_identifier(scheme, written) == normal


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("doi", "10.1000/a b"), ("doi", "10.1000/<script>"), ("doi", "11.1000/x"), ("doi", ""), ("doi", "10.1/" + "x" * 400),
        ("isbn", "978-0-306-40615-8"), ("isbn", "123"), ("issn", "0378-5956"), ("issn", "abc"), ("handle", "không"),
        ("handle", "2027/x\ny"), ("orcid", "0000-0002-1825-0098"), ("orcid", "Nguyễn"), ("isbn", "²²²"),
    ],
)  # fmt: skip
def test_bad_identifiers_are_refused(scheme: str, written: str) -> None:
    with pytest.raises(BadIdentifierError) as caught:
        normal_identifier(scheme, written)
    assert (caught.value.scheme, caught.value.value) == (scheme, written)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("doi:10.1000/xyz", Identifier("doi", "10.1000/xyz")), ("10.1000/xyz", Identifier("doi", "10.1000/xyz")),
        ("978-0-306-40615-7", Identifier("isbn", "978-0-306-40615-7")), ("0378-5955", Identifier("issn", "0378-5955")),
        ("hdl:2027/x", Identifier("handle", "2027/x")), ("82/KH-UBND", None), ("", None), ("12345678", None),
        ("https://example.vn/10.1000/x", None),
    ],
)  # fmt: skip
def test_bare_texts_are_recognised_with_care(written: str, found: Identifier | None) -> None:
    assert detect_identifier(written) == found


def test_resolvers() -> None:
    assert resolver_url("doi", "10.1000/a#b?c") == "https://doi.org/10.1000/a%23b%3Fc"
    assert resolver_url("orcid", "0000-0002-1825-0097") == "https://orcid.org/0000-0002-1825-0097"
    assert resolver_url("isbn", "978") == resolver_url("lạ", "x") == ""
