"""The fonts of the demo files and the advance widths that line breaking needs."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import fontpkg_be_vietnam_pro
from fontTools.ttLib import TTFont

Style = Literal["regular", "bold", "italic", "bolditalic"]

_SERIF_FOLDERS: Final = (
    Path("/usr/share/fonts/truetype/liberation2"),
    Path("/usr/share/fonts/truetype/liberation-serif-fonts"),
    Path("/usr/share/fonts/liberation-serif"),
)
_SERIF_FILES: Final = {
    "regular": "LiberationSerif-Regular.ttf",
    "bold": "LiberationSerif-Bold.ttf",
    "italic": "LiberationSerif-Italic.ttf",
    "bolditalic": "LiberationSerif-BoldItalic.ttf",
}
_SANS_FILES: Final = {
    "regular": "BeVietnamPro-Regular.ttf",
    "bold": "BeVietnamPro-Bold.ttf",
    "italic": "BeVietnamPro-Italic.ttf",
    "bolditalic": "BeVietnamPro-BoldItalic.ttf",
}


@dataclass(frozen=True)
class Face:
    """One font file with the advance widths it needs for line breaking."""

    path: Path
    units_per_em: int
    advances: dict[int, int]

    def width(self, text: str, size: float) -> float:
        """Width of ``text`` in points, without kerning."""
        return sum(self.advances[ord(char)] for char in text) * size / self.units_per_em


@dataclass(frozen=True)
class Family:
    """Four faces of one family."""

    name: str
    faces: dict[str, Face]

    def face(self, style: Style) -> Face:
        """Return the face of a style."""
        return self.faces[style]


def _family(name: str, folder: Path, files: dict[str, str]) -> Family:
    faces = {}
    for style, file in files.items():
        with TTFont(folder / file) as font:
            metrics = font["hmtx"]
            advances = {code: metrics[glyph][0] for code, glyph in font.getBestCmap().items()}
            faces[style] = Face(folder / file, int(font["head"].unitsPerEm), advances)
    return Family(name, faces)


@lru_cache(maxsize=1)
def sans_family() -> Family:
    """Be Vietnam Pro, which comes with the product."""
    folder = Path(str(fontpkg_be_vietnam_pro.__file__)).parent / "files"
    return _family("BeVietnamPro", folder, _SANS_FILES)


@lru_cache(maxsize=1)
def serif_family() -> Family:
    """Liberation Serif where the machine has a version with Vietnamese letters, otherwise Be Vietnam Pro."""
    for folder in _SERIF_FOLDERS:
        if all((folder / file).exists() for file in _SERIF_FILES.values()):
            family = _family("LiberationSerif", folder, _SERIF_FILES)
            if all(ord(letter) in family.face("regular").advances for letter in "ơưẵễộữỵđ"):
                return family
    return sans_family()
