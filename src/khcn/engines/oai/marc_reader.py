"""MARCXML by the reader of MARC files (:mod:`khcn.engines.records.marc_values`), its values cleaned like all others."""

from typing import Any

from khcn.engines.oai.clean import Cleaner, date_text, language_code, web_address
from khcn.engines.oai.identify import home_of, identifier_of, identifiers_of
from khcn.engines.oai.xml import Element, local
from khcn.engines.records.marc_files import marc_of_xml
from khcn.engines.records.marc_values import from_marc
from khcn.engines.records.types import Agent, Identifier, LegalFacts, RelationFact

_LEGAL = {
    "number": "number", "type_name": "type_name", "issuing_body": "organ_name", "organ_id": "organ_id",
    "place": "place", "signer": "signer_name", "signer_position": "signer_position", "priority": "priority",
    "code_number": "code_number", "code_notation": "code_notation",
}  # fmt: skip


def read_marc(root: Element, clean: Cleaner) -> dict[str, Any]:
    """Read one bibliographic record; no title when the element holds none."""
    element = next((one for one in root.iter() if local(one) == "record"), root)
    marc = marc_of_xml(element)
    if marc is None:
        return {"title": ""}
    reading = from_marc(marc)
    said = reading.values
    found = [identifier_of(clean.line(one["value"]), one["type"]) for one in said.get("identifiers", [])]
    if reading.ark:
        found.append(identifier_of(reading.ark))
    rights = clean.line(said.get("rights", ""))
    return {
        "title": clean.line(said.get("title")),
        "title_en": clean.line(said.get("title_en")),
        "abstract": clean.text(said.get("abstract")),
        "creators": _agents(said.get("creators", []), clean),
        "contributors": _agents(said.get("contributors", []), clean),
        "publisher": clean.line(said.get("publisher")),
        "issued": date_text(said.get("issued", "")),
        "language": language_code(said.get("language", "")),
        "identifiers": identifiers_of(found),
        "address": home_of([*_links(element), *found]),
        "rights": "" if web_address(rights) else rights or clean.line(said.get("rights_note")),
        "rights_url": web_address(rights),
        "source": clean.line(said.get("source")),
        "coverage": clean.line(said.get("coverage")),
        "kind": clean.line(said.get("type") or said.get("kind")),
        "subjects": clean.lines(list(said.get("subjects", []))),
        "legal": _legal(said, clean),
        "relations": tuple(
            RelationFact(
                one["kind"][:20], clean.line(one.get("number"))[:60], clean.line(one.get("title"))[:500]
            )
            for one in said.get("relations", [])[: clean.limits.values]
            if one.get("number") or one.get("title")
        ),
    }


def _agents(people: list[dict[str, str]], clean: Cleaner) -> tuple[Agent, ...]:
    found = (
        Agent(name[:300], one.get("kind", "person"), one.get("role", "")[:40], one.get("orcid", ""))
        for one in people[: clean.limits.values]
        if (name := clean.line(one["name"]))
    )
    return tuple(dict.fromkeys(found))


def _links(element: Element) -> list[Identifier]:
    """Return the addresses of 856, the page of the work before its files."""
    pages: list[Identifier] = []
    others: list[Identifier] = []
    for one in element:
        if local(one) != "datafield" or one.get("tag") != "856":
            continue
        parts = {part.get("code"): (part.text or "").strip() for part in one}
        if address := web_address(parts.get("u", "")):
            (pages if parts.get("9") == "page" else others).append(Identifier("url", address))
    return pages or others


def _legal(said: dict[str, Any], clean: Cleaner) -> LegalFacts | None:
    found: dict[str, Any] = {
        column: clean.line(str(said[name])) for name, column in _LEGAL.items() if said.get(name)
    }
    if not (found.get("number") or found.get("organ_name")):
        return None
    return LegalFacts(recipients=clean.lines(list(said.get("recipients", []))), **found)
