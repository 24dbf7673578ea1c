"""A record as simple Dublin Core (DCMES 1.1) in the ``oai_dc`` container of OAI-PMH."""

from collections.abc import Iterator
from typing import Final

from khcn.engines.records.types import Identifier, Record
from khcn.engines.records.xml import element, says, wrapped

NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
_ROOT: Final = (
    ("xmlns:oai_dc", NAMESPACE),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}"),
)
# Terms of the DCMI Type Vocabulary; what is read is Text.
DCMI_TYPES: Final = {"video": "MovingImage", "link": "InteractiveResource", "learning": "InteractiveResource"}
_ABOUT: Final = {
    "amends": "Sửa đổi, bổ sung", "replaces": "Thay thế", "guides": "Hướng dẫn thi hành", "based_on": "Căn cứ",
    "related": "Liên quan đến", "repeals": "Bãi bỏ", "corrects": "Đính chính", "consolidates": "Hợp nhất",
    "suspends": "Ngưng hiệu lực",
}  # fmt: skip


def to_oai_dc(record: Record) -> str:
    """Return the record as one ``oai_dc:dc`` element."""
    inner = [element(f"dc:{name}", value) for name, value in dc_elements(record) if says(value)]
    return wrapped("oai_dc:dc", inner, _ROOT)


def dc_elements(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (element, value) of the fifteen elements, each as often as it is needed; values may be empty."""
    legal = record.legal
    yield "title", record.title
    yield "title", record.title_en
    for agent in record.creators:
        yield "creator", agent.name
    if not record.creators and legal:
        yield "creator", legal.organ_name
    for heading in record.subjects:
        yield "subject", heading.name
    if record.ddc:
        yield "subject", f"DDC {record.ddc}"
    yield "description", record.abstract
    yield "publisher", record.publisher or (legal.organ_name if legal else "")
    for agent in record.contributors:
        yield "contributor", agent.name
    if legal and legal.signer_name:
        yield "contributor", legal.signer_name
    yield "date", date_text(record)
    yield "type", DCMI_TYPES.get(record.kind, "Text")
    yield "type", (legal.type_name if legal else "") or record.resource_type or record.kind_label
    for mime in dict.fromkeys(file.mime for file in record.files):
        yield "format", mime
    yield "identifier", record.url
    yield "identifier", record.ark
    for identifier in record.identifiers:
        yield "identifier", identifier_text(identifier)
    if legal:
        yield "identifier", legal.number
    yield "source", record.source
    yield "source", record.address
    yield "language", record.language
    for relation in record.relations:
        target = relation.url or " ".join(part for part in (relation.number, relation.title) if part)
        yield "relation", f"{_ABOUT.get(relation.kind, '')}: {target}".removeprefix(": ") if target else ""
    yield "coverage", record.coverage
    yield "rights", record.rights_url
    yield "rights", ". ".join(part for part in (record.rights_label, record.rights_note) if part)


def date_text(record: Record) -> str:
    """Return the date of issue as W3CDTF: the whole date, the year, or "" when unknown."""
    if record.issued:
        return record.issued.isoformat()
    return f"{record.year:04d}" if record.year else ""


def identifier_text(identifier: Identifier) -> str:
    """Return an identifier so that a reader knows what it is: an address where there is one, else a URN or "X: ..."."""
    value = identifier.value
    if identifier.scheme == "doi":
        return value if value.startswith("http") else f"https://doi.org/{value}"
    if identifier.scheme in ("isbn", "issn"):
        return f"urn:{identifier.scheme.upper()}:{value}"
    if identifier.scheme == "handle" and not value.startswith("http"):
        return f"https://hdl.handle.net/{value}"
    if identifier.scheme in ("ark", "url", "uri", "other"):
        return value
    return f"{identifier.scheme}: {value}"
