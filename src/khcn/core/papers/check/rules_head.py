"""Rules of the head: national name, motto, agency, number, place and day."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from khcn.core.papers import decree30 as rule
from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.book import (
    Book,
    Spot,
    align_words,
    judge_centre,
    judge_size,
    judge_style,
    place,
    spot,
)
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.check.model import Doc, Piece, is_upper
from khcn.core.papers.check.parts_found import Parts
from khcn.core.papers.check.rulers import Ruler, loose_lines, ruler_under, widest_mm
from khcn.core.papers.doctypes import LETTER, TYPES
from khcn.core.papers.metrics import width_mm

_TOP: Final = place("đầu trang thứ nhất", "head")
_RULE_SLACK: Final = 0.25
_SHARE: Final = (1 / 3 - 0.045, 1 / 2 + 0.045)
_NO_DATE: Final = frozenset({"BB", "HĐ", "BGN", "BTT"})  # their forms have no line of place and day
_MIXED_CODES: Final = frozenset(code for code in TYPES if code != code.upper())


def check_head(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge the head of the document."""
    _national(doc, parts, book)
    _motto(doc, parts, book)
    _agency(doc, parts, book)
    _number(doc, parts, book)
    _place_date(parts, book)
    _stamps(parts, book)


def missing(book: Book, group: str, where: str, got: str, *, wanted: str = "có") -> None:
    """Write down that a part is missing, and that its other rules cannot be asked."""
    book.judge(f"{group}.present", place(where, "head"), good=False, expected=wanted, got=got)
    others = [name for name in RULES if name.startswith(f"{group}.") and not name.endswith(".present")]
    book.skip("không có phần này trong văn bản", *others)


def _joined(pieces: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)


def _same_letters(text: str, wanted: str) -> bool:
    """Return whether two texts are the same but for the place of a tone (HÒA, HOÀ)."""
    return text.upper().replace("OÀ", "ÒA") == wanted.upper().replace("OÀ", "ÒA")


def _national(doc: Doc, parts: Parts, book: Book) -> None:
    pieces = parts.national
    if not pieces:
        missing(book, "national", _TOP.words, "không tìm thấy Quốc hiệu")
        return
    where, text = spot(pieces[0]), _joined(pieces)
    book.judge("national.present", where, good=True, expected="", got="")
    book.judge(
        "national.text",
        where,
        good=_same_letters(text, rule.NATIONAL_NAME),
        expected=rule.NATIONAL_NAME,
        got=f"“{text}”",
    )
    book.judge("national.capitals", where, good=is_upper(text), expected="chữ in hoa", got=f"“{text}”")
    _one_line(doc, pieces, "national", book)
    judge_size(book, "national.size", pieces, 12, 13)
    judge_style(book, "national.style", pieces, bold=True, italic=False)
    side = _side(doc, pieces[0])
    title = parts.title.para.number if parts.title is not None else 10**9
    late = pieces[0].para.story == "body" and pieces[0].para.number > title
    if late:
        book.judge(
            "national.place",
            where,
            good=False,
            expected="phía trên cùng, bên phải",
            got="nằm dưới tên loại văn bản",
        )
    elif side:
        words = {"left": "bên trái", "centre": "giữa trang"}.get(side, side)
        book.judge(
            "national.place", where, good=side == "right", expected="phía trên cùng, bên phải", got=words
        )
    else:
        book.skip("không xác định được vị trí của khung chữ", "national.place")


def _side(doc: Doc, piece: Piece) -> str:
    """Return on which side of the page a piece stands: ``right``, ``left``, ``centre``, "" when it cannot be told."""
    para = piece.para
    if para.box is not None:
        return para.box.side
    if para.cell is not None:
        alone, right = para.cell.columns == 1, para.cell.column > 0
    elif piece.tabbed:
        row = [other for other in para.pieces if other.row == piece.row]
        alone, right = False, row[0] is not piece or len(row) == 1
    else:
        alone = para.align == "center"
        far = para.prop("left") > doc.sections[para.section].text_mm * 0.3
        right = far or para.text.startswith("\t") or para.align == "right"
    return "right" if right else "centre" if alone else "left"


