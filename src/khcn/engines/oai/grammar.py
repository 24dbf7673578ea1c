"""The shape of OAI-PMH 2.0 answers, written from the protocol's text: which elements hold which, and what their texts are."""

import re
from typing import Any, Final

OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
SECOND: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
_STAMP: Final = re.compile(rf"\d{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])|{SECOND.pattern}")
_SPEC: Final = r"[A-Za-z0-9\-_.!~*'()]+"
_VERBS: Final = "Identify |ListMetadataFormats |ListSets |GetRecord |ListIdentifiers |ListRecords "
# Of each element the names of what it holds, in order, each followed by a blank; "*" is an element of any namespace.
_HOLDS: Final = {
    "OAI-PMH": rf"responseDate request ((error )+|{_VERBS})",
    "Identify": "repositoryName baseURL protocolVersion (adminEmail )+earliestDatestamp deletedRecord granularity "
    "(compression )*(description )*",
    "ListMetadataFormats": "(metadataFormat )+",
    "metadataFormat": "metadataPrefix schema metadataNamespace ",
    "ListSets": "(set )+(resumptionToken )?",
    "set": "setSpec setName (setDescription )*",
    "GetRecord": "record ",
    "ListIdentifiers": "(header )+(resumptionToken )?",
    "ListRecords": "(record )+(resumptionToken )?",
    "record": "header (metadata )?(about )*",
    "header": "identifier datestamp (setSpec )*",
    "metadata": r"\* ",
    "about": r"\* ",
    "description": r"\* ",
    "setDescription": r"\* ",
}
_TEXTS: Final = {
    "responseDate": SECOND,
    "request": re.compile(r"https?://\S+"),
    "baseURL": re.compile(r"https?://\S+"),
    "protocolVersion": re.compile(r"2\.0"),
    "adminEmail": re.compile(r"\S+@(\S+\.)+\S+"),
    "earliestDatestamp": _STAMP,
    "datestamp": _STAMP,
    "deletedRecord": re.compile("no|persistent|transient"),
    "granularity": re.compile("YYYY-MM-DD(Thh:mm:ssZ)?"),
    "compression": re.compile("gzip|compress|deflate"),
    "metadataPrefix": re.compile(_SPEC),
    "schema": re.compile(r"https?://\S+"),
    "metadataNamespace": re.compile(r"\S+"),
    "setSpec": re.compile(f"{_SPEC}(:{_SPEC})*"),
    "setName": re.compile(r"(?s).*\S.*"),
    "identifier": re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+"),
    "error": re.compile(r"(?s).*"),
    "repositoryName": re.compile(r"(?s).*\S.*"),
    "resumptionToken": re.compile(r"(?s).*"),
}
_CODES: Final = frozenset(
    [
        "badArgument",
        "badResumptionToken",
        "badVerb",
        "cannotDisseminateFormat",
        "idDoesNotExist",
        "noMetadataFormats",
        "noRecordsMatch",
        "noSetHierarchy",
    ]
)
_ATTRIBUTES: Final = {
    "OAI-PMH": {"{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"},
    "request": {"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"},
    "error": {"code"},
    "header": {"status"},
    "resumptionToken": {"expirationDate", "completeListSize", "cursor"},
}
_DC_NAMES: Final = frozenset(
    [
        "title",
        "creator",
        "subject",
        "description",
        "publisher",
        "contributor",
        "date",
        "type",
        "format",
        "identifier",
        "source",
        "language",
        "relation",
        "coverage",
        "rights",
    ]
)


def faults_of(root: Any) -> list[str]:
    """Return what is wrong with the shape of an answer (an lxml element), each with its line; none when it is valid."""
    faults: list[str] = []
    for one in root.iter("*"):
        faults += [f"line {one.sourceline}: {fault}" for fault in _element_faults(one)]
    return [*faults, *_envelope_faults(root)]


def _element_faults(one: Any) -> list[str]:
    if one.tag.startswith(DC):
        name = one.tag.removeprefix(DC)
        return [] if name in _DC_NAMES and not len(one) else [f"{name} is no element of Dublin Core"]
    if not one.tag.startswith(OAI):
        return []
    name = one.tag.removeprefix(OAI)
    faults = [f"{name} has an attribute {key}" for key in one.attrib if key not in _ATTRIBUTES.get(name, ())]
    if name in _HOLDS:
        held = "".join(_held(child, name) for child in one.iterchildren("*"))
        if not re.fullmatch(_HOLDS[name], held):
            faults.append(f"{name} holds {held[:200] or 'nothing'}")
    elif name not in _TEXTS:
        faults.append(f"{name} is no element of the protocol")
    elif len(one) or not _TEXTS[name].fullmatch(one.text or ""):
        faults.append(f"{name} says {(one.text or '')[:80]!r}")
    return faults + _attribute_faults(one, name)


def _held(child: Any, parent: str) -> str:
    own = child.tag.startswith(OAI) and child.tag.removeprefix(OAI)
    if _HOLDS[parent] == r"\* ":
        return "* " if not own else f"{own} "
    return f"{own or child.tag} "


def _attribute_faults(one: Any, name: str) -> list[str]:
    if name == "error" and one.get("code") not in _CODES:
        return [f"an error with the code {one.get('code')!r}"]
    if name == "header" and one.get("status") not in (None, "deleted"):
        return [f"a header with the status {one.get('status')!r}"]
    if name == "record":
        gone = one.find(f"{OAI}header") is not None and one.find(f"{OAI}header").get("status") == "deleted"
        if gone is (one.find(f"{OAI}metadata") is not None):
            return [
                "a deleted record with metadata" if gone else "a record without metadata that is not deleted"
            ]
    if name == "resumptionToken":
        numbers = (one.get("cursor") or "0", one.get("completeListSize") or "1")
        if not all(re.fullmatch(r"\d+", number, re.A) for number in numbers):
            return ["a resumptionToken with sizes that are no numbers"]
        if not SECOND.fullmatch(one.get("expirationDate") or "2000-01-01T00:00:00Z"):
            return ["a resumptionToken with an expirationDate that is none"]
    return []


def _envelope_faults(root: Any) -> list[str]:
    """After badVerb and badArgument no argument stands in the answer; else the verb does, and its element follows."""
    request = root.find(f"{OAI}request")
    if request is None:
        return []
    said = {one.get("code") for one in root.findall(f"{OAI}error")}
    if said & {"badVerb", "badArgument"}:
        return ["arguments are repeated after badVerb or badArgument"] if request.attrib else []
    verb = request.get("verb", "")
    if not verb or not (said or root.find(f"{OAI}{verb}") is not None):
        return [f"the request names the verb {verb!r}, the answer is another"]
    return []
