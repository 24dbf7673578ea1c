"""Numbers and symbols of Vietnamese official documents ("số, ký hiệu"): find, read, and compare them.

Shapes: ``82/KH-UBND`` (number/type-organ), ``91/2015/QĐ-UBND`` (number/year/...), ``46/2019/QH14`` (laws),
``57-NQ/TW`` (the Party), ``1691/SKHCN-KHCNCS`` (official letters), and older ones such as ``15/CP``,
``1141-TC/QĐ``, ``118 TC/TCT``. Sources: Decree 30/2020, annexes I and III; Decree 34/2016 for normative
documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from khcn.engines.text.fold import fold, normalize

# First parts of a notation that are type codes, folded, with their right spelling (Decree 30/2020, annex III,
# with those of normative and Party documents). "QD" in a text without marks can then be shown as "QĐ".
TYPE_CODES: Final[dict[str, str]] = {
    fold(code): code
    for code in (
        *("NQ", "QĐ", "CT", "QC", "QyĐ", "TC", "TB", "HD", "CTr", "KH", "PA", "ĐA", "DA", "BC", "BB", "TTr"),
        *("CĐ", "BGN", "BTT", "GUQ", "GM", "GGT", "GNP", "PG", "PC", "PB", "SY", "TrS", "SL"),
        *("NĐ", "TT", "TTLT", "NQLT", "PL", "LCT", "L", "VBHN", "KL"),
    )
}
_ORGANS: Final = {
    fold(name): name for name in ("HĐND", "UBND", "TTg", "CP", "HĐBT", "UBTVQH", "TW", "VPCP", "CTN", "HĐNN")
}
# Words that name a type in a query or before a number, folded, with the code they stand for.
TYPE_WORDS: Final[dict[str, str]] = {
    "nghi quyet": "NQ", "quyet dinh": "QĐ", "chi thi": "CT", "quy che": "QC", "quy dinh": "QyĐ",
    "thong bao": "TB", "huong dan": "HD", "chuong trinh": "CTr", "ke hoach": "KH", "phuong an": "PA",
    "de an": "ĐA", "bao cao": "BC", "bien ban": "BB", "to trinh": "TTr", "cong dien": "CĐ", "giay moi": "GM",
    "nghi dinh": "NĐ", "thong tu lien tich": "TTLT", "thong tu": "TT", "phap lenh": "PL", "ket luan": "KL",
}  # fmt: skip

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_UPPER = "A-ZĐÂÊÔƠƯĂ"
# One part of a notation in running text: capitals, at most two small letters among them (TTg, QyĐ, CTr),
# digits last.
_PART = rf"[{_UPPER}](?:[{_UPPER}&]|[a-zđ](?![a-zđ]{{2}})){{0,11}}\d{{0,3}}(?![a-zđ])"
_JOIN = r"\s?[-/.]\s?"
_FIND = re.compile(
    r"(?<![\w/.,-])"
    r"(?P<number>\d{1,6}(?:[A-Za-z](?![A-Za-zĐđ]))?)"
    r"(?:\s{0,3}/\s{0,3}(?P<year>(?:19|20)\d\d))?"
    r"(?P<sep>\s{0,4}[/-]\s{0,4}|[ ]?)"
    rf"(?P<notation>{_PART}(?:{_JOIN}{_PART}){{0,4}})(?![\w])"
)
_LOOSE_PART = r"[^\W\d_]{1,12}\d{0,3}"
_PARSE = re.compile(
    r"(?P<number>\d{1,6}(?:[a-z](?![^\W\d_]))?)"
    r"(?:\s*/\s*(?P<year>(?:19|20)\d\d))?"
    r"(?P<sep>\s*[/-]\s*|\s)"
    rf"(?P<notation>{_LOOSE_PART}(?:\s*[-/.]\s*{_LOOSE_PART}){{0,4}})",
    re.IGNORECASE,
)
_TYPE_WORD: Final = "(?:" + "|".join(TYPE_WORDS) + ")"
_TYPE_CODE: Final = "(?:" + "|".join(TYPE_CODES) + ")"
_PREFIX = re.compile(rf"^(?:[a-z ]*\bso\b\s*(?:hieu)?|[a-z ]*\b{_TYPE_WORD}\b)\s*[:.]?\s*")
_SAID_NUMBER = re.compile(r"\bs[oố0]\s*[:.;]?\s*$", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """The number and symbol of one document.

    ``code_number`` ("82", "91/2015") and ``code_notation`` ("KH-UBND") are the two fields of Decree 30/2020
    annex VI; ``separator`` stands between them. ``type_code`` is the code of annex III found in the notation,
    or "".
    """

    code_number: str
    code_notation: str
    separator: str = "/"
    type_code: str = ""

    @property
    def full(self) -> str:
        """The number as one writes it: "82/KH-UBND"."""
        return f"{self.code_number}{self.separator}{self.code_notation}"

    @property
    def key(self) -> str:
        """The normal key for exact search and the duplicate check: "82/kh-ubnd"."""
        return number_key(self.full)

    @property
    def number(self) -> str:
        """The running number without the year: "91"."""
        return self.code_number.partition("/")[0]

    @property
    def year(self) -> int | None:
        """The year written in the number ("91/2015/..."), if any."""
        year = self.code_number.partition("/")[2]
        return int(year) if year else None


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """A number found in a text; offsets are those of the NFC text."""

    number: DocumentNumber
    start: int
    end: int


class NumberQueryKind(StrEnum):
    """How much of a number a query names."""

    FULL = "full"
    PARTIAL = "partial"
    NOTATION = "notation"


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A number, or a part of one, in a query. ``key`` equals one of ``number_index_keys`` of the documents
    meant."""

    key: str
    kind: NumberQueryKind
    start: int
    end: int


