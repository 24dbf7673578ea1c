"""Checks of a provider of OAI-PMH as the public validator makes them, and stricter ones of the protocol's text.

What the public validator (openarchives.org, HTTP::OAIPMH::Validator) asks is asked here too, in its order: Identify, sets,
identifiers, formats, one record, a window of one second around it, thirteen bad requests, two of version 2.0, POST, tokens.
Beyond it every answer is held against :mod:`khcn.engines.oai.grammar`, and lists are read to their ends.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from lxml import etree

from khcn.engines.oai.grammar import OAI, SECOND, faults_of

MAX_PAGES: Final = 2_000
_DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_MAIL: Final = re.compile(r"\w[\w.-]+@[a-zA-Z0-9.-]+\.[a-z]{2,}")
_DOMAIN: Final = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]+)+", re.I)
_IDENTIFIER: Final = "{http://www.openarchives.org/OAI/2.0/oai-identifier}"
_SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_LOCATION: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP."""

    status: int
    body: bytes


# Asks the provider: the arguments, encoded as in an address, and whether they go by POST.
Ask = Callable[[str, bool], Reply]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. ``detail`` says what was asked and what is wrong with the answer."""

    name: str
    good: bool
    detail: str = ""


class _Stop(Exception):
    """The checks cannot go on without what is missing."""


@dataclass
class _Run:
    ask: Ask
    base_url: str
    findings: list[Finding] = field(default_factory=list)
    seconds: bool = True
    earliest: str = ""
    spec: str = ""
    sample: str = ""
    stamp: str = ""

    def check(self, name: str, good: object, detail: str = "") -> bool:
        self.findings.append(Finding(name, bool(good), "" if good else detail))
        return bool(good)

    def need(self, name: str, good: object, detail: str = "") -> None:
        if not self.check(name, good, detail):
            raise _Stop

    def get(self, query: str, *, post: bool = False) -> Any:
        """Return the root of an answer whose envelope and shape are as the protocol has them."""
        reply = self.ask(query, post)
        what = f"{'POST ' if post else ''}{query}"
        self.need(f"HTTP 200: {what}", reply.status == 200, f"status {reply.status}")
        try:
            root = etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            self.need(f"well formed: {what}", False, str(error))
        self.need(f"an OAI-PMH document: {what}", root.tag == f"{OAI}OAI-PMH", str(root.tag))
        location = " ".join(str(root.get(_LOCATION, "")).split())
        self.check(f"the schema of the protocol is named: {what}", location == _SCHEMA, location)
        faults = faults_of(root)
        self.check(f"valid: {what}", not faults, "; ".join(faults[:5]))
        asked = root.find(f"{OAI}request")
        if asked is not None:
            self.check(
                f"the address stands in the answer: {what}", asked.text == self.base_url, asked.text or ""
            )
        return root

    def good(self, query: str, *, post: bool = False) -> Any:
        """Return the answer to a request that must be answered."""
        root = self.get(query, post=post)
        said = codes(root)
        self.need(f"answered: {'POST ' if post else ''}{query}", not said, ", ".join(said))
        return root


def codes(root: Any) -> list[str]:
    """Return the error codes of an answer."""
    return [str(one.get("code")) for one in root.findall(f"{OAI}error")]


def validate(ask: Ask, base_url: str) -> list[Finding]:
    """Return every check of the provider at ``base_url``; it is compliant when all are good."""
    run = _Run(ask, base_url)
    try:
        for part in (_identify, _sets, _identifiers, _formats, _record, _window, _errors, _posts, _lists):
            part(run)
    except _Stop:
        run.check("the checks came to their end", False, "they stopped at the fault before")
    return run.findings


def _identify(run: _Run) -> None:
    said = run.good("verb=Identify").find(f"{OAI}Identify")
    version = said.findtext(f"{OAI}protocolVersion")
    run.need("protocol version 2.0", version == "2.0", version)
    base = said.findtext(f"{OAI}baseURL")
    run.check("baseURL is the address that is asked, to the letter", base == run.base_url, base)
    for one in said.findall(f"{OAI}adminEmail"):
        text = one.text or ""
        good = _MAIL.fullmatch(text) and not text.endswith("@localhost")
        run.check("adminEmail can be reached from everywhere", good, text)
    run.seconds = said.findtext(f"{OAI}granularity") == "YYYY-MM-DDThh:mm:ssZ"
    run.earliest = said.findtext(f"{OAI}earliestDatestamp") or ""
    run.check("earliestDatestamp has the granularity", _fine(run, run.earliest), run.earliest)
    names = said.findall(f".//{_IDENTIFIER}oai-identifier")
    run.check("at most one oai-identifier", len(names) < 2, str(len(names)))
    for one in names:
        domain = one.findtext(f"{_IDENTIFIER}repositoryIdentifier") or ""
        run.check("repositoryIdentifier is a domain name", _DOMAIN.fullmatch(domain), domain)
        example = one.findtext(f"{_IDENTIFIER}sampleIdentifier") or ""
        run.check("sampleIdentifier stands in that domain", example.startswith(f"oai:{domain}:"), example)


def _fine(run: _Run, stamp: str) -> bool:
    return bool((SECOND if run.seconds else _DAY).fullmatch(stamp))


def _sets(run: _Run) -> None:
    root = run.get("verb=ListSets")
    specs = [one.text or "" for one in root.iter(f"{OAI}setSpec")]
    if not specs:
        run.check("no sets: noSetHierarchy", codes(root) == ["noSetHierarchy"], ", ".join(codes(root)))
        return
    run.spec = specs[0]
    run.check("every set is listed once", len(specs) == len(set(specs)), ", ".join(specs[:20]))
    lost = [spec for spec in specs if ":" in spec and spec.rpartition(":")[0] not in specs]
    run.check("every set below another has that one listed", not lost, ", ".join(lost[:5]))


def _identifiers(run: _Run) -> None:
    """Find a record that is not deleted, in the first set: the public validator looks at no other."""
    chosen = f"&set={quote(run.spec, safe=':')}" if run.spec else ""
    root = run.good(f"verb=ListIdentifiers&metadataPrefix=oai_dc{chosen}")
    alive = [one for one in root.iter(f"{OAI}header") if one.get("status") != "deleted"]
    run.need("the first page of the first set has a record that is not deleted", alive, run.spec)
    run.sample = alive[0].findtext(f"{OAI}identifier") or ""


def _formats(run: _Run) -> None:
    for query in ("", f"&identifier={quote(run.sample, safe='')}"):
        root = run.good(f"verb=ListMetadataFormats{query}")
        prefixes = [one.text for one in root.iter(f"{OAI}metadataPrefix")]
        run.check("oai_dc is among the formats", "oai_dc" in prefixes, query)
        run.check("every format is listed once", len(prefixes) == len(set(prefixes)), query)


def _record(run: _Run) -> None:
    root = run.good(f"verb=GetRecord&identifier={quote(run.sample, safe='')}&metadataPrefix=oai_dc")
    run.stamp = root.findtext(f".//{OAI}datestamp") or ""
    run.check("the datestamp has the granularity", _fine(run, run.stamp), run.stamp)
    run.check("no record is older than earliestDatestamp", run.stamp >= run.earliest, run.stamp)
    if run.spec:
        specs = [one.text or "" for one in root.iter(f"{OAI}setSpec")]
        there = any(spec == run.spec or spec.startswith(f"{run.spec}:") for spec in specs)
        run.check("the record names the set in which it was found", there, f"{run.spec} in {specs}")


def _window(run: _Run) -> None:
    """From and until are inclusive: both at the record's own second."""
    window = f"from={run.stamp}&until={run.stamp}&metadataPrefix=oai_dc"
    found = any(
        one.text == run.sample
        for root in _pages(run, "ListRecords", window)
        for one in root.iterfind(f".//{OAI}header/{OAI}identifier")
    )
    run.check("a window of the record's own second has the record", found, window)


