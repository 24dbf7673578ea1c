"""What our own provider writes, our harvester reads: two installations exchange works in each format."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import etree

from khcn.engines.oai.clean import Cleaner
from khcn.engines.oai.formats import READERS
from khcn.engines.oai.limits import Limits
from khcn.engines.oai.types import HarvestedRecord
from khcn.engines.records.datacite import to_oai_datacite
from khcn.engines.records.dc import to_oai_dc
from khcn.engines.records.legal_xml import to_khcn_legal
from khcn.engines.records.marc import marc_xml, to_marc
from khcn.engines.records.types import Agent, Heading, Identifier, LegalFacts, Record, RelationFact

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RECORD = Record(
    id=7,
    url="https://a.vn/thu-vien/ke-hoach-7/",
    ark="ark:/12345/k7q",
    kind="legal",
    kind_label="Văn bản",
    title="Kế hoạch phát triển <khoa học> & công nghệ",
    title_en="Plan",
    abstract="Đoạn một.",
    published_at=NOW,
    updated_at=NOW,
    creators=(Agent("Nguyễn Văn A", orcid="0000-0002-1825-0097"), Agent("Ủy ban nhân dân", "organisation")),
    publisher="Nhà xuất bản B",
    year=2021,
    issued=date(2021, 5, 19),
    language="vi",
    identifiers=(Identifier("doi", "10.1234/abc"), Identifier("isbn", "9780306406157")),
    rights="cc-by-4.0",
    rights_label="CC BY 4.0",
    rights_url="https://creativecommons.org/licenses/by/4.0/",
    subjects=(Heading("chu-de", "Chuyển đổi số"),),
    legal=LegalFacts(
        number="82/KH-UBND",
        type_name="Kế hoạch",
        organ_name="Ủy ban nhân dân",
        signer_name="Trần B",
        recipients=("Phòng C", "Phòng D"),
        effective_date=date(2021, 6, 1),
        expired_date=date(2025, 1, 1),
    ),
    relations=(RelationFact("based_on", "10/2020/NQ-HĐND", "Nghị quyết"),),
)
WRITERS = {
    "oai_dc": to_oai_dc,
    "oai_datacite": to_oai_datacite,
    "marcxml": lambda record: marc_xml(to_marc(record), namespace=True),
    "khcn_legal": to_khcn_legal,
}


def read(prefix: str, text: str) -> HarvestedRecord:
    element: Any = etree.fromstring(text.encode())
    return HarvestedRecord("oai:x:1", **READERS[prefix](element, Cleaner(Limits())))


@pytest.mark.parametrize("prefix", sorted(WRITERS))
def test_a_record_of_ours_comes_back(prefix: str) -> None:
    found = read(prefix, WRITERS[prefix](RECORD))
    assert found.title == RECORD.title
    assert found.abstract == "Đoạn một."
    assert found.creators[0].name == "Nguyễn Văn A"
    assert found.issued == "2021-05-19"
    assert found.language == "vi"
    assert found.address == RECORD.url
    assert found.publisher == "Nhà xuất bản B"
    known = {(one.scheme, one.value) for one in found.identifiers}
    assert {("doi", "10.1234/abc"), ("isbn", "9780306406157"), ("ark", "ark:/12345/k7q")} <= known
    assert "Chuyển đổi số" in found.subjects
    assert found.rights_url == RECORD.rights_url or found.rights == "cc-by-4.0"


@pytest.mark.parametrize("prefix", ["khcn_legal", "marcxml"])
def test_official_documents_keep_their_fields(prefix: str) -> None:
    found = read(prefix, WRITERS[prefix](RECORD))
    assert found.legal is not None
    assert (found.legal.number, found.legal.organ_name, found.legal.signer_name) == (
        "82/KH-UBND", "Ủy ban nhân dân", "Trần B",
    )  # fmt: skip
    assert found.legal.recipients == ("Phòng C", "Phòng D")
    assert found.relations[0].number == "10/2020/NQ-HĐND"


def test_our_own_format_keeps_validity_orcid_and_kind() -> None:
    found = read("khcn_legal", to_khcn_legal(RECORD))
    assert found.legal is not None
    assert (found.legal.effective_date, found.legal.expired_date) == (date(2021, 6, 1), date(2025, 1, 1))
    assert found.creators[0].orcid == "0000-0002-1825-0097"
    assert found.creators[1].kind == "organisation"
    assert (found.kind, found.rights, found.title_en) == ("legal", "cc-by-4.0", "Plan")


@pytest.mark.parametrize("prefix", sorted(READERS))
def test_an_element_that_says_nothing_breaks_nothing(prefix: str) -> None:
    assert read(prefix, '<x xmlns="urn:other"><y a="1">z</y></x>').title == ""


def test_marc_as_libraries_write_it() -> None:
    found = read(
        "marcxml",
        """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader>
        <controlfield tag="008">980101s1998    vm            000 0 vie d</controlfield>
        <datafield tag="020" ind1=" " ind2=" "><subfield code="a">0306406152 (bìa cứng)</subfield></datafield>
        <datafield tag="100" ind1="1" ind2=" "><subfield code="a">Nguyễn, Văn A,</subfield></datafield>
        <datafield tag="245" ind1="1" ind2="0"><subfield code="a">Lúa gạo :</subfield>
        <subfield code="b">giống mới /</subfield><subfield code="c">Nguyễn Văn A</subfield></datafield>
        <datafield tag="260" ind1=" " ind2=" "><subfield code="b">Nông nghiệp,</subfield>
        <subfield code="c">1998.</subfield></datafield>
        <datafield tag="856" ind1="4" ind2="0"><subfield code="u">https://b.vn/1</subfield></datafield></record>""",
    )
    assert (found.title, found.issued, found.language, found.publisher, found.address) == (
        "Lúa gạo: giống mới", "1998", "vi", "Nông nghiệp", "https://b.vn/1",
    )  # fmt: skip
    assert Identifier("isbn", "9780306406157") in found.identifiers
