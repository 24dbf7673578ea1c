"""Rules between head and signature: type name, abstract, subject, addressees, legal basis, text, divisions."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.book import (
    Book,
    align_words,
    judge_centre,
    judge_size,
    judge_style,
    place,
    pt,
    spot,
    style_words,
)
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.check.layout import Parts
from khcn.core.papers.check.model import Doc, Para, Piece, is_upper
from khcn.core.papers.check.pages import line_pt
from khcn.core.papers.check.rulers import ruler_under
from khcn.core.papers.check.rules_head import judge_rule, judge_share, missing
from khcn.core.papers.doctypes import LETTER
from khcn.core.papers.metrics import width_mm

_NO_ABSTRACT: Final = frozenset({"GGT", "GNP", "PG", "PC", "PB", "GUQ", "HĐ", "BGN", "BTT", "CĐ", "TC"})
_WANTS_ADDRESSEES: Final = frozenset({"TTr", "CV"})
_MAY_ADDRESS: Final = frozenset({"TTr", "CV", "BC", "TC.", "GM", "PC", "PG", "PB", "GGT", "GNP", "CĐ"})
_DASHES: Final = ("-", "–", "—", "+", "*", "•")
_LISTED: Final = re.compile(r"^(?:[-–—+*•]|\(?[a-zđ0-9]{1,3}[.)])\s*", re.IGNORECASE)
_INDENT_SLACK_MM: Final = 0.35
_SHORT: Final = 12  # body paragraphs of fewer signs ("Trân trọng./.") tell nothing about spacing
_PROSE_SIGNS: Final = 60
_MOST_STYLED: Final = 0.6  # a text most of which is bold or italic is not emphasised, it is set so


def check_body(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge all that stands between head and signature."""
    _type(doc, parts, book)
    _subject(parts, book)
    _addressees(parts, book)
    _bases(parts, book)
    _text(doc, parts, book)


def _group(name: str) -> list[str]:
    return [found for found in RULES if found.startswith(f"{name}.")]


def _type(doc: Doc, parts: Parts, book: Book) -> None:
    title = parts.title
    if title is None:
        if parts.kind is LETTER:
            book.skip("công văn không có tên loại", *_group("type"), *_group("abstract"))
            return
        name = f"“{parts.kind.title}”" if parts.kind else "tên loại"
        missing(book, "type", "dưới phần đầu văn bản", "không tìm thấy tên loại văn bản", wanted=name)
        book.skip("không có tên loại văn bản", *_group("abstract"))
        return
    where = spot(title)
    book.judge("type.present", where, good=True, expected="", got="")
    book.judge(
        "type.capitals", where, good=is_upper(title.text), expected=title.text.upper(), got=f"“{title.text}”"
    )
    judge_size(book, "type.size", [title], 13, 14)
    judge_style(book, "type.style", [title], bold=True, italic=False)
    judge_centre(book, "type.centre", [title])
    _abstract(doc, parts, title, book)


def _abstract(doc: Doc, parts: Parts, title: Piece, book: Book) -> None:
    pieces = parts.abstract
    if parts.title_rest:
        got = f"viết chung dòng với tên loại: “{title.text}”"
        book.judge("abstract.present", spot(title), good=False, expected="trên dòng riêng", got=got)
        book.skip("trích yếu không đứng riêng", *_group("abstract"))
        return
    if not pieces:
        if parts.kind is not None and parts.kind.code in _NO_ABSTRACT:
            book.skip(f"{parts.kind.name.lower()} không bắt buộc có trích yếu", *_group("abstract"))
        else:
            missing(book, "abstract", "dưới tên loại văn bản", "không tìm thấy trích yếu canh giữa, đậm")
        return
    book.judge("abstract.present", spot(pieces[0]), good=True, expected="", got="")
    for piece in pieces:
        upper = is_upper(piece.text) and len(piece.text) > 12
        book.judge("abstract.case", spot(piece), good=not upper, expected="chữ in thường", got="chữ in hoa")
    judge_size(book, "abstract.size", pieces, 13, 14)
    judge_style(book, "abstract.style", pieces, bold=True, italic=False)
    judge_centre(book, "abstract.centre", pieces)
    ruler = ruler_under(doc, pieces, parts.main)
    judge_rule(book, "abstract.rule", spot(pieces[-1]), ruler)
    judge_share(doc, book, "abstract.rule-length", pieces, ruler)


def _subject(parts: Parts, book: Book) -> None:
    if parts.kind is not LETTER:
        book.skip("chỉ công văn mới có trích yếu “V/v”", *_group("subject"))
        return
    pieces = parts.subject
    if not pieces:
        missing(book, "subject", "dưới số, ký hiệu", "không tìm thấy “V/v …”")
        return
    text = " ".join(piece.text for piece in pieces)
    book.judge("subject.present", spot(pieces[0]), good=True, expected="", got="")
    rest = like.SUBJECT.sub("", text)
    good = text.startswith("V/v ") and not (is_upper(rest) and len(rest) > 12)
    book.judge("subject.form", spot(pieces[0]), good=good, expected="V/v …", got=f"“{text[:60]}”")
    judge_size(book, "subject.size", pieces, 12, 13)
    judge_style(book, "subject.style", pieces, bold=False, italic=False)
    judge_centre(book, "subject.centre", pieces)


