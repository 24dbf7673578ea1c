"""A record as bibliographic MARC 21 in UTF-8: fields, ISO 2709 bytes, MARCXML.

Nothing of the record that MARC can hold is lost: what has no field of its own (the fields of Decree 30/2020, kind,
collections) stands in local fields 990 to 992. ``marc_values.from_marc`` is the way back.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from pymarc import Field, Indicators, Leader, Subfield
from pymarc import Record as MarcRecord

from khcn.engines.records import marc_codes as codes
from khcn.engines.records.types import Agent, Identifier, LegalFacts, Record, RelationFact
from khcn.engines.text.fold import nfc

MAX_FIELD_BYTES: Final = 9_990  # ISO 2709 counts a field in four digits
MAX_RECORD_BYTES: Final = 99_999  # and a record in five
BLANK: Final = Indicators(" ", " ")
MARCXML: Final = "http://www.loc.gov/MARC21/slim"
_CHUNK: Final = 2_400  # characters of one 520; at most four bytes each stay below the limit of a field
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_RELATOR: Final = re.compile(r"[a-z]{3}")
# The most telling fields stay when a record is too long for ISO 2709; these go first, from the last one.
_EXPENDABLE: Final = ("787", "856", "653", "650", "520", "700", "710", "991", "992", "521")


def to_marc(record: Record) -> MarcRecord:
    """Return the record as MARC 21 (fields in the order of their tags)."""
    kind, level = codes.RECORD_TYPES.get(record.kind, codes.USUAL_TYPE)
    host = agency_of(record.url)
    fields = [*_control(record, host), *_data(record, host)]
    return assembled(f"00000n{kind}{level} a22000007c 4500", fields)


def assembled(leader: str, fields: Iterable[Field]) -> MarcRecord:
    """Return a record of these fields in the order of their tags."""
    marc = MarcRecord(to_unicode=True, force_utf8=True)
    marc.leader = Leader(leader)
    marc.fields = sorted(fields, key=_order)
    return marc


def _order(field: Field) -> str:
    """People and bodies stay in the order in which the work names them, so 700 and 710 stand among one another."""
    return "700" if field.tag == "710" else field.tag


def agency_of(url: str) -> str:
    """Return what stands in 003 and 040 for a library without a code of its own: the host of its address."""
    return urlsplit(url).hostname or "khcn"


def marc_bytes(marc: MarcRecord) -> bytes:
    """Return the record in ISO 2709; one that is too long for it loses its least telling fields and says so."""
    written = marc.as_marc() if _fits(marc) else b""
    if written and len(written) <= MAX_RECORD_BYTES:
        return written
    fields = [field for field in marc.fields if _size(field) <= MAX_FIELD_BYTES]
    note = _field("500", "  ", ("a", "Bản ghi này đã được rút gọn vì quá dài đối với ISO 2709."))
    total = sum(_size(field) + 13 for field in fields) + 400
    for tag in _EXPENDABLE:
        for field in [field for field in reversed(fields) if field.tag == tag]:
            if total <= MAX_RECORD_BYTES:
                break
            fields = [kept for kept in fields if kept is not field]
            total -= _size(field) + 13
    return assembled(str(marc.leader), [*fields, note]).as_marc()


def marc_xml(marc: MarcRecord, *, namespace: bool = False) -> str:
    """Return one ``<record>`` of MARCXML; ``namespace`` when it does not stand inside a ``<collection>``."""
    start = f'<record xmlns="{MARCXML}">' if namespace else "<record>"
    parts = [start, f"<leader>{escape(str(marc.leader))}</leader>"]
    for field in marc.fields:
        tag = quoteattr(field.tag)
        if field.control_field:
            parts.append(f"<controlfield tag={tag}>{escape(_said(field.data or ''))}</controlfield>")
            continue
        first, second = (quoteattr(one) for one in field.indicators or BLANK)
        inner = "".join(
            f"<subfield code={quoteattr(part.code)}>{escape(_said(part.value))}</subfield>"
            for part in field.subfields
        )
        parts.append(f"<datafield tag={tag} ind1={first} ind2={second}>{inner}</datafield>")
    return "".join((*parts, "</record>"))


def xml_head() -> str:
    """Return what stands before the records of a MARCXML file."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{MARCXML}">\n'


XML_TAIL: Final = "</collection>\n"