def number_key(text: str) -> str:
    """Return the normal form of a number: folded, no spaces, one kind of hyphen, no leading zeros.

    >>> number_key("082 / KH – UBND")
    '82/kh-ubnd'
    """
    key = _SPACES.sub("", fold(normalize(text).translate(_DASHES)))
    return re.sub(r"^0+(?=\d)", "", key)


def number_index_keys(number: DocumentNumber) -> tuple[str, ...]:
    """Return the keys under which an index holds ``number``, so that every partial query is an exact look-up.

    For 91/2015/QĐ-UBND: the whole, 91/2015, 91/2015/qd, 91/qd, 91/qd-ubnd, 2015/qd-ubnd, qd-ubnd.
    """
    notation = number_key(number.code_notation)
    bare = number_key(number.number)
    code = fold(number.type_code)
    keys = [number.key, f"{bare}/{notation}", notation]
    if code:
        keys.append(f"{bare}/{code}")
    if number.year:
        keys += [f"{bare}/{number.year}", f"{number.year}/{notation}"]
        if code:
            keys.append(f"{bare}/{number.year}/{code}")
    return tuple(dict.fromkeys(keys))


def _spell_part(part: str) -> str:
    """Give a part of a notation its right spelling where the marks are lost ("QD" -> "QĐ", "ttg" ->
    "TTg")."""
    folded = fold(part)
    known = TYPE_CODES.get(folded) or _ORGANS.get(folded)
    if known and (part.islower() or (known.upper() != part.upper() and folded != "hd")):
        return known
    return part.upper() if part.islower() else part


def _type_code(parts: list[str]) -> str:
    for part in parts[:2]:
        code = TYPE_CODES.get(fold(part))
        if code:
            return code
    return ""


def _number_from(match: re.Match[str]) -> DocumentNumber:
    notation = _SPACES.sub("", match["notation"])
    pieces = [_spell_part(piece) if piece not in "-/." else piece for piece in re.split(r"([-/.])", notation)]
    parts = pieces[::2]
    number, year = match["number"], match["year"]
    separator = "/" if year else match["sep"].strip() or " "
    return DocumentNumber(
        code_number=f"{number}/{year}" if year else number,
        code_notation="".join(pieces),
        separator=separator,
        type_code=_type_code(parts),
    )


def _is_number(match: re.Match[str], before: str) -> bool:
    """Tell a document number from a ratio, a list or a unit: see the shapes in the module's docstring."""
    notation = match["notation"]
    parts = re.split(r"\s?[-/.]\s?", notation)
    first, separator = fold(parts[0]), match["sep"].strip()
    announced = bool(_SAID_NUMBER.search(before))
    known = first in TYPE_CODES or first in _ORGANS or re.fullmatch(r"qh\d+|ubtvqh\d+", first) is not None
    if match["year"]:
        return bool(separator) and (known or announced or len(parts) > 1)
    if separator == "/":
        return known or announced or (len(parts) > 1 and len(first) > 1)
    if "/" not in notation:
        return bool(separator) and announced and len(notation) > 2
    return announced or (bool(separator) and known)


def _iter_matches(text: str) -> Iterator[NumberMatch]:
    for match in _FIND.finditer(text):
        if _is_number(match, text[max(0, match.start() - 12) : match.start()]):
            yield NumberMatch(_number_from(match), match.start(), match.end())


def find_document_numbers(text: str) -> list[NumberMatch]:
    """Return the document numbers in running text, in order. Offsets are those of ``nfc(text)``.

    Only capitals make a notation here; dates, amounts, ratios and plain fractions are not numbers.
    """
    return list(_iter_matches(normalize(text).translate(_DASHES)))


