"""Records as RIS, the format that EndNote, Mendeley, Zotero and RefWorks import.

A line is a two-letter tag, two blanks, a hyphen, a blank, a value; it ends with CR LF. A value never holds a line end, so
no title can bring in a tag of its own ("ER  - "). Source: RIS Format Specifications (Research Information Systems).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from khcn.engines.records.csl import one_line, to_csl
from khcn.engines.records.types import Record

_TYPES: Final = {
    "book": "BOOK",
    "report": "RPRT",
    "thesis": "THES",
    "legislation": "STAT",
    "webpage": "ELEC",
    "motion_picture": "VIDEO",
    "document": "GEN",
}
_END: Final = "\r\n"
# An asterisk is not allowed in the names of people and in keywords.
_NAME_SIGNS: Final = str.maketrans({"*": " "})


def to_ris(record: Record) -> str:
    """Return one reference, from ``TY`` to ``ER`` with an empty line after it."""
    lines = [f"{tag}  - {value}" for tag, value in _lines(record, to_csl(record)) if value]
    return _END.join([*lines, "ER  - ", "", ""])


def ris_file(records: Iterable[Record]) -> Iterator[str]:
    """Yield the references of a file, one string each."""
    for record in records:
        yield to_ris(record)


def _lines(record: Record, item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "TY", _TYPES.get(str(item["type"]), "GEN")
    yield "ID", f"khcn-{record.id}"
    for tag, role in (("AU", "author"), ("ED", "editor"), ("A4", "translator")):
        for one in item.get(role, []):
            yield tag, _name(one)
    yield "TI", str(item["title"])
    yield "TT", one_line(record.title_en)
    parts = (item.get("issued") or {}).get("date-parts", [[]])[0]
    if parts:
        yield "PY", f"{parts[0]:04d}"
        yield "DA", "/".join(f"{part:02d}" for part in parts) if len(parts) > 1 else ""
    yield "PB", str(item.get("publisher") or item.get("authority") or "")
    yield "CY", str(item.get("publisher-place", ""))
    yield "M1" if item["type"] != "legislation" else "VL", str(item.get("number", ""))
    yield "M3", str(item.get("genre", ""))
    yield "ET", str(item.get("version", ""))
    yield "SP", str(item.get("number-of-pages", ""))
    yield "SN", str(item.get("ISBN") or item.get("ISSN") or "")
    yield "DO", str(item.get("DOI", ""))
    yield "UR", one_line(str(item.get("URL", "")))
    for heading in record.subjects:
        yield "KW", one_line(heading.name).translate(_NAME_SIGNS)
    yield "AB", one_line(record.abstract)
    yield "LA", record.language


def _name(one: dict[str, str]) -> str:
    if "literal" in one:
        return one["literal"].translate(_NAME_SIGNS).replace(",", " ").strip()
    given = one["given"].replace(",", " ")
    return f"{one['family'].replace(',', ' ')}, {given}".translate(_NAME_SIGNS)
