"""MARC 21 out and in: nothing that a record holds is lost on the way."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.records import marc as writing
from khcn.engines.records.ddc import caption, ddc_of, is_ddc
from khcn.engines.records.marc import marc_bytes, marc_xml, to_marc
from khcn.engines.records.marc_files import read_marc
from khcn.engines.records.marc_values import MarcReading, from_marc
from khcn.engines.records.types import (
    Agent,
    FileFact,
    Heading,
    Identifier,
    LegalFacts,
    Record,
    RelationFact,
)

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BARE = Record(
    id=12,
    url="https://khcn.example.vn/thu-vien/dien-mat-troi-12/",
    ark="ark:/99999/k7q",
    kind="document",
    kind_label="Tài liệu",
    title="Điện mặt trời mái nhà",
    published_at=WHEN,
    updated_at=WHEN,
)
FULL = replace(
    BARE,
    kind="legal",
    kind_label="Văn bản",
    title_en="Rooftop solar power",
    abstract="Dòng một.\n\nDòng ba: “ngoặc kép”.\nDòng bốn.",
    creators=(
        Agent("Nguyễn Thị Hòa", orcid="0000-0002-1825-0097"),
        Agent("Viện Năng lượng", kind="organisation"),
    ),
    contributors=(Agent("Trần Văn Đức", role="edt"), Agent("Lê Ánh", role="người đọc duyệt")),
    publisher="Nhà xuất bản Khoa học",
    year=2021,
    issued=date(2021, 5, 3),
    identifiers=(
        Identifier("isbn", "978-604-0-00000-1"),
        Identifier("issn", "0378-5955"),
        Identifier("doi", "10.1000/182"),
        Identifier("other", "A-17"),
    ),
    rights="cc-by-4.0",
    rights_label="CC BY 4.0",
    rights_url="https://creativecommons.org/licenses/by/4.0/",
    rights_note="Ảnh trang 3 của báo Sài Gòn Giải Phóng",
    source="Công báo số 12",
    coverage="Phường 5",
    resource_type="Sổ tay",
    address="https://example.org/goc",
    ddc="621.3124",
    subjects=(Heading("nang-luong", "Năng lượng"), Heading("dien", "Điện")),
    collections=(Heading("sach", "Sách"),),
    audiences=(Heading("nguoi-dan", "Người dân"),),
    page_count=48,
    files=(FileFact("so-tay.pdf", "https://khcn.example.vn/tep/1", "application/pdf", 1234, "ab"),),
    legal=LegalFacts(
        number="82/KH-UBND",
        code_number="82",
        code_notation="KH-UBND",
        type_name="Kế hoạch",
        organ_name="Ủy ban nhân dân",
        organ_id="000.00.00.H29",
        place="Thành phố Hồ Chí Minh",
        signer_name="Phạm Văn Ỷ",
        signer_position="Chủ tịch",
        recipients=("Như trên", "Lưu: VT"),
        priority="khan",
        issued_amount=12,
        effective_date=date(2021, 6, 1),
        expired_date=date(2025, 12, 31),
    ),
    relations=(RelationFact("replaces", "70/KH-UBND", "Kế hoạch cũ", ark="ark:/99999/k88"),),
    version=2,
)


def back(record: Record, *, through: str = "iso") -> MarcReading:
    """Write a record, read it again as a stranger would, and return its values."""
    marc = to_marc(record)
    if through == "none":
        return from_marc(marc)
    return from_marc(next(iter(pymarc.MARCReader(marc_bytes(marc)))))


def test_everything_comes_back() -> None:
    reading = back(FULL)
    assert (reading.control, reading.agency, reading.ark) == ("12", "khcn.example.vn", "ark:/99999/k7q")
    assert reading.values == {
        "title": FULL.title,
        "title_en": FULL.title_en,
        "abstract": FULL.abstract,
        "kind": "legal",
        "language": "vi",
        "creators": [
            {"name": "Nguyễn Thị Hòa", "orcid": "0000-0002-1825-0097"},
            {"name": "Viện Năng lượng", "kind": "organisation"},
        ],
        "contributors": [
            {"name": "Trần Văn Đức", "role": "edt"},
            {"name": "Lê Ánh", "role": "người đọc duyệt"},
        ],
        "publisher": FULL.publisher,
        "issued": "2021-05-03",
        "identifiers": [{"type": one.scheme, "value": one.value} for one in FULL.identifiers],
        "rights": "cc-by-4.0",
        "rights_note": FULL.rights_note,
        "source": FULL.source,
        "coverage": FULL.coverage,
        "type": "Sổ tay",
        "url": FULL.address,
        "ddc": "621.3124",
        "subjects": ["Năng lượng", "Điện"],
        "collection": ["Sách"],
        "audiences": ["Người dân"],
        "number": "82/KH-UBND",
        "code_number": "82",
        "code_notation": "KH-UBND",
        "type_name": "Kế hoạch",
        "issuing_body": "Ủy ban nhân dân",
        "organ_id": "000.00.00.H29",
        "place": "Thành phố Hồ Chí Minh",
        "signer": "Phạm Văn Ỷ",
        "signer_position": "Chủ tịch",
        "recipients": ["Như trên", "Lưu: VT"],
        "priority": "khan",
        "issued_amount": "12",
        "effective_date": "2021-06-01",
        "expired_date": "2025-12-31",
        "relations": [
            {
                "kind": "replaces",
                "title": "Kế hoạch cũ",
                "number": "70/KH-UBND",
                "ark": "ark:/99999/k88",
            }
        ],
    }


def test_the_fields_that_a_librarian_expects() -> None:
    marc = to_marc(FULL)
    expected = {
        "001": "12",
        "003": "khcn.example.vn",
        "041": "$avie",
        "082": "$a621.3124$223",
        "110": "$aỦy ban nhân dân$4isb$9organ",
        "246": "$aRooftop solar power$9eng",
        "264": "$aThành phố Hồ Chí Minh$bNhà xuất bản Khoa học$c2021",
        "300": "$a48 tr.",
        "650": "$aNăng lượng$0(khcn.example.vn)nang-luong$2local",
        "787": "$tKế hoạch cũ$n70/KH-UBND$oark:/99999/k88$4replaces",
    }
    for tag, said in expected.items():
        field = marc.get_fields(tag)[0]
        shown = field.data or "".join(f"${part.code}{part.value}" for part in field.subfields)
        assert shown == said, tag
    form = marc["008"].data or ""
    assert (len(form), form[:15], form[15:18], form[35:38]) == (40, "260304e20210503", "vm ", "vie")
    assert marc["005"].data == "20260304050607.0"
    raw = marc_bytes(marc).decode()
    assert re.fullmatch(r"\d{5}nam a22\d{5}7c 4500", raw[:24])


@pytest.mark.parametrize(
    ("language", "title", "skip"),
    [
        ("en", "The Solar House", "4"),
        ("en", "Another House", "0"),
        ("en", "A House", "2"),
        ("fr", "L’énergie", "2"),
        ("vi", "An ninh năng lượng", "0"),
        ("vi", "Các tòa nhà", "0"),
    ],
)
def test_articles_that_do_not_file(language: str, title: str, skip: str) -> None:
    field = to_marc(replace(BARE, language=language, title=title))["245"]
    assert field.indicators is not None
    assert field.indicators.second == skip


text = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\u2028\u2029"), max_size=40
)
line = text.map(lambda said: " ".join(said.split()).strip())
name = line.filter(bool)
agents = st.lists(
    st.builds(
        Agent,
        name,
        kind=st.sampled_from(["person", "organisation"]),
        role=st.sampled_from(["", "aut", "edt", "chủ trì"]),
    ),
    max_size=4,
).map(tuple)
records = st.builds(
    lambda **values: replace(BARE, **values),
    title=name,
    title_en=line,
    abstract=st.lists(line, max_size=6).map(lambda lines: "\n".join(lines).strip()),
    creators=agents,
    contributors=agents,
    publisher=line,
    year=st.one_of(st.none(), st.integers(1400, 2099)),
    language=st.sampled_from(["vi", "en", "fr", "zh-tw", "tlh"]),
    coverage=line,
    source=line,
    rights_note=line,
    kind=st.sampled_from(["document", "video", "link", "learning"]),
    ddc=st.sampled_from(["", "005", "621.3", "959.7"]),
    subjects=st.lists(
        name.map(lambda said: Heading("k", said)), max_size=3, unique_by=lambda one: one.name
    ).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(records)
def test_any_record_comes_back(record: Record) -> None:
    nfc = __import__("unicodedata").normalize
    for through in ("none", "iso"):
        values = back(record, through=through).values
        said = {"title": record.title, "title_en": record.title_en, "abstract": record.abstract}
        said |= {"publisher": record.publisher, "coverage": record.coverage, "source": record.source}
        said |= {
            "rights_note": record.rights_note,
            "language": record.language,
            "kind": record.kind,
            "ddc": record.ddc,
        }
        said |= {"issued": str(record.year or "")}
        for key, value in said.items():
            assert values.get(key, "") == nfc("NFC", value), key
        for key in ("creators", "contributors"):
            assert [
                (one["name"], one.get("role", ""), one.get("kind", "person")) for one in values.get(key, [])
            ] == [(nfc("NFC", one.name), one.role, one.kind) for one in getattr(record, key)]
        assert values.get("subjects", []) == list(
            dict.fromkeys(nfc("NFC", one.name) for one in record.subjects)
        )


def test_what_is_too_long_for_iso_2709_is_shortened_and_says_so() -> None:
    long = replace(BARE, abstract="Ộ" * 60_000, title="Dài")
    marc = to_marc(long)
    written = marc_bytes(marc)
    assert len(written) <= writing.MAX_RECORD_BYTES
    found = next(iter(pymarc.MARCReader(written)))
    assert found is not None
    assert found["245"]["a"] == "Dài"
    assert any("rút gọn" in (field["a"] or "") for field in found.get_fields("500"))
    assert from_marc(marc).values["abstract"] == long.abstract  # MARCXML holds all of it


def test_marcxml_is_read_by_others_and_by_us(tmp_path) -> None:  # type: ignore[no-untyped-def]  # pytest's folder
    strange = replace(FULL, title='a < b & "c"\x00\x1f]]>', abstract="x\ufffe y")
    document = writing.xml_head() + marc_xml(to_marc(strange)) + writing.XML_TAIL
    theirs = pymarc.parse_xml_to_array(io.BytesIO(document.encode()))
    assert theirs[0]["245"]["a"] == 'a < b & "c" ]]>'
    path = tmp_path / "a.xml"
    path.write_text(document, encoding="utf-8")
    ours = [item.record for item in read_marc(path)]
    assert ours[0] is not None
    assert from_marc(ours[0]).values["title"] == 'a < b & "c" ]]>'
    alone = marc_xml(to_marc(FULL), namespace=True)
    assert pymarc.parse_xml_to_array(io.BytesIO(alone.encode()))[0]["001"].data == "12"


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("621.3", "621.3"), ("621.310", "621.31"), ("005", "005"), ("5", ""), ("", ""), ("959.7/04", "959.704"),
        ("[E]", ""), ("621.3 N527", "621.3"), ("005.133'076", "005.133076"), ("abc", ""), ("٦٢١", ""),
    ],
)  # fmt: skip
def test_dewey_numbers(said: str, number: str) -> None:
    assert ddc_of(said) == number
    assert not number or is_ddc(number)


def test_dewey_captions() -> None:
    assert caption("621.3") == "Kỹ thuật, năng lượng, điện tử"
    assert caption("040") == "Tin học, thông tin, tác phẩm tổng quát"
    assert not caption("")


@pytest.mark.parametrize(
    ("access", "first", "term", "visibility"),
    [
        ("public", "0", "Unrestricted online access", None),
        ("signed_in", "1", "Online access with authorization", "signed_in"),
        ("units", "1", "Online access with authorization", "units"),
        ("strange", "1", "Online access with authorization", None),
    ],
)
def test_who_may_read_it_is_said_and_comes_back(
    access: str, first: str, term: str, visibility: str | None
) -> None:
    record = replace(BARE, access=access)
    (field,) = to_marc(record).get_fields("506")
    assert (field.indicators.first, field["f"], field["2"]) == (first, term, "star")
    assert field["a"]
    assert back(record).values.get("visibility") == visibility  # never "public": a file opens nothing


def test_restrictions_of_another_library_are_told_and_not_applied() -> None:
    marc = pymarc.Record(to_unicode=True, force_utf8=True)
    for tag, text in (("245", "Sách"), ("506", "Chỉ đọc tại chỗ."), ("540", "Không sao chụp.")):
        marc.add_field(
            pymarc.Field(tag, indicators=pymarc.Indicators(" ", " "), subfields=[pymarc.Subfield("a", text)])
        )
    values = from_marc(marc).values
    assert values["rights_note"] == "Không sao chụp. Chỉ đọc tại chỗ"
    assert "visibility" not in values and "506" not in values.get("marc", {})
