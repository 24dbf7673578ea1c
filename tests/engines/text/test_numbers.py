"""Numbers and symbols of documents, in running text and in queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.numbers import (
    DocumentNumber,
    NumberQueryKind,
    find_document_numbers,
    number_index_keys,
    number_key,
    parse_document_number,
    query_numbers,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("82 / kh - ubnd", "82/kh-ubnd"),
        ("82/KH–UBND", "82/kh-ubnd"),
        ("05/QĐ-UBND", "5/qd-ubnd"),
        ("91/2015/QÐ-UBND", "91/2015/qd-ubnd"),
    ],
)
def test_number_key(text: str, key: str) -> None:
    assert number_key(text) == key


@pytest.mark.parametrize(
    ("text", "number", "notation", "full", "code"),
    [
        ("Số: 82 /KH-UBND", "82", "KH-UBND", "82/KH-UBND", "KH"),
        ("91/2015/QĐ-UBND", "91/2015", "QĐ-UBND", "91/2015/QĐ-UBND", "QĐ"),
        ("91/2015/qd-ubnd", "91/2015", "QĐ-UBND", "91/2015/QĐ-UBND", "QĐ"),
        ("Luật số: 46/2019/QH14", "46/2019", "QH14", "46/2019/QH14", ""),
        ("Nghị định số 29/1998/NĐ - CP", "29/1998", "NĐ-CP", "29/1998/NĐ-CP", "NĐ"),
        ("57-NQ/TW", "57", "NQ/TW", "57-NQ/TW", "NQ"),
        ("1691/SKHCN-KHCNCS", "1691", "SKHCN-KHCNCS", "1691/SKHCN-KHCNCS", ""),
        ("2330/QD-TTg", "2330", "QĐ-TTg", "2330/QĐ-TTg", "QĐ"),
        ("22a/2001/NĐ-CP", "22a/2001", "NĐ-CP", "22a/2001/NĐ-CP", "NĐ"),
        ("15/CP", "15", "CP", "15/CP", ""),
        ("118 TC/TCT", "118", "TC/TCT", "118 TC/TCT", "TC"),
        ("522/2002/QĐ.UB", "522/2002", "QĐ.UB", "522/2002/QĐ.UB", "QĐ"),
        ("01/2024/NQ-HDND", "01/2024", "NQ-HĐND", "01/2024/NQ-HĐND", "NQ"),
    ],
)
def test_parse(text: str, number: str, notation: str, full: str, code: str) -> None:
    parsed = parse_document_number(text)
    assert parsed is not None
    assert (parsed.code_number, parsed.code_notation, parsed.full, parsed.type_code) == (
        number,
        notation,
        full,
        code,
    )


@pytest.mark.parametrize(
    "text", ["", "82", "kh-ubnd", "91/2015", "12/4/2021", "1.234,5 đồng", "quyết định", "24/7"]
)
def test_parts_and_other_figures_are_not_numbers(text: str) -> None:
    assert parse_document_number(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Căn cứ Nghị định số 89/2002/NĐ-CP ngày 07/11/2002 và Quyết định số: 885/1998/QĐ-BTC;",
            ["89/2002/NĐ-CP", "885/1998/QĐ-BTC"],
        ),
        ("Thông tư số 40/2000 /TT-BTC, số 172/1998/TT/BTC", ["40/2000/TT-BTC", "172/1998/TT/BTC"]),
        ("Nghị định số 54/CP ngày 28/08/1993; Luật số 04/1998/QH10", ["54/CP", "04/1998/QH10"]),
        ("Thông tư số 118 TC/TCT ngày 26/12/1994", ["118 TC/TCT"]),
        ("Nghị quyết 45/1998/NQ-UBTVQH10 và 57-NQ/TW", ["45/1998/NQ-UBTVQH10", "57-NQ/TW"]),
        ("Thực hiện Công văn số 1691/SKHCN-KHCNCS ngày 09", ["1691/SKHCN-KHCNCS"]),
        ("Quyết định số 20/QÐ-TTg của Thủ tướng", ["20/QĐ-TTg"]),
        ("chi 500.000 đồng/người, 12/4/2021, tỉ lệ 3/4, 24/7, 60 km/h, 5 A/B", []),
        ("điện thoại 028-3855 1234, điều 5/khoản 2, 3/Các đơn vị", []),
        ("lớp 9/A-B", []),
    ],
)
def test_find_in_running_text(text: str, found: list[str]) -> None:
    assert [match.number.full for match in find_document_numbers(text)] == found


def test_offsets_point_at_the_number() -> None:
    text = "Căn cứ Nghị định số 30/2020/NĐ-CP."
    match = find_document_numbers(text)[0]
    assert text[match.start : match.end] == "30/2020/NĐ-CP"


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("82/KH-UBND", ["82/kh-ubnd"]),
        ("82 kh ubnd", ["82/kh-ubnd"]),
        ("kế hoạch 82/kh-ubnd quận 5", ["82/kh-ubnd"]),
        ("82/KH", ["82/kh"]),
        ("kh-ubnd", ["kh-ubnd"]),
        ("91/2015", ["91/2015"]),
        ("nghị định 29/1998", ["29/1998/nd"]),
        ("nghi dinh so 29/1998", ["29/1998/nd"]),
        ("quyết định số 91", ["91/qd"]),
        ("46/2019/qh14", ["46/2019/qh14"]),
        ("57-nq/tw", ["57-nq/tw"]),
        ("1691/SKHCN-KHCNCS", ["1691/skhcn-khcncs"]),
        ("tháng 4/2021", []),
        ("12/4/2021", []),
        ("covid-19 và wi-fi", []),
        ("khoa học 2021", []),
        ("quyết định", []),
    ],
)
def test_query_numbers(query: str, keys: list[str]) -> None:
    assert [found.key for found in query_numbers(query)] == keys


def test_every_partial_query_meets_the_keys_of_its_document() -> None:
    number = parse_document_number("091/2015/QĐ-UBND")
    assert number is not None
    keys = number_index_keys(number)
    for query in ("91/2015/QĐ-UBND", "91/2015", "quyết định 91/2015", "quyết định số 91", "qd-ubnd", "91/QĐ"):
        assert query_numbers(query)[0].key in keys, query
    assert query_numbers("91/2015/QĐ-UBND")[0].kind is NumberQueryKind.FULL


@given(
    st.integers(1, 99999),
    st.sampled_from(["KH", "QĐ", "NQ", "TB", "CTr"]),
    st.sampled_from(["UBND", "SKHCN"]),
)
def test_a_written_number_reads_back(number: int, code: str, organ: str) -> None:
    full = f"{number}/{code}-{organ}"
    assert parse_document_number(full) == DocumentNumber(str(number), f"{code}-{organ}", "/", code)
    assert [match.number.full for match in find_document_numbers(f"xem {full}; hết")] == [full]


@given(st.text(max_size=200))
def test_no_text_breaks_the_readers(text: str) -> None:
    parse_document_number(text)
    find_document_numbers(text)
    query_numbers(text)
