"""Rules between head and text: type name, abstract, subject of a letter, addressees, legal basis."""

from collections.abc import Sequence
from typing import Final

from khcn.core.papers.check import patterns as like
from khcn.core.papers.check.book import Book, judge_centre, judge_size, judge_style, spot
from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.check.model import Doc, Para, Piece, is_upper
from khcn.core.papers.check.parts_found import Parts
from khcn.core.papers.check.rulers import ruler_under
from khcn.core.papers.check.rules_head import judge_rule, judge_share, missing
from khcn.core.papers.doctypes import LETTER
from khcn.engines.text.fold import normalize

_NO_ABSTRACT: Final = frozenset({"GGT", "GNP", "PG", "PC", "PB", "GUQ", "HĐ", "BGN", "BTT", "CĐ", "TC"})
_WANTS_ADDRESSEES: Final = frozenset({"TTr", "CV"})
_MAY_ADDRESS: Final = frozenset({"TTr", "CV", "BC", "TC.", "GM", "PC", "PG", "PB", "GGT", "GNP", "CĐ"})


def check_opening(doc: Doc, parts: Parts, book: Book) -> None:
    """Judge what stands between head and text."""
    _type(doc, parts, book)
    _subject(parts, book)
    _addressees(parts, book)
    _bases(parts, book)


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
    wanted = parts.kind.title if parts.kind else ""
    named = normalize(title.text.upper().removesuffix(parts.title_rest.upper()).strip(" :.")) == normalize(
        wanted
    )
    book.judge("type.name", where, good=named, expected=wanted, got=f"“{title.text}”")
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
