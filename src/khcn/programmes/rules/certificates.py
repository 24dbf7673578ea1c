"""Pure rules of certificates: names as printed, how large, how a pupil's name is shown to strangers, addresses."""

import unicodedata
from collections.abc import Mapping
from typing import Final

NAME_MOST_PT: Final = 34.0
NAME_LEAST_PT: Final = 15.0
NAME_WIDTH_PT: Final = 640.0  # of the line on the sheet
UNKNOWN_ADVANCE: Final = 0.65  # of an em: signs that the font lacks
SHEET: Final = "{number:04d}-{code}.pdf"


def printed_name(text: str) -> str:
    """Return a name as it is printed: composed letters, one line, no control or direction signs."""
    kept = "".join(
        " " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign
        for sign in unicodedata.normalize("NFC", text)
        if unicodedata.category(sign) not in {"Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split())[:150]


def name_size(name: str, advances: Mapping[str, float]) -> float:
    """Return the size in points at which a name fits its line; below the least it takes two lines.

    :param advances: width of a sign in ems.
    """
    ems = sum(advances.get(sign, UNKNOWN_ADVANCE) for sign in name)
    fitting = NAME_WIDTH_PT / ems if ems else NAME_MOST_PT
    return round(max(NAME_LEAST_PT, min(NAME_MOST_PT, fitting)), 1)


def initials(name: str) -> str:
    """Return the initials of a name: "Nguyễn Thị Ánh" becomes "N. T. Á."."""
    return " ".join(f"{word[0].upper()}." for word in printed_name(name).split() if word)


def sheet_name(number: int, code: str) -> str:
    """Return the name of one certificate in the archive; no person's name stands in it."""
    return SHEET.format(number=number, code=code)


def spaced(code: str) -> str:
    """Return a code as it is printed: in fours, for reading out."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
