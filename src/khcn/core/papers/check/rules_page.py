"""Rules of the page: paper, margins, font, colour, page numbers."""

import re
from collections.abc import Iterator
from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.check.book import WHOLE, Book, Spot, align_words, place, pt, spot, style_words
from khcn.core.papers.check.model import Doc, Para, Section
from khcn.core.papers.check.pages import pages_of
from khcn.core.papers.check.parts_found import Parts

_SPANS: Final = {
    "top": rule.MARGIN_TOP_MM,
    "bottom": rule.MARGIN_BOTTOM_MM,
    "left": rule.MARGIN_LEFT_MM,
    "right": rule.MARGIN_RIGHT_MM,
}
_MARGIN_SLACK_MM: Final = 0.3
_PAPER_SLACK_MM: Final = 1.5
# When Word turns a page it turns its margins too: the edge that is bound stays the same.
_TURNED: Final = ({"left": "top", "top": "right", "right": "bottom", "bottom": "left"},
                  {"left": "bottom", "bottom": "right", "right": "top", "top": "left"})  # fmt: skip
_PLAIN_SIGN: Final = re.compile(r"[A-Za-z0-9]")
_DARK: Final = 0x20
_BLACK_THEMES: Final = frozenset({"", "text1", "dark1", "tx1", "dk1"})
_OLD_FONTS: Final = (".vn", "vni", "abc")
_NUMBER_RULES: Final = ("present", "place", "centre", "first-page", "format", "size", "style")


