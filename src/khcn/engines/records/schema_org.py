"""A record as schema.org data (JSON-LD) for search engines and browsers' tools."""

from typing import Any, Final

from khcn.engines.records.dc import date_text, identifier_text
from khcn.engines.records.types import Agent, FileFact, Heading, LegalFacts, Record, RelationFact
from khcn.engines.records.xml import clean, orcid, says

Value = dict[str, Any]
TYPES: Final = {
    "article": "Article", "legal": "Legislation", "video": "VideoObject", "learning": "LearningResource",
    "report": "Report", "research": "ScholarlyArticle", "document": "DigitalDocument", "link": "WebPage",
}  # fmt: skip
# How one document stands to another, in the words of schema.org; of other kinds of works, a citation.
RELATIONS: Final = {
    "amends": "legislationAmends", "replaces": "legislationRepeals", "guides": "legislationApplies",
    "based_on": "isBasedOn", "related": "citation", "repeals": "legislationRepeals",
    "corrects": "legislationCorrects", "consolidates": "legislationConsolidates",
}  # fmt: skip


def schema_type(record: Record) -> str:
    """Return the type of a work."""
    return TYPES.get(record.kind, "CreativeWork")


def to_schema_org(record: Record) -> Value:
    """Return the record as one JSON-LD object; what is unknown is left out."""
    legal = record.legal
    data: Value = {
        "@context": "https://schema.org",
        "@type": schema_type(record),
        "@id": _site(record) + record.ark,
        "name": clean(record.title),
        "alternateName": clean(record.title_en),
        "url": record.url,
        "description": clean(record.abstract),
        "author": [_agent(agent) for agent in record.creators if says(agent.name)],
        "contributor": [_agent(agent) for agent in record.contributors if says(agent.name)],
        "publisher": _organisation(record.publisher or (legal.organ_name if legal else "")),
        "datePublished": date_text(record) or record.published_at.date().isoformat(),
        "dateModified": record.updated_at.isoformat(timespec="seconds"),
        "inLanguage": record.language,
        "identifier": _identifiers(record),
        "license": record.rights_url,
        "usageInfo": "" if record.rights_url else record.rights_label,
        "isAccessibleForFree": True,
        "about": [_term(one) for one in record.subjects if says(one.name)],
        "keywords": [clean(one.name) for one in record.subjects if says(one.name)],
        "isPartOf": [
            {"@type": "Collection", "name": clean(one.name)} for one in record.collections if says(one.name)
        ],
        "audience": [
            {"@type": "Audience", "audienceType": clean(one.name)}
            for one in record.audiences
            if says(one.name)
        ],
        "spatialCoverage": clean(record.coverage),
        "numberOfPages": record.page_count or None,
        "version": record.version,
        "thumbnailUrl": record.thumbnail,
        "image": record.thumbnail,
        "isBasedOnUrl": record.address,
        "encoding": [_file(file) for file in record.files],
    }
    if record.kind in ("article", "report", "research"):
        data["headline"] = data["name"][:110]
    if legal:
        data |= _legislation(legal)
    for relation in record.relations:
        name = RELATIONS.get(relation.kind, "citation")
        if name.startswith("legislation") and data["@type"] != "Legislation":
            name = "citation"
        data.setdefault(name, []).append(_relation(relation))
    return {key: value for key, value in data.items() if value not in ("", None, [], {})}


def _site(record: Record) -> str:
    scheme, _colon, rest = record.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _agent(agent: Agent) -> Value:
    said: Value = {
        "@type": "Organization" if agent.kind == "organisation" else "Person",
        "name": clean(agent.name),
    }
    if found := orcid(agent.orcid):
        said["sameAs"] = f"https://orcid.org/{found}"
    return said


def _organisation(name: str) -> Value:
    return {"@type": "Organization", "name": clean(name)} if says(name) else {}


def _term(heading: Heading) -> Value:
    return {"@type": "DefinedTerm", "name": clean(heading.name), "termCode": heading.ddc or heading.key}


def _identifiers(record: Record) -> list[Value]:
    pairs = [("ARK", record.ark), *((one.scheme.upper(), identifier_text(one)) for one in record.identifiers)]
    return [{"@type": "PropertyValue", "propertyID": name, "value": clean(value)} for name, value in pairs]


def _file(file: FileFact) -> Value:
    return {
        "@type": "MediaObject",
        "name": clean(file.name),
        "contentUrl": file.url,
        "encodingFormat": file.mime,
        "contentSize": f"{file.size_bytes} B",
        "sha256": file.sha256,
    }


def _legislation(legal: LegalFacts) -> Value:
    start, end = legal.effective_date, legal.expired_date
    span = (
        f"{start.isoformat() if start else '..'}/{end.isoformat() if end else '..'}" if start or end else ""
    )
    return {
        "legislationIdentifier": clean(legal.number),
        "legislationType": clean(legal.type_name),
        "legislationPassedBy": _organisation(legal.organ_name),
        "legislationResponsible": {"@type": "Person", "name": clean(legal.signer_name)}
        if says(legal.signer_name)
        else "",
        "legislationDateOfApplicability": start.isoformat() if start else "",
        "temporalCoverage": span,
        "expires": end.isoformat() if end else "",
    }


def _relation(relation: RelationFact) -> Value | str:
    said: Value = {
        "@type": "Legislation" if relation.number else "CreativeWork",
        "name": clean(relation.title),
        "legislationIdentifier": clean(relation.number),
        "url": relation.url,
    }
    return {key: value for key, value in said.items() if value}
