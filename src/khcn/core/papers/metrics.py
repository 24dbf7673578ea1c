"""Widths of text in Times New Roman, in thousandths of the size (the same in Liberation Serif, its metric twin)."""

import unicodedata
from typing import Final

_SIGNS: Final = "".join(map(chr, range(32, 127))) + "–—…“”‘’ơưƠƯđĐ"


def _table(widths: str) -> dict[str, int]:
    return dict(zip(_SIGNS, map(int, widths.split()), strict=True))


_WIDTHS: Final = {
    (False, False): _table(  # regular
        "250 333 408 500 500 833 778 180 333 333 500 564 250 333 250 278 500 500 500 500 500 500 500 500 500 "
        "500 278 278 564 564 564 444 921 722 667 667 722 611 556 722 722 333 389 722 611 889 722 722 556 722 "
        "667 556 611 722 722 944 722 722 611 333 278 333 469 500 333 444 500 444 500 444 333 500 500 278 278 "
        "500 278 778 500 500 500 500 333 389 278 500 500 722 500 500 444 480 200 480 541 500 1000 1000 444 "
        "444 333 333 529 542 722 776 500 722"
    ),
    (True, False): _table(  # bold
        "250 333 555 500 500 1000 833 278 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 500 500 "
        "500 333 333 570 570 570 500 930 722 667 722 722 667 611 778 778 389 500 778 667 944 722 778 611 778 "
        "722 556 667 722 722 1000 722 722 667 333 278 333 581 500 333 500 556 444 556 444 333 500 556 278 333 "
        "556 278 833 556 500 556 556 444 389 333 556 500 722 500 500 444 394 220 394 520 500 1000 1000 500 "
        "500 333 333 554 600 778 796 556 722"
    ),
    (False, True): _table(  # italic
        "250 333 420 500 500 833 778 214 333 333 500 675 250 333 250 278 500 500 500 500 500 500 500 500 500 "
        "500 333 333 675 675 675 500 920 611 611 667 722 611 611 722 722 333 444 667 556 833 667 722 611 722 "
        "611 500 556 722 611 833 611 556 556 389 278 389 422 500 333 500 500 444 500 444 278 500 500 278 278 "
        "444 278 722 500 500 500 500 389 389 278 500 444 667 444 444 389 400 275 400 541 500 889 889 556 556 "
        "333 333 534 545 722 754 500 722"
    ),
    (True, True): _table(  # bolditalic
        "250 389 555 500 500 833 778 278 333 333 500 570 250 333 250 278 500 500 500 500 500 500 500 500 500 "
        "500 333 333 570 570 570 500 832 667 667 667 722 667 667 722 778 389 500 667 611 889 722 722 611 722 "
        "667 556 611 722 667 889 667 611 611 333 278 333 570 500 333 500 500 444 500 444 333 500 556 278 278 "
        "500 278 778 556 500 500 500 389 389 278 556 444 667 500 444 389 348 220 348 570 500 1000 1000 500 "
        "500 333 333 537 599 722 775 500 722"
    ),
}
_OTHER: Final = 500
_POINTS_PER_MM: Final = 72 / 25.4


def _base(sign: str) -> str:
    """Return the letter that decides the width: tone marks and breves add none, the horn of ơ and ư does."""
    parts = unicodedata.normalize("NFD", sign)
    horned = parts[0] + "\u031b" if "\u031b" in parts else parts[0]
    return unicodedata.normalize("NFC", horned)


_BASES: Final[dict[str, str]] = {}


def width_mm(text: str, size_pt: float, *, bold: bool = False, italic: bool = False) -> float:
    """Return the width of ``text`` on one line, in mm."""
    table = _WIDTHS[bold, italic]
    total = 0
    for sign in text:
        width = table.get(sign)
        if width is None:
            base = _BASES.get(sign)
            if base is None:
                base = _BASES[sign] = _base(sign)
            width = table.get(" " if sign == "\u00a0" else base, _OTHER)
        total += width
    return total * size_pt / 1000 / _POINTS_PER_MM


def lines_of(
    text: str, room_mm: float, size_pt: float, *, bold: bool = False, italic: bool = False
) -> list[str]:
    """Return the lines into which ``text`` breaks in a column ``room_mm`` wide, words kept whole."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width_mm(longer, size_pt, bold=bold, italic=italic) > room_mm:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def even_room_mm(text: str, room_mm: float, size_pt: float, *, bold: bool = False) -> float:
    """Return the narrowest column in which ``text`` breaks into as few lines as in ``room_mm``: even lines, no orphans."""
    few = len(lines_of(text, room_mm, size_pt, bold=bold))
    if few < 2:
        return room_mm
    narrow, wide = room_mm / few * 0.8, room_mm
    while wide - narrow > 0.5:
        middle = (narrow + wide) / 2
        if len(lines_of(text, middle, size_pt, bold=bold)) > few:
            narrow = middle
        else:
            wide = middle
    return min(room_mm, wide + 1.0)
