"""Records out of MARC files: ISO 2709, MARCXML, and MARC as lines of text. One at a time, broken ones by themselves.

Nothing in a file is believed: not the lengths in a leader, not the offsets in a directory, not the encoding it says,
and an XML file may bring no document type, so no entities. A broken record costs only itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from lxml import etree
from pymarc import Field, Indicators, Leader, Subfield
from pymarc import Record as MarcRecord

from khcn.engines.records.marc_text import record_text

MAX_RECORD: Final = 4 * 2**20  # bytes of one record; ISO 2709 allows 99,999, some programs write more
MAX_FIELDS: Final = 2_000
_PIECE: Final = 64 * 1024
_FIELD_END, _RECORD_END, _DELIMITER = b"\x1e", b"\x1d", b"\x1f"
_USUAL_LEADER: Final = "00000nam a22000007c 4500"
_LINE: Final = re.compile(r"^=?(LDR|\d{3})(?:[ \t]{1,4}|\t|$)(.*)$", re.ASCII)
_LINE_PARTS: Final = re.compile(r"[$|‡ǂ]\s?([a-z0-9])\s?")

Format = Literal["iso2709", "marcxml", "lines", ""]


@dataclass(slots=True)
class MarcItem:
    """One record of a file, or why there is none. ``number`` from 1; ``position``: bytes read so far.

    ``fault``: "" or a code: ``too-long``, ``leader``, ``directory``, ``empty``, ``xml``, ``doctype``, ``not-marc``.
    ``encoding``: what its letters were in; ``mended``: whether its lengths were wrong and it was read all the same.
    """

    number: int
    position: int
    record: MarcRecord | None
    fault: str = ""
    encoding: str = ""
    mended: bool = False


def marc_format(head: bytes) -> Format:
    """Return the format by the first bytes of a file, "" when it is none of ours."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t\x00")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start.startswith(b"<"):
        return "marcxml"
    if re.match(rb"\d{5}[a-z ][a-z ][a-z ].{15}", start[:24]) and (_FIELD_END in head or len(head) < 100):
        return "iso2709"
    if re.match(rb"=?(LDR|\d{3})[ \t]", start):
        return "lines"
    return "iso2709" if _FIELD_END in head and _DELIMITER in head else ""


def read_marc(path: Path) -> Iterator[MarcItem]:
    """Yield every record of a file."""
    with path.open("rb") as stream:
        kind = marc_format(stream.read(4096))
        stream.seek(0)
        if kind == "iso2709":
            yield from _iso2709(stream)
        elif kind == "marcxml":
            yield from _marcxml(stream)
        elif kind == "lines":
            yield from _lines(stream)
        else:
            yield MarcItem(1, 0, None, "not-marc")


# --- ISO 2709 -----------------------------------------------------------------------------------------------------


def _iso2709(stream: BinaryIO) -> Iterator[MarcItem]:
    for number, (position, raw) in enumerate(_split(stream), start=1):
        if raw is None:
            yield MarcItem(number, position, None, "too-long")
        else:
            yield _parse(number, position, raw)


