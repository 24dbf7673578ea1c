"""What one line of a JSONL file says about a work, checked and typed. Pure: no database, no clock.

``parse_line`` gives a :class:`RecordDraft`, or raises :class:`BadLineError` with the sentence for the person.
A known field with a value that cannot be used is kept under ``extra`` and named in ``warnings``; unknown
fields are kept under ``extra`` without a word. Nothing is lost.
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.engines.records.pids import BadIdentifierError, normal_identifier
from khcn.engines.text.fold import nfc
from khcn.library.enums import Priority, RelationKind, Rights, Visibility, WorkKind
from khcn.library.identifiers import bad_identifier_text, normal_pair
from khcn.library.imports import values
from khcn.library.imports.values import UnusableError

MAX_ID: Final = 200
MAX_TITLE: Final = 500
_TITLE_FROM_TEXT: Final = 120


class BadLineError(KhcnError):
    """A line of a JSONL file that holds no usable record."""

    code = "bad-line"


@dataclass(frozen=True, slots=True)
class RelationDraft:
    """A relation as written: to a work held here (``external_id``), or to a number, or to a mere title."""

    kind: str
    external_id: str = ""
    number: str = ""
    title: str = ""


@dataclass(slots=True)
class RecordDraft:
    """A work to be. ``fields`` are columns of ``Work``, ``legal`` columns of ``LegalRecord`` (empty: none).

    ``pages`` are the texts of its pages, NFC; the terms (``collections`` ...) are names or keys.
    """

    external_id: str
    title: str
    pages: list[str]
    content_hash: str
    fields: dict[str, Any] = field(default_factory=dict)
    legal: dict[str, Any] = field(default_factory=dict)
    collections: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    audiences: list[str] = field(default_factory=list)
    relations: list[RelationDraft] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    # Filled in by ``imports.prepare.derive``.
    text_hash: str = ""
    slug: str = ""
    sort_key: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    sensitive: bool = False


def text_hash(pages: list[str]) -> str:
    """Return the hash by which equal texts are recognised, "" for no text."""
    text = " ".join(" ".join(pages).split())
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


# Name in the file -> (column, reader). A reader returns the value or raises UnusableError.
_WORK_FIELDS: Final = {
    "title_en": ("title_en", values.line(500)),
    "abstract": ("abstract", values.text),
    "publisher": ("publisher", values.line(200)),
    "rights_note": ("rights_note", values.line(500)),
    "source": ("source", values.line(500)),
    "coverage": ("coverage", values.line(200)),
    "type": ("resource_type", values.line(100)),
    "url": ("url", values.address),
    "embargo_until": ("embargo_until", values.day),
    "visibility": ("visibility", values.choice(Visibility)),
    "kind": ("kind", values.choice(WorkKind)),
    "language": ("language", values.language),
    "ddc": ("ddc", values.dewey),
}
_LEGAL_FIELDS: Final = {
    "issuing_body": ("organ_name", values.line(200)),
    "type_name": ("type_name", values.line(100)),
    "organ_id": ("organ_id", values.line(13)),
    "place": ("place", values.line(100)),
    "signer": ("signer_name", values.line(50)),
    "signer_position": ("signer_position", values.line(100)),
    "recipients": ("recipients", values.names),
    "effective_date": ("effective_date", values.day),
    "expired_date": ("expired_date", values.day),
    "due_date": ("due_date", values.day),
    "priority": ("priority", values.choice(Priority)),
    "issued_amount": ("issued_amount", values.copies),
    "code_number": ("code_number", values.line(11)),
    "code_notation": ("code_notation", values.line(30)),
}
_ALIASES: Final = {
    "creator": "creators", "author": "creators", "authors": "creators", "contributor": "contributors",
    "subject": "subjects", "audience": "audiences", "collections": "collection", "lang": "language",
    "date": "issued", "year": "issued", "issued_date": "issued", "symbol": "number",
    "organ_name": "issuing_body", "effective": "effective_date", "expired": "expired_date",
    "expires": "expired_date", "licence": "rights", "license": "rights", "signer_name": "signer",
    "description": "abstract",
}  # fmt: skip


def parse_line(raw: bytes) -> RecordDraft:
    """Return the record of one line. :raises BadLineError: when there is none."""
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadLineError(
            _("Dòng không phải UTF-8 nên không đọc được. Hãy lưu tệp bằng bảng mã UTF-8 rồi nhập lại.")
        ) from None
    except (ValueError, RecursionError) as error:
        where = getattr(error, "colno", None)
        place = _(" (gần ký tự thứ %(column)s)") % {"column": where} if where else ""
        raise BadLineError(
            _("Dòng không phải JSON hợp lệ%(place)s. Hãy sửa hoặc bỏ dòng này rồi nhập lại.")
            % {"place": place}
        ) from None
    if not isinstance(data, dict):
        raise BadLineError(
            _("Mỗi dòng phải là một đối tượng JSON dạng {…}. Hãy sửa hoặc bỏ dòng này rồi nhập lại.")
        )
    return build_draft(data)


def build_draft(data: dict[str, Any]) -> RecordDraft:
    """Return the record that ``data`` describes. :raises BadLineError: without an id or anything to show."""
    data = values.clean(data)
    external_id = _external_id(data)
    pages = _pages(data)
    draft = RecordDraft(external_id, "", pages, content_hash(data))
    rest = {key: value for key, value in data.items() if key not in {"id", "title", "text", "pages"}}
    draft.title = _title(data, pages, draft)
    for name, value in rest.items():
        _take(draft, _ALIASES.get(name, name) if _ALIASES.get(name, name) not in rest else name, name, value)
    _check_validity(draft)
    return draft


def _check_validity(draft: RecordDraft) -> None:
    """Set aside an end of validity that lies before its beginning."""
    start, end = draft.legal.get("effective_date"), draft.legal.get("expired_date")
    if start and end and end < start:
        draft.extra["expired_date"] = draft.legal.pop("expired_date").isoformat()
        draft.warnings.append(
            _("Ngày hết hiệu lực đứng trước ngày có hiệu lực nên chưa dùng; giá trị vẫn được giữ.")
        )


def content_hash(data: dict[str, Any]) -> str:
    """Return the hash that tells whether a record has changed since it was imported."""
    spelled = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _external_id(data: dict[str, Any]) -> str:
    raw = data.get("id")
    if isinstance(raw, bool) or not isinstance(raw, str | int) or not str(raw).strip():
        raise BadLineError(
            _("Thiếu “id” (chữ hoặc số) nên không biết đây là tài liệu nào. Hãy thêm “id” rồi nhập lại.")
        )
    ident = str(raw).strip()
    if len(ident) > MAX_ID:
        raise BadLineError(
            _("“id” dài quá %(limit)s ký tự. Hãy dùng mã ngắn hơn rồi nhập lại.") % {"limit": MAX_ID}
        )
    return ident


def _pages(data: dict[str, Any]) -> list[str]:
    pages, text = data.get("pages"), data.get("text")
    if pages is not None:
        if not isinstance(pages, list) or not all(isinstance(page, str) for page in pages):
            raise BadLineError(
                _("“pages” phải là danh sách các chuỗi, mỗi chuỗi là một trang. Hãy sửa rồi nhập lại.")
            )
        if pages:
            return [_unify(page) for page in pages]
    if text is None:
        return []
    if not isinstance(text, str):
        raise BadLineError(_("“text” phải là một chuỗi ký tự. Hãy sửa rồi nhập lại."))
    return [_unify(text)] if text.strip() else []


def _unify(text: str) -> str:
    return nfc(text).replace("\r\n", "\n").replace("\r", "\n")


def _title(data: dict[str, Any], pages: list[str], draft: RecordDraft) -> str:
    raw = data.get("title")
    if raw is not None and not isinstance(raw, str):
        raise BadLineError(_("“title” phải là một chuỗi ký tự. Hãy sửa rồi nhập lại."))
    title = " ".join(nfc(raw or "").split())
    if len(title) > MAX_TITLE:
        draft.extra["title"] = title
        draft.warnings.append(
            _("Nhan đề dài quá %(limit)s ký tự nên đã rút gọn; bản đầy đủ vẫn được giữ.")
            % {"limit": MAX_TITLE}
        )
        title = title[: MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"
    if title:
        return title
    for page in pages:
        for text_line in page.splitlines():
            words = " ".join(text_line.split())
            if words:
                draft.warnings.append(_("Thiếu nhan đề, lấy tạm dòng đầu của nội dung."))
                return (
                    words
                    if len(words) <= _TITLE_FROM_TEXT
                    else words[:_TITLE_FROM_TEXT].rsplit(" ", 1)[0] + "…"
                )
    raise BadLineError(_("Thiếu cả “title” lẫn “text” nên không có gì để nhập. Hãy bổ sung rồi nhập lại."))


def _take(draft: RecordDraft, name: str, written: str, value: Any) -> None:
    """Put one field where it belongs, or keep it under ``extra`` with a warning."""
    if value is None or value in ("", [], {}):
        return
    try:
        if name in _WORK_FIELDS:
            column, reader = _WORK_FIELDS[name]
            draft.fields[column] = reader(value)
        elif name in _LEGAL_FIELDS:
            column, reader = _LEGAL_FIELDS[name]
            draft.legal[column] = reader(value)
        elif name in _SPECIAL:
            _SPECIAL[name](draft, value)
        else:
            draft.extra[written] = value
    except UnusableError as error:
        draft.extra[written] = value
        draft.warnings.append(
            _("Chưa dùng được giá trị của “%(field)s” (%(why)s); giá trị vẫn được giữ.")
            % {"field": written, "why": error.why}
        )


def _take_issued(draft: RecordDraft, value: Any) -> None:
    draft.fields["issued_year"], draft.fields["issued_date"] = values.issued(value)


def _take_number(draft: RecordDraft, value: Any) -> None:
    draft.legal["number"] = values.line(60)(value)


def _take_rights(draft: RecordDraft, value: Any) -> None:
    said = values.line(500)(value)
    known = values.known_rights(said)
    draft.fields["rights"] = known or Rights.UNKNOWN
    if not known:
        draft.fields.setdefault("rights_note", said)


def _take_validity(draft: RecordDraft, value: Any) -> None:
    """``{"from": ..., "until": ...}``: the days between which the document is in force."""
    if not isinstance(value, dict) or not set(value) <= {"from", "until"}:
        raise UnusableError(_("cần dạng {“from”: ngày, “until”: ngày}"))
    for key, column in (("from", "effective_date"), ("until", "expired_date")):
        if value.get(key):
            draft.legal[column] = values.day(value[key])


def _take_relations(draft: RecordDraft, value: Any) -> None:
    if not isinstance(value, list):
        raise UnusableError(_("cần một danh sách"))
    relations = []
    for item in value:
        if not isinstance(item, dict) or item.get("kind") not in RelationKind.values:
            raise UnusableError(
                _("mỗi quan hệ cần “kind”: %(kinds)s") % {"kinds": ", ".join(RelationKind.values)}
            )
        relation = RelationDraft(
            kind=item["kind"],
            external_id=str(item.get("id") or item.get("target") or "")[:MAX_ID],
            number=values.line(60)(item.get("number") or ""),
            title=values.line(500)(item.get("title") or ""),
        )
        if not (relation.external_id or relation.number or relation.title):
            raise UnusableError(_("mỗi quan hệ cần “id”, “number” hoặc “title”"))
        relations.append(relation)
    draft.relations = relations


def _take_names(attribute: str) -> Any:
    def take(draft: RecordDraft, value: Any) -> None:
        setattr(draft, attribute, values.names(value))

    return take


def _take_identifiers(draft: RecordDraft, value: Any) -> None:
    """Keep what is a right identifier; a wrong one is set aside with a sentence, the others stand."""
    good: list[dict[str, str]] = []
    bad: list[dict[str, str]] = []
    for pair in values.identifiers(value):
        try:
            good.append(normal_pair(pair["type"], pair["value"]))
        except BadIdentifierError as error:
            bad.append(pair)
            draft.warnings.append(bad_identifier_text(error))
    if good:
        draft.fields["identifiers"] = good
    if bad:
        draft.extra["identifiers"] = bad


def _take_people(attribute: str) -> Any:
    def take(draft: RecordDraft, value: Any) -> None:
        people = values.people(value)
        for person in people:
            orcid = str(person.get("orcid") or "").strip()
            if not orcid:
                continue
            try:
                person["orcid"] = normal_identifier("orcid", orcid)
            except BadIdentifierError as error:
                person.pop("orcid")
                draft.extra.setdefault("orcid", []).append(orcid[:80])
                draft.warnings.append(bad_identifier_text(error))
        draft.fields[attribute] = people

    return take


_SPECIAL: Final = {
    "creators": _take_people("creators"),
    "contributors": _take_people("contributors"),
    "identifiers": _take_identifiers,
    "issued": _take_issued,
    "number": _take_number,
    "rights": _take_rights,
    "validity": _take_validity,
    "relations": _take_relations,
    "collection": _take_names("collections"),
    "subjects": _take_names("subjects"),
    "audiences": _take_names("audiences"),
}
