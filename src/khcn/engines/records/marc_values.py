"""A MARC 21 record as the plain values from which the library makes a work: the way back of :mod:`marc`.

The values are named as in a line of our JSONL files (``title``, ``creators``, ``issued`` ...). Records of our own kind
come back without loss; those of other libraries are read with good will: ISBD punctuation is cut off, old fields are
understood, what has no place is kept under ``marc``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pymarc import Field
from pymarc import Record as MarcRecord

from khcn.engines.records import marc_codes as codes
from khcn.engines.records.ddc import ddc_of
from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.numbers import parse_document_number

_ISBD: Final = re.compile(r"\s*[/:;=,]\s*$")
_STOP: Final = re.compile(r"(?<=\w{3})\.$")
_YEAR: Final = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_ORCID: Final = re.compile(r"(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])\s*$")
_ISBN: Final = re.compile(r"^[\d][\d\- ]{8,16}[\dXx]\b")
_NOBODY: Final = frozenset({"k.nxb", "knxb", "s.n", "[s.n", "[s.n]", "[k.nxb]"})
_AND: Final = re.compile(r"\s*;\s*|\s*,\s*(?=[^,]{5,})")
_DETAILED: Final = re.compile(r"^.{6}e(\d{4})(\d{2})(\d{2})", re.ASCII)
_SINGLE: Final = re.compile(r"^.{6}[a-z](\d{4})", re.ASCII)
# Tags that are read below or say nothing about the work; all others are kept as they are.
_READ: Final = re.compile(
    r"00\d|02[024]|040|041|082|1(?:00|10|11)|245|246|250|26[04]|300|33[678]|50[06]|52[012]|540|65[0135]|7(?:00|10|11)|"
    r"78[67]|856|99[012]"
)


@dataclass(slots=True)
class MarcReading:
    """What a record says. ``control``: 001; ``agency``: 003 or 040 $a; ``ark``: of the library that wrote it or ""."""

    values: dict[str, Any] = field(default_factory=dict)
    control: str = ""
    agency: str = ""
    ark: str = ""
    codes: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The name under which the record is recognised when it comes again ("" without a control number)."""
        return f"{self.agency}:{self.control}" if self.agency and self.control else self.control


def from_marc(marc: MarcRecord) -> MarcReading:
    """Return the values of a record; empty ones are left out."""
    reading = MarcReading(control=_control(marc, "001"), agency=_control(marc, "003"))
    if not reading.agency:
        reading.agency = next((_first(one, "a") for one in marc.get_fields("040")), "")
    own = marc.get_fields(codes.OWN)
    is_own = bool(own)
    values: dict[str, Any] = {
        **_titles(marc, exact=is_own),
        **_people(marc, exact=is_own),
        **_publication(marc, exact=is_own),
        **_subjects(marc, exact=is_own),
        **_rights(marc, exact=is_own),
        **_links(marc),
        **_legal(marc, exact=is_own),
    }
    values["identifiers"], reading.ark = _identifiers(marc)
    values["language"] = _language(marc)
    values["ddc"] = next(
        (
            number
            for one in marc.get_fields("082")
            for said in one.get_subfields("a")
            if (number := ddc_of(said))
        ),
        "",
    )
    values["abstract"] = _joined_paragraphs(marc.get_fields("520"))
    values["coverage"] = next((_first(one, "a") for one in marc.get_fields("522")), "")
    values["source"] = next((_first(one, "n") or _first(one, "t") for one in marc.get_fields("786")), "")
    values["relations"] = [relation for one in marc.get_fields("787") if (relation := _relation(one))]
    values["kind"] = _kind(marc, own, values)
    values["marc"] = {} if own else _kept(marc)
    reading.values = {name: value for name, value in values.items() if value not in ("", [], {}, None)}
    if not _title_of(marc):
        reading.codes.append("no-title")
    return reading


def _said(text: str) -> str:
    return " ".join(nfc(text).split())


def _plain(text: str) -> str:
    """Return a heading or a title without the punctuation that ISBD puts between the parts."""
    text = _ISBD.sub("", _said(text))
    return _STOP.sub("", text)


def _control(marc: MarcRecord, tag: str) -> str:
    return next((_said(one.data or "") for one in marc.get_fields(tag)), "")[:100]


def _first(one: Field, code: str) -> str:
    return next((_said(value) for value in one.get_subfields(code) if value.strip()), "")


def _title_of(marc: MarcRecord) -> Field | None:
    return next((one for one in marc.get_fields("245") if _first(one, "a") or _first(one, "k")), None)


def _titles(marc: MarcRecord, *, exact: bool) -> dict[str, Any]:
    found = _title_of(marc)
    title = ""
    if found is not None:
        parts = [part for part in found.subfields if part.code in "abnpk" and part.value.strip()]
        title = _said(parts[0].value) if parts else ""
        for part in parts[1:]:
            link = ": " if part.code == "b" else ". "
            title = f"{_plain(title)}{link}{_said(part.value)}"
        if not exact and (len(parts) > 1 or found.get_subfields("c")):
            title = _ISBD.sub("", title)
    english = [one for one in marc.get_fields("246") if _first(one, "9") == "eng"]
    others = [one for one in marc.get_fields("246") if one.indicators and one.indicators.second == "1"]
    parallel = next(iter(english or others), None)
    said = _first(parallel, "a") if parallel else ""
    return {"title": title, "title_en": said if exact else _ISBD.sub("", said)}