def _pages(run: _Run, verb: str, arguments: str) -> Iterator[Any]:
    query = f"verb={verb}&{arguments}"
    for _page in range(MAX_PAGES):
        root = run.good(query)
        yield root
        token = root.findtext(f".//{OAI}resumptionToken")
        if not token:
            return
        query = f"verb={verb}&resumptionToken={quote(token, safe='')}"
    run.check(f"{verb} ends", False, f"more than {MAX_PAGES} pages")


def _bad_requests(run: _Run) -> Iterator[tuple[str, str]]:
    """Yield requests and the codes that may answer them: the public validator's, then further ones."""
    name = quote(run.sample, safe="")
    year = f"{int(run.earliest[:4]) - 1:04d}{run.earliest[4:]}"
    yield from (
        ("junk", "badVerb"),
        ("verb=junk", "badVerb"),
        ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
        (f"verb=GetRecord&identifier={name}", "badArgument"),
        ("verb=GetRecord&identifier=invalid%22id&metadataPrefix=oai_dc", "badArgument idDoesNotExist"),
        ("verb=ListIdentifiers&until=junk", "badArgument"),
        ("verb=ListIdentifiers&from=junk", "badArgument"),
        ("verb=ListIdentifiers&resumptionToken=junk&until=2000-02-05", "badArgument badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=junk", "badArgument"),
        ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=junk&until=1990-01-10",
            "badArgument badResumptionToken",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=junk", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2002-02-05&until=2002-02-06T05:35:00Z", "badArgument"),
        (f"verb=ListRecords&metadataPrefix=oai_dc&until={year}", "noRecordsMatch"),
    )
    yield from (
        ("", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListSets&from=2020-01-01", "badArgument"),
        ("verb=ListMetadataFormats&identifier=oai:khong-co", "idDoesNotExist"),
        (f"verb=GetRecord&identifier={name}&identifier={name}&metadataPrefix=oai_dc", "badArgument"),
        (f"verb=GetRecord&identifier={name}&metadataPrefix=khong-co", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=oai:khong-co&metadataPrefix=oai_dc", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=khong-co", "cannotDisseminateFormat"),
        ("verb=ListIdentifiers&metadataPrefix=khong-co", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-02&until=2020-02-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=%3A%3A", "badArgument noRecordsMatch noSetHierarchy"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=khong-co", "noRecordsMatch noSetHierarchy badArgument"),
        ("verb=ListIdentifiers&resumptionToken=", "badArgument badResumptionToken"),
    )


def _errors(run: _Run) -> None:
    for query, may in _bad_requests(run):
        said = codes(run.get(query))
        run.check(
            f"{may.replace(' ', ' or ')}: {query or '(nothing)'}", set(said) & set(may.split()), f"{said}"
        )


def _posts(run: _Run) -> None:
    for verb, more in (
        ("Identify", ""),
        ("GetRecord", f"&identifier={quote(run.sample, safe='')}&metadataPrefix=oai_dc"),
    ):
        root = run.good(f"verb={verb}{more}", post=True)
        run.check(f"POST {verb} is answered with {verb}", root.find(f"{OAI}{verb}") is not None)


def _lists(run: _Run) -> None:
    """Read both lists to their ends: cursors count, sizes hold, both tell of the same records."""
    told = {}
    for verb in ("ListRecords", "ListIdentifiers"):
        names: list[str] = []
        for number, root in enumerate(_pages(run, verb, "metadataPrefix=oai_dc")):
            heads = root.findall(f".//{OAI}header")
            token = root.find(f".//{OAI}resumptionToken")
            if token is not None:
                cursor = token.get("cursor")
                run.check(
                    f"{verb}: the cursor counts what was told", cursor in (None, str(len(names))), str(cursor)
                )
                size = token.get("completeListSize")
                enough = size is None or int(size) >= len(names) + len(heads)
                run.check(f"{verb}: completeListSize is not exceeded", enough, str(size))
                run.check(f"{verb}: no empty token on the first page", number or token.text, "")
            stamps = [one.findtext(f"{OAI}datestamp") or "" for one in heads]
            run.check(f"{verb}: all datestamps have the granularity", all(_fine(run, one) for one in stamps))
            names += [one.findtext(f"{OAI}identifier") or "" for one in heads]
        told[verb] = set(names)
        run.check(f"{verb} tells of no record twice", len(names) == len(told[verb]), str(len(names)))
    same = told["ListRecords"] == told["ListIdentifiers"]
    run.check(
        "both lists tell of the same records", same, str({key: len(all_) for key, all_ in told.items()})
    )
