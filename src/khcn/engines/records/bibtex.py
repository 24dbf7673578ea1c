r"""Records as BibTeX entries, readable by BibTeX (8 bit), biber, JabRef and Zotero.

Titles stand in double braces, so that no style changes the case of Vietnamese words. Every character that means something
to LaTeX is escaped; a brace becomes a command, because BibTeX counts ``\{`` as a brace too, so no text can end its field.
Addresses (``url``, ``doi``) are not text: what would break them is percent-encoded.
Source: BibTeXing (O. Patashnik, 1988), section 2; the LaTeX Companion, table of special characters.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from khcn.engines.records.csl import one_line, to_csl
from khcn.engines.records.types import Record
from khcn.engines.text.fold import fold

_ENTRIES: Final = {
    "book": "book",
    "report": "techreport",
    "thesis": "phdthesis",
    "article-journal": "article",
    "webpage": "misc",
    "motion_picture": "misc",
    "legislation": "misc",
    "document": "misc",
}
_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_TABLE: Final = str.maketrans(_SPECIAL)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_KEY_WORDS: Final = 3
_UNSAFE_URL: Final = re.compile(r"%[0-9A-Fa-f]{2}|[\s{}\\%\"<>^`|#]|[^\x21-\x7e]")


def escape_bibtex(text: str) -> str:
    r"""Return a text as LaTeX shows it unchanged.

    >>> escape_bibtex("50% {A} & B_1\n")
    '50\\% \\textbraceleft{}A\\textbraceright{} \\& B\\_1'
    """
    return one_line(text).translate(_TABLE)


def bibtex_key(record: Record, item: dict[str, Any] | None = None) -> str:
    """Return a key of ASCII letters and digits that never changes while the first creator, year and number stay.

    The number of the work stands in it, so two works never share a key: ``nguyen2021giao-trinh-12``. ``item``: the record
    as CSL, when the caller has it.
    """
    item = to_csl(record) if item is None else item
    first = (item.get("author") or [{}])[0]
    family = _ascii(str(first.get("family") or first.get("literal") or ""))[:1]
    title = _ascii(record.title)[:_KEY_WORDS]
    return f"{''.join(family)}{record.year or 'nd'}{'-'.join(title)}-{record.id}"[:120]


def _ascii(text: str) -> list[str]:
    return [word for word in re.sub(r"[^a-z0-9]+", " ", fold(text)).split() if word.isascii()]


def to_bibtex(record: Record) -> str:
    """Return one entry, ending with a line feed."""
    item = to_csl(record)
    kind = _ENTRIES.get(str(item["type"]), "misc")
    lines = [f"@{kind}{{{bibtex_key(record, item)},"]
    lines += [f"  {name} = {value}," for name, value in _fields(record, item) if value not in ("", "{}")]
    return "\n".join([*lines, "}", ""])


def bibtex_file(records: Iterable[Record]) -> Iterator[str]:
    """Yield the entries of a file, one string each."""
    for record in records:
        yield to_bibtex(record) + "\n"


def _fields(record: Record, item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind = item["type"]
    body = "institution" if kind == "report" else "school" if kind == "thesis" else "publisher"
    yield "author", _people(item.get("author", []))
    yield "editor", _people(item.get("editor", []))
    yield "title", "{{" + escape_bibtex(str(item["title"])) + "}}"
    yield from _dates(item)
    yield body, _text(str(item.get("publisher") or item.get("authority") or ""))
    yield "address", _text(str(item.get("publisher-place", "")))
    yield "type", _text(str(item.get("genre", "")))
    yield "number", _text(str(item.get("number", "")))
    yield "edition", _text(str(item.get("version", "")))
    yield "pagetotal", _text(str(item.get("number-of-pages", "")))
    yield "isbn", _text(str(item.get("ISBN", "")))
    yield "issn", _text(str(item.get("ISSN", "")))
    yield "doi", _address(str(item.get("DOI", "")))
    yield "url", _address(str(item.get("URL", "")))
    yield "keywords", _text(str(item.get("keyword", "")))
    yield "abstract", _text(str(item.get("abstract", "")))
    yield "language", _text({"vi": "vietnamese", "en": "english"}.get(record.language, record.language))


def _dates(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    parts = (item.get("issued") or {}).get("date-parts", [[]])[0]
    if parts:
        yield "year", f"{{{parts[0]}}}"
    if len(parts) > 1:
        yield "month", _MONTHS[parts[1] - 1]
        yield "date", f"{{{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}}}"


def _text(text: str) -> str:
    return "{" + escape_bibtex(text) + "}"


def _address(text: str) -> str:
    return "{" + _UNSAFE_URL.sub(_encoded, text.strip()) + "}"


def _encoded(match: re.Match[str]) -> str:
    """Keep an encoded sign as it is (with its percent sign escaped), encode what would break the field."""
    sign = match[0]
    if sign == "#":
        return r"\#"
    if len(sign) == 3 and sign.startswith("%"):
        return f"\\{sign}"
    return "".join(f"\\%{byte:02X}" for byte in sign.encode("utf-8", "replace"))


def _people(people: list[dict[str, str]]) -> str:
    """Return "Family, Given and {Body}": the comma keeps a Vietnamese name from being turned round."""
    shown = []
    for one in people:
        if "literal" in one:
            shown.append("{" + escape_bibtex(one["literal"]) + "}")
        else:
            family, given = escape_bibtex(one["family"]), escape_bibtex(one["given"])
            shown.append(f"{_guarded(family)}, {_guarded(given)}")
    return "{" + " and ".join(shown) + "}" if shown else ""


def _guarded(part: str) -> str:
    """Brace what would be taken for the word between two names, or for a comma between parts."""
    return "{" + part + "}" if "," in part or " and " in f" {part.lower()} " else part
