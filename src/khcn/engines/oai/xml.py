"""From the bytes of an answer to trees: right charset, no DOCTYPE, no entities, no network, nothing huge.

libxml2 is shown only text that we decoded ourselves and re-encoded as UTF-8, so it and our look for a DOCTYPE read the
same thing. When the whole is not well formed, the records are cut out and read one by one: one bad record costs only
itself.
"""

import codecs
import html.entities
import re
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from khcn.engines.oai.errors import HarvestError
from khcn.engines.oai.limits import Limits

Element = Any  # lxml's elements; its stubs are not installed

_DECLARED: Final = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_SAID: Final = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.I)
_TRUSTED: Final = re.compile(
    r"^(?:utf[_-]?(?:8|16|32)\w*|iso[_-]?8859[_-]?\d+|windows[_-]?12\d\d|cp12\d\d|latin[_-]?\d|us[_-]?ascii|ascii"
    r"|koi8[_-]\w|gb18030|gbk|gb2312|big5|shift[_-]?jis|euc[_-]\w+)$",
    re.I,
)
_DECLARATION: Final = re.compile(r"^\ufeff?\s*<\?xml[^>]{0,500}\?>")
_PROLOG: Final = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.S)
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMERIC: Final = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,8}));?")
_NAMED: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_LONE_AMP: Final = re.compile(r"&(?!(?:#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][\w.:-]{0,60});)")
_XML_NAMES: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_RECORD: Final = re.compile(
    r"<(?:[\w.-]{1,40}:)?record(?:\s[^<>]{0,2000})?>\s*<(?:[\w.-]{1,40}:)?header[\s>]"
)
_RECORD_END: Final = re.compile(r"</(?:[\w.-]{1,40}:)?record\s*>")
_ROOT: Final = re.compile(r"<(?:[\w.-]{1,40}:)?OAI-PMH(\s[^<>]{0,10000})?>")
_NAMESPACE: Final = re.compile(r"""\sxmlns(?::[\w.-]{1,40})?\s*=\s*(?:"[^"<>]{0,500}"|'[^'<>]{0,500}')""")
_IDENTIFIER: Final = re.compile(r"<(?:[\w.-]{1,40}:)?identifier\s*>([^<]{1,2000})</")


@dataclass(slots=True)
class Reading:
    """An answer taken apart: ``root`` (records cut out when ``loose`` is filled) and what had to be mended.

    ``loose`` holds, when the whole was not well formed, each record as its own tree, or (identifier, None) when it
    cannot be read.
    """

    root: Element
    notes: list[str] = field(default_factory=list)
    loose: list[tuple[str, Element | None]] | None = None


def local(element: Element) -> str:
    """Return the name without its namespace; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def read_answer(body: bytes, content_type: str, limits: Limits) -> Reading:
    """Return the trees of an answer. :raises HarvestError: not_xml, doctype or cut."""
    text, notes = decode(body, content_type)
    text = _DECLARATION.sub("", text, count=1)
    _refuse_doctype(text)
    try:
        return Reading(_parse(text), notes)
    except etree.XMLSyntaxError:
        pass
    mended = mend(text)
    notes = [*notes, "repaired"]
    try:
        return Reading(_parse(mended), notes)
    except etree.XMLSyntaxError:
        return _salvage(mended, notes, limits)


def decode(body: bytes, content_type: str = "") -> tuple[str, list[str]]:
    """Return the text and notes. UTF-8 wins whenever the bytes are UTF-8, whatever the source declares."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff"), []
    for start, name in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if body.startswith(start):
            return body.decode(name, "replace"), []
    declared = _DECLARED.match(body[:400])
    said = _SAID.search(content_type)
    names = [name for name in (declared[1].decode() if declared else "", said[1] if said else "") if name]
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        lied = not text.isascii() and any(not name.lower().startswith("utf") for name in names[:1])
        return text, ["charset"] if lied else []
    for name in names:
        if _TRUSTED.match(name) and not name.lower().startswith(("utf-8", "utf8", "us-ascii", "ascii")):
            try:
                return body.decode(name), []
            except (UnicodeDecodeError, LookupError):
                continue
    return body.decode("utf-8", "replace"), ["broken_text"]


