"""Folding keeps one character per character, whatever the text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.text.fold import fold, nfc, normalize

VIETNAMESE = "aàảãáạăằẳẵắặâầẩẫấậđeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"


@given(st.text())
def test_fold_gives_one_character_per_character_of_nfc(text: str) -> None:
    assert len(fold(text)) == len(nfc(text))


@given(st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " .,/-0123456789"))
def test_vietnamese_folds_to_ascii_from_either_form(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower()
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(st.text())
def test_fold_and_normalize_are_idempotent_and_keep_the_length(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(normalize(text)) == len(nfc(text))
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a\0b", "a b"),
        ("Ã\0\u4e2d", "a \u4e2d"),
        ("Đường Nguyễn Huệ", "duong nguyen hue"),
        ("QUYẾT ĐỊNH", "quyet dinh"),
        ("QÐ-UBND", "qd-ubnd"),  # Icelandic eth, as OCR and old fonts write it
        ("İstanbul", "istanbul"),
        ("œuvre Ångström", "œuvre angstrom"),
        ("x²–½ “…”", "x²–½ “…”"),
        ("한국 がぎ", "한국 がぎ"),
        ("x\u0323", "x\u0323"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("hoà bình", "hòa bình"),
        ("HOÀ", "HÒA"),
        ("khoẻ", "khỏe"),
        ("thuỷ lợi, uỷ ban", "thủy lợi, ủy ban"),
        ("quý, quỳ, quả", "quý, quỳ, quả"),
        ("hoàn toàn, tuyển", "hoàn toàn, tuyển"),
        ("ngoằn ngoèo", "ngoằn ngoèo"),
        ("NĐ và QÐ", "NĐ và QĐ"),
        ("abc", "abc"),
    ],
)
def test_normalize(text: str, normal: str) -> None:
    assert normalize(text) == normal
    assert normalize(unicodedata.normalize("NFD", text)) == normal
