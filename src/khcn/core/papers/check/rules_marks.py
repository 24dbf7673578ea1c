"""Rules of divisions, articles, clauses and points."""

import re
from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.book import Book, align_words, pt, spot, style_words
from khcn.core.papers.check.model import Para, Piece, is_upper

_SHORT_LINE: Final = 150
_NUMBERED: Final = re.compile(r"^([IVXLC]+|\d{1,2}(\.\d{1,2})*|[A-ZĐ])[.)]|^(Điều|Phần|Chương|Mục)\b")
_DASHES: Final = ("-", "–", "—", "+", "*", "•")


def is_heading(para: Para) -> bool:
    """Return whether a paragraph is a heading, a caption or a line set apart: short and centred or right, or bold."""
    bold = all(piece.every("bold") for piece in para.pieces)
    if para.align in {"center", "right"}:
        return len(para.words) <= _SHORT_LINE or bold or is_upper(para.words)
    return bold and (len(para.words) <= _SHORT_LINE or bool(_NUMBERED.match(para.words)))


def check_divisions(paras: list[Para], book: Book) -> list[Para]:
    """Judge parts, chapters and sections with their titles; return the paragraphs they take."""
    taken: list[Para] = []
    for index, para in enumerate(paras):
        if not para.pieces or len(para.words) > 150:
            continue
        piece = para.pieces[0]
        match, group = like.DIVISION_F.match(piece.folded), "division"
        if match is None:
            match, group = like.SECTION_F.match(piece.folded), "section"
        set_apart = match is not None and (piece.centred or (is_heading(para) and len(piece.text) < 90))
        if (
            match is None
            or not set_apart
            or (match["number"].isdecimal() and group == "division" and not piece.centred)
        ):
            continue
        taken.append(para)
        _division(piece, match.end(), group, book)
        following = paras[index + 1] if index + 1 < len(paras) else None
        if following is not None and len(piece.text) == match.end() and following.align == "center":
            taken.append(following)
            for title in following.pieces:
                _division_title(title, book)
    if not taken:
        book.skip("văn bản không chia phần, chương, mục", "division.form", "division.title", "section.form")
    return taken


def _sized(piece: Piece) -> bool:
    return all(size in rule.HEADING_PT for size in piece.sizes)


def _division(piece: Piece, end: int, group: str, book: Book) -> None:
    faults = []
    label = piece.text.split()[0]
    number = piece.text.split()[-1] if len(piece.text) == end else ""
    if len(piece.text) != end:
        faults.append("tiêu đề viết chung dòng")
    if label[1:] != label[1:].lower():
        faults.append("chữ in hoa")
    if number.isdecimal() and group == "division":
        faults.append("số Ả Rập")
    if number and not number.isdecimal() and group == "section":
        faults.append("số La Mã")
    if not piece.every("bold"):
        faults.append("không đậm")
    if piece.centred is False:
        faults.append(align_words(piece.para.align))
    if not _sized(piece):
        faults.append("cỡ " + pt(piece.sizes))
    book.judge(
        f"{group}.form",
        spot(piece),
        good=not faults,
        expected="Chương I" if group == "division" else "Mục 1",
        got=", ".join(faults),
    )


def _division_title(piece: Piece, book: Book) -> None:
    faults = [] if is_upper(piece.text) else ["chữ in thường"]
    faults += [] if piece.every("bold") else ["không đậm"]
    faults += [] if _sized(piece) else ["cỡ " + pt(piece.sizes)]
    book.judge(
        "division.title",
        spot(piece),
        good=not faults,
        expected="in hoa, đậm, canh giữa",
        got=", ".join(faults),
    )


def check_articles(paras: list[Para], book: Book) -> None:
    """Judge the form, style and order of articles."""
    before = 0
    for para in paras:
        match = like.ARTICLE.match(para.words)
        if match is None or para.align == "center":
            continue
        mark, rest = match[3], match[4]
        cites = not mark and (
            not rest or rest[:1].islower() or rest.startswith(("Luật", "Nghị", "Thông", "Quyết"))
        )
        if cites:
            continue
        where, number = spot(para), int(match[2])
        good = match[1] == "Điều" and mark == "."
        book.judge("article.form", where, good=good, expected=f"Điều {number}.", got=f"“{para.words[:14]}”")
        _article_style(para, match.start(3), book)
        book.judge(
            "article.order",
            where,
            good=number in {before + 1, 1},
            expected=f"Điều {before + 1}.",
            got=f"Điều {number}",
        )
        before = number
    if not before:
        book.skip("văn bản không chia điều", "article.form", "article.style", "article.order")


def _article_style(para: Para, end: int, book: Book) -> None:
    """Judge "Điều n" itself; the text behind it may be anything."""
    if para.label:
        return
    read, looks = 0, []
    for span in para.spans:
        if read >= end:
            break
        if span.text.strip():
            looks.append(span.look)
        read += len(span.text)
    bold = all(look.get("bold") for look in looks)
    upright = not any(look.get("italic") for look in looks)
    got = style_words(bold=bold, italic=not upright)
    book.judge("article.style", spot(para), good=bold and upright, expected="đứng, đậm", got=got)


def check_marks(paras: list[Para], book: Book) -> None:
    """Judge the marks of clauses and points."""
    before = ""
    clauses = False
    for para in paras:
        words = para.words
        wrong = like.CLAUSE_WRONG.match(words)
        if wrong or re.match(r"^\d{1,2}\.\s", words):
            clauses = True
            got = f"“{words[:12]}”"
            book.judge("clause.form", spot(para), good=wrong is None, expected="1.", got=got)
        point = like.POINT.match(words)
        if point is None:
            if not words.startswith(_DASHES) and not para.props.get("bulleted"):
                before = before if not re.match(r"^(\d|Điều|[IVX]+\.)", words) else ""
            continue
        letter = point[1]
        wanted = _next_letter(before) if before and letter != "a" else "a"
        book.judge("point.order", spot(para), good=letter == wanted, expected=f"{wanted})", got=f"{letter})")
        before = letter
    if not clauses:
        book.skip("văn bản không chia khoản", "clause.form")
    if not any(like.POINT.match(para.words) for para in paras):
        book.skip("văn bản không chia điểm", "point.order")


def _next_letter(letter: str) -> str:
    letters = like.TYPE_LETTERS
    place_ = letters.find(letter)
    return letters[place_ + 1] if 0 <= place_ < len(letters) - 1 else letters[0]
