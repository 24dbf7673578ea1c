"""What the check writes down: rules kept, broken, and not to be asked of this document."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext

from khcn.core.papers.check.catalogue import RULES
from khcn.core.papers.check.model import Para, Piece
from khcn.core.papers.doctypes import DocumentType

_EXCERPT: Final = 60
_MOST_PLACES: Final = 20
_MOST_DIFFERENT: Final = 5
_STORIES: Final = {"header": "lề trên", "footer": "lề dưới"}


@dataclass(frozen=True)
class Spot:
    """A place in the document: paragraph (0: no single one), part of the page, the words there."""

    paragraph: int = 0
    part: str = "body"
    text: str = ""
    words: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"paragraph": self.paragraph or None, "part": self.part, "text": self.text}


def spot(thing: Para | Piece) -> Spot:
    """Return where a paragraph or a piece of one stands."""
    para = thing.para if isinstance(thing, Piece) else thing
    text = thing.text if isinstance(thing, Piece) else thing.words
    text = text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
    part, words = para.story, f"đoạn {para.number}"
    if para.story in _STORIES:
        words = f"{_STORIES[para.story]}, đoạn {para.number}"
    if para.cell is not None:
        part = "table" if para.story == "body" else part
        words += f", bảng {para.cell.table}, hàng {para.cell.row + 1}, cột {para.cell.column + 1}"
    elif para.box is not None:
        part, words = "textbox", f"{words}, khung chữ {para.box.number}"
    return Spot(para.number, part, text, f"{words}: “{text}”" if text else words)


def place(words: str, part: str = "page") -> Spot:
    """Return a place that is no paragraph."""
    return Spot(0, part, "", words)


WHOLE: Final = place("toàn văn bản", "document")


@dataclass
class Finding:
    """A rule and where it was judged; ``expected`` and ``got`` when it is broken."""

    rule: str
    spots: list[Spot]
    expected: str = ""
    got: str = ""

    @property
    def where(self) -> str:
        """Where, in words; of many places the first and how many more."""
        more = len(self.spots) - 1
        return self.spots[0].words + (f" (và {more} chỗ khác)" if more > 0 else "")

    @property
    def severity(self) -> str:
        """``grave``, ``error`` or ``minor``."""
        return RULES[self.rule].severity

    @property
    def message(self) -> str:
        """What the rule wants and what stands there, in Vietnamese."""
        wants = RULES[self.rule].wants
        return f"{wants} Đang là: {self.got}." if self.got else wants

    def said(self) -> str:
        """Return the message in the language of the reader's pages."""
        wants = gettext(RULES[self.rule].wants)
        return gettext("%(rule)s Đang là: %(got)s.") % {"rule": wants, "got": self.got} if self.got else wants

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        row: dict[str, Any] = {"rule": self.rule, "where": self.where, "place": self.spots[0].as_json()}
        if self.got:
            row |= {
                "expected": self.expected,
                "got": self.got,
                "severity": self.severity,
                "message": self.message,
                "places": [one.as_json() for one in self.spots[:_MOST_PLACES]],
            }
        return row


@dataclass
class Conformance:
    """The result of a check."""

    kind: DocumentType | None
    kept: list[Finding] = field(default_factory=list)
    broken: list[Finding] = field(default_factory=list)
    not_applicable: list[tuple[str, str]] = field(default_factory=list)

    @property
    def conforms(self) -> bool:
        """Whether no rule is broken."""
        return not self.broken

    @property
    def type_name(self) -> str:
        """The type of the document, in words."""
        return self.kind.name if self.kind else "Không rõ"

    def as_json(self) -> dict[str, Any]:
        """Return the contract of ``khcn document check --json``, without the name of the file."""
        return {
            "conforms": self.conforms,
            "type": self.type_name,
            "type_code": self.kind.code if self.kind else None,
            "kept": [finding.as_json() for finding in self.kept],
            "broken": [finding.as_json() for finding in self.broken],
            "not_applicable": [{"rule": rule, "why": why} for rule, why in self.not_applicable],
        }


class Book:
    """Collects judgements; a rule broken in many places becomes one finding for each way in which it is broken."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Spot]] = {}
        self._broken: dict[str, dict[str, Finding]] = {}
        self._skipped: dict[str, str] = {}

    def judge(self, rule: str, where: Spot, *, good: bool, expected: str, got: str) -> None:
        """Write down one judgement."""
        if good:
            self._kept.setdefault(rule, []).append(where)
            return
        ways = self._broken.setdefault(rule, {})
        key = got if got in ways or len(ways) < _MOST_DIFFERENT else next(reversed(ways))
        finding = ways.setdefault(key, Finding(rule, [], expected, got))
        finding.spots.append(where)

    def skip(self, why: str, *rules: str) -> None:
        """Say why rules are not asked of this document."""
        for rule in rules:
            self._skipped.setdefault(rule, why)

    def closed(self, kind: DocumentType | None) -> Conformance:
        """Return the result: every rule is kept, broken, or not applicable, never two of them."""
        result = Conformance(kind)
        for rule in RULES:
            if rule in self._broken:
                result.broken += self._broken[rule].values()
            elif rule in self._kept:
                result.kept.append(Finding(rule, self._kept[rule][:1]))
            else:
                result.not_applicable.append(
                    (rule, self._skipped.get(rule, "không có phần này trong văn bản"))
                )
        return result


# ---- judgements that many rules share -------------------------------------------------------------------


def pt(sizes: Sequence[float]) -> str:
    """Return sizes in words: ``12 và 14 pt``."""
    return " và ".join(f"{size:g}".replace(".", ",") for size in sizes) + " pt"


def judge_size(book: Book, rule: str, pieces: Sequence[Piece], low: float, high: float) -> None:
    """Judge the sizes of pieces of text."""
    wanted = f"{low:g} pt" if low == high else f"{low:g}-{high:g} pt"
    for piece in pieces:
        bad = [size for size in piece.sizes if not low - 0.05 <= size <= high + 0.05]
        book.judge(rule, spot(piece), good=not bad, expected=wanted, got=pt(piece.sizes))


def style_words(*, bold: bool, italic: bool) -> str:
    """Return a style in words."""
    return f"{'nghiêng' if italic else 'đứng'}, {'đậm' if bold else 'không đậm'}"


def judge_style(book: Book, rule: str, pieces: Sequence[Piece], *, bold: bool, italic: bool) -> None:
    """Judge bold and italic together; a piece that is partly otherwise is otherwise."""
    for piece in pieces:
        good = piece.every("bold", bold) and piece.every("italic", italic)
        mixed_bold = bold if piece.every("bold", bold) else not bold
        mixed_italic = italic if piece.every("italic", italic) else not italic
        book.judge(
            rule, spot(piece), good=good, expected=style_words(bold=bold, italic=italic),
            got=style_words(bold=mixed_bold, italic=mixed_italic),
        )  # fmt: skip


_ALIGNS: Final = {"left": "canh trái", "right": "canh phải", "both": "canh đều", "center": "canh giữa"}


def align_words(align: str) -> str:
    """Return an alignment in words."""
    return _ALIGNS.get(align, align)


def judge_centre(book: Book, rule: str, pieces: Sequence[Piece]) -> None:
    """Judge whether pieces are centred; where tabs put them, nobody can say."""
    for piece in pieces:
        if piece.centred is None:
            book.skip("đặt bằng phím Tab hoặc dấu cách nên không đo được", rule)
        else:
            got = align_words(piece.para.align)
            book.judge(rule, spot(piece), good=piece.centred, expected="canh giữa", got=got)
