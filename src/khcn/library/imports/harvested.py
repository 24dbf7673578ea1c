"""A record of another repository as a work to be: the same drafts that a JSONL import makes. No database."""

import hashlib
import re
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.engines.oai.messages import NOTES
from khcn.engines.oai.types import HarvestedRecord
from khcn.engines.records.types import Agent
from khcn.engines.text.fold import fold
from khcn.engines.text.sensitive import looks_sensitive
from khcn.library.enums import Rights, WorkKind
from khcn.library.imports.drafts import MAX_ID, RecordDraft, build_draft
from khcn.library.imports.prepare import derive
from khcn.library.imports.values import known_rights
from khcn.library.pipeline.checks import check_sensitive, findings_json

# Words of dc:type and the like, folded -> what the work is here. The first that fits counts; articles are our own.
_KINDS: Final = (
    (("video", "movingimage", "moving image", "phim"), WorkKind.VIDEO),
    (
        ("thesis", "dissertation", "luan van", "luan an", "research", "de tai", "nghien cuu"),
        WorkKind.RESEARCH,
    ),
    (("report", "bao cao", "technical documentation"), WorkKind.REPORT),
    (("learning", "lecture", "course", "hoc lieu", "bai giang", "giao trinh", "giao an"), WorkKind.LEARNING),
    (
        ("legal", "legislation", "van ban", "quyet dinh", "nghi quyet", "thong tu", "nghi dinh"),
        WorkKind.LEGAL,
    ),
)
_LICENCE: Final = re.compile(r"creativecommons\.org/(?:licenses/(by(?:-sa|-nc)?)/|publicdomain/)", re.I)


def external_key(identifier: str) -> str:
    """Return the id of a record here: its OAI identifier, or a digest of one that is too long for the column."""
    if len(identifier) <= MAX_ID:
        return identifier
    return "sha256:" + hashlib.sha256(identifier.encode()).hexdigest()


def plain_values(record: HarvestedRecord, *, external_id: str, rights: str, fallback: str) -> dict[str, Any]:
    """Return what :func:`draft_of` takes, as JSON. ``rights``: when the record names none that we know.

    ``fallback``: the address of the record itself, for works that name no page of their own.
    """
    legal = record.legal
    values: dict[str, Any] = {
        "id": external_id,
        "title": record.title,
        "title_en": record.title_en,
        "abstract": record.abstract,
        "creators": [_agent(one) for one in record.creators],
        "contributors": [_agent(one) for one in record.contributors],
        "publisher": record.publisher[:200],
        "issued": record.issued,
        "language": record.language,
        "identifiers": [{"type": one.scheme, "value": one.value} for one in record.identifiers],
        "source": record.source[:500],
        "coverage": record.coverage[:200],
        "type": record.kind[:100],
        "url": record.address or fallback,
        "subjects": list(record.subjects[:30]),
        "kind": kind_of(record),
        **_rights(record, rights),
    }
    if legal:
        values |= {
            "number": legal.number[:60], "type_name": legal.type_name[:100], "issuing_body": legal.organ_name[:200],
            "organ_id": legal.organ_id[:13], "place": legal.place[:100], "signer": legal.signer_name[:50],
            "signer_position": legal.signer_position[:100], "recipients": list(legal.recipients),
            "effective_date": legal.effective_date.isoformat() if legal.effective_date else "",
            "expired_date": legal.expired_date.isoformat() if legal.expired_date else "",
        }  # fmt: skip
    if record.relations:
        values["relations"] = [
            {"kind": one.kind, "number": one.number, "title": one.title} for one in record.relations
        ]
    values["harvest_notes"] = list(record.notes)
    return {name: value for name, value in values.items() if value not in ("", [], None)}


def draft_of(values: dict[str, Any]) -> RecordDraft:
    """Return the work to be, with its keys and its sensitive check (title and abstract: there is no text).

    :raises BadLineError: without a title.
    """
    said = dict(values)
    notes = said.pop("harvest_notes", [])
    draft = build_draft(said)
    derive(draft)
    shown = [text for text in (draft.title, str(draft.fields.get("abstract") or "")) if text]
    found = check_sensitive(["\n".join(shown)])
    draft.findings = [{**one, "page": None} for one in findings_json(found)]
    draft.sensitive = looks_sensitive(found)
    draft.warnings += [_(NOTES[note]) for note in notes if note in NOTES]
    return draft


def kind_of(record: HarvestedRecord) -> str:
    """Return what the work is here."""
    said = " ".join(fold(record.kind).split())
    if said in WorkKind.values and said != WorkKind.ARTICLE:
        return said
    if record.legal and (record.legal.number or record.legal.code_number):
        return WorkKind.LEGAL
    return next((kind for words, kind in _KINDS if any(word in said for word in words)), WorkKind.DOCUMENT)


def _agent(agent: Agent) -> dict[str, str]:
    values = {"name": agent.name, "kind": agent.kind, "role": agent.role, "orcid": agent.orcid}
    return {name: value for name, value in values.items() if value and value != "person"}


def _rights(record: HarvestedRecord, default: str) -> dict[str, str]:
    """Return the licence when it is one that we know; what else is said becomes a note, and the default counts."""
    match = _LICENCE.search(record.rights_url)
    code = ""
    if match:
        code = f"cc-{match[1].lower()}-4.0" if match[1] else Rights.PUBLIC_DOMAIN
    code = code or known_rights(record.rights) or ""
    if code in Rights.values:
        return {"rights": code}
    note = "; ".join(part for part in (record.rights, record.rights_url) if part)
    return {"rights": default, "rights_note": note[:500]}
