"""Works that come from records with ids of their own (JSONL): inserted or updated many at a time.

One call is one short transaction: look up, write, audit (one row a batch), queue for the index. A killed
import leaves whole batches or nothing; running it again finds them unchanged.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_batch
from khcn.library import permissions, rules
from khcn.library.enums import OPEN_STATES, PUBLISHABLE_STATES, TextSource, WorkState
from khcn.library.errors import LibraryPermissionError
from khcn.library.imports.drafts import RecordDraft
from khcn.library.models import Audience, Collection, LegalRecord, Page, Subject, Work, WorkRelation
from khcn.library.search.changes import index_enqueue
from khcn.library.services.authorities import authorities_sync
from khcn.library.services.bulk import bulk_insert, bulk_insert_rows
from khcn.library.services.relations import relation_rows, relations_clear, relations_resolve
from khcn.library.services.taxonomy import Terms
from khcn.library.services.version_records import versions_after, versions_before

SOURCE = "jsonl"
_KEPT = frozenset(
    {
        "id", "external_source", "external_id", "created_at", "view_count", "download_count", "owner_unit",
        "submitted_by", "reviewer", "slug", "version",
    }
)  # fmt: skip


@dataclass(slots=True)
class UpsertContext:
    """What all records of one import share."""

    now: datetime
    publish: bool = False
    source: str = SOURCE
    unit_id: int | None = None
    collections: tuple[str, ...] = ()
    batch_id: int | None = None
    terms: dict[str, Terms] = field(
        default_factory=lambda: {
            "collections": Terms(Collection),
            "subjects": Terms(Subject),
            "audiences": Terms(Audience),
        }
    )


@dataclass(frozen=True, slots=True)
class Upserted:
    """What became of one record: ``outcome`` is imported, updated or unchanged."""

    external_id: str
    work_id: int
    outcome: str
    warnings: tuple[str, ...] = ()


def works_upsert_external(
    *, actor: Actor, drafts: Sequence[RecordDraft], context: UpsertContext
) -> list[Upserted]:
    """Write these records (ids must differ) and return what became of each, in order.

    :raises LibraryPermissionError: when the actor may not bring works in for the unit, or not publish.
    """
    if not permissions.can_deposit(actor, context.unit_id) or (
        context.publish and not permissions.can_keep(actor)
    ):
        raise LibraryPermissionError(_("nhập tài liệu hàng loạt"))
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                return _upsert(actor, drafts, context)
        except IntegrityError:
            # Another import brought the same ids in between our look and our insert: look again, once.
            for terms in context.terms.values():
                terms.forget()
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _upsert(actor: Actor, drafts: Sequence[RecordDraft], context: UpsertContext) -> list[Upserted]:
    held = {
        work.external_id: work
        for work in Work.objects.filter(
            external_source=context.source, external_id__in=[draft.external_id for draft in drafts]
        )
    }
    twins = _twins(drafts)
    differing = {draft.external_id for draft in drafts if _known_differs(held, draft, context)}
    before = versions_before([held[ident] for ident in sorted(differing)], now=context.now)
    fresh: list[tuple[RecordDraft, Work, list[str]]] = []
    changed: list[tuple[RecordDraft, Work, list[str]]] = []
    outcomes: list[tuple[RecordDraft, str, list[str]]] = []
    for draft in drafts:
        work = held.get(draft.external_id)
        if work is not None and draft.external_id not in differing:
            outcomes.append((draft, "unchanged", []))
            continue
        filled = _fill(work or _new_work(actor, draft, context), draft, context)
        notes = [*draft.warnings, *_notes(filled, draft, twins, context)]
        filled.warnings = notes
        (changed if work else fresh).append((draft, filled, notes))
        outcomes.append((draft, "updated" if work else "imported", notes))
    _write(fresh, changed, context)
    held |= {work.external_id: work for _draft, work, _notes in fresh}
    if fresh or changed:
        versions_after(before, actor=actor, cause=_cause(context), now=context.now)
        _finish(actor, fresh, changed, context)
    return [
        Upserted(draft.external_id, held[draft.external_id].pk, outcome, tuple(notes))
        for draft, outcome, notes in outcomes
    ]


def _cause(context: UpsertContext) -> str:
    if context.source.startswith("oai:"):
        return _("Nơi giữ bản gốc đã sửa")
    return _("Nhập lại từ tệp, đã đổi")


def _known_differs(held: dict[str, Work], draft: RecordDraft, context: UpsertContext) -> bool:
    work = held.get(draft.external_id)
    return work is not None and _differs(work, draft, context)


def _differs(work: Work, draft: RecordDraft, context: UpsertContext) -> bool:
    if work.content_hash != draft.content_hash:
        return True
    waits = work.state in OPEN_STATES | PUBLISHABLE_STATES
    return context.publish and waits and not (work.sensitive and work.sensitive_cleared_at is None)


def _new_work(actor: Actor, draft: RecordDraft, context: UpsertContext) -> Work:
    return Work(
        external_source=context.source,
        external_id=draft.external_id,
        owner_unit_id=context.unit_id,
        submitted_by_id=actor_id(actor),
        created_at=context.now,
        state=WorkState.SUBMITTED,
        submitted_at=context.now,
        slug=draft.slug,
    )


def _fill(work: Work, draft: RecordDraft, context: UpsertContext) -> Work:
    """Put the record's values on the work; a field that the record no longer names goes back to empty."""
    for column, empty in _RECORD_COLUMNS.items():
        setattr(work, column, draft.fields.get(column) or empty())
    if draft.legal and "kind" not in draft.fields:
        work.kind = "legal"
    work.title = draft.title
    work.sort_key = draft.sort_key
    work.extra = draft.extra
    work.content_hash, work.text_hash = draft.content_hash, draft.text_hash
    work.page_count = len(draft.pages)
    work.updated_at = context.now
    work.embargoed = rules.embargoed(work.embargo_until, timezone.localdate(context.now))
    _judge(work, draft)
    _place(work, context)
    return work


