"""What units wrote under one heading becomes one text: empty answers left out, equal ones said once."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from khcn.engines.text.fold import fold, nfc

# What people write when there is nothing to say, folded and without signs.
NOTHING: Final = frozenset(
    {
        "", "khong", "khong co", "khong co gi", "khong co y kien", "khong co kien nghi", "khong co de xuat",
        "khong co kho khan", "khong co kho khan vuong mac", "khong co vuong mac", "khong kien nghi", "khong de xuat",
        "khong phat sinh", "chua phat sinh", "chua co", "ko", "ko co", "k co", "k", "nil", "none", "n a", "na", "0",
    }
)  # fmt: skip
_SIGNS: Final = re.compile(r"[^0-9a-z]+")
_BLANKS: Final = re.compile(r"[ \t\u00a0]+")


@dataclass(frozen=True, slots=True)
class Said:
    """What one unit wrote. ``report``: the row it stands in."""

    unit: str
    text: str
    report: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """A text and everybody who wrote it, in the order of the units."""

    units: tuple[str, ...]
    text: str


def tidy(text: str) -> str:
    """Return text in NFC without blanks at the ends of lines, double blanks or empty lines."""
    lines = (_BLANKS.sub(" ", line).strip() for line in nfc(text).splitlines())
    return "\n".join(line for line in lines if line)


def says_nothing(text: str) -> bool:
    """Return whether an answer only says that there is nothing ("Không có.", "-")."""
    return " ".join(_SIGNS.sub(" ", fold(text)).split()) in NOTHING


def gather(said: Iterable[Said]) -> list[Gathered]:
    """Return the texts, equal ones (marks of case, blanks and the last sign aside) once with all who wrote them."""
    kept: dict[str, tuple[str, list[str]]] = {}
    for one in said:
        text = tidy(one.text)
        if says_nothing(text):
            continue
        key = " ".join(text.lower().split()).rstrip(" .;,")
        _first, units = kept.setdefault(key, (text, []))
        if one.unit not in units:
            units.append(one.unit)
    return [Gathered(tuple(units), text) for text, units in kept.values()]


def joined(gathered: Sequence[Gathered]) -> str:
    """Return one text, a paragraph for each: ``- Phường 1, Phường 2: ...``."""
    return "\n".join(f"- {', '.join(one.units)}: {one.text}" for one in gathered)
