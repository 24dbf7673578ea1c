"""A record as DataCite 4 (kernel-4), alone and in the ``oai_datacite`` wrapper.

Source: DataCite Metadata Schema 4.5, sections 2 and 3 and its controlled lists; wrapper oai-1.1 of DataCite.
"""

from collections.abc import Iterator
from typing import Final

from khcn.engines.records.dc import date_text
from khcn.engines.records.types import Agent, Identifier, Record, RelationFact
from khcn.engines.records.xml import element, group, optional, orcid, says, wrapped

KERNEL: Final = "http://datacite.org/schema/kernel-4"
NAMESPACE: Final = "http://schema.datacite.org/oai/oai-1.1/"
SCHEMA: Final = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
VERSION: Final = "4.5"
UNKNOWN: Final = "(:unav)"  # appendix 3: the value is not to be had
_XSI: Final = ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
_KERNEL_ROOT: Final = (
    ("xmlns", KERNEL),
    _XSI,
    ("xsi:schemaLocation", f"{KERNEL} http://schema.datacite.org/meta/kernel-4.5/metadata.xsd"),
)
_WRAPPER_ROOT: Final = (("xmlns", NAMESPACE), _XSI, ("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}"))
GENERAL_TYPES: Final = {
    "video": "Audiovisual", "link": "InteractiveResource", "report": "Report", "research": "Report",
    "article": "Text", "legal": "Text", "document": "Text", "learning": "Text",
}  # fmt: skip
RELATIONS: Final = {
    "amends": "IsSupplementTo", "replaces": "Obsoletes", "guides": "IsSupplementTo", "based_on": "References",
    "related": "References", "repeals": "Obsoletes", "consolidates": "Compiles",
}  # fmt: skip
CONTRIBUTORS: Final = {
    "edt": "Editor", "res": "Researcher", "dtc": "DataCollector", "dtm": "DataManager", "prd": "Producer",
    "pro": "Producer", "sup": "Supervisor", "ths": "Supervisor", "spn": "Sponsor", "hst": "HostingInstitution",
    "dst": "Distributor", "rth": "ProjectLeader", "cph": "RightsHolder",
}  # fmt: skip
# Schemes that stand on the controlled list of related identifiers.
_RELATED_SCHEMES: Final = {"doi": "DOI", "handle": "Handle", "isbn": "ISBN", "issn": "ISSN", "ark": "ARK"}


def to_oai_datacite(record: Record, *, symbol: str = "KHCN") -> str:
    """Return the record in the wrapper that harvesters know from DataCite; ``symbol`` names the repository."""
    inner = (
        element("schemaVersion", VERSION),
        element("datacentreSymbol", symbol),
        wrapped("payload", [to_datacite(record)]),
    )
    return wrapped("oai_datacite", inner, _WRAPPER_ROOT)


def to_datacite(record: Record) -> str:
    """Return the record as one ``resource`` element of kernel-4. The six mandatory properties are always there."""
    return wrapped("resource", _properties(record), _KERNEL_ROOT)


def _properties(record: Record) -> Iterator[str]:
    legal = record.legal
    doi = next((one.value for one in record.identifiers if one.scheme == "doi"), "")
    kind, value = ("DOI", _bare_doi(doi)) if doi else ("ARK", record.ark)
    yield element("identifier", value, [("identifierType", kind)])
    yield wrapped("creators", _creators(record))
    yield wrapped(
        "titles",
        [
            element("title", record.title, [("xml:lang", record.language)]),
            optional("title", record.title_en, [("titleType", "TranslatedTitle"), ("xml:lang", "en")]),
        ],
    )
    names = (record.publisher, legal.organ_name if legal else "", UNKNOWN)
    yield element("publisher", next(name for name in names if says(name)))
    yield element("publicationYear", f"{record.year or record.published_at.year:04d}")
    type_name = (legal.type_name if legal else "") or record.resource_type or record.kind_label
    general = GENERAL_TYPES.get(record.kind, "Other")
    yield element("resourceType", type_name, [("resourceTypeGeneral", general)])
    yield group("subjects", _subjects(record))
    yield group("contributors", _contributors(record))
    yield wrapped("dates", _dates(record))
    yield optional("language", record.language)
    yield group("alternateIdentifiers", _alternates(record, doi))
    yield group("relatedIdentifiers", _related(record))
    yield group("sizes", _sizes(record))
    yield group("formats", (element("format", mime) for mime in dict.fromkeys(f.mime for f in record.files)))
    yield element("version", str(record.version))
    rights = [("rightsURI", record.rights_url), ("rightsIdentifier", record.rights)]
    yield group("rightsList", [optional("rights", record.rights_label, rights)])
    yield group("descriptions", _descriptions(record))
    place = [optional("geoLocationPlace", record.coverage)]
    yield group("geoLocations", [group("geoLocation", place)])


