"""A record as CSL-JSON, the form that Zotero, Mendeley, Pandoc and citation processors read.

Types and variables: Citation Style Language 1.0.2, appendices III and IV. An official document is ``legislation`` with
its number, the body that issued it (``authority``, also ``author``, as Vietnamese lists name it) and the whole date.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from khcn.engines.records.names import PARTICLES, split_name
from khcn.engines.records.types import Agent, Record
from khcn.engines.text.fold import fold, normalize

_TYPES: Final = {
    "article": "webpage",
    "document": "document",
    "report": "report",
    "legal": "legislation",
    "learning": "document",
    "research": "report",
    "link": "webpage",
    "video": "motion_picture",
}
_CONTROL: Final = dict.fromkeys([*range(32), 127], " ")
NO_TITLE: Final = "[không nhan đề]"
_THESIS: Final = ("luan van", "luan an", "khoa luan", "thesis", "dissertation")
_ROLES: Final = {"edt": "editor", "editor": "editor", "trl": "translator", "translator": "translator"}


def to_csl(record: Record) -> dict[str, Any]:
    """Return one item of CSL-JSON. Fields without a value are left out; nothing is escaped."""
    item: dict[str, Any] = {
        "id": f"khcn-{record.id}",
        "type": csl_type(record),
        "title": one_line(record.title) or NO_TITLE,
        "author": [_name(agent) for agent in record.creators if one_line(agent.name)],
        **_people(record),
        "issued": _date(record),
        "publisher": one_line(record.publisher),
        "abstract": record.abstract,
        "language": record.language,
        "URL": address_of(record),
        "DOI": _identifier(record, "doi"),
        "ISBN": _identifier(record, "isbn"),
        "ISSN": _identifier(record, "issn"),
        "genre": one_line(record.resource_type),
        "number-of-pages": str(record.page_count) if record.page_count > 1 else "",
        "version": str(record.version) if record.version > 1 else "",
        "keyword": ", ".join(heading.name for heading in record.subjects),
        "source": one_line(record.source),
    }
    if record.legal is not None:
        item |= _legal(record, item)
    return {key: value for key, value in item.items() if value not in ("", None, [])}


def csl_type(record: Record) -> str:
    """Return the type of CSL for a record; one with an ISBN is a book, a thesis is told by its own words."""
    if record.legal is not None and (record.kind == "legal" or record.legal.number):
        return "legislation"
    words = fold(record.resource_type)
    if any(word in words for word in _THESIS):
        return "thesis"
    if record.kind in {"document", "learning"} and (record.publisher or _identifier(record, "isbn")):
        return "book"
    return _TYPES.get(record.kind, "document")


def address_of(record: Record) -> str:
    """Return the address to cite: the original's for what is only linked or harvested, else the persistent one.

    From the second version on it names the version, so that a citation keeps meaning what its author read.
    """
    if record.address and (record.kind in {"link", "video"} or record.harvested_from):
        return record.address
    if not record.ark:
        return record.url
    site = urlsplit(record.url)
    tail = f"/ban-{record.version}" if record.version > 1 else ""
    return f"{site.scheme}://{site.netloc}/{record.ark}{tail}"


def one_line(text: str) -> str:
    """Return a text on one line without control characters."""
    return " ".join(text.translate(_CONTROL).split())


def _name(agent: Agent) -> dict[str, str]:
    name = one_line(agent.name)
    if agent.kind == "organisation" or is_body(name):
        return {"literal": name}
    family, given = split_name(name)
    return {"family": family, "given": given} if given else {"literal": family}


# First words of bodies, with their marks: no Vietnamese family name is written so.
_BODIES: Final = (
    "bộ ", "sở ", "phòng ", "ban ", "cục ", "tổng ", "viện ", "trường ", "đại học ", "học viện ", "chính phủ", "quốc hội",
    "thủ tướng chính phủ", "chủ tịch nước", "công ty ", "tập đoàn ", "báo ", "ubnd", "hđnd", "ủy ban ", "uỷ ban ", "hội ",
    "trung tâm ", "nhà xuất bản ", "tạp chí ", "thư viện ", "văn phòng ", "chi cục ", "mặt trận ", "liên hiệp ",
)  # fmt: skip
_BODY_WORDS: Final = frozenset({"university", "institute", "ministry", "department", "organization", "organisation",
                                "center", "centre", "association", "company", "inc", "ltd"})  # fmt: skip


def is_body(name: str) -> bool:
    """Whether a name is plainly that of a body and not of a person, where nobody said which it is.

    "Trung tâm Khoa học" has a small second word, which no Vietnamese person's name has; "van", "de" ... are of people.
    """
    words = name.split()
    if _BODY_WORDS & set(fold(name).replace(".", " ").replace(",", " ").split()):
        return True
    if len(words) > 1 and words[1].islower() and words[1] not in PARTICLES and words[0][:1].isupper():
        return "," not in words[0]
    return f"{normalize(name).lower()} ".startswith(_BODIES)


def _people(record: Record) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for agent in record.contributors:
        variable = _ROLES.get(agent.role.lower())
        if variable and one_line(agent.name):
            found.setdefault(variable, []).append(_name(agent))
    return found


def _date(record: Record) -> dict[str, Any] | None:
    if record.issued is not None:
        return {"date-parts": [[record.issued.year, record.issued.month, record.issued.day]]}
    return {"date-parts": [[record.year]]} if record.year else None


def _identifier(record: Record, scheme: str) -> str:
    return next((one_line(one.value) for one in record.identifiers if one.scheme == scheme), "")


def _legal(record: Record, item: dict[str, Any]) -> dict[str, Any]:
    legal = record.legal
    assert legal is not None  # noqa: S101  # the caller has looked
    organ = one_line(legal.organ_name) or one_line(record.publisher)
    fields: dict[str, Any] = {
        "number": one_line(legal.number),
        "authority": organ,
        "genre": one_line(legal.type_name) or item["genre"],
        "publisher-place": one_line(legal.place),
    }
    if organ and not item["author"]:
        fields["author"] = [{"literal": organ}]
    if item["type"] == "legislation":
        fields["publisher"] = ""
    return fields