def _split(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield (bytes read so far, one record without its end sign); ``None`` for one that is too long."""
    rest, position, skipping = b"", 0, False
    while piece := stream.read(_PIECE):
        position += len(piece)
        *whole, rest = (rest + piece).split(_RECORD_END)
        for raw in whole:
            if skipping or raw.strip(b"\r\n\t \x00\x1a\xef\xbb\xbf"):
                yield position, None if skipping else raw
            skipping = False
        if len(rest) > MAX_RECORD:
            rest, skipping = b"", True
    if skipping or rest.strip(b"\r\n\t \x00\x1a"):
        yield position, None if skipping else rest


def _parse(number: int, position: int, raw: bytes) -> MarcItem:
    raw = raw.lstrip(b"\r\n\t \x00\xef\xbb\xbf\x1a")
    if len(raw) < 25 or _FIELD_END not in raw:
        return MarcItem(number, position, None, "leader")
    cut, mended = _by_directory(raw), False
    if cut is None:
        cut, mended = _by_signs(raw), True
    if cut is None:
        return MarcItem(number, position, None, "directory")
    if not cut:
        return MarcItem(number, position, None, "empty")
    leader = raw[:24].decode("ascii", "replace")
    shaped = [(tag, _shape(tag, data)) for tag, data in cut[:MAX_FIELDS]]
    values = [part for _tag, (_marks, parts) in shaped for part in parts]
    texts, encoding = record_text(values, says_utf8=leader[9:10] == "a")
    return MarcItem(number, position, _assemble(leader, shaped, texts), encoding=encoding, mended=mended)


def _by_directory(raw: bytes) -> list[tuple[str, bytes]] | None:
    """Return the fields where the directory says they are; ``None`` when it says something impossible."""
    if not raw[12:17].isdigit():
        return None
    base = int(raw[12:17])
    directory = raw[24 : base - 1]
    if base < 25 or base > len(raw) or len(directory) % 12 or raw[base - 1 : base] != _FIELD_END:
        return None
    fields = []
    for at in range(0, len(directory), 12):
        entry = directory[at : at + 12]
        if not entry[3:].isdigit() or not entry[:3].isalnum():
            return None
        length, start = int(entry[3:7]), base + int(entry[7:12])
        data = raw[start : start + length]
        if len(data) != length or not data.endswith(_FIELD_END) or _FIELD_END in data[:-1]:
            return None
        fields.append((entry[:3].decode("ascii"), data[:-1]))
    return fields


def _by_signs(raw: bytes) -> list[tuple[str, bytes]] | None:
    """Return the fields in their order, cut at the signs that end them; only the tags come from the directory."""
    head, *pieces = raw.split(_FIELD_END)
    if pieces and not pieces[-1].strip():
        pieces.pop()
    entries = [head[at : at + 12] for at in range(24, len(head), 12)]
    tags = [entry[:3].decode("ascii") for entry in entries if len(entry) >= 3 and entry[:3].isalnum()]
    if not pieces or len(tags) != len(pieces) or len(tags) != len(entries):
        return None
    return list(zip(tags, pieces, strict=True))


_Shaped = tuple[tuple[str, list[str]] | None, list[bytes]]


def _shape(tag: str, data: bytes) -> _Shaped:
    """Return (indicators, subfield codes) and the values; for a control field no codes and one value."""
    if tag < "010" and tag.isdigit():
        return None, [data]
    head, *pieces = data.split(_DELIMITER)
    marks = head.decode("ascii", "replace")[:2].ljust(2)
    pieces = [piece for piece in pieces if piece]
    if not pieces and len(head) > 2:  # no subfields at all: all of it is the heading
        return (marks, ["a"]), [head[2:]]
    return (marks, [chr(piece[0]) if piece[0] < 128 else "a" for piece in pieces]), [
        piece[1:] for piece in pieces
    ]


def _assemble(leader: str, shaped: list[tuple[str, _Shaped]], texts: list[str]) -> MarcRecord:
    fields, at = [], 0
    for tag, (marks, parts) in shaped:
        said = texts[at : at + len(parts)]
        at += len(parts)
        if marks is None:
            fields.append(Field(tag, data=said[0]))
        else:
            subfields = [Subfield(code, text) for code, text in zip(marks[1], said, strict=True)]
            fields.append(Field(tag, indicators=Indicators(marks[0][0], marks[0][1]), subfields=subfields))
    return _record(leader, fields)


def _record(leader: str, fields: list[Field]) -> MarcRecord:
    marc = MarcRecord(to_unicode=True, force_utf8=True)
    marc.leader = Leader(leader if len(leader) == 24 and leader.isascii() else _USUAL_LEADER)
    marc.fields = fields
    return marc


# --- MARCXML ------------------------------------------------------------------------------------------------------


def _marcxml(stream: BinaryIO) -> Iterator[MarcItem]:
    number = 0
    try:
        events = etree.iterparse(
            stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True, recover=False,
        )  # fmt: skip
        for event, element in events:
            if event == "start":
                if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
                    yield MarcItem(number + 1, stream.tell(), None, "doctype")
                    return
                continue
            if etree.QName(element).localname != "record":
                continue
            number += 1
            yield _from_xml(number, stream.tell(), element)
            element.clear()
            while element.getprevious() is not None and element.getparent() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError:
        yield MarcItem(number + 1, stream.tell(), None, "xml")
        return
    if number == 0:
        yield MarcItem(1, stream.tell(), None, "not-marc")


def marc_of_xml(element: etree._Element) -> MarcRecord | None:
    """Return the record of one ``<record>`` element (as a harvester gets it), ``None`` when it holds no field."""
    return _from_xml(1, 0, element).record


def _from_xml(number: int, position: int, element: etree._Element) -> MarcItem:
    leader, fields = _USUAL_LEADER, []
    for child in list(element)[:MAX_FIELDS]:
        if not isinstance(child.tag, str):
            continue
        name, tag = etree.QName(child).localname, (child.get("tag") or "").strip()
        if name == "leader":
            leader = (child.text or "").ljust(24)[:24]
        elif not re.fullmatch(r"[0-9A-Za-z]{3}", tag):
            continue
        elif name == "controlfield":
            fields.append(Field(tag, data=_xml_text(child)))
        elif name == "datafield" and not (tag < "010" and tag.isdigit()):
            parts = [
                Subfield((part.get("code") or "a")[:1], _xml_text(part)) for part in child if len(part) == 0
            ]
            marks = [(child.get(name) or " ")[:1] for name in ("ind1", "ind2")]
            fields.append(Field(tag, indicators=Indicators(*marks), subfields=parts))
    if not fields:
        return MarcItem(number, position, None, "empty")
    return MarcItem(number, position, _record(leader, fields), encoding="xml")


def _xml_text(element: etree._Element) -> str:
    return record_text([(element.text or "").encode()], says_utf8=True)[0][0]


# --- lines of text ------------------------------------------------------------------------------------------------


def _lines(stream: BinaryIO) -> Iterator[MarcItem]:
    """MARC as programs print it: ``=245  10$aTitle`` or ``245 10 |aTitle``; a blank line between records."""
    number, gathered, size, position = 0, [], 0, 0
    while line := stream.readline(MAX_RECORD):
        position += len(line)
        if line.strip(b"\xef\xbb\xbf \t\r\n"):
            gathered.append(line)
            size += len(line)
            if size <= MAX_RECORD:
                continue
        if gathered:
            number += 1
            yield _from_lines(number, position, gathered)
            gathered, size = [], 0
    if gathered:
        yield _from_lines(number + 1, position, gathered)


def _from_lines(number: int, position: int, lines: list[bytes]) -> MarcItem:
    if sum(map(len, lines)) > MAX_RECORD:
        return MarcItem(number, position, None, "too-long")
    texts, encoding = record_text([line.strip(b"\r\n\xef\xbb\xbf") for line in lines], says_utf8=True)
    leader, fields = _USUAL_LEADER, []
    for text in _unwrapped(texts):
        match = _LINE.match(text)
        if match is None:
            continue
        tag, rest = match[1], match[2]
        if tag in {"LDR", "000"}:
            leader = rest.strip().replace("\\", " ").replace("#", " ").ljust(24)[:24]
        elif tag < "010":
            fields.append(Field(tag, data=rest.strip().replace("\\", " ")))
        elif len(fields) < MAX_FIELDS:
            fields.append(_from_line(tag, rest))
    if not fields:
        return MarcItem(number, position, None, "not-marc")
    return MarcItem(number, position, _record(leader, fields), encoding=encoding)


def _unwrapped(texts: list[str]) -> Iterator[str]:
    """Yield the lines; one that begins with a gap or without a tag goes on with the line before."""
    held = ""
    for text in texts:
        if _LINE.match(text):
            if held:
                yield held
            held = text
        elif held:
            held = f"{held} {text.strip()}"
    if held:
        yield held


def _from_line(tag: str, rest: str) -> Field:
    marks, _gap, _value = "  ", "", rest
    head = re.match(r"^([0-9#\\_ ])([0-9#\\_ ])?\s*(?=[$|‡ǂ])", rest)
    if head:
        marks = re.sub(r"[#\\_]", " ", (head[1] + (head[2] or " ")))
        rest = rest[head.end() :]
    pieces = _LINE_PARTS.split(rest.strip())
    if len(pieces) < 3:
        return Field(tag, indicators=Indicators(" ", " "), subfields=[Subfield("a", rest.strip())])
    parts = [Subfield(code, text.strip()) for code, text in zip(pieces[1::2], pieces[2::2], strict=True)]
    return Field(tag, indicators=Indicators(marks[0], marks[1]), subfields=parts)