def _one_line(doc: Doc, pieces: Sequence[Piece], group: str, book: Book) -> None:
    """Judge whether a fixed phrase stands on one line: not broken by hand, and narrower than its room."""
    where, name = spot(pieces[0]), f"{group}.one-line"
    if len(pieces) > 1:
        book.judge(name, where, good=False, expected="một dòng", got="ngắt thành nhiều dòng")
        return
    piece = pieces[0]
    look = next(piece.looks())
    need = width_mm(
        piece.text, float(look["size"]), bold=bool(look.get("bold")), italic=bool(look.get("italic"))
    )
    room = None if piece.tabbed else doc.room_mm(piece.para)
    if room is None:
        book.judge(name, where, good=True, expected="", got="")
        return
    got = f"cần {need:.0f} mm, chỉ có {room:.0f} mm nên sẽ bị ngắt dòng"
    book.judge(name, where, good=need <= room + 0.6, expected="một dòng", got=got)


def _motto(doc: Doc, parts: Parts, book: Book) -> None:
    pieces = parts.motto
    if not pieces:
        missing(book, "motto", _TOP.words, "không tìm thấy Tiêu ngữ")
        return
    where, text = spot(pieces[0]), _joined(pieces)
    book.judge("motto.present", where, good=True, expected="", got="")
    book.judge("motto.text", where, good=text == rule.MOTTO, expected=rule.MOTTO, got=f"“{text}”")
    _one_line(doc, pieces, "motto", book)
    judge_size(book, "motto.size", pieces, 13, 14)
    judge_style(book, "motto.style", pieces, bold=True, italic=False)
    judge_centre(book, "motto.centre", pieces[:1])
    ruler = ruler_under(doc, pieces, parts.main) or _loose(doc, parts, pieces)
    judge_rule(book, "motto.rule", where, ruler)
    if ruler is not None and ruler.length_mm is not None:
        wide = widest_mm(doc, pieces)[0]
        good = abs(ruler.length_mm / wide - 1) <= _RULE_SLACK if wide else False
        wanted = f"{wide:.0f} mm, bằng dòng chữ"
        _judge_length(book, "motto.rule-length", pieces[0], ruler=ruler, wide=wide, good=good, wanted=wanted)


def _loose(doc: Doc, parts: Parts, pieces: Sequence[Piece]) -> Ruler | None:
    """Take a line drawn in the head but anchored elsewhere, the one whose length fits best."""
    wide = widest_mm(doc, pieces)[0]
    want = wide if pieces == parts.motto else wide * rule.AGENCY_RULE_SHARE.chosen
    lines = loose_lines(doc, [*parts.motto] if pieces != parts.motto else [*parts.agency])
    lines = [line for line in lines if line.length_mm is None or line.length_mm < wide * 1.5]
    best = min(lines, key=lambda line: abs((line.length_mm or want) - want), default=None)
    return None if best is None else Ruler(best.length_mm, best.solid)


def judge_rule(book: Book, name: str, where: Spot, ruler: Ruler | None) -> None:
    """Judge whether there is a solid rule."""
    good = ruler is not None and ruler.solid
    got = "không có đường kẻ" if ruler is None else "nét đứt"
    book.judge(name, where, good=good, expected="đường kẻ ngang, nét liền", got=got)
    if ruler is None or ruler.length_mm is None:
        book.skip("không đo được độ dài đường kẻ", f"{name}-length")


def judge_share(doc: Doc, book: Book, name: str, pieces: Sequence[Piece], ruler: Ruler | None) -> None:
    """Judge whether a rule is between a third and a half of the text above it."""
    if ruler is None or ruler.length_mm is None:
        return
    widest, last = widest_mm(doc, pieces)
    good = any(wide and _SHARE[0] <= ruler.length_mm / wide <= _SHARE[1] for wide in (widest, last))
    wanted = f"{widest / 3:.0f}-{widest / 2:.0f} mm, từ 1/3 đến 1/2 dòng chữ"
    _judge_length(book, name, pieces[-1], ruler=ruler, wide=widest, good=good, wanted=wanted)


def _judge_length(
    book: Book, name: str, piece: Piece, *, ruler: Ruler, wide: float, good: bool, wanted: str
) -> None:
    got = f"{ruler.length_mm or 0:.0f} mm trên dòng chữ {wide:.0f} mm"
    book.judge(name, spot(piece), good=good, expected=wanted, got=got)


