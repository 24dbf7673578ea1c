"""One spelling of a content."""

from decimal import Decimal

import pytest

from khcn.engines.plans.frozen import canonical, content_hash, number, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [("12.0000", "12"), ("0.50", "0.5"), ("1E+3", "1000"), ("-0", "0"), ("0.0000", "0"), ("-3.10", "-3.1"),
     ("9999999999999999999.9999", "9999999999999999999.9999")],
)  # fmt: skip
def test_numbers_have_one_spelling(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
    assert number(text) == Decimal(value)


def test_missing_stays_missing() -> None:
    assert plain(None) is None
    assert number(None) is None


def test_names_are_sorted_and_letters_kept() -> None:
    assert canonical({"b": [1, "Phường"], "a": None}) == '{"a":null,"b":[1,"Phường"]}'.encode()
    assert content_hash({"b": 1, "a": 2}) == content_hash({"a": 2, "b": 1})
    assert content_hash({"a": 1}) != content_hash({"a": "1"})


def test_floats_have_no_one_spelling() -> None:
    with pytest.raises(TypeError):
        canonical({"a": [{"b": 0.1}]})
