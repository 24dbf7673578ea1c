"""Vietnamese alphabetical order under plain byte comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.collate import MAX_KEY, person_key, sort_key

# Each row is in the order of ICU's `vi` collator, except digits and punctuation, where ours is by choice.
ORDERED = [
    ["a", "A", "à", "À", "ả", "ã", "á", "ạ", "ă", "ằ", "ẳ", "ẵ", "ắ", "ặ", "â", "ầ", "ẩ", "ẫ", "ấ", "ậ", "b"],
    ["c", "d", "đ", "e", "ê", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "ô", "ơ", "p"],
    ["q", "r", "s", "t", "u", "ư", "v", "w", "x", "y", "z"],
    ["An", "an ninh", "Anh", "ăn", "ân", "Ân", "Ấn", "Dung", "Dũng", "Đào", "Đức"],
    ["ba", "bà", "bả", "bã", "bá", "bạ", "ba hoa", "bao"],
    ["cong", "còng", "cõng", "cóng", "công", "cổng", "cống", "cộng"],
    ["hoa hong", "hòa hong", "hoá hong", "hoa hồng", "hòa hồng", "hoa mai"],
    ["Phường 2", "Phường 10", "Phường Chợ Lớn"],
    ["“Ấn tượng”", "Ấn tượng 2", "ba"],
    ["resume", "résumé", "Zürich", "Ωmega"],
    ["quyết định 9", "quyết định 91/2015", "quyết định 91/2016"],
]


@pytest.mark.parametrize("row", ORDERED, ids=lambda row: row[0])
def test_order(row: list[str]) -> None:
    shuffled = row[::-1]
    assert sorted(shuffled, key=lambda word: sort_key(word).encode()) == row
    assert len({sort_key(word) for word in row}) == len(row)


def test_both_tone_placements_and_both_unicode_forms_sort_alike() -> None:
    assert sort_key("hoà") == sort_key("hòa") == sort_key("ho\u0300a") == sort_key("hoa\u0300")


@given(st.text())
def test_key_is_short_printable_ascii(text: str) -> None:
    key = sort_key(text)
    assert key.isascii()
    assert len(key) <= MAX_KEY
    assert not key or key.isprintable()


def test_a_very_long_title_still_keeps_its_beginning() -> None:
    assert sort_key("ă " * 500) < sort_key("â " * 500)


@pytest.mark.parametrize(
    "people",
    [
        ["Lê Văn An", "Nguyễn Thị An", "Nguyễn Văn An", "Trần An"],
        ["Trần An", "Nguyễn Ân", "Lê Ấn", "Trần Dung", "Lê Dũng", "Lê Đào", "Bùi Đức"],
        ["LÊ DUNG", "Trần Dung", "PGS.TS. Lê Dũng", "Trần Dũng"],
        ["An", "Nguyễn An", "Nguyễn Bá An"],
    ],
    ids=lambda people: people[0],
)
def test_people_sort_by_given_then_family_then_middle_name(people: list[str]) -> None:
    shuffled = people[::-1]
    assert sorted(shuffled, key=person_key) == people


def test_person_key_edges() -> None:
    assert person_key("") == ""
    assert person_key("TS. Nguyễn Văn An") == person_key("NGUYỄN VĂN AN")
    assert person_key("Bà") != ""
