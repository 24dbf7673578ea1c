"""What one line of JSONL says of a work: a table of lines, and of lines that say nothing usable."""

import json
from datetime import date
from typing import Any

import pytest

from khcn.library.imports.drafts import BadLineError, build_draft, content_hash, parse_line, text_hash
from khcn.library.imports.prepare import derive, prepare_line


def draft_of(**fields: Any) -> Any:
    return build_draft({"id": "a", "title": "Nhan đề", **fields})


@pytest.mark.parametrize(
    ("fields", "column", "expected"),
    [
        ({"kind": "Report"}, "kind", "report"),
        ({"issued": 2021}, "issued_year", 2021),
        ({"issued": "2021-05"}, "issued_date", None),
        ({"issued": "2021-05-19"}, "issued_date", date(2021, 5, 19)),
        ({"date": "19/05/2021"}, "issued_date", date(2021, 5, 19)),
        ({"authors": "Lê Lan"}, "creators", [{"name": "Lê Lan"}]),
        (
            {"creators": [{"name": "Lê Lan", "orcid": "0000-0002-1825-0097"}]},
            "creators",
            [{"name": "Lê Lan", "orcid": "0000-0002-1825-0097"}],
        ),
        ({"rights": "CC BY"}, "rights", "cc-by-4.0"),
        ({"license": "Giấy phép riêng"}, "rights_note", "Giấy phép riêng"),
        ({"language": "EN"}, "language", "en"),
        ({"description": "Tóm tắt"}, "abstract", "Tóm tắt"),
        ({"identifiers": "10.1/x"}, "identifiers", [{"type": "doi", "value": "10.1/x"}]),
        ({"identifiers": "kho-12"}, "identifiers", [{"type": "other", "value": "kho-12"}]),
        ({"embargo_until": "2030-01-02"}, "embargo_until", date(2030, 1, 2)),
    ],
)
def test_known_fields_find_their_columns(fields: dict[str, Any], column: str, expected: Any) -> None:
    draft = draft_of(**fields)
    assert draft.fields[column] == expected
    assert draft.warnings == []


def test_official_fields_and_validity() -> None:
    draft = draft_of(
        number="82/KH-UBND",
        issuing_body="Ủy ban nhân dân Quận 5",
        validity={"from": "2021-04-12", "until": "2021-12-31"},
        relations=[{"kind": "based_on", "number": "179/KH-UBND"}, {"kind": "related", "id": "b"}],
    )
    assert draft.legal == {
        "number": "82/KH-UBND",
        "organ_name": "Ủy ban nhân dân Quận 5",
        "effective_date": date(2021, 4, 12),
        "expired_date": date(2021, 12, 31),
    }
    assert [(item.kind, item.number, item.external_id) for item in draft.relations] == [
        ("based_on", "179/KH-UBND", ""),
        ("related", "", "b"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "novel"},
        {"issued": "31/02/2021"},
        {"url": "javascript:alert(1)"},
        {"creators": [{"x": 1}]},
        {"relations": [{"kind": "hates", "number": "1/QĐ"}]},
        {"visibility": "friends"},
        {"number": "x" * 61},
        {"validity": "2021"},
    ],
)
def test_an_unusable_value_is_kept_and_told(fields: dict[str, Any]) -> None:
    draft = draft_of(**fields)
    ((name, value),) = fields.items()
    assert draft.extra[name] == value
    assert len(draft.warnings) == 1 and name in draft.warnings[0]


def test_unknown_fields_are_kept_without_a_word() -> None:
    draft = draft_of(màu="xanh", phụ={"a": [1, 2]})
    assert draft.extra == {"màu": "xanh", "phụ": {"a": [1, 2]}}
    assert draft.warnings == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{broken", "JSON"),
        (b"[1, 2]", "{…}"),
        (b'"text"', "{…}"),
        (b'{"title": "x"}', "id"),
        (b'{"id": true, "title": "x"}', "id"),
        (b'{"id": " ", "title": "x"}', "id"),
        (b'{"id": "a"}', "title"),
        (b'{"id": "a", "title": "", "text": "  "}', "title"),
        (b'{"id": "a", "title": "x", "text": 5}', "text"),
        (b'{"id": "a", "title": ["x"]}', "title"),
        (b'{"id": "a", "title": "x", "pages": ["a", 1]}', "pages"),
        (b'{"id": "a", "title": "caf\xe9"}', "UTF-8"),
        (b"[" * 200_000, "JSON"),
        (json.dumps({"id": "x" * 201, "title": "x"}).encode(), "id"),
    ],
)
def test_a_line_that_says_nothing_usable(line: bytes, said: str) -> None:
    with pytest.raises(BadLineError) as caught:
        parse_line(line)
    assert said in caught.value.message
    assert "nhập lại" in caught.value.message  # every message says what to do


def test_what_databases_refuse_is_cleaned() -> None:
    draft = parse_line(b'{"id": "a", "title": "Nh\\u0000an \\ud800 de", "text": "a\\u0000b", "x": NaN}')
    assert draft.title == "Nhan \ufffd de"
    assert draft.pages == ["ab"]
    draft.title.encode()


def test_text_is_nfc_on_one_page_or_on_many() -> None:
    assert draft_of(text="Khoa ho\u0323c\r\nhai").pages == ["Khoa học\nhai"]
    assert draft_of(pages=["một", "", "ba"]).pages == ["một", "", "ba"]


def test_a_missing_title_comes_from_the_text_and_a_long_one_is_cut() -> None:
    first = build_draft({"id": "a", "text": "\n  Dòng đầu  \nrồi nữa"})
    assert first.title == "Dòng đầu" and first.warnings
    long = build_draft({"id": "a", "title": "từ " * 300})
    assert len(long.title) <= 500 and long.extra["title"] == ("từ " * 300).strip() and long.warnings


def test_hashes_see_what_matters() -> None:
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash({"a": 1}) != content_hash({"a": "1"})
    assert text_hash(["một  hai", "ba"]) == text_hash(["một\nhai ba"]) != text_hash(["một hai"])
    assert text_hash([" "]) == ""


@pytest.mark.parametrize(
    ("text", "sensitive"),
    [
        ("Văn bản bình thường, năm 2010-2011, số 82/KH-UBND.", False),
        ("TỐI MẬT\nSố: 12/BC-UBND", True),
        ("\n".join(f"Nguyễn Văn {name}, 0900 000 00{name}" for name in range(1, 7)), True),
        ("Tài liệu lưu hành nội bộ", False),
    ],
)
def test_sensitive_content_is_found_in_records(text: str, sensitive: bool) -> None:
    draft = draft_of(text=text)
    derive(draft)
    assert draft.sensitive is sensitive


def test_a_line_too_long_is_told() -> None:
    assert "64 MB" in prepare_line((3, 0, None)).error