def _judge(work: Work, draft: RecordDraft) -> None:
    """Note what is sensitive; an earlier clearance holds as long as the findings are the same."""
    if draft.findings != work.sensitive_findings:
        work.sensitive_cleared_at, work.sensitive_cleared_by_id = None, None
    work.sensitive_findings = draft.findings
    work.sensitive = draft.sensitive


def _place(work: Work, context: UpsertContext) -> None:
    """Publish, leave where it is, or take back from the public what has become sensitive."""
    held_back = work.sensitive and work.sensitive_cleared_at is None
    if work.state == WorkState.PUBLISHED and held_back:
        work.state = WorkState.SUBMITTED
    elif context.publish and not held_back and work.state in OPEN_STATES | PUBLISHABLE_STATES:
        work.state = WorkState.PUBLISHED
        work.published_at = work.published_at or context.now


def _twins(drafts: Sequence[RecordDraft]) -> dict[str, list[str]]:
    """Return, by hash of the text, the ids of works held already or in this batch that have the same text."""
    hashes = {draft.text_hash for draft in drafts} - {""}
    twins: dict[str, list[str]] = defaultdict(list)
    held = Work.objects.filter(text_hash__in=hashes).order_by("id")
    for text_hash, external_id, ident in held.values_list("text_hash", "external_id", "id"):
        twins[text_hash].append(external_id or str(ident))
    for draft in drafts:
        if draft.text_hash and draft.external_id not in twins[draft.text_hash]:
            twins[draft.text_hash].append(draft.external_id)
    return twins


def _notes(work: Work, draft: RecordDraft, twins: dict[str, list[str]], context: UpsertContext) -> list[str]:
    notes = []
    earlier = twins.get(draft.text_hash, [])
    if earlier and earlier[0] != draft.external_id:
        notes.append(
            _("Nội dung giống hệt tài liệu “%(id)s”. Cả hai vẫn được giữ; hãy xem có cần cả hai không.")
            % {"id": earlier[0]}
        )
    if work.sensitive and work.sensitive_cleared_at is None and context.publish:
        notes.append(
            _("Có dấu mật hoặc nhiều dữ liệu cá nhân nên chưa đăng. Thủ thư cần xem và cho phép đăng.")
        )
    return notes


