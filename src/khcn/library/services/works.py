"""Making and changing the description of a work. The way to its readers is in ``services.review``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import nh3
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record, snapshot
from khcn.engines.records.ddc import LONGEST as LONGEST_DDC
from khcn.engines.records.ddc import ddc_of
from khcn.library import permissions, rules
from khcn.library.enums import OPEN_STATES, Visibility, WorkKind, WorkState
from khcn.library.errors import InvalidFieldError, LibraryPermissionError, StateChangedError
from khcn.library.identifiers import normal_identifiers, normal_people
from khcn.library.models import LegalRecord, Work
from khcn.library.search.changes import index_enqueue
from khcn.library.services.authorities import authorities_sync
from khcn.library.services.pages import article_pages_write
from khcn.library.services.relations import relations_resolve
from khcn.library.services.version_records import version_guard

WORK_FIELDS: Final = (
    "kind", "title", "title_en", "abstract", "body", "creators", "contributors", "publisher", "issued_year",
    "issued_date", "language", "rights", "rights_note", "source", "coverage", "resource_type", "url", "visibility",
    "embargo_until", "identifiers", "ddc",
)  # fmt: skip
TERM_FIELDS: Final = ("collections", "subjects", "audiences", "units")
LEGAL_FIELDS: Final = (
    "type_name", "number", "code_number", "code_notation", "organ_name", "organ_id", "place", "signer_position",
    "signer_name", "recipients", "priority", "issued_amount", "due_date", "file_catalog", "file_notation",
    "doc_ordinal", "effective_date", "expired_date",
)  # fmt: skip
BODY_TAGS: Final = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "a", "strong", "b", "em", "i", "blockquote", "table", "thead", "tbody",
    "tr", "th", "td", "code", "pre", "br", "hr", "sup", "sub", "figure", "figcaption",
}  # fmt: skip


@dataclass(frozen=True)
class External:
    """By what a program knows a work: its number (``ident``) at ``source``, and a hash of what was sent last."""

    source: str
    ident: str
    content_hash: str


@transaction.atomic
def work_create(
    *,
    actor: Actor,
    kind: str,
    title: str,
    unit_id: int | None,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    terms: Mapping[str, Sequence[int]] | None = None,
    legal: Mapping[str, Any] | None = None,
    external: External | None = None,
) -> Work:
    """Make a draft for a unit. ``values``, ``terms`` and ``legal`` as for :func:`work_update`.

    ``external``: as what the sender knows it; without an ``ident`` it is not kept.
    """
    if not permissions.can_deposit(actor, unit_id):
        raise LibraryPermissionError(_("gửi tài liệu thay cho đơn vị này"))
    work = Work(
        kind=kind,
        title=_title(title),
        owner_unit_id=unit_id,
        submitted_by_id=actor_id(actor),
        created_at=now,
        updated_at=now,
        state=WorkState.DRAFT,
    )
    if external is not None and external.ident:
        work.external_source, work.external_id = external.source, external.ident
        work.content_hash = external.content_hash
    _fill(work, {**(values or {}), "kind": kind, "title": title}, now)
    work.save()
    _write_parts(work, terms or {}, legal or {})
    authorities_sync([work.pk], now=now)
    if work.body:
        article_pages_write(work, now)
    audit_record(
        actor=actor,
        action="library.work.create",
        target=work,
        after=snapshot(work, ["kind", "title"]),
        at=now,
    )
    index_enqueue([work.pk])
    return work


@transaction.atomic
def work_update(
    *,
    actor: Actor,
    work: Work,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    terms: Mapping[str, Sequence[int]] | None = None,
    legal: Mapping[str, Any] | None = None,
    content_hash: str = "",
) -> Work:
    """Change the description of a work.

    :param values: fields of the work (``WORK_FIELDS``), only those to change.
    :param terms: ids by ``collections``, ``subjects``, ``audiences``, ``units``; each replaces what was there.
    :param legal: fields of the official document (``LEGAL_FIELDS``).
    :param content_hash: of the record that brings the change, when a program sent it.
    :raises InvalidFieldError: naming the field.
    :raises StateChangedError: when the work has left the depositor's hands meanwhile.
    """
    work = Work.objects.select_for_update().get(pk=work.pk)
    if not permissions.can_edit(actor, work):
        if work.state not in OPEN_STATES:
            raise StateChangedError(work.get_state_display())
        raise LibraryPermissionError(_("sửa tài liệu này"))
    version_guard(work, now=now)
    readers = _readers(work)
    before = _picture(work, values or {}, terms or {}, legal or {})
    _fill(work, values or {}, now)
    work.updated_at = now
    work.content_hash = content_hash or work.content_hash
    work.save()
    _write_parts(work, terms or {}, legal or {})
    if work.state == WorkState.PUBLISHED and not permissions.can_keep(actor) and _readers(work) != readers:
        raise LibraryPermissionError(_("đổi ai được đọc một tài liệu đã đăng"))
    if {"creators", "contributors"} & set(values or {}):
        authorities_sync([work.pk], now=now)
    if "body" in (values or {}):
        article_pages_write(work, now)
    after = _picture(work, values or {}, terms or {}, legal or {})
    if before != after:
        audit_record(
            actor=actor, action="library.work.update", target=work, before=before, after=after, at=now
        )
        index_enqueue([work.pk])
    return work


def _readers(work: Work) -> tuple[Any, ...]:
    """Return who may read a work: of a published one, only librarians change that."""
    return work.visibility, work.embargo_until, sorted(work.units.values_list("pk", flat=True))


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title:
        raise InvalidFieldError("title", _("Hãy ghi nhan đề của tài liệu."))
    if len(title) > 500:
        raise InvalidFieldError(
            "title", _("Nhan đề dài quá 500 ký tự. Hãy rút gọn, phần còn lại đưa vào tóm tắt.")
        )
    return title


def _ddc(said: str) -> str:
    number = ddc_of(said)
    if (said.strip() and not number) or len(number) > LONGEST_DDC:
        raise InvalidFieldError(
            "ddc", _("Số phân loại DDC gồm ba chữ số, rồi có thể một dấu chấm và các chữ số, ví dụ 621.3124.")
        )
    return number


def _fill(work: Work, values: Mapping[str, Any], now: datetime) -> None:
    unknown = set(values) - set(WORK_FIELDS)
    if unknown:
        raise ValueError(f"not fields of a work: {sorted(unknown)}")
    for name, value in values.items():
        setattr(work, name, value)
    if "title" in values:
        work.title = _title(str(values["title"]))
        keys = rules.work_keys(work.title)
        work.sort_key = keys["sort_key"]
        if work.published_at is None:  # the address of what was once public never changes by itself
            work.slug = keys["slug"]
    if "identifiers" in values:
        work.identifiers = normal_identifiers(values["identifiers"] or [])
    for name in {"creators", "contributors"} & set(values):
        setattr(work, name, normal_people(values[name] or [], name))
    if "body" in values:
        work.body = nh3.clean(str(values["body"]), tags=BODY_TAGS)
    if "ddc" in values:
        work.ddc = _ddc(str(values["ddc"] or ""))
    if work.issued_date:
        work.issued_year = work.issued_date.year
    if work.kind not in WorkKind.values:
        raise InvalidFieldError("kind", _("Hãy chọn loại tài liệu."))
    if work.visibility not in Visibility.values:
        raise InvalidFieldError("visibility", _("Hãy chọn ai được đọc."))
    work.embargoed = rules.embargoed(work.embargo_until, timezone.localdate(now))


def _write_parts(work: Work, terms: Mapping[str, Sequence[int]], legal: Mapping[str, Any]) -> None:
    for name, ids in terms.items():
        if name not in TERM_FIELDS:
            raise ValueError(f"not terms of a work: {name}")
        getattr(work, name).set(ids)
    if legal:
        unknown = set(legal) - set(LEGAL_FIELDS)
        if unknown:
            raise ValueError(f"not fields of an official document: {sorted(unknown)}")
        known = LegalRecord.objects.filter(pk=work.pk).first()
        held = {name: getattr(known, name) for name in ("number", "organ_name")} if known else {}
        changed = {**dict(legal), **{key: value for key, value in held.items() if key not in legal}}
        LegalRecord.objects.update_or_create(work=work, defaults=rules.legal_keys(changed))
        relations_resolve([work.pk])


def _picture(
    work: Work, values: Mapping[str, Any], terms: Mapping[str, Any], legal: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields about to change (or just changed) as the audit trail keeps them."""
    picture = snapshot(work, [*values, *terms])
    record = LegalRecord.objects.filter(pk=work.pk).first() if legal else None
    if record is not None:
        picture |= {f"legal.{name}": value for name, value in snapshot(record, legal).items()}
    return picture