def _agency(doc: Doc, parts: Parts, book: Book) -> None:
    pieces = [*parts.parents, *parts.agency]
    if not parts.agency:
        missing(book, "agency", "góc trên bên trái trang đầu", "không tìm thấy tên cơ quan ban hành")
        return
    book.judge("agency.present", spot(parts.agency[0]), good=True, expected="", got="")
    for piece in pieces:
        book.judge(
            "agency.capitals",
            spot(piece),
            good=is_upper(piece.text),
            expected="chữ in hoa",
            got=f"“{piece.text}”",
        )
    judge_size(book, "agency.size", pieces, 12, 13)
    judge_style(book, "agency.style", parts.agency, bold=True, italic=False)
    judge_style(book, "agency.parent-style", parts.parents, bold=False, italic=False)
    if not parts.parents:
        book.skip("văn bản không ghi cơ quan chủ quản", "agency.parent-style")
    judge_centre(book, "agency.centre", pieces)
    ruler = ruler_under(doc, parts.agency, parts.main) or _loose(doc, parts, parts.agency)
    judge_rule(book, "agency.rule", spot(parts.agency[-1]), ruler)
    judge_share(doc, book, "agency.rule-length", parts.agency, ruler)


def _number(doc: Doc, parts: Parts, book: Book) -> None:
    piece = parts.number
    if piece is None:
        missing(book, "number", "dưới tên cơ quan", "không tìm thấy dòng “Số: …/…”")
        return
    where, text = spot(piece), piece.text
    match = like.number_in(text)
    digits = match["digits"].strip() if match else ""
    tail = (match["tail"] or "") if match else ""
    symbol = tail.lstrip("/ ").strip() if tail.startswith("/") else ""
    book.judge("number.present", where, good=True, expected="", got="")
    digital = digits.isdecimal()
    named = parts.kind is not None and parts.kind is not LETTER
    good = (
        text.startswith("Số:")
        and symbol != ""
        and " " not in symbol
        and not symbol.endswith("-")
        and not (named and "-" not in symbol)
        and not set(symbol) & set("–—/_.,;")
        and (not digital or f"{digits}/{symbol}" in text)
    )
    book.judge("number.form", where, good=good, expected="Số: 05/BC-UBND", got=f"“{text}”")
    if digital:
        zero = digits == f"{int(digits):02d}"
        book.judge("number.zero", where, good=zero, expected=f"{int(digits):02d}", got=digits)
    else:
        book.skip("văn bản chưa ghi số (văn thư ghi khi ban hành)", "number.zero")
    _symbol(parts, symbol, book)
    judge_size(book, "number.size", [piece], 13, 13)
    judge_style(book, "number.style", [piece], bold=False, italic=False)
    judge_centre(book, "number.centre", [piece])
    side = (
        _side(doc, piece)
        if piece.para.cell is not None or piece.para.box is not None or piece.tabbed
        else "left"
    )
    good = side in {"left", "centre", ""}
    book.judge("number.place", where, good=good, expected="bên trái, dưới tên cơ quan", got="bên phải")


def _symbol(parts: Parts, symbol: str, book: Book) -> None:
    piece = parts.number
    if piece is None or not symbol:
        book.skip("không đọc được ký hiệu", "number.capitals", "number.code")
        return
    where = spot(piece)
    groups = [group.strip() for group in symbol.replace("–", "-").split("-")]
    small = [group for group in groups if group not in _MIXED_CODES and any(sign.islower() for sign in group)]
    book.judge("number.capitals", where, good=not small, expected=symbol.upper(), got=symbol)
    kind = parts.kind
    if kind is None or kind is LETTER:
        book.skip(
            "công văn không có chữ viết tắt tên loại" if kind else "không rõ loại văn bản", "number.code"
        )
        return
    got = groups[0]
    again = f"{kind.code}-…"
    good = got == kind.code
    if not good and got.upper() == kind.code.upper() and small:
        good = False
    book.judge("number.code", where, good=good, expected=f"{again} ({kind.name})", got=symbol)


