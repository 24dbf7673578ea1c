"""Readers of the formats: Dublin Core, DataCite, and our own with the fields of official documents.

A reader takes the element below ``metadata`` and gives the fields of a ``HarvestedRecord``. Names are compared without
namespaces: sources mix them up, and a title is a title.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final

from khcn.engines.oai.clean import Cleaner, best_date, date_text, language_code, web_address
from khcn.engines.oai.identify import home_of, identifier_of, identifiers_of
from khcn.engines.oai.marc_reader import read_marc
from khcn.engines.oai.xml import Element, local
from khcn.engines.records.types import Agent, LegalFacts, RelationFact

Reader = Callable[[Element, Cleaner], dict[str, Any]]
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def values(root: Element, name: str) -> list[str]:
    """Return the texts of all elements of this name, in order."""
    return [text for one in named(root, name) if (text := "".join(one.itertext()).strip())]


def named(root: Element, name: str) -> Iterator[Element]:
    """Yield the elements of this name, in order."""
    return (one for one in root.iter() if local(one) == name)


def read_dc(root: Element, clean: Cleaner) -> dict[str, Any]:
    """Read simple Dublin Core."""
    title, title_en = _titles([(one, one.get(_LANG) or "") for one in named(root, "title")], clean)
    found = [identifier_of(clean.line(one)) for one in values(root, "identifier")]
    rights = clean.lines(values(root, "rights"))
    links = [web_address(one) for one in (*rights, *values(root, "license")) if web_address(one)]
    languages = [code for one in values(root, "language") if (code := language_code(one))]
    return {
        "title": title,
        "title_en": title_en,
        "abstract": "\n".join(
            dict.fromkeys(text for one in values(root, "description") if (text := clean.text(one)))
        ),
        "creators": _agents(clean.lines(values(root, "creator"))),
        "contributors": _agents(clean.lines(values(root, "contributor"))),
        "publisher": "; ".join(clean.lines(values(root, "publisher"))[:3]),
        "issued": best_date(values(root, "date")),
        "language": languages[0] if languages else "",
        "identifiers": identifiers_of(found),
        "address": home_of(found),
        "rights": "; ".join(one for one in rights if not web_address(one)),
        "rights_url": links[0] if links else "",
        "source": "; ".join(clean.lines(values(root, "source"))[:3]),
        "coverage": "; ".join(clean.lines(values(root, "coverage"))[:5]),
        "kind": "; ".join(clean.lines(values(root, "type"))[:3]),
        "subjects": clean.lines(values(root, "subject")),
    }


def _titles(found: list[tuple[Element, str]], clean: Cleaner) -> tuple[str, str]:
    titles = [(clean.line("".join(one.itertext())), code.lower()) for one, code in found[:20]]
    titles = [(text, code) for text, code in titles if text]
    if not titles:
        return "", ""
    first = next((one for one in titles if one[1].startswith("vi")), titles[0])
    english = next((text for text, code in titles if code.startswith("en") and (text, code) != first), "")
    return first[0], english


def _agents(names: tuple[str, ...], kind: str = "person") -> tuple[Agent, ...]:
    return tuple(Agent(name[:300], kind) for name in names)


def read_datacite(root: Element, clean: Cleaner) -> dict[str, Any]:
    """Read a DataCite resource (kernel 3 or 4), also inside the envelope ``oai_datacite``."""
    resource = next(named(root, "resource"), root)
    titles = [
        (one, one.get(_LANG) or ("en" if one.get("titleType") == "TranslatedTitle" else ""))
        for one in named(resource, "title")
    ]
    title, title_en = _titles(titles, clean)
    own = next((one for one in resource if local(one) == "identifier"), None)
    said = [] if own is None else [identifier_of(clean.line(own.text), own.get("identifierType") or "")]
    said += [
        identifier_of(clean.line(one.text), one.get("alternateIdentifierType") or "")
        for one in named(resource, "alternateIdentifier")
    ]
    rights = list(named(resource, "rights"))
    links = [address for one in rights if (address := web_address(one.get("rightsURI") or ""))]
    kinds = [
        (one.get("resourceTypeGeneral") or "", clean.line(one.text))
        for one in named(resource, "resourceType")
    ]
    return {
        "title": title,
        "title_en": title_en,
        "abstract": "\n".join(clean.text("".join(one.itertext())) for one in _abstracts(resource)).strip(),
        "creators": _datacite_agents(resource, "creator", clean),
        "contributors": _datacite_agents(resource, "contributor", clean),
        "publisher": clean.line(next(iter(values(resource, "publisher")), "")),
        "issued": _datacite_date(resource),
        "language": language_code(next(iter(values(resource, "language")), "")),
        "identifiers": identifiers_of(said),
        "address": home_of(said),
        "rights": "; ".join(clean.lines([one.text or "" for one in rights])),
        "rights_url": links[0] if links else "",
        "kind": next((text or general for general, text in kinds), ""),
        "subjects": clean.lines(values(resource, "subject")),
        "coverage": "; ".join(clean.lines(values(resource, "geoLocationPlace"))[:5]),
    }


def _abstracts(resource: Element) -> list[Element]:
    found = list(named(resource, "description"))
    chosen = [one for one in found if (one.get("descriptionType") or "").lower() == "abstract"]
    return chosen or found[:1]


def _datacite_agents(resource: Element, name: str, clean: Cleaner) -> tuple[Agent, ...]:
    agents = []
    for one in list(named(resource, name))[: clean.limits.values]:
        named_as = next(named(one, f"{name}Name"), None)
        text = "" if named_as is None else clean.line(named_as.text)
        if named_as is None or not text:
            continue
        kind = "organisation" if (named_as.get("nameType") or "").lower().startswith("org") else "person"
        orcids = [value.rsplit("/", 1)[-1] for value in values(one, "nameIdentifier") if "0000-" in value]
        agents.append(Agent(text[:300], kind, orcid=orcids[0][:19] if orcids else ""))
    return tuple(dict.fromkeys(agents))


def _datacite_date(resource: Element) -> str:
    dates = {
        (one.get("dateType") or "").lower(): date_text(one.text or "") for one in named(resource, "date")
    }
    year = date_text(next(iter(values(resource, "publicationYear")), ""))
    issued = dates.get("issued") or dates.get("available") or ""
    return issued if issued.startswith(year) else year


_DOCUMENT: Final = {
    "type_name": "TypeName", "number": "Number", "code_number": "CodeNumber", "code_notation": "CodeNotation",
    "organ_name": "OrganName", "place": "Place", "signer_name": "FullName", "signer_position": "Position",
    "priority": "Priority",
}  # fmt: skip


def read_legal(root: Element, clean: Cleaner) -> dict[str, Any]:
    """Read our own format (:mod:`khcn.engines.records.legal_xml`)."""
    found = {name: clean.line(_own(root, name)) for name in _OWN_LINES}
    said = [
        identifier_of(clean.line(one.text), one.get("scheme") or "")
        for one in list(named(root, "identifier"))[: clean.limits.values]
    ]
    said.append(identifier_of(found["ark"]))
    rights = next(named(root, "rights"), None)
    kind = next((one for one in root if local(one) == "kind"), None)
    return {
        "title": found["title"],
        "title_en": found["titleEnglish"],
        "abstract": clean.text(_own(root, "description")),
        "creators": _own_agents(root, "creator", clean),
        "contributors": _own_agents(root, "contributor", clean),
        "publisher": found["publisher"],
        "issued": date_text(found["issuedDate"]) or date_text(found["year"]),
        "language": language_code(found["language"]),
        "identifiers": identifiers_of(said),
        "address": web_address(found["address"]) or home_of(said),
        "rights": (rights.get("code") or clean.line(rights.text)) if rights is not None else "",
        "rights_url": web_address(rights.get("address") or "") if rights is not None else "",
        "source": found["source"],
        "coverage": found["coverage"],
        "kind": clean.line(kind.get("code") or kind.text) if kind is not None else "",
        "subjects": clean.lines(values(root, "subject")),
        "legal": _document(next((one for one in root if local(one) == "document"), None), clean),
        "relations": _relations(root, clean),
    }


_OWN_LINES: Final = (
    "title", "titleEnglish", "ark", "address", "publisher", "year", "issuedDate", "language", "source", "coverage",
)  # fmt: skip


def _own(root: Element, name: str) -> str:
    """Return the text of a child of the work itself (names come again deeper inside)."""
    return next(("".join(one.itertext()) for one in root if local(one) == name), "")


def _own_agents(root: Element, name: str, clean: Cleaner) -> tuple[Agent, ...]:
    found = (
        Agent(
            text[:300],
            one.get("kind") or "person",
            (one.get("role") or "")[:40],
            (one.get("orcid") or "")[:19],
        )
        for one in list(named(root, name))[: clean.limits.values]
        if (text := clean.line(one.text))
    )
    return tuple(dict.fromkeys(found))


def _document(block: Element | None, clean: Cleaner) -> LegalFacts | None:
    if block is None:
        return None
    found: dict[str, Any] = {
        column: text
        for column, name in _DOCUMENT.items()
        if (text := clean.line(next(iter(values(block, name)), "")))
    }
    organ = next((one for one in block if local(one) == "OrganName"), None)
    if organ is None:
        found.pop("organ_name", None)  # the only one was a recipient
    else:
        found |= {"organ_name": clean.line(organ.text), "organ_id": clean.line(organ.get("id") or "")}
    receivers = next((one for one in block if local(one) == "To"), None)
    span = next((one for one in block if local(one) == "Validity"), None)
    amount = _own(block, "IssuedAmount").strip()
    return LegalFacts(
        recipients=() if receivers is None else clean.lines(values(receivers, "OrganName")),
        issued_amount=int(amount) if amount.isascii() and amount.isdigit() and len(amount) < 4 else None,
        effective_date=_day(span.get("from")) if span is not None else None,
        expired_date=_day(span.get("before")) if span is not None else None,
        **found,
    )


def _day(said: str | None) -> date | None:
    found = date_text(said or "")
    return date.fromisoformat(found) if len(found) == 10 else None


def _relations(root: Element, clean: Cleaner) -> tuple[RelationFact, ...]:
    found = []
    for one in list(named(root, "relation"))[: clean.limits.values]:
        kind, number, title = one.get("kind") or "", clean.line(one.get("number")), clean.line(one.text)
        if kind and (number or title):
            found.append(RelationFact(kind[:20], number[:60], title[:500]))
    return tuple(found)


READERS: Final[dict[str, Reader]] = {
    "oai_dc": read_dc,
    "qdc": read_dc,
    "dc": read_dc,
    "oai_datacite": read_datacite,
    "datacite": read_datacite,
    "oai_datacite4": read_datacite,
    "datacite4": read_datacite,
    "marcxml": read_marc,
    "marc21": read_marc,
    "khcn_legal": read_legal,
}
# Best first: what says most about a work.
PREFERRED: Final = ("khcn_legal", "oai_datacite", "datacite", "marcxml", "marc21", "oai_dc")
