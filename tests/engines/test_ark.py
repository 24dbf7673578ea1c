"""Persistent identifiers: short, opaque, and a mistyped one is found out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khcn.engines.records.ark import ALPHABET, ark_number, ark_of

NAAN = "99999"


@given(st.integers(min_value=1, max_value=10**12))
def test_an_ark_leads_back_to_its_number(number: int) -> None:
    ark = ark_of(number, NAAN)
    assert ark.startswith("ark:/99999/k")
    assert ark_number(ark, NAAN) == (number, "")
    assert ark_number(ark.upper().replace("ARK:/", "ark:"), NAAN) == (number, "")
    assert ark_number(ark[:-2] + "-" + ark[-2:], NAAN) == (number, "")
    assert ark_number(ark + "/ban-2", NAAN) == (number, "/ban-2")


@given(st.integers(min_value=1, max_value=10**9), st.data())
def test_one_wrong_letter_is_found_out(number: int, data: st.DataObject) -> None:
    ark = ark_of(number, NAAN)
    place = data.draw(st.integers(min_value=len("ark:/99999/k"), max_value=len(ark) - 1))
    letter = data.draw(st.sampled_from([one for one in ALPHABET if one != ark[place]]))
    assert ark_number(ark[:place] + letter + ark[place + 1 :], NAAN) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ark:",
        "ark:/12345/k11",
        "ark:/99999/",
        "ark:/99999/x11",
        "ark:/99999/k0",
        "k11",
        "ark:/99999/k" + "1" * 40,
    ],
)
def test_what_is_not_ours_leads_nowhere(text: str) -> None:
    assert ark_number(text, NAAN) is None


def test_a_work_has_a_positive_number() -> None:
    with pytest.raises(ValueError, match="positive"):
        ark_of(0, NAAN)