def _refuse_doctype(text: str) -> None:
    """Look past blanks, comments and instructions: a DOCTYPE may stand only before the first element."""
    position = 0
    while match := _PROLOG.match(text, position):
        position = match.end()
    rest = text[position : position + 9]
    if rest.upper() == "<!DOCTYPE":
        name = re.match(r"\s*(\w+)", text[position + 9 : position + 60])
        raise HarvestError("not_xml" if name and name[1].lower() == "html" else "doctype")
    if not rest.startswith("<"):
        raise HarvestError("not_xml")


def _parse(text: str) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, recover=False, encoding="utf-8",
    )  # fmt: skip
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


def mend(text: str) -> str:
    """Return text without what no XML may hold: control characters, HTML's entities, lone ampersands."""
    text = _ILLEGAL.sub("", text)
    text = _NUMERIC.sub(_numeric, text)
    text = _NAMED.sub(_named, text)
    return _LONE_AMP.sub("&amp;", text)


def _numeric(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = (
        code in {9, 10, 13}
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
    return f"&#{code};" if legal else ""


def _named(match: re.Match[str]) -> str:
    name = match[1]
    if name in _XML_NAMES:
        return match[0]
    found = html.entities.html5.get(name + ";")
    return found if found and found not in "<>&" else f"&amp;{name};"


def _salvage(text: str, notes: list[str], limits: Limits) -> Reading:
    """Cut the records out and read each alone; what is left must be well formed."""
    starts = [match.start() for match in _RECORD.finditer(text)]
    if not starts or not re.search(r"</(?:[\w.-]{1,40}:)?OAI-PMH\s*>\s*$", text[-200:]):
        # Without its end the answer was cut; asking again is better than guessing.
        raise HarvestError("cut" if _ROOT.search(text[:20_000]) else "not_xml")
    head, names = text[: starts[0]], _names(text[: starts[0]])
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    tail = ""
    loose = []
    for piece in pieces:
        ends = [match.end() for match in _RECORD_END.finditer(piece)]
        if piece is pieces[-1]:
            tail = piece[ends[-1] :] if ends else _after_list(piece)
        loose.append(_loose_record(piece[: ends[-1]] if ends else piece, names, limits))
    try:
        root = _parse(head + tail)
    except etree.XMLSyntaxError:
        raise HarvestError("not_xml") from None
    return Reading(root, notes, loose)


def _after_list(piece: str) -> str:
    """Return where the list goes on behind a record that never ends: its token or its own end."""
    match = re.search(
        r"<(?:[\w.-]{1,40}:)?resumptionToken|</(?:[\w.-]{1,40}:)?(?:ListRecords|GetRecord)\s*>", piece
    )
    return piece[match.start() :] if match else ""


def _names(head: str) -> str:
    """Return the namespaces that the elements around the records declare, the inner ones last."""
    found: dict[str, str] = {}
    for match in _NAMESPACE.finditer(head):
        said = match[0].strip()
        found[said.split("=", 1)[0].strip()] = said
    return " ".join(found.values())


def _loose_record(piece: str, names: str, limits: Limits) -> tuple[str, Element | None]:
    match = _IDENTIFIER.search(piece[:20_000])
    identifier = match[1].strip() if match else ""
    if len(piece) > limits.record_chars:
        return identifier, None
    try:
        wrapped = _parse(f"<khcn-record {names}>{piece}</khcn-record>")
    except etree.XMLSyntaxError:
        return identifier, None
    return identifier, wrapped[0] if len(wrapped) else None


def within_limits(record: Element, limits: Limits) -> bool:
    """Return whether one record stays within depth, number of elements and size of attributes. Iterative."""
    count = chars = 0
    stack = [(record, 1)]
    while stack:
        element, depth = stack.pop()
        count += 1
        chars += len(element.text or "") + len(element.tail or "")
        if depth > limits.depth or count > limits.elements or chars > limits.record_chars:
            return False
        if any(len(str(value)) > limits.attribute_chars for value in element.attrib.values()):
            return False
        stack += [(child, depth + 1) for child in element]
    return True