def _people(marc: MarcRecord, *, exact: bool) -> dict[str, list[dict[str, str]]]:
    creators: list[dict[str, str]] = []
    contributors: list[dict[str, str]] = []
    for one in marc.get_fields("100", "110", "111", "700", "710", "711"):
        mark = _first(one, "9")
        role = _role(one)
        if mark == "organ" or (role == codes.ISSUING_BODY and one.tag in ("110", "710") and _is_legal(marc)):
            continue
        person = _person(one, role, exact=exact)
        if not person["name"] or one.get_subfields(
            "t"
        ):  # a name with a title is a work, not somebody who made this
            continue
        if mark in ("creator", "contributor"):
            (creators if mark == "creator" else contributors).append(person)
        else:
            made = one.tag.startswith("1") or role in codes.CREATOR_ROLES
            (creators if made else contributors).append(person)
    if not creators and not contributors and not exact:
        creators = list(_from_statement(marc))
    return {"creators": creators, "contributors": contributors}


def _person(one: Field, role: str, *, exact: bool) -> dict[str, str]:
    name = _first(one, "a")
    if not exact:
        name = _plain(" ".join(_said(part.value) for part in one.subfields if part.code in "abn"))
    person = {"name": name}
    if one.tag[1:] in ("10", "11"):
        person["kind"] = "organisation"
    if role:
        person["role"] = role
    for value in (*one.get_subfields("1"), *one.get_subfields("0")):
        if "orcid" in value.lower() and (match := _ORCID.search(value)):
            person["orcid"] = match[1].upper()
    return person


def _role(one: Field) -> str:
    code = _first(one, "4").rsplit("/", 1)[-1]
    if code:
        return code
    said = _plain(_first(one, "e"))
    return codes.RELATORS.get(fold(said).strip(" ()[]."), said)


def _from_statement(marc: MarcRecord) -> Iterator[dict[str, str]]:
    """Old records name the authors only in the statement of responsibility."""
    for one in marc.get_fields("245"):
        said = _plain(_first(one, "c")).split(" ; ")[0]
        for name in _AND.split(said):
            plain = re.sub(
                r"^(?:b\.?s\.?|s\.?t\.?|ch\.?b\.?|tác giả)\s*[.:]\s*", "", name, flags=re.IGNORECASE
            )
            plain = re.sub(r"\s*\((?:ch\.?b|b\.?s|chủ biên)\.?\)$|\s*\.\.\.$|\s*\[.*\]$", "", plain)
            if 2 <= len(plain) <= 80:
                yield {"name": plain}


def _publication(marc: MarcRecord, *, exact: bool) -> dict[str, Any]:
    fields = marc.get_fields("264", "260")
    fields.sort(
        key=lambda one: one.tag == "264" and one.indicators is not None and one.indicators.second != "1"
    )
    publisher = next((_first(one, "b") for one in fields if _first(one, "b")), "")
    publisher = publisher if exact else _plain(publisher)
    said = next((_first(one, "c") for one in fields if _YEAR.search(_first(one, "c"))), "")
    form = _control_raw(marc, "008")
    issued = ""
    if match := _DETAILED.match(form):
        issued = "-".join(match.groups())
    elif year := _YEAR.search(said):
        issued = year[1]
    elif (match := _SINGLE.match(form)) and 1000 <= int(match[1]) <= 2200:
        issued = match[1]
    return {
        "publisher": "" if fold(publisher) in _NOBODY else publisher,
        "issued": issued,
    }


def _control_raw(marc: MarcRecord, tag: str) -> str:
    return next((one.data or "" for one in marc.get_fields(tag)), "")


def _language(marc: MarcRecord) -> str:
    for one in marc.get_fields("041"):
        code = _first(one, "a").lower()
        if _first(one, "2") == "rfc5646":
            return code
        if code[:3] in codes.LANGUAGES_BACK:
            return codes.LANGUAGES_BACK[code[:3]]
    return codes.LANGUAGES_BACK.get(_control_raw(marc, "008")[35:38].lower(), "")


def _identifiers(marc: MarcRecord) -> tuple[list[dict[str, str]], str]:
    found: list[dict[str, str]] = []
    ark = ""
    for one in marc.get_fields("020", "022", "024"):
        value = _first(one, "a")
        if one.tag == "020":
            match = _ISBN.match(value)
            found.append({"type": "isbn", "value": match[0] if match else value})
        elif one.tag == "022":
            found.append({"type": "issn", "value": value})
        elif _first(one, "9") == "own":
            ark = value
        else:
            scheme = _first(one, "2").lower() or "other"
            found.append({"type": codes.SCHEMES_BACK.get(scheme, scheme), "value": value})
    return [one for one in found if one["value"]], ark