def _creators(record: Record) -> Iterator[str]:
    creators = [agent for agent in record.creators if says(agent.name)]
    for agent in creators:
        yield wrapped("creator", _named("creatorName", agent))
    if not creators:
        name = record.legal.organ_name if record.legal else ""
        agent = Agent(name, "organisation") if says(name) else Agent(UNKNOWN, "")
        yield wrapped("creator", _named("creatorName", agent))


def _named(tag: str, agent: Agent) -> Iterator[str]:
    kinds = {"person": "Personal", "organisation": "Organizational"}
    yield element(tag, agent.name, [("nameType", kinds.get(agent.kind, ""))])
    found = orcid(agent.orcid)
    scheme = [("nameIdentifierScheme", "ORCID"), ("schemeURI", "https://orcid.org/")]
    yield optional("nameIdentifier", f"https://orcid.org/{found}" if found else "", scheme)


def _subjects(record: Record) -> Iterator[str]:
    for heading in record.subjects:
        yield optional("subject", heading.name, [("xml:lang", "vi")])
    for number in dict.fromkeys([record.ddc, *(heading.ddc for heading in record.subjects)]):
        yield optional("subject", number, [("subjectScheme", "DDC"), ("schemeURI", "https://dewey.info/")])


def _contributors(record: Record) -> Iterator[str]:
    for agent in (one for one in record.contributors if says(one.name)):
        role = [("contributorType", CONTRIBUTORS.get(agent.role, "Other"))]
        yield wrapped("contributor", _named("contributorName", agent), role)
    if record.legal and says(record.legal.signer_name):
        signer = Agent(record.legal.signer_name)
        yield wrapped("contributor", _named("contributorName", signer), [("contributorType", "Other")])


def _dates(record: Record) -> Iterator[str]:
    yield optional("date", date_text(record), [("dateType", "Issued")])
    yield element("date", record.published_at.date().isoformat(), [("dateType", "Available")])
    legal = record.legal
    if legal and (legal.effective_date or legal.expired_date):
        start, end = legal.effective_date, legal.expired_date
        span = f"{start.isoformat() if start else ''}/{end.isoformat() if end else ''}"
        yield element("date", span, [("dateType", "Valid")])


def _alternates(record: Record, doi: str) -> Iterator[str]:
    if doi:
        yield element("alternateIdentifier", record.ark, [("alternateIdentifierType", "ARK")])
    yield element("alternateIdentifier", record.url, [("alternateIdentifierType", "URL")])
    for one in record.identifiers:
        if one.value != doi:
            kind = [("alternateIdentifierType", _scheme_name(one))]
            yield optional("alternateIdentifier", one.value, kind)
    if record.legal:
        kind = [("alternateIdentifierType", "Số, ký hiệu")]
        yield optional("alternateIdentifier", record.legal.number, kind)


def _scheme_name(one: Identifier) -> str:
    return _RELATED_SCHEMES.get(one.scheme, one.scheme.upper() if len(one.scheme) < 6 else one.scheme)


def _related(record: Record) -> Iterator[str]:
    for relation in record.relations:
        yield _related_one(relation)
    if record.address:
        yield element("relatedIdentifier", record.address, _link("URL", "IsIdenticalTo"))


def _related_one(relation: RelationFact) -> str:
    kind = RELATIONS.get(relation.kind, "References")
    if relation.ark:
        return element("relatedIdentifier", relation.ark, _link("ARK", kind))
    return optional("relatedIdentifier", relation.url, _link("URL", kind))


def _link(scheme: str, relation: str) -> list[tuple[str, str]]:
    return [("relatedIdentifierType", scheme), ("relationType", relation)]


def _sizes(record: Record) -> Iterator[str]:
    if record.page_count:
        yield element("size", f"{record.page_count} trang")
    for file in record.files:
        yield element("size", f"{file.size_bytes} byte")


def _descriptions(record: Record) -> Iterator[str]:
    lang = [("xml:lang", "vi"), ("descriptionType", "Abstract")]
    yield optional("description", record.abstract, lang)
    for relation in record.relations:  # those that have no identifier are told in words
        if not (relation.ark or relation.url):
            said = " ".join(part for part in (relation.number, relation.title) if part)
            yield optional("description", said, [("descriptionType", "Other")])


def _bare_doi(value: str) -> str:
    return value.split("doi.org/", 1)[-1].removeprefix("doi:")
