"""The labels that automatic numbering puts before paragraphs."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.core.papers.check.ooxml import value, w, whole
from khcn.core.papers.check.styles import Props, paragraph_props

_PLACE: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def _roman(number: int) -> str:
    text = ""
    for size, sign in _ROMAN:
        while 0 < size <= number < 5000:
            text, number = text + sign, number - size
    return text


def _letter(number: int) -> str:
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1000 else ""


_FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperRoman": _roman,
    "decimalZero": lambda number: f"{number:02d}",
    "none": lambda _number: "",
}


@dataclass
class Level:
    """One level of a list."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    paragraph: Props = field(default_factory=dict)


@dataclass
class Numbering:
    """The lists of a document and how far each has counted."""

    abstract: dict[str, dict[int, Level]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)

    def level(self, number: str, level: int) -> Level | None:
        """Return a level of a list, ``None`` when the list is not there (0 means "no numbering")."""
        found = self.lists.get(number)
        return self.abstract.get(found[0], {}).get(level) if found else None

    def label(self, number: str, level: int) -> str:
        """Count one paragraph and return its label, e.g. ``a)``; a bullet is returned as its sign."""
        shape = self.level(number, level)
        if shape is None:
            return ""
        if shape.format == "bullet":
            return shape.text
        identity, starts = self.lists[number]
        counts = self.counts.setdefault(identity, {})
        if number not in self.started:
            self.started.add(number)
            for place, start in starts.items():
                counts[place] = start - 1
        counts[level] = counts.get(level, shape.start - 1) + 1
        for deeper in [place for place in counts if place > level]:
            del counts[deeper]

        def written(match: re.Match[str]) -> str:
            place = int(match.group(1)) - 1
            other = self.level(number, place) or Level()
            return _FORMATS.get(other.format, str)(counts.get(place, other.start))

        return _PLACE.sub(written, shape.text)


def read_numbering(root: Any | None) -> Numbering:
    """Read ``numbering.xml``, which may be missing."""
    found = Numbering()
    if root is None:
        return found
    for abstract in root.iterfind(w("abstractNum")):
        levels = {}
        for element in abstract.iterfind(w("lvl")):
            levels[whole(value(element, "ilvl"), 0)] = Level(
                whole(value(element.find(w("start"))), 1),
                value(element.find(w("numFmt")), default="decimal") or "decimal",
                value(element.find(w("lvlText")), default="") or "",
                paragraph_props(element.find(w("pPr"))),
            )
        found.abstract[value(abstract, "abstractNumId", "") or ""] = levels
    for number in root.iterfind(w("num")):
        starts = {}
        for override in number.iterfind(w("lvlOverride")):
            start = value(override.find(w("startOverride")))
            if start is not None:
                starts[whole(value(override, "ilvl"), 0)] = whole(start, 1)
        identity = value(number.find(w("abstractNumId")), default="") or ""
        found.lists[value(number, "numId", "") or ""] = (identity, starts)
    return found
