"""A record in the format of our own, ``khcn_legal``: what other formats have no place for, without loss.

It carries the fields of Decree 30/2020/NĐ-CP, annex VI, under the names that the decree gives them, the validity, the
relations between documents, shelves and audiences by their keys, files with their checksums. Two installations of this
platform exchange works in it. The schema is ``data/khcn_legal.xsd``; a new major version gets a new namespace.
"""

from collections.abc import Iterator
from importlib.resources import files as package_files
from typing import Final

from khcn.engines.records.types import Agent, Heading, LegalFacts, Record, RelationFact
from khcn.engines.records.xml import element, group, optional, orcid, quoted, wrapped

NAMESPACE: Final = "urn:khcn:legal:1"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"


def schema_bytes() -> bytes:
    """Return the XML Schema of the format."""
    return package_files("khcn.engines.records").joinpath("data/khcn_legal.xsd").read_bytes()


def to_khcn_legal(record: Record, *, schema_url: str = "") -> str:
    """Return the record as one ``work`` element. ``schema_url``: where the site serves the schema."""
    head = f'<work xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}"'
    if schema_url:
        head += f" xsi:schemaLocation={quoted(f'{NAMESPACE} {schema_url}')}"
    return f"{head}>{''.join(_parts(record))}</work>"


def _parts(record: Record) -> Iterator[str]:
    yield element("kind", record.kind_label, [("code", record.kind)])
    yield element("title", record.title)
    yield optional("titleEnglish", record.title_en)
    yield element("ark", record.ark)
    yield element("address", record.url)
    yield group("creators", (_agent("creator", one) for one in record.creators))
    yield group("contributors", (_agent("contributor", one) for one in record.contributors))
    yield optional("publisher", record.publisher)
    if record.year:
        yield element("year", str(record.year))
    if record.issued:
        yield element("issuedDate", record.issued.isoformat())
    yield element("language", record.language or "und")
    yield optional("description", record.abstract)
    yield group(
        "identifiers",
        (optional("identifier", one.value, [("scheme", one.scheme)]) for one in record.identifiers),
    )
    yield element("rights", record.rights_label, [("code", record.rights), ("address", record.rights_url)])
    yield optional("rightsNote", record.rights_note)
    yield optional("source", record.source)
    yield optional("coverage", record.coverage)
    yield optional("resourceType", record.resource_type)
    yield optional("original", record.address)
    yield optional("ddc", record.ddc)
    yield group("subjects", (_heading("subject", one) for one in record.subjects))
    yield group("collections", (_heading("collection", one) for one in record.collections))
    yield group("audiences", (_heading("audience", one) for one in record.audiences))
    if record.page_count:
        yield element("pageAmount", str(record.page_count))
    yield element("version", str(record.version))
    yield element("publishedAt", record.published_at.isoformat())
    if record.legal:
        yield wrapped("document", _legal(record.legal))
    yield group("relations", (_relation(one) for one in record.relations))
    yield group(
        "files",
        (
            element(
                "file",
                one.url,
                [
                    ("name", one.name),
                    ("mime", one.mime),
                    ("bytes", str(one.size_bytes)),
                    ("sha256", one.sha256),
                ],
            )
            for one in record.files
        ),
    )


def _legal(legal: LegalFacts) -> Iterator[str]:
    """The names are those of the decree; ``Validity`` is ours."""
    yield optional("TypeName", legal.type_name)
    yield optional("Number", legal.number)
    yield optional("CodeNumber", legal.code_number)
    yield optional("CodeNotation", legal.code_notation)
    yield optional("OrganName", legal.organ_name, [("id", legal.organ_id)])
    yield optional("Place", legal.place)
    signer = [optional("Position", legal.signer_position), optional("FullName", legal.signer_name)]
    yield group("SignerInfo", signer)
    yield group("To", (optional("OrganName", one) for one in legal.recipients))
    yield optional("Priority", legal.priority)
    if legal.issued_amount is not None:
        yield element("IssuedAmount", str(legal.issued_amount))
    start, end = legal.effective_date, legal.expired_date
    if start or end:
        bounds = [("from", start.isoformat() if start else ""), ("before", end.isoformat() if end else "")]
        yield wrapped("Validity", (), bounds)


def _agent(tag: str, agent: Agent) -> str:
    return element(
        tag, agent.name, [("kind", agent.kind), ("role", agent.role), ("orcid", orcid(agent.orcid))]
    )


def _heading(tag: str, heading: Heading) -> str:
    return optional(tag, heading.name, [("key", heading.key), ("ddc", heading.ddc)])


def _relation(relation: RelationFact) -> str:
    attributes = [
        ("kind", relation.kind),
        ("number", relation.number),
        ("address", relation.url),
        ("ark", relation.ark),
    ]
    return element("relation", relation.title, attributes)
