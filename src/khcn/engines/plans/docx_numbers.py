"""The numbers of Word lists, counted as Word counts them: "II.", "1.1.", "a)" that the text itself does not hold."""

import re
from typing import Any, Final

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN: Final = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                 (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_BULLET: Final = "-"


def roman(number: int) -> str:
    """Return a number in Roman capitals."""
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


def shown_number(number: int, form: str) -> str:
    """Return ``number`` in a number form of Word ("decimal", "upperRoman", "lowerLetter" ...)."""
    if form in ("upperRoman", "lowerRoman"):
        text = roman(min(number, 3999))
    elif form in ("upperLetter", "lowerLetter"):
        text = chr(64 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1)
    else:
        return f"{number:02d}" if form == "decimalZero" else str(number)
    return text.lower() if form.startswith("lower") else text


class _Level:
    def __init__(self, element: Any) -> None:
        self.form = _value(element, "numFmt", "decimal")
        self.text = _value(element, "lvlText", "")
        start = _value(element, "start", "1")
        self.start = int(start) if start.isdigit() else 1


def _value(element: Any, name: str, default: str) -> str:
    found = element.find(f"{W}{name}")
    return str(found.get(f"{W}val", default)) if found is not None else default


class Numbering:
    """The lists of one document; ``label`` counts on, so it is asked once for each paragraph, in order."""

    def __init__(self, root: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._last: dict[str, str] = {}
        if root is None:
            return
        for abstract in root.iterfind(f"{W}abstractNum"):
            key = abstract.get(f"{W}abstractNumId", "")
            self._levels[key] = {
                int(level.get(f"{W}ilvl", "0")): _Level(level)
                for level in abstract.iterfind(f"{W}lvl")
                if level.get(f"{W}ilvl", "0").isdigit()
            }
        for number in root.iterfind(f"{W}num"):
            key = number.get(f"{W}numId", "")
            self._abstract[key] = _value(number, "abstractNumId", "")
            self._starts[key] = {
                int(one.get(f"{W}ilvl", "0")): int(_value(one, "startOverride", "1"))
                for one in number.iterfind(f"{W}lvlOverride")
                if one.get(f"{W}ilvl", "0").isdigit() and _value(one, "startOverride", "x").isdigit()
            }

    def label(self, number: str, level: int) -> str:
        """Return what Word shows before a paragraph of list ``number`` at ``level``, "" outside lists."""
        abstract = self._abstract.get(number, "")
        levels = self._levels.get(abstract, {})
        if number in ("", "0") or level not in levels:
            return ""
        # Lists of one abstract list count on together, unless a later one says where it starts.
        counts = self._counts.setdefault(abstract, {})
        if self._last.get(abstract) != number:
            for at, start in (
                self._starts.get(number, {}).items() if number not in self._last.values() else ()
            ):
                counts[at] = start - 1
            self._last[abstract] = number
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        own = levels[level]
        if own.form in ("bullet", "none"):
            return _BULLET if own.form == "bullet" else ""

        def part(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            if at not in levels:
                return ""
            return shown_number(counts.get(at, levels[at].start), levels[at].form)

        return re.sub(r"%(\d)", part, own.text).strip()