def _subjects(marc: MarcRecord, *, exact: bool) -> dict[str, list[str] | str]:
    subjects = [_heading(one) for one in marc.get_fields("650", "651", "653")]
    own = [one for one in marc.get_fields("655") if _first(one, "2") != "local"]
    return {
        "subjects": list(dict.fromkeys(one for one in subjects if one)),
        "collection": [name for one in marc.get_fields(codes.COLLECTION) if (name := _first(one, "a"))],
        "audiences": [name for one in marc.get_fields("521") if (name := _first(one, "a"))],
        "type": next((said if exact else _plain(said) for one in own if (said := _first(one, "a"))), ""),
    }


def _heading(one: Field) -> str:
    """Return a subject; our own come back by their name, subdivisions of others follow a dash."""
    if _first(one, "2") == "local" or one.tag == "653":
        return _first(one, "a")
    parts = [_plain(part.value) for part in one.subfields if part.code in "avxyz"]
    return " - ".join(part for part in parts if part)


def _rights(marc: MarcRecord, *, exact: bool) -> dict[str, str]:
    """Return the terms of use, and who may read it. A record can close a work, never open one that was closed here."""
    found: dict[str, str] = {}
    for one in marc.get_fields("540"):
        code = _first(one, "f")
        if code:
            found["rights"] = code
        elif _first(one, "u") and "creativecommons" in _first(one, "u"):
            found.setdefault("rights", _licence(_first(one, "u")))
        elif _first(one, "a"):
            found["rights_note"] = _first(one, "a")
    for one in marc.get_fields("506"):
        if exact and _first(one, "9") in codes.CLOSED:
            found["visibility"] = _first(one, "9")
        elif not exact and _first(one, "a"):  # of the copy of another library: told, not applied
            found["rights_note"] = ". ".join(
                said.rstrip(". ") for said in (found.get("rights_note", ""), _first(one, "a")) if said
            )
    return found


def _licence(url: str) -> str:
    match = re.search(r"licenses/(by(?:-sa|-nc)?)/", url)
    if match:
        return f"cc-{match[1]}-4.0"
    return "public-domain" if "publicdomain" in url else url


def _links(marc: MarcRecord) -> dict[str, str]:
    fields = [
        one for one in marc.get_fields("856") if _first(one, "u").lower().startswith(("http://", "https://"))
    ]
    marked = {_first(one, "9"): _first(one, "u") for one in reversed(fields)}
    if "page" in marked or "address" in marked:
        return {"url": marked.get("address", "")}
    return {"url": _first(fields[0], "u") if fields else ""}


def _is_legal(marc: MarcRecord) -> bool:
    return bool(marc.get_fields(codes.LEGAL))


def _legal(marc: MarcRecord, *, exact: bool) -> dict[str, Any]:
    names = {"organ_name": "issuing_body", "signer_name": "signer"}
    found: dict[str, Any] = {}
    for one in marc.get_fields(codes.LEGAL):
        for code, name in codes.LEGAL_SUBFIELDS.items():
            value = _first(one, code)
            if value:
                found[names.get(name, name)] = value
        found["recipients"] = [value for said in one.get_subfields("r") if (value := _said(said))]
    if found or exact:
        return found
    # Another library's official document: a number and symbol in a note, the body as main entry.
    for one in marc.get_fields("500", "086", "088"):
        number = parse_document_number(_first(one, "a")) if len(_first(one, "a")) < 60 else None
        if number is not None:
            body = next((_plain(_first(main, "a")) for main in marc.get_fields("110")), "")
            return {"number": number.full, "issuing_body": body}
    return {}


def _relation(one: Field) -> dict[str, str] | None:
    kind = _first(one, "4")
    relation = {"kind": kind or "related", "title": _first(one, "t"), "number": _first(one, "n")}
    if "ark:" in _first(one, "o"):
        relation["ark"] = _first(one, "o")
    return (
        {key: value for key, value in relation.items() if value} if len(set(relation.values())) > 1 else None
    )


def _joined_paragraphs(fields: Iterable[Field]) -> str:
    parts: list[str] = []
    for one in fields:
        text = next((nfc(value) for value in one.get_subfields("a") if value), "")
        if not text.strip():
            continue
        mark = _first(one, "9")
        breaks = int(mark) if mark.isdigit() and len(mark) < 3 else 1
        parts.append("\n" * breaks if parts else "")
        parts.append(text)
    return "".join(parts).strip()


def _kind(marc: MarcRecord, own: list[Field], values: dict[str, Any]) -> str:
    said = next((_first(one, "a") for one in own), "")
    if said:
        return said
    if values.get("number"):
        return "legal"
    return codes.KINDS_BY_TYPE.get(str(marc.leader)[6:7], "")


def _kept(marc: MarcRecord) -> dict[str, list[str]]:
    """Return the fields that have no place here, by tag, as a librarian writes them."""
    kept: dict[str, list[str]] = {}
    for one in marc.fields[:500]:
        if _READ.fullmatch(one.tag) and one.tag != "500":
            continue
        said = (
            one.data or ""
            if one.control_field
            else "".join(f"${part.code}{part.value}" for part in one.subfields)
        )
        kept.setdefault(one.tag, []).append(_said(said)[:2000])
    return kept
