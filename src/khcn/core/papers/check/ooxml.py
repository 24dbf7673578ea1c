"""Names and measures of WordprocessingML."""

from typing import Any, Final

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TWIPS: Final = {"pt": 20.0, "in": 1440.0, "cm": 1440 / 2.54, "mm": 1440 / 25.4, "pi": 240.0, "pc": 240.0}
_MOST_TWIPS: Final = 10_000_000
TWIPS_PER_MM: Final = 1440 / 25.4
EMU_PER_MM: Final = 36_000
MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
WP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
WPS: Final = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
V: Final = "{urn:schemas-microsoft-com:vml}"
OFFICE: Final = "{urn:schemas-microsoft-com:office:office}"


def w(name: str) -> str:
    """Return the full name of an element or attribute of WordprocessingML."""
    return _W + name


def r(name: str) -> str:
    """Return the full name of a relationship attribute."""
    return _R + name


def value(element: Any | None, name: str = "val", default: str | None = None) -> str | None:
    """Return an attribute of an element that may be missing."""
    if element is None:
        return default
    found = element.get(_W + name)
    return default if found is None else str(found)


def twips(text: str | None) -> float | None:
    """Return a measure in twentieths of a point, written plain or with a unit; ``None`` when it is none."""
    if text is None:
        return None
    text = text.strip()
    unit = text[-2:].lower()
    try:
        found = float(text[:-2]) * _TWIPS[unit] if unit in _TWIPS else float(text)
    except ValueError:
        return None
    return found if abs(found) < _MOST_TWIPS else None  # also no answer for "nan" and "inf"


def whole(text: str | None, otherwise: int) -> int:
    """Return a whole number, ``otherwise`` when it is none."""
    try:
        found = int(float(text or ""))
    except (ValueError, OverflowError):
        return otherwise
    return found if abs(found) < _MOST_TWIPS else otherwise


def mm(text: str | None) -> float | None:
    """Return a measure in mm."""
    found = twips(text)
    return None if found is None else found / TWIPS_PER_MM


def on(element: Any | None) -> bool | None:
    """Return whether a switch such as ``w:b`` is on; ``None`` when it is not there."""
    if element is None:
        return None
    return value(element, default="true") not in {"0", "false", "off", "none"}