def check_page(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge paper, margins, fonts and page numbers."""
    for index, section in enumerate(doc.sections):
        if section.continuous and index > 0 and _same_page(section, doc.sections[index - 1]):
            continue
        _paper(doc, index, section, book)
        _margins(index, section, book)
    _fonts(doc, parts, book)
    _page_numbers(doc, book)


def _same_page(section: Section, before: Section) -> bool:
    return (section.width_mm, section.height_mm, section.margins) == (
        before.width_mm,
        before.height_mm,
        before.margins,
    )


def _paper(doc: Doc, index: int, section: Section, book: Book) -> None:
    where = place(f"phần {index + 1} (section)", "page")
    short, long = sorted((section.width_mm, section.height_mm))
    good = (
        abs(short - rule.PAGE_WIDTH_MM) <= _PAPER_SLACK_MM
        and abs(long - rule.PAGE_HEIGHT_MM) <= _PAPER_SLACK_MM
    )
    got = f"{section.width_mm:.0f} x {section.height_mm:.0f} mm"
    if abs(short - 215.9) < 1 and abs(long - 279.4) < 1:
        got += " (Letter)"
    book.judge("paper.size", where, good=good, expected="210 x 297 mm (A4)", got=got)
    data_tables = section.tables - (2 if index == 0 and len(doc.sections) == 1 else 1 if index == 0 else 0)
    book.judge(
        "paper.orientation",
        where,
        good=not section.landscape or (data_tables > 0 and index > 0),
        expected="chiều dài (portrait)",
        got="xoay ngang (landscape)",
    )


def _margins(index: int, section: Section, book: Book) -> None:
    where = place(f"phần {index + 1} (section)", "page")
    turned = section.landscape and any(
        all(_fits(section.margins[to], side) for side, to in turn.items()) for turn in _TURNED
    )
    for side, span in _SPANS.items():
        got = section.margins[side]
        book.judge(
            f"margin.{side}",
            where,
            good=turned or _fits(got, side),
            expected=f"{span.low:g}-{span.high:g} mm",
            got=f"{got:.1f} mm".replace(".", ","),
        )


def _fits(margin: float, side: str) -> bool:
    span = _SPANS[side]
    return span.low - _MARGIN_SLACK_MM <= margin <= span.high + _MARGIN_SLACK_MM


def _shown(doc: Doc) -> Iterator[Para]:
    """Yield all paragraphs that are shown: the text, and headers and footers that pages have."""
    yield from doc.paras
    for section in doc.sections:
        for kind, name in section.parts.items():
            if kind.endswith("first") and not section.title_page:
                continue
            if kind.endswith("even") and not doc.even_odd:
                continue
            yield from doc.margins.get(name, ())


def _fonts(doc: Doc, parts: Parts, book: Book) -> None:
    stamps = {id(piece.para) for piece in parts.stamps}
    seen: set[str] = set()
    for para in _shown(doc):
        fonts, colours = _fonts_of(para)
        for font in sorted(fonts):
            good = _is_times(font)
            if good and "font" in seen:
                continue  # thousands of cells: one place of what is kept is enough
            seen.add("font")
            old = " (bảng mã cũ, cần chuyển sang Unicode)" if font.lower().startswith(_OLD_FONTS) else ""
            book.judge("font.family", spot(para), good=good, expected=rule.FONT, got=font + old)
        for colour in sorted(colours) if id(para) not in stamps else ():
            if not colour and "colour" in seen:
                continue
            seen.add("colour")
            book.judge("font.colour", spot(para), good=not colour, expected="màu đen", got=colour)
    if "font" not in seen:
        book.judge("font.family", WHOLE, good=False, expected=rule.FONT, got="văn bản không có chữ")


def _fonts_of(para: Para) -> tuple[set[str], set[str]]:
    """Return the fonts and colours of what is to be seen in a paragraph; "" is black."""
    fonts, colours = set(), set()
    for span in para.spans:
        if not span.text.strip():
            continue
        if _PLAIN_SIGN.search(span.text):
            fonts.add(str(span.look["font"]))
        if not span.text.isascii() and any(not sign.isascii() and sign.isalpha() for sign in span.text):
            fonts.add(str(span.look["font_other"]))
        colours.add(_colour(span.look))
    return fonts, colours


def _is_times(font: str) -> bool:
    return font.strip().lower() == rule.FONT.lower()


def _colour(look: dict[str, object]) -> str:
    """Return a colour that is not black, "" for black."""
    colour, theme = str(look.get("colour", "AUTO")), str(look.get("theme_colour", ""))
    if colour == "AUTO":
        return "" if theme in _BLACK_THEMES else f"màu {theme}"
    try:
        red, green, blue = (int(colour[start : start + 2], 16) for start in (0, 2, 4))
    except ValueError:
        return ""
    return "" if max(red, green, blue) <= _DARK else f"màu #{colour}"


# ---- page numbers ---------------------------------------------------------------------------------------


def _of_section(doc: Doc, section: Section, kind: str) -> list[Para]:
    return doc.margins.get(section.parts.get(kind, ""), [])


def _numbered(paras: list[Para]) -> Para | None:
    return next((para for para in paras if para.page_field), None)


def _page_numbers(doc: Doc, book: Book) -> None:
    first = doc.sections[0]
    kinds = ["default", *(["even"] if doc.even_odd else [])]
    above = [_numbered(_of_section(doc, first, f"header-{kind}")) for kind in kinds]
    below = [_numbered(_of_section(doc, first, f"footer-{kind}")) for kind in kinds]
    in_body = next((para for para in doc.paras if para.page_field), None)
    found = next((para for para in [*above, *below] if para is not None), None) or in_body
    where = place("lề trên các trang", "header")
    if found is None:
        found = _later_number(doc)
    if found is None:
        if pages_of(doc) < 2:
            book.skip("văn bản chỉ có một trang", *(f"page-number.{name}" for name in _NUMBER_RULES))
        else:
            book.judge(
                "page-number.present", where, good=False, expected="có số trang", got="không có số trang"
            )
        return
    book.judge(
        "page-number.present",
        spot(found),
        good=None not in above or found not in above,
        expected="",
        got="trang chẵn không có số",
    )
    in_header = found.story == "header"
    book.judge(
        "page-number.place",
        spot(found),
        good=in_header,
        expected="lề trên",
        got="lề dưới (chân trang)" if found.story == "footer" else "trong nội dung",
    )
    _centred(doc, found, book)
    _first_page(doc, first, found, book)
    number = found.page_look
    size = float(number.get("size", 10))
    book.judge(
        "page-number.size", spot(found), good=size in rule.PAGE_NUMBER_PT, expected="13-14 pt", got=pt([size])
    )
    bold, italic = bool(number.get("bold")), bool(number.get("italic"))
    book.judge(
        "page-number.style",
        spot(found),
        good=not bold and not italic,
        expected=style_words(bold=False, italic=False),
        got=style_words(bold=bold, italic=italic),
    )
    _format(first, spot(found), book)


def _later_number(doc: Doc) -> Para | None:
    """Return a page number that only the first page or a later section shows."""
    for section in doc.sections:
        for name in section.parts.values():
            para = _numbered(doc.margins.get(name, []))
            if para is not None:
                return para
    return None


def _centred(doc: Doc, found: Para, book: Book) -> None:
    align = found.align
    frame = str(found.props.get("frame_align", ""))
    good = align == "center" or frame == "center"
    tabs = found.page_prefix.count("\t")
    if not good and tabs and not found.page_prefix.strip():
        good = _centre_tab(doc, found, tabs)
    got = "đặt bằng phím Tab, lệch giữa" if tabs and not good else align_words(frame if frame else align)
    book.judge("page-number.centre", spot(found), good=good, expected="canh giữa", got=got)


def _centre_tab(doc: Doc, para: Para, tabs: int) -> bool:
    stops = para.props.get("tabs") or {}
    ordered = sorted(stops)
    if tabs > len(ordered):
        return False
    where = ordered[tabs - 1]
    middle = doc.sections[0].text_mm / 2
    return bool(stops[where] == "center") and abs(where - middle) < 12


def _first_page(doc: Doc, first: Section, found: Para, book: Book) -> None:
    """The number must not show on page 1: a first page of its own without it (or a number that starts later)."""
    wanted = "ẩn ở trang đầu"
    if not first.title_page:
        single = found.story != "body" and found not in _of_section(doc, first, "header-default")
        later = single and found not in _of_section(doc, first, "footer-default")
        book.judge("page-number.first-page", spot(found), good=later, expected=wanted, got="hiện ở trang đầu")
        return
    own = [*_of_section(doc, first, "header-first"), *_of_section(doc, first, "footer-first")]
    book.judge(
        "page-number.first-page",
        spot(found),
        good=_numbered(own) is None,
        expected=wanted,
        got="hiện ở trang đầu",
    )


def _format(first: Section, where: Spot, book: Book) -> None:
    arabic = first.number_format in {"decimal", "numberInDash", "decimalZero"}
    starts = first.start in {None, 1}
    got = "bắt đầu từ số " + str(first.start) if arabic else f"kiểu {first.number_format}"
    book.judge("page-number.format", where, good=arabic and starts, expected="1, 2, 3…", got=got)
