"""Folding by table gives what folding letter by letter gives, for every character there is."""

import sys
import unicodedata

from khcn.engines.text.fold import _fold_any, fold


def test_every_character_folds_the_same_both_ways() -> None:
    wrong = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if not 0xD800 <= code < 0xE000 and fold(f"a{chr(code)}b") != _fold_any(f"a{chr(code)}b")
    ]
    assert wrong == []


def test_length_is_that_of_the_composed_text() -> None:
    for text in ("Điều 12. Quyền và nghĩa vụ", "ĐIỀU KHOẢN – “hoà”", "ĐƯỜNG ½ №"):
        for form in ("NFC", "NFD"):
            typed = unicodedata.normalize(form, text)
            assert len(fold(typed)) == len(unicodedata.normalize("NFC", text))
