"""The demo content as typed data: works, collections and subjects, read from ``data/demo`` and checked.

One Markdown file a work under ``data/demo/works``; its fields stand in TOML between two ``+++`` lines, the
text (see ``khcn.library.demo_markup``) below them. Nothing here touches Django or a database: the loader
takes these values through the services.
"""

import tomllib
import unicodedata
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from khcn.library.demo_markup import Block, parse_blocks, to_html

DEMO_DIR: Final = Path(__file__).parent / "data" / "demo"

KINDS: Final = frozenset({"article", "document", "report", "legal", "learning", "research", "link", "video"})
FILE_KINDS: Final = frozenset({"document", "report", "legal", "learning", "research"})
ADDRESS_KINDS: Final = frozenset({"link", "video"})
AUDIENCES: Final = frozenset(
    {"pupils", "teachers", "young_entrepreneurs", "workers_smes", "officials", "public"}
)
RIGHTS_NOTES: Final = {
    "cc-by-4.0": "Bài do thư viện tự viết, phát hành theo CC BY 4.0: dùng lại tự do, nhớ ghi nguồn.",
    "official": "Văn bản quy phạm pháp luật, văn bản hành chính: không thuộc đối tượng bảo hộ quyền tác giả "
    "(Điều 15 Luật Sở hữu trí tuệ). Phần tóm tắt do thư viện viết, theo CC BY 4.0.",
    "all-rights-reserved": "Nội dung ở địa chỉ liên kết thuộc về chủ của nó; thư viện chỉ giới thiệu.",
}
RENDERS: Final = frozenset({"scan", "pdf", "docx", "tcvn3_rtf", "tcvn3_txt", "html", "txt"})
RELATION_KINDS: Final = frozenset({"amends", "replaces", "guides", "based_on", "related"})
CERTAINTIES: Final = frozenset({"official_text", "secondary", "own_measurement", "general_knowledge"})
LEGAL_TEXTS: Final = frozenset({"full", "summary"})

# Lengths of Decree 30/2020/NĐ-CP, annex VI.
_LEGAL_LENGTHS: Final = {
    "type_name": 100,
    "code_number": 11,
    "code_notation": 30,
    "organ_name": 200,
    "subject": 500,
    "signer_name": 50,
    "signer_position": 100,
}


class DemoContentError(ValueError):
    """A demo file says something it may not. The message names the file and the field."""


@dataclass(frozen=True, slots=True)
class DemoSource:
    """Where a fact can be read: title, publisher, year, and an address when there is a lasting one."""

    title: str
    publisher: str
    year: int
    url: str = ""

    def __str__(self) -> str:
        return f"{self.title}. {self.publisher}, {self.year}."


@dataclass(frozen=True, slots=True)
class DemoRelation:
    """``kind`` of tie to another document: ``target`` is a demo work's id, or empty for one not held here."""

    kind: str
    target: str = ""
    number: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class DemoLegal:
    """Fields of an official document (Decree 30/2020/NĐ-CP, annex VI) with its validity and its relations.

    ``text`` says whether the body is the official wording ("full") or the library's own summary ("summary").
    ``header_parent`` is the parent body printed above the issuing one at the top left.
    """

    type_name: str
    code_number: str
    code_notation: str
    organ_name: str
    issued_date: date
    subject: str
    text: str
    number: str = ""
    place: str = ""
    effective_date: date | None = None
    expired_date: date | None = None
    signer_name: str = ""
    signer_position: str = ""
    signing_mode: str = ""
    header_parent: str = ""
    recipients: tuple[str, ...] = ()
    relations: tuple[DemoRelation, ...] = ()

    @property
    def full_number(self) -> str:
        """Number and symbol as printed, e.g. ``82/KH-UBND``, ``93/2025/QH15``, ``57-NQ/TW``."""
        return self.number or f"{self.code_number}/{self.code_notation}"


