"""Texts of units under one heading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.plans.gather import Gathered, Said, gather, joined, says_nothing


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("Không có.", True), ("không", True), (" - ", True), ("", True), ("\n", True), ("K/có", True), ("N/A", True),
        ("Không có khó khăn, vướng mắc.", True), ("KHÔNG CÓ", True), ("Chưa phát sinh", True),
        ("Không có giảng viên", False), ("Không đủ kinh phí", False), ("0 giờ", False), ("Có", False),
    ],
)  # fmt: skip
def test_empty_answers(text: str, nothing: bool) -> None:
    assert says_nothing(text) is nothing


def test_equal_texts_are_said_once_with_everybody_who_wrote_them() -> None:
    said = [
        Said("Phường 1", "Thiếu  kinh phí."), Said("Phường 2", "Không có."), Said("Phường 3", "thiếu kinh phí"),
        Said("Phường 4", "Thiếu giảng viên.\n\nĐề nghị Sở hỗ trợ."), Said("Phường 1", "Thiếu kinh phí"),
    ]  # fmt: skip
    assert gather(said) == [
        Gathered(("Phường 1", "Phường 3"), "Thiếu kinh phí."),
        Gathered(("Phường 4",), "Thiếu giảng viên.\nĐề nghị Sở hỗ trợ."),
    ]
    assert joined(gather(said)).splitlines() == [
        "- Phường 1, Phường 3: Thiếu kinh phí.", "- Phường 4: Thiếu giảng viên.", "Đề nghị Sở hỗ trợ.",
    ]  # fmt: skip


def test_nfd_and_nfc_are_the_same_text() -> None:
    assert len(gather([Said("A", "Thi\u1ebfu"), Said("B", "Thie\u0302\u0301u")])) == 1


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.text(max_size=12)), max_size=12))
def test_nobody_is_lost(said: list[tuple[str, str]]) -> None:
    rows = [Said(unit, text) for unit, text in said]
    found = gather(rows)
    assert {unit for one in found for unit in one.units} == {
        one.unit for one in rows if not says_nothing(one.text)
    }
    assert gather([Said(one.units[0], one.text) for one in found]) == [
        Gathered(one.units[:1], one.text) for one in found
    ]