def parse_document_number(text: str) -> DocumentNumber | None:
    """Return the number that ``text`` is, in any case and spacing, or None when it is none or only a part of
    one.

    "Số: 82 / kh - ubnd", "Luật số 46/2019/QH14" and "quyết định 91/2015/QĐ-UBND" are read too.
    """
    clean = normalize(text).translate(_DASHES).strip(" .,;:()[]\"'“”\n\t")
    prefix = _PREFIX.match(fold(clean))
    body = clean[prefix.end() :] if prefix else clean
    match = _PARSE.fullmatch(body)
    if match is None:
        return None
    separator = match["sep"].strip()
    if not separator and "/" not in match["notation"]:
        return None
    return _number_from(match)


# --- the search box ---

_QUERY_FULL = re.compile(
    r"(?<![\w/.,-])\d{1,6}[a-z]?(?:\s?/\s?(?:19|20)\d\d)?\s?[/-]\s?"
    r"[a-z]{1,12}\d{0,3}(?:\s?[-/.]\s?[a-z]{2,12}\d{0,3}){0,4}(?![\w/])"
)
_QUERY_SPACED = re.compile(
    rf"(?<![\w/.,-])(?P<number>\d{{1,6}}(?:/(?:19|20)\d\d)?)\s+(?P<type>{_TYPE_CODE})[\s-]+"
    r"(?P<organ>ubnd|hdnd|cp|ttg|tw|qh\d+|ubtvqh\d+|b[a-z]{2,6}|s[a-z]{3,7})(?!\w)"
)
_QUERY_YEAR = re.compile(
    rf"(?P<said>(?:\b{_TYPE_WORD}\s+(?:so\s+)?|\bso\s+)?)"
    r"(?<![\w/.,-])(?P<number>\d{1,6})\s?/\s?(?P<year>(?:19|20)\d\d)(?![\w/.-])"
)
_QUERY_TYPED = re.compile(
    rf"\b(?P<type>{_TYPE_WORD})\s+(?:so\s+)?(?P<number>\d{{1,6}})(?![\w/.,-])(?!\s+(?:nam|thang|ngay))"
)
_QUERY_NOTATION = re.compile(
    r"(?<![\w/.-])(?:(?P<year>(?:19|20)\d\d)/)?"
    r"(?P<first>[a-z]{1,6})-(?P<rest>[a-z]{2,12}\d{0,3}(?:-[a-z]{1,12})*)(?![\w/-])"
)
_TIME_BEFORE = re.compile(r"\b(?:thang|quy|ngay|nam hoc)\s*$")


def _query_candidates(folded: str) -> Iterator[NumberQuery]:
    full, partial, notation = NumberQueryKind
    for match in _QUERY_FULL.finditer(folded):
        number = parse_document_number(match.group())
        if number is None:
            continue
        whole = number.code_notation.count("-") + number.code_notation.count("/") > 0 or not number.type_code
        yield NumberQuery(number.key, full if whole else partial, *match.span())
    for match in _QUERY_SPACED.finditer(folded):
        key = number_key(f"{match['number']}/{match['type']}-{match['organ']}")
        yield NumberQuery(key, full, *match.span())
    for match in _QUERY_YEAR.finditer(folded):
        if _TIME_BEFORE.search(folded[: match.start()]):
            continue
        key = number_key(f"{match['number']}/{match['year']}")
        code = TYPE_WORDS.get(match["said"].strip().removesuffix("so").strip())
        yield NumberQuery(f"{key}/{fold(code)}" if code else key, partial, *match.span())
    for match in _QUERY_TYPED.finditer(folded):
        code = fold(TYPE_WORDS[match["type"]])
        yield NumberQuery(number_key(f"{match['number']}/{code}"), partial, *match.span())
    for match in _QUERY_NOTATION.finditer(folded):
        if match["first"] in TYPE_CODES:
            year = f"{match['year']}/" if match["year"] else ""
            yield NumberQuery(f"{year}{match['first']}-{match['rest']}", notation, *match.span())


def query_numbers(query: str) -> list[NumberQuery]:
    """Return the numbers and parts of numbers named in a search query, the fullest first.

    Understands "82/KH-UBND", "82 kh ubnd", "82/KH", "kh-ubnd", "91/2015", "nghị định 29/1998", "quyết định số
    91", with or without marks. Each ``key`` is looked up as it is among the ``number_index_keys`` of the
    documents. Offsets are those of ``nfc(query)``.
    """
    folded = fold(normalize(query).translate(_DASHES))
    found: list[NumberQuery] = []
    for candidate in _query_candidates(folded):
        if all(candidate.end <= other.start or candidate.start >= other.end for other in found):
            found.append(candidate)
    order = list(NumberQueryKind)
    return sorted(found, key=lambda item: (order.index(item.kind), item.start))