_RECORD_COLUMNS: dict[str, Callable[[], Any]] = {
    column.name: column.get_default
    for column in Work._meta.concrete_fields
    if column.name
    in (
        "kind", "title_en", "abstract", "creators", "contributors", "publisher", "issued_year", "issued_date",
        "language", "identifiers", "rights", "rights_note", "source", "coverage", "resource_type", "url",
        "visibility", "embargo_until", "ddc",
    )
}  # fmt: skip
_WRITTEN = [
    column.name for column in Work._meta.concrete_fields if column.name not in _KEPT
]  # what an update may change

_Triple = tuple[RecordDraft, Work, list[str]]


def _write(fresh: list[_Triple], changed: list[_Triple], context: UpsertContext) -> None:
    _insert([work for _draft, work, _notes in fresh], context)
    kept: set[tuple[int, str, str, str]] = set()
    if changed:
        Work.objects.bulk_create(
            [work for _draft, work, _notes in changed],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=_WRITTEN,
        )
        ids = [work.pk for _draft, work, _notes in changed]
        for model in (Page, LegalRecord):
            model._default_manager.filter(work_id__in=ids).delete()
        kept = relations_clear(ids)
    both = [*fresh, *changed]
    bulk_insert_rows(
        Page,
        ("work_id", "file_id", "number", "file_page", "text", "source", "encoding", "confidence"),
        [
            (work.pk, None, number, number, text, TextSource.TEXT.value, "unicode", None)
            for draft, work, _notes in both
            for number, text in enumerate(draft.pages, start=1)
        ],
    )
    LegalRecord.objects.bulk_create(
        LegalRecord(work_id=work.pk, **rules.legal_keys(draft.legal))
        for draft, work, _notes in both
        if draft.legal
    )
    WorkRelation.objects.bulk_create(
        row for draft, work, _notes in both for row in relation_rows(work.pk, draft.relations, kept=kept)
    )
    _write_terms(both, [work.pk for _draft, work, _notes in changed], context)


def _write_terms(both: list[_Triple], changed_ids: list[int], context: UpsertContext) -> None:
    for name, terms in context.terms.items():
        through: Any = getattr(Work, name).through
        column = f"{Work._meta.get_field(name).related_model._meta.model_name}_id"  # type: ignore[union-attr]  # a many-to-many
        if changed_ids:
            through.objects.filter(work_id__in=changed_ids).delete()
        shared = context.collections if name == "collections" else ()
        bulk_insert_rows(
            through,
            ("work_id", column),
            [
                (work.pk, ident)
                for draft, work, _notes in both
                for ident in terms.ids([*getattr(draft, name), *shared])
            ],
        )


def _insert(works: list[Work], context: UpsertContext) -> None:
    """Insert new works and give them the ids they got."""
    bulk_insert(Work, works)
    names = [work.external_id for work in works]
    held = Work.objects.filter(external_source=context.source, external_id__in=names)
    ids = dict(held.values_list("external_id", "id"))
    for work in works:
        work.pk = ids[work.external_id]


def _finish(actor: Actor, fresh: list[_Triple], changed: list[_Triple], context: UpsertContext) -> None:
    ids = [work.pk for _draft, work, _notes in (*fresh, *changed)]
    relations_resolve(ids)
    authorities_sync(ids, now=context.now)
    index_enqueue(ids)
    audit_batch(
        actor=actor,
        action="library.work.import",
        count=len(ids),
        summary={
            "batch": context.batch_id,
            "imported": len(fresh),
            "updated": len(changed),
            "published": context.publish,
            "first": min(ids),
            "last": max(ids),
        },
        at=context.now,
    )