def _control(record: Record, host: str) -> list[Field]:
    entered = record.published_at.strftime("%y%m%d")
    language = codes.LANGUAGES.get(record.language, "und")
    if record.issued:
        dates = f"e{record.issued:%Y}{record.issued:%m%d}"
    elif record.year:
        dates = f"s{record.year:04d}    "
    else:
        dates = "nuuuuuuuu"
    form = f"{entered}{dates}{codes.VIETNAM}{'':17}{language} d"
    changed = record.updated_at.strftime("%Y%m%d%H%M%S.") + str(record.updated_at.microsecond // 100_000)
    return [
        Field("001", data=str(record.id)),
        Field("003", data=host),
        Field("005", data=changed),
        Field("008", data=form),
    ]


def _data(record: Record, host: str) -> Iterator[Field]:
    yield from _numbers(record)
    yield _field("040", "  ", ("a", host), ("b", "vie"), ("c", host))
    yield from _language(record)
    if record.ddc:
        yield _field("082", "04", ("a", record.ddc), ("2", codes.DDC_EDITION))
    yield from _people(record)
    yield _title(record)
    if record.title_en:
        yield _field("246", "31", ("a", record.title_en), ("9", "eng"))
    yield from _publication(record)
    yield from _notes(record)
    yield from _headings(record, host)
    for relation in record.relations:
        yield _relation(relation)
    yield from _links(record)
    yield from _local(record, host)


def _numbers(record: Record) -> Iterator[Field]:
    yield _field("024", "7 ", ("a", record.ark), ("2", "ark"), ("9", "own"))
    for one in record.identifiers:
        yield _identifier(one)


def _identifier(one: Identifier) -> Field:
    if one.scheme == "isbn":
        return _field("020", "  ", ("a", one.value))
    if one.scheme == "issn":
        return _field("022", "  ", ("a", one.value))
    if one.scheme == "other":
        return _field("024", "8 ", ("a", one.value))
    return _field("024", "7 ", ("a", one.value), ("2", codes.SCHEMES.get(one.scheme, one.scheme)))


def _language(record: Record) -> Iterator[Field]:
    known = codes.LANGUAGES.get(record.language)
    if known:
        yield _field("041", "0 ", ("a", known))
    elif record.language:
        yield _field("041", "07", ("a", record.language), ("2", "rfc5646"))


def _people(record: Record) -> Iterator[Field]:
    """The first creator is the main entry; of an official document it is the body that issued it."""
    organ = record.legal.organ_name if record.legal else ""
    if organ:
        yield _field("110", "1 ", ("a", organ), ("4", codes.ISSUING_BODY), ("9", "organ"))
    for place, agent in enumerate(record.creators):
        yield _agent(agent, main=place == 0 and not organ, mark="creator")
    for agent in record.contributors:
        yield _agent(agent, main=False, mark="contributor")


def _agent(agent: Agent, *, main: bool, mark: str) -> Field:
    body = agent.kind == "organisation"
    tag = ("110" if body else "100") if main else ("710" if body else "700")
    parts = [("a", agent.name)]
    if _RELATOR.fullmatch(agent.role):
        parts.append(("4", agent.role))
    elif agent.role:
        parts.append(("e", agent.role))
    if agent.orcid:
        parts.append(("1", f"https://orcid.org/{agent.orcid}"))
    # Vietnamese names stand in direct order (first indicator 0), bodies too (2).
    return _field(tag, "2 " if body else "0 ", *parts, ("9", mark))


def _title(record: Record) -> Field:
    has_main = bool(record.creators) or bool(record.legal and record.legal.organ_name)
    skip = next(
        (
            len(article)
            for article in codes.ARTICLES.get(record.language, ())
            if record.title.startswith(article)
        ),
        0,
    )
    said = "; ".join(agent.name for agent in record.creators)
    return _field("245", f"{int(has_main)}{skip}", ("a", record.title), ("c", said))


def _publication(record: Record) -> Iterator[Field]:
    place = record.legal.place if record.legal else ""
    year = str(record.year) if record.year else ""
    if place or record.publisher or year:
        yield _field("264", " 1", ("a", place), ("b", record.publisher), ("c", year))
    if record.version > 1:
        yield _field("250", "  ", ("a", f"Bản {record.version}"))
    yield _field("300", "  ", ("a", f"{record.page_count} tr." if record.page_count else "Tài liệu điện tử"))
    if record.kind != "video":
        yield _field("336", "  ", ("a", "văn bản"), ("b", "txt"), ("2", "rdacontent"))
    yield _field("337", "  ", ("a", "máy tính"), ("b", "c"), ("2", "rdamedia"))
    yield _field("338", "  ", ("a", "tài nguyên trực tuyến"), ("b", "cr"), ("2", "rdacarrier"))


def _notes(record: Record) -> Iterator[Field]:
    if record.legal and record.legal.number:
        kind = record.legal.type_name or "Văn bản"
        yield _field("500", "  ", ("a", f"{kind} số {record.legal.number}"), ("9", "legal"))
    yield _access(record.access)
    yield from paragraphs("520", record.abstract)
    for audience in record.audiences:
        yield _field("521", "  ", ("a", audience.name), ("9", audience.key))
    if record.coverage:
        yield _field("522", "  ", ("a", record.coverage))
    if record.rights:
        yield _field(
            "540", "  ", ("a", record.rights_label), ("f", record.rights), ("2", "local"), ("u", record.rights_url)
        )  # fmt: skip
    if record.rights_note:
        yield _field("540", "  ", ("a", record.rights_note))
    if record.source:
        yield _field("786", "0 ", ("n", record.source))


def _access(code: str) -> Field:
    """Say who may read it, in words and in the terms of the standard list (star)."""
    words, term = codes.ACCESS.get(code, codes.ACCESS_UNKNOWN)
    mark = ("9", code) if code in codes.ACCESS else ("9", "")
    return _field("506", "0 " if code == "public" else "1 ", ("a", words), ("f", term), ("2", "star"), mark)


def paragraphs(tag: str, text: str) -> Iterator[Field]:
    """Yield a text as fields of a bounded length: one a line, ``$9`` the line breaks before it when not one."""
    breaks = 0
    for line in nfc(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.strip():
            for start in range(0, len(line), _CHUNK):
                before = breaks if start == 0 else 0
                mark = [] if before == 1 else [("9", str(min(before, 99)))]
                yield _field(tag, "  ", ("a", line[start : start + _CHUNK]), *mark, keep_ends=True)
                breaks = 0
        breaks += 1


def _headings(record: Record, host: str) -> Iterator[Field]:
    for subject in record.subjects:
        yield _field("650", " 7", ("a", subject.name), ("0", f"({host}){subject.key}"), ("2", "local"))
    if record.kind_label:
        yield _field("655", " 7", ("a", record.kind_label), ("2", "local"), ("9", "kind"))
    if record.resource_type:
        yield _field("655", " 4", ("a", record.resource_type))


def _relation(relation: RelationFact) -> Field:
    return _field(
        "787", "0 ", ("t", relation.title), ("n", relation.number), ("o", relation.ark or relation.url),
        ("4", relation.kind),
    )  # fmt: skip


def _links(record: Record) -> Iterator[Field]:
    yield _field("856", "42", ("u", record.url), ("y", record.title), ("9", "page"))
    if record.address:
        yield _field("856", "40", ("u", record.address), ("9", "address"))
    for file in record.files:
        yield _field(
            "856", "40", ("u", file.url), ("q", file.mime), ("s", f"{file.size_bytes} bytes"), ("3", file.name),
            ("9", "file"),
        )  # fmt: skip


def _local(record: Record, host: str) -> Iterator[Field]:
    yield _field(
        codes.OWN, "  ", ("a", record.kind), ("p", record.published_at.isoformat()), ("v", str(record.version)),
        ("h", record.harvested_from),
    )  # fmt: skip
    if record.legal:
        yield _legal(record.legal)
    for shelf in record.collections:
        yield _field(codes.COLLECTION, "  ", ("a", shelf.name), ("0", f"({host}){shelf.key}"))


def _legal(legal: LegalFacts) -> Field:
    parts = []
    for code, name in codes.LEGAL_SUBFIELDS.items():
        value = getattr(legal, name)
        parts.append(
            (code, "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value))
        )
    return _field(codes.LEGAL, "  ", *parts, *(("r", one) for one in legal.recipients))


def _field(tag: str, indicators: str, *parts: tuple[str, str], keep_ends: bool = False) -> Field:
    """Make a field of those subfields that say something."""
    said = ((code, _said(value) if keep_ends else _said(value).strip()) for code, value in parts)
    return Field(
        tag,
        indicators=Indicators(indicators[0], indicators[1]),
        subfields=[Subfield(code, value) for code, value in said if value],
    )


def _said(value: str) -> str:
    """Return a value without the characters that end fields, records or XML."""
    return _CONTROL.sub(" ", nfc(value)) if not value.isprintable() or not value.isascii() else value


def _size(field: Field) -> int:
    return len(field.as_marc("utf-8"))


def _fits(marc: MarcRecord) -> bool:
    """Whether every field can be counted; cheap for usual records, which are far below the limits."""
    return all(_short(field) or _size(field) <= MAX_FIELD_BYTES for field in marc.fields)


def _short(field: Field) -> bool:
    parts: Iterable[str] = (part.value for part in field.subfields) if not field.control_field else ()
    return sum(len(part) + 2 for part in parts) * 4 <= MAX_FIELD_BYTES
