"""Web fonts: Be Vietnam Pro cut down to Latin and Vietnamese, with tabular figures added.

The family has proportional figures only (a "1" is little more than half a "0"), which makes columns of
numbers ragged. The subset therefore gets ten more glyphs, each the ordinary figure centred in one common
width, reached through the standard OpenType feature ``tnum``. The licence (OFL 1.1, no reserved name) allows
both changes.

fontTools is imported inside the functions: only the asset builder needs it, no web process.
"""

from pathlib import Path
from typing import Any, Final

FAMILY: Final = "Be Vietnam Pro"
WEIGHTS: Final = {400: "Regular", 600: "SemiBold"}
FIGURES: Final = "0123456789"
FIGURE_MARGIN: Final = 26  # units of 1000 on each side of the widest figure

_VOWELS = "aăâeêioôơuưy"
_TONES = "\u0300\u0301\u0303\u0309\u0323"

# Advance widths of Arial (and of every font drawn to its measure), per 1000 units; letters in the order of
# the alphabet. Android has Roboto instead, whose Latin letters are within two per cent of these.
_ARIAL_ADVANCES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz ",
        (  # a to n, o to z, space
            *(556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556),
            *(556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 278),
        ),
        strict=True,
    )
)
# How often letters stand in plain Vietnamese prose, taken from one long sentence without marks.
_SAMPLE = (
    "thu vien khoa hoc va cong nghe cua dia phuong giup hoc sinh giao vien nguoi lao dong va doanh nghiep "
    "tim doc tai lieu van ban phap luat chuong trinh boi duong ket qua nghien cuu mot cach nhanh chong de hieu"
)


def vietnamese_letters() -> str:
    """Return the 134 Vietnamese letters outside ASCII, lower case and capital, in NFC."""
    import unicodedata  # noqa: PLC0415  # used by the builder and tests only

    letters = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in ("", *_TONES)} | {
        "đ"
    }
    lower = sorted(letter for letter in letters if ord(letter) > 0x7F)
    return "".join(lower) + "".join(letter.upper() for letter in lower)


def wanted_codepoints() -> set[int]:
    """Return what the subset keeps: Latin 1, Vietnamese, combining tone marks, punctuation and signs."""
    points = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
    points |= {ord(letter) for letter in vietnamese_letters()}
    points |= {ord(mark) for mark in _TONES} | {0x0302, 0x0306, 0x031B}
    points |= {ord(sign) for sign in "–—‘’“”„…•‹›€₫−×÷≤≥≠≈‰™←→↑↓"}
    return points


def make_webfont(source: Path, target: Path) -> None:
    """Write the woff2 subset of the TrueType font ``source`` to ``target``."""
    from fontTools.subset import Options, Subsetter, save_font  # noqa: PLC0415  # builder only
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    font = TTFont(source)
    add_tabular_figures(font)
    options = Options(
        flavor="woff2",
        hinting=False,
        layout_features=["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum"],
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        notdef_outline=True,
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted_codepoints())
    subsetter.subset(font)
    save_font(font, str(target), options)


def add_tabular_figures(font: Any) -> None:
    """Add glyphs ``<figure>.tnum`` of one width, and the feature ``tnum`` that swaps them in, to a TTFont."""
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415  # builder only

    names = [font.getBestCmap()[ord(figure)] for figure in FIGURES]
    ink = max(font["glyf"][name].xMax - font["glyf"][name].xMin for name in names)
    width = ink + 2 * FIGURE_MARGIN  # as narrow as the widest figure allows: a "1" should not look lost
    glyph_set = font.getGlyphSet()
    for name in names:
        outline = font["glyf"][name]
        shift = (width - (outline.xMax - outline.xMin)) // 2 - outline.xMin
        pen = TTGlyphPen(glyph_set)
        pen.addComponent(name, (1, 0, 0, 1, shift, 0))
        tabular = f"{name}.tnum"
        font["glyf"][tabular] = pen.glyph()  # appends the name to the glyph order
        font["hmtx"][tabular] = (width, font["hmtx"][name][1] + shift)
    _add_single_substitution(font, "tnum", {name: f"{name}.tnum" for name in names})


def _add_single_substitution(font: Any, tag: str, mapping: dict[str, str]) -> None:
    """Append one substitution feature for every script and language; the feature list stays sorted."""
    from fontTools.otlLib.builder import buildLookup, buildSingleSubstSubtable  # noqa: PLC0415
    from fontTools.ttLib.tables import otTables  # noqa: PLC0415

    table = font["GSUB"].table
    table.LookupList.Lookup.append(buildLookup([buildSingleSubstSubtable(mapping)]))
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    record = otTables.FeatureRecord()
    record.FeatureTag = tag
    record.Feature = otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [table.LookupList.LookupCount - 1]
    record.Feature.LookupCount = 1

    records = [*table.FeatureList.FeatureRecord, record]
    order = sorted(range(len(records)), key=lambda index: (records[index].FeatureTag, index))
    place = {old: new for new, old in enumerate(order)}
    table.FeatureList.FeatureRecord = [records[index] for index in order]
    table.FeatureList.FeatureCount = len(records)
    for script in table.ScriptList.ScriptRecord:
        systems = [item.LangSys for item in script.Script.LangSysRecord]
        for system in filter(None, [script.Script.DefaultLangSys, *systems]):
            system.FeatureIndex = sorted(place[index] for index in [*system.FeatureIndex, len(records) - 1])
            system.FeatureCount = len(system.FeatureIndex)


def font_face_css(source: Path) -> str:
    """Return ``@font-face`` rules, and a local fallback scaled so that text does not jump when the font
    arrives.

    ``source`` is the regular font: its average width on Vietnamese text against Arial's is ``size-adjust``.
    """
    from fontTools.ttLib import TTFont  # noqa: PLC0415  # builder only

    font = TTFont(source)
    units = font["head"].unitsPerEm
    cmap, metrics, line = font.getBestCmap(), font["hmtx"], font["hhea"]
    ours = sum(metrics[cmap[ord(letter)]][0] for letter in _SAMPLE) / units
    arial = sum(_ARIAL_ADVANCES[letter] for letter in _SAMPLE) / 1000
    scale = ours / arial
    faces = [
        f'@font-face{{font-family:"{FAMILY}";font-style:normal;font-weight:{weight};font-display:swap;'
        f'src:url("be-vietnam-pro-{weight}.woff2") format("woff2")}}'
        for weight in WEIGHTS
    ]
    faces.append(
        f'@font-face{{font-family:"{FAMILY} Fallback";src:local("Arial"),local("Liberation Sans"),'
        f'local("Roboto");size-adjust:{scale:.2%};ascent-override:{line.ascent / units / scale:.2%};'
        f"descent-override:{-line.descent / units / scale:.2%};line-gap-override:0%}}"
    )
    return "\n".join(faces)