def _addressees(parts: Parts, book: Book) -> None:
    label, code = parts.addressed, parts.kind.code if parts.kind else ""
    if label is None:
        if code in _WANTS_ADDRESSEES:
            missing(book, "addressees", "trước nội dung", "không tìm thấy “Kính gửi”")
        else:
            book.skip("loại văn bản này không bắt buộc có “Kính gửi”", *_group("addressees"))
        return
    where = spot(label)
    book.judge("addressees.present", where, good=True, expected="", got="")
    fits = not code or code in _MAY_ADDRESS
    book.judge(
        "addressees.kind",
        where,
        good=fits,
        expected="không có “Kính gửi”",
        got=f"{parts.kind.name if parts.kind else ''} có “Kính gửi”",
    )
    _addressee_form(parts, label, book)
    pieces = [label, *parts.addressees]
    judge_size(book, "addressees.size", pieces, 13, 14)
    judge_style(book, "addressees.style", pieces, bold=False, italic=False)


def _addressee_form(parts: Parts, label: Piece, book: Book) -> None:
    text = label.text
    good = text.startswith("Kính gửi:")
    book.judge("addressees.form", spot(label), good=good, expected="Kính gửi:", got=f"“{text[:40]}”")
    names = parts.addressees
    if len(names) < 2:
        return
    for place_, piece in enumerate(names):
        end = "." if place_ == len(names) - 1 else ";"
        dashed = piece.text.startswith("-")
        book.judge(
            "addressees.form", spot(piece), good=dashed and piece.text.endswith(end),
            expected=f"“- …{end}”", got=f"“{piece.text[:30]}…{piece.text[-1:]}”",
        )  # fmt: skip


def _pieces(paras: Sequence[Para]) -> list[Piece]:
    return [piece for para in paras for piece in para.pieces]


def _bases(parts: Parts, book: Book) -> None:
    if not parts.bases:
        book.skip("văn bản không có phần căn cứ riêng", *_group("bases"))
        return
    pieces = _pieces(parts.bases)
    judge_style(book, "bases.style", pieces, bold=False, italic=True)
    judge_size(book, "bases.size", pieces, 13, 14)
    for place_, para in enumerate(parts.bases):
        last = place_ == len(parts.bases) - 1
        ends = (".",) if last else (";",)
        got = f"“…{para.words[-15:]}”"
        book.judge(
            "bases.ends",
            spot(para),
            good=para.words.endswith(ends),
            expected=f"kết thúc bằng “{ends[0]}”",
            got=got,
        )


# ---- the text -------------------------------------------------------------------------------------------


def _text(doc: Doc, parts: Parts, book: Book) -> None:
    paras = parts.body
    if not paras and not parts.in_tables:
        where = place("giữa phần đầu và phần ký", "body")
        book.judge("body.present", where, good=False, expected="có nội dung", got="không tìm thấy nội dung")
        return
    book.judge("body.present", spot((paras or parts.in_tables)[0]), good=True, expected="", got="")
    divisions = {id(para) for para in _divisions(paras, book)}
    running = [para for para in paras if id(para) not in divisions]
    judge_size(book, "body.size", [piece for para in running for piece in _not_raised(para)], 13, 14)
    prose = [para for para in running if not is_heading(para)]
    _style(prose, book)
    _justify(doc, prose, book)
    for para in prose:
        _first_line(doc, para, book)
    _gaps(running, book)
    _line_spacing(prose or running, book)
    _articles(paras, book)
    _marks(paras, book)


def _not_raised(para: Para) -> Iterator[Piece]:
    """Yield the pieces without raised and lowered signs, which are smaller rightly."""
    for piece in para.pieces:
        spans = [span for span in piece.spans if not span.look.get("raised")]
        if any(span.text.strip() for span in spans):
            yield Piece(para, spans, piece.row, piece.column, piece.columns, piece.first)


def is_heading(para: Para) -> bool:
    """Return whether a paragraph is a heading, a caption or a line set apart: centred, or wholly bold."""
    if para.align in {"center", "right"}:
        return len(para.words) < 250
    return all(piece.every("bold") for piece in para.pieces)


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
    for above, below in zip(paras, paras[1:], strict=False):
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


# ---- divisions, articles, clauses, points ---------------------------------------------------------------


def _divisions(paras: list[Para], book: Book) -> list[Para]:
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
            or (match["number"].isdigit() and group == "division" and not piece.centred)
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
        book.skip("văn bản không chia phần, chương, mục", *_group("division"), *_group("section"))
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
    if number.isdigit() and group == "division":
        faults.append("số Ả Rập")
    if number and not number.isdigit() and group == "section":
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


def _articles(paras: list[Para], book: Book) -> None:
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


def _marks(paras: list[Para], book: Book) -> None:
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