@dataclass(frozen=True)
class DemoWork:
    """One demo work. ``id`` is its stable external id and the name of its file."""

    id: str
    kind: str
    title: str
    abstract: str
    creators: tuple[str, ...]
    publisher: str
    issued: date
    collection: str
    subjects: tuple[str, ...]
    audiences: tuple[str, ...]
    rights: str
    certainty: str
    sources: tuple[DemoSource, ...]
    body: str
    language: str = "vi"
    url: str = ""
    render: str = ""
    legal: DemoLegal | None = None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The parsed body."""
        return parse_blocks(self.body)

    @property
    def body_html(self) -> str:
        """The body as HTML, for the reading page of an article."""
        return to_html(self.blocks)

    @property
    def rights_note(self) -> str:
        """The sentence that explains the licence to a reader."""
        return RIGHTS_NOTES[self.rights]

    @property
    def source_line(self) -> str:
        """All sources on one line."""
        return " ".join(str(source) for source in self.sources)


@dataclass(frozen=True, slots=True)
class DemoTerm:
    """A collection or a subject."""

    key: str
    name: str
    description: str = ""
    position: int = 100


def load_demo_terms(name: str, *, folder: Path = DEMO_DIR) -> tuple[DemoTerm, ...]:
    """Return the terms of ``<name>.toml`` (``collections``, ``subjects``), in their own order."""
    data = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    terms = tuple(
        DemoTerm(key, entry["name"], entry.get("description", ""), 10 * place)
        for place, (key, entry) in enumerate(data.items(), start=1)
    )
    for term in terms:
        _check_nfc(f"{name}.toml", term.key, term.name + term.description)
    return terms


def load_demo_collections() -> tuple[DemoTerm, ...]:
    """Return the shelves of the demo library."""
    return load_demo_terms("collections")


def load_demo_subjects() -> tuple[DemoTerm, ...]:
    """Return the subjects of the demo library."""
    return load_demo_terms("subjects")


def load_demo_works(*, folder: Path = DEMO_DIR) -> list[DemoWork]:
    """Return every demo work, checked, sorted by id.

    Raises:
        DemoContentError: a field is missing or wrong, or a reference points nowhere.
    """
    works = [read_demo_work(path) for path in sorted((folder / "works").glob("*.md"))]
    collections = {term.key for term in load_demo_terms("collections", folder=folder)}
    subjects = {term.key for term in load_demo_terms("subjects", folder=folder)}
    ids = {work.id for work in works}
    for work in works:
        _expect(work.collection in collections, work.id, "collection", work.collection)
        for subject in work.subjects:
            _expect(subject in subjects, work.id, "subjects", subject)
        for relation in work.legal.relations if work.legal else ():
            known = relation.target in ids and relation.target != work.id
            _expect(known if relation.target else bool(relation.number), work.id, "relations", str(relation))
    return works


def read_demo_work(path: Path) -> DemoWork:
    """Return the checked work of one file.

    Raises:
        DemoContentError: the file has no front matter, or a field is missing, unknown or wrong.
    """
    text = path.read_text(encoding="utf-8")
    _check_nfc(path.name, "text", text)
    opening, _, rest = text.partition("+++\n")
    front, closing, body = rest.partition("\n+++\n")
    _expect(not opening and bool(closing), path.name, "+++", "front matter")
    try:
        data = tomllib.loads(front)
    except tomllib.TOMLDecodeError as error:
        raise DemoContentError(f"{path.name}: front matter is not TOML: {error}") from error
    legal = data.pop("legal", None)
    data["sources"] = tuple(_build(DemoSource, entry, path.name) for entry in data.get("sources", ()))
    work: DemoWork = _build(
        DemoWork,
        {**data, "body": body.strip("\n"), "legal": _legal(legal, path.name) if legal else None},
        path.name,
    )
    _expect(work.id == path.stem, path.name, "id", work.id)
    _check_work(work)
    return work


def _legal(data: dict[str, Any], where: str) -> DemoLegal:
    relations = tuple(_build(DemoRelation, entry, where) for entry in data.get("relations", ()))
    legal: DemoLegal = _build(DemoLegal, {**data, "relations": relations}, where)
    for name, longest in _LEGAL_LENGTHS.items():
        _expect(len(getattr(legal, name)) <= longest, where, f"legal.{name}", f"longer than {longest}")
    _expect(legal.text in LEGAL_TEXTS, where, "legal.text", legal.text)
    if legal.effective_date and legal.expired_date:
        _expect(legal.expired_date >= legal.effective_date, where, "legal.expired_date", "before effective")
    for relation in legal.relations:
        _expect(relation.kind in RELATION_KINDS, where, "relations.kind", relation.kind)
    return legal


def _build(cls: type[Any], data: dict[str, Any], where: str) -> Any:
    known = {field.name for field in fields(cls)}
    for name in data:
        _expect(name in known, where, name, f"no such field of {cls.__name__}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise DemoContentError(f"{where}: {error}") from error


def _check_work(work: DemoWork) -> None:
    needed = ("title", "abstract", "creators", "publisher", "collection", "subjects", "audiences", "sources")
    for name in needed:
        _expect(bool(getattr(work, name)), work.id, name, "empty")
    _expect(work.kind in KINDS, work.id, "kind", work.kind)
    _expect(work.rights in RIGHTS_NOTES, work.id, "rights", work.rights)
    _expect(work.certainty in CERTAINTIES, work.id, "certainty", work.certainty)
    _expect(isinstance(work.issued, date), work.id, "issued", str(work.issued))
    for audience in work.audiences:
        _expect(audience in AUDIENCES, work.id, "audiences", audience)
    _expect(bool(work.render) == (work.kind in FILE_KINDS), work.id, "render", work.render or "missing")
    _expect(not work.render or work.render in RENDERS, work.id, "render", work.render)
    _expect(
        bool(work.legal) == (work.kind == "legal"), work.id, "legal", "for legal documents, and only there"
    )
    _expect(bool(work.url) == (work.kind in ADDRESS_KINDS), work.id, "url", work.url or "missing")
    _expect(bool(work.body), work.id, "body", "empty")
    for address in (work.url, *(source.url for source in work.sources)):
        _expect(not address or urlsplit(address).scheme == "https", work.id, "url", address)


def _check_nfc(where: str, field: str, text: str) -> None:
    _expect(unicodedata.is_normalized("NFC", text), where, field, "not Unicode NFC")


def _expect(holds: bool, where: str, field: str, found: str) -> None:
    if not holds:
        raise DemoContentError(f"{where}: field {field}: {found}")
