"""A first description of a document: from its official header, else from its own title, else from its name."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from khcn.engines.documents.types import Extraction
from khcn.engines.text.fold import fold, nfc
from khcn.engines.text.legal import LegalHeader
from khcn.engines.text.legal.types import LETTER
from khcn.library.enums import WorkKind
from khcn.library.imports.drafts import RelationDraft
from khcn.library.pipeline.checks import guess_language
from khcn.library.pipeline.types import Description

_MIN_CONFIDENCE: Final = 0.5
_MAX_TITLE: Final = 500
_JUNK_TITLE = re.compile(
    r"^(?:microsoft (?:word|excel|powerpoint) - .*|document\d*|untitled.*|tai lieu\d*|scan.*|img.*|.*\.\w{2,4}"
    r"|slide \d+|powerpoint presentation|bai trinh chieu.*|trang tinh\d*|sheet\d*|[\W\d_]*)$"
)
_HEADINGS: Final = ("cong hoa xa hoi", "doc lap", "uy ban", "so:", "bo ", "hoi dong")
_RELATION_KINDS: Final = {
    "based_on": "based_on", "amends": "amends", "replaces": "replaces", "repeals": "repeals", "guides": "guides",
}  # fmt: skip
_SLIDES: Final = frozenset({"ppt", "pptx", "odp"})


def describe(extraction: Extraction, header: LegalHeader | None, name: str) -> Description:
    """Return what can be said of the document without asking anybody."""
    texts = [page.text for page in extraction.pages]
    official = header is not None and _trusted(header)
    title = _official_title(header) if official and header else ""
    title = title or _own_title(extraction.title) or _first_line(texts) or title_from_name(name)
    kind = _kind(header if official else None, extraction.kind)
    fields: dict[str, Any] = {}
    legal: dict[str, Any] = {}
    if official and header:
        legal = legal_fields(header)
        fields = {"issued_date": header.issued_on, "issued_year": header.issued_on and header.issued_on.year}
        fields["rights"] = "official"
    return Description(title[:_MAX_TITLE], kind, guess_language(texts, title), fields, legal)


def legal_fields(header: LegalHeader) -> dict[str, Any]:
    """Return the columns of ``LegalRecord`` that a header fills, cut to their lengths."""
    in_order = (
        header.expires_on is None or header.effective_on is None or header.expires_on >= header.effective_on
    )
    return {
        "type_name": header.type_name[:100],
        "number": header.full_number[:60],
        "organ_name": header.issuing_body[:200],
        "place": header.place[:100],
        "signer_name": header.signer_name[:50],
        "signer_position": " ".join(f"{header.signing_mode} {header.signer_position}".split())[:100],
        "recipients": list(header.recipients),
        "effective_date": header.effective_on,
        "expired_date": header.expires_on if in_order else None,
    }


def relations_of(header: LegalHeader | None) -> list[RelationDraft]:
    """Return the documents that a header and its closing articles cite with a role."""
    if header is None or not _trusted(header):
        return []
    cited = [*header.relations, *header.legal_basis]
    return [
        RelationDraft(kind=_RELATION_KINDS[str(item.kind)], number=item.number[:60], title=item.title[:500])
        for item in cited
        if item.number or item.title
    ]


def title_from_name(name: str) -> str:
    """Return a readable title from a file name: "bao-cao_2021.pdf" gives "bao cao 2021"."""
    stem = PurePosixPath(name).stem or name
    words = " ".join(re.sub(r"[_\-+.]+", " ", nfc(stem)).split())
    return (words[:1].upper() + words[1:])[:_MAX_TITLE] or "?"


def _trusted(header: LegalHeader) -> bool:
    sure = header.confidence.get("overall", 0.0) >= _MIN_CONFIDENCE
    return sure and bool(header.full_number or (header.issuing_body and header.type_name))


def _official_title(header: LegalHeader) -> str:
    """Return type and subject as one reads them aloud: "Kế hoạch triển khai hoạt động ..."."""
    subject, type_name = header.subject.strip(), header.type_name.strip()
    if not subject:
        return f"{type_name} {header.full_number}".strip() if header.full_number else ""
    if not type_name or fold(subject).startswith(fold(type_name)) or type_name == LETTER:
        return subject[:1].upper() + subject[1:]
    keep = len(subject) > 1 and subject[1].isupper()
    return f"{type_name[:1].upper()}{type_name[1:].lower()} {subject if keep else subject[:1].lower() + subject[1:]}"


def _own_title(title: str) -> str:
    words = " ".join(nfc(title).split())
    if not 6 <= len(words) <= _MAX_TITLE or _JUNK_TITLE.match(fold(words)):
        return ""
    return words


def _first_line(texts: Sequence[str]) -> str:
    """Return the first line of the document when it looks like a title and not like a letterhead."""
    for text in texts[:1]:
        for line in text.splitlines()[:15]:
            words = " ".join(line.split())
            letters = sum(char.isalpha() for char in words)
            if not words:
                continue
            if (
                12 <= len(words) <= 160
                and letters > len(words) * 0.6
                and not fold(words).startswith(_HEADINGS)
            ):
                return words.strip("#*_ ").rstrip(".")
            return ""
    return ""


def _kind(header: LegalHeader | None, file_kind: str) -> str:
    if header is not None:
        return WorkKind.LEGAL
    return WorkKind.LEARNING if file_kind in _SLIDES else WorkKind.DOCUMENT
