"""Rules of the text: size, style, justification, indents, gaps, line spacing."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.check.book import Book, align_words, judge_size, place, pt, spot, style_words
from khcn.core.papers.check.model import Doc, Para, Piece
from khcn.core.papers.check.pages import line_pt
from khcn.core.papers.check.parts_found import Parts
from khcn.core.papers.check.rules_marks import check_articles, check_divisions, check_marks, is_heading
from khcn.core.papers.metrics import width_mm

_LISTED: Final = re.compile(r"^(?:[-–—+*•]|\(?[a-zđ0-9]{1,3}[.)])\s*", re.IGNORECASE)
# what belongs to a table or a picture; the decree says nothing of its size
_CAPTION: Final = re.compile(
    r"^(bảng|biểu|hình|biểu đồ|nguồn|ghi chú|đơn vị tính|đvt)\b[^;]{0,150}$", re.IGNORECASE
)
_INDENT_SLACK_MM: Final = 0.35
_SHORT: Final = 12  # body paragraphs of fewer signs ("Trân trọng./.") tell nothing about alignment
_MOST_STYLED: Final = 0.6  # a text most of which is bold or italic is not emphasised, it is set so


def check_text(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge the text between legal basis and signature."""
    paras = parts.body
    if not paras and not parts.in_tables:
        where = place("giữa phần đầu và phần ký", "body")
        book.judge("body.present", where, good=False, expected="có nội dung", got="không tìm thấy nội dung")
        return
    book.judge("body.present", spot((paras or parts.in_tables)[0]), good=True, expected="", got="")
    divisions = {id(para) for para in check_divisions(paras, book)}
    running = [para for para in paras if id(para) not in divisions]
    sized = [para for para in running if not _CAPTION.match(para.words)]
    judge_size(book, "body.size", [piece for para in sized for piece in _not_raised(para)], 13, 14)
    prose = [para for para in sized if not is_heading(para)]
    _style(prose, book)
    _justify(doc, prose, book)
    for para in prose:
        _first_line(doc, para, book)
    _gaps(running, book)
    _line_spacing(prose or running, book)
    check_articles(paras, book)
    check_marks(paras, book)


def _not_raised(para: Para) -> Iterator[Piece]:
    """Yield the pieces without raised and lowered signs, which are smaller rightly."""
    for piece in para.pieces:
        spans = [span for span in piece.spans if not span.look.get("raised")]
        if any(span.text.strip() for span in spans):
            yield Piece(para, spans, piece.row, piece.column, piece.columns, piece.first)


def _style(prose: list[Para], book: Book) -> None:
    """Judge whether the text as a whole is upright and not bold; single words may be emphasised."""
    if not prose:
        return
    total = bold = italic = 0
    for para in prose:
        for span in para.spans:
            signs = len(span.text.strip())
            total += signs
            bold += signs * bool(span.look.get("bold"))
            italic += signs * bool(span.look.get("italic"))
    slanted, heavy = italic > total * _MOST_STYLED, bold > total * _MOST_STYLED
    book.judge(
        "body.style",
        spot(prose[0]),
        good=not slanted and not heavy,
        expected=style_words(bold=False, italic=False),
        got=style_words(bold=heavy, italic=slanted),
    )


def _lines(doc: Doc, para: Para) -> float:
    """Return how many lines a paragraph fills, as a fraction."""
    wide = sum(
        width_mm(span.text, float(span.look["size"]), bold=bool(span.look.get("bold"))) for span in para.spans
    )
    return (wide + max(0.0, para.prop("first"))) / max(20.0, doc.room_mm(para) or 165.0)


def _justify(doc: Doc, prose: list[Para], book: Book) -> None:
    """Judge long paragraphs; short ones only where there are no long ones, since nothing shows on one line."""
    long = [para for para in prose if _lines(doc, para) > 1.02]
    for para in long or [para for para in prose if len(para.words) > _SHORT]:
        book.judge(
            "body.justify",
            spot(para),
            good=para.align == "both",
            expected="canh đều hai lề",
            got=align_words(para.align),
        )
    centred = [
        para
        for para in doc.paras
        if para.align in {"center", "right"} and para.cell is None and para.box is None
    ]
    for para in centred:
        if para in prose and _lines(doc, para) > 2:
            book.judge(
                "body.justify",
                spot(para),
                good=False,
                expected="canh đều hai lề",
                got=align_words(para.align),
            )


def _first_line(doc: Doc, para: Para, book: Book) -> None:
    text = para.text
    if len(para.words) <= 3:
        return
    left, first = para.prop("left"), para.prop("first")
    start = left + first
    if text.startswith("\t"):
        stops = sorted(stop for stop in para.props.get("tabs") or {} if stop > start + 0.5)
        start = stops[0] if stops else (int(start / doc.default_tab_mm + 0.01) + 1) * doc.default_tab_mm
    elif text.startswith(" " * 3):
        book.judge(
            "body.first-line", spot(para), good=False, expected="10 hoặc 12,7 mm", got="lùi bằng dấu cách"
        )
        return
    good = any(abs(start - wanted) <= _INDENT_SLACK_MM for wanted in rule.FIRST_LINES_MM)
    listed = bool(_LISTED.match(para.words)) or bool(para.props.get("numbered"))
    if listed and start >= rule.FIRST_LINES_MM[0] - _INDENT_SLACK_MM:
        good = True
    book.judge(
        "body.first-line",
        spot(para),
        good=good,
        expected="10 hoặc 12,7 mm",
        got=f"{start:.1f} mm".replace(".", ","),
    )


def _gaps(paras: list[Para], book: Book) -> None:
    """Judge the gap between paragraphs that follow each other directly; lines set apart in the middle are free."""
    for above, below in pairwise(paras):
        if below.number - above.number > 1 or "center" in {above.align, below.align} or len(above.words) <= 2:
            continue
        gap = 0.0
        same = above.props.get("style") == below.props.get("style")
        if not (same and above.props.get("contextual")):
            gap += 14.0 if above.props.get("after_auto") else above.prop("after")
        if not (same and below.props.get("contextual")):
            gap += 14.0 if below.props.get("before_auto") else below.prop("before")
        good = gap >= rule.PARAGRAPH_GAP_PT - 0.05
        book.judge("body.gap", spot(below), good=good, expected="từ 6 pt trở lên", got=pt([gap]))


def _line_spacing(paras: list[Para], book: Book) -> None:
    for para in paras:
        size = max((float(span.look["size"]) for span in para.spans if span.text.strip()), default=13.0)
        if para.props.get("line_rule") in {"exact", "atLeast"} and para.prop("line"):
            ratio = line_pt(para, size) / (size * 1.15)
            good = (0.97 if para.props["line_rule"] == "atLeast" else 0.9) <= ratio <= 1.53
            got = f"{'đúng' if para.props['line_rule'] == 'exact' else 'tối thiểu'} {pt([para.prop('line') / 20])}"
        else:
            ratio = (para.prop("line") or 240) / 240
            good = 0.995 <= ratio <= 1.505
            got = f"{ratio:g} dòng".replace(".", ",")
        book.judge("body.line-spacing", spot(para), good=good, expected="từ 1 đến 1,5 dòng", got=got)