def _place_date(parts: Parts, book: Book) -> None:
    piece = parts.place
    if piece is None:
        if parts.kind is not None and parts.kind.code in _NO_DATE:
            why = f"mẫu {parts.kind.name.lower()} không có dòng địa danh, thời gian"
            book.skip(why, *(name for name in RULES if name.startswith("place-date.")))
        else:
            missing(book, "place-date", "dưới Tiêu ngữ", "không tìm thấy dòng địa danh, ngày tháng năm")
        return
    where, text = spot(piece), piece.text
    book.judge("place-date.present", where, good=True, expected="", got="")
    match = like.PLACE.match(text)
    wanted = "Chợ Quán, ngày 05 tháng 6 năm 2021"
    if match is None:
        book.judge("place-date.form", where, good=False, expected=wanted, got=f"“{text}”")
        book.skip(
            "dòng địa danh, thời gian viết sai dạng",
            "place-date.zero-day",
            "place-date.zero-month",
            "place-date.real",
        )
    else:
        name = match["place"]
        good = (
            bool(name) and match["comma"] == "," and match["word"] == "ngày" and (name[0] == name[0].upper())
        )
        good = (
            good
            and "  " not in text
            and " ," not in text
            and "tháng" in text
            and "năm" in text
            and f", {match['word']}" in text
        )
        book.judge("place-date.form", where, good=good, expected=wanted, got=f"“{text}”")
        _day(match["day"].strip(), match["month"].strip(), match["year"].strip(), piece, book)
    judge_size(book, "place-date.size", [piece], 13, 14)
    judge_style(book, "place-date.style", [piece], bold=False, italic=True)
    _under_motto(parts, piece, book)


def _under_motto(parts: Parts, piece: Piece, book: Book) -> None:
    para = piece.para
    if para.cell is not None and parts.motto and parts.motto[0].para.cell is not None:
        motto = parts.motto[0].para.cell
        below = para.cell.column > 0 and motto.column > 0 and para.number > parts.motto[0].para.number
        got = "không nằm dưới Tiêu ngữ" if not below else align_words(para.align)
        book.judge(
            "place-date.place",
            spot(piece),
            good=below and para.align == "center",
            expected="dưới Tiêu ngữ, canh giữa",
            got=got,
        )
    elif piece.tabbed or para.box is not None:
        book.skip("đặt bằng phím Tab hoặc khung chữ nên không đo được", "place-date.place")
    else:
        good = para.align in {"right", "center"}
        book.judge(
            "place-date.place", spot(piece), good=good, expected="dưới Tiêu ngữ", got=align_words(para.align)
        )


def _day(day: str, month: str, year: str, piece: Piece, book: Book) -> None:
    where = spot(piece)
    if day.isdecimal():
        good = len(day) == 2
        book.judge(
            "place-date.zero-day", where, good=good, expected=f"ngày {int(day):02d}", got=f"ngày {day}"
        )
    else:
        book.skip("văn bản chưa ghi ngày (văn thư ghi khi ban hành)", "place-date.zero-day")
    if month.isdecimal():
        number = int(month)
        wanted = f"{number:02d}" if number <= 2 else str(number)
        book.judge(
            "place-date.zero-month",
            where,
            good=month == wanted,
            expected=f"tháng {wanted}",
            got=f"tháng {month}",
        )
    else:
        book.skip("văn bản chưa ghi tháng (văn thư ghi khi ban hành)", "place-date.zero-month")
    if day.isdecimal() and month.isdecimal() and year.isdecimal():
        book.judge(
            "place-date.real",
            where,
            good=_real(day, month, year),
            expected="ngày có trong lịch",
            got=f"{day}/{month}/{year}",
        )
    else:
        book.skip("văn bản chưa ghi đủ ngày, tháng, năm", "place-date.real")


def _real(day: str, month: str, year: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return len(year) == 4


def _stamps(parts: Parts, book: Book) -> None:
    for piece in parts.stamps:
        upright = piece.every("bold") and piece.every("italic", expected=False)
        sized = all(size in rule.STAMP_PT for size in piece.sizes)
        good = is_upper(piece.text) and upright and sized
        got = "chữ in hoa" if is_upper(piece.text) else "chữ in thường"
        got += ", đậm" if piece.every("bold") else ", không đậm"
        got += ", cỡ " + " và ".join(f"{size:g}" for size in piece.sizes)
        book.judge("urgency.form", spot(piece), good=good, expected="in hoa, đứng, đậm, cỡ 13-14", got=got)
    if not parts.stamps:
        book.skip("văn bản không có dấu chỉ mức độ khẩn", "urgency.form")
