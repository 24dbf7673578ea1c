"""Relations between works, also to works that are not held yet."""

from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.audit import audit_record
from khcn.engines.text.numbers import number_key, parse_document_number
from khcn.library import permissions
from khcn.library.enums import RelationSource
from khcn.library.errors import LibraryPermissionError
from khcn.library.imports.drafts import RelationDraft
from khcn.library.models import LegalRecord, Work, WorkRelation


def cited_key(relation: RelationDraft) -> str:
    """Return the key under which a cited work will be recognised when it arrives."""
    if relation.external_id:
        return f"id:{relation.external_id}"
    if not relation.number:
        return ""
    parsed = parse_document_number(relation.number)
    return number_key(parsed.full if parsed else relation.number)[:60]


def relation_rows(
    work_id: int,
    relations: Iterable[RelationDraft],
    *,
    source: RelationSource = RelationSource.STATED,
    kept: Collection[tuple[int, str, str, str]] = (),
) -> list[WorkRelation]:
    """Return unsaved rows, each tie once; their targets are found by ``relations_resolve``.

    :param kept: ties that are there already and stay (:func:`relations_clear`).
    """
    rows: dict[tuple[str, str, str], WorkRelation] = {}
    for relation in relations:
        key = cited_key(relation)
        if (work_id, relation.kind, key, "" if key else relation.title[:500]) in kept:
            continue
        rows.setdefault(
            (relation.kind, key, "" if key else relation.title),
            WorkRelation(
                work_id=work_id,
                kind=relation.kind,
                cited_number=relation.number[:60],
                cited_key=key,
                cited_title=relation.title[:500],
                source=source,
            ),
        )
    return list(rows.values())


def relations_clear(work_ids: Sequence[int]) -> set[tuple[int, str, str, str]]:
    """Delete what these works stated; what an editor accepted stays. Return the ties that stay, for new rows."""
    rows = WorkRelation.objects.filter(work_id__in=work_ids)
    rows.exclude(source=RelationSource.ACCEPTED).delete()
    return {
        (work_id, kind, key, "" if key else title)
        for work_id, kind, key, title in rows.values_list("work_id", "kind", "cited_key", "cited_title")
    }


def relations_resolve(work_ids: Sequence[int]) -> int:
    """Tie open relations that name these works, and open relations of these works; return how many.

    A number borne by several works is left open: a reader is better served by none than by the wrong one.
    """
    named = set(LegalRecord.objects.filter(work_id__in=work_ids).values_list("number_key", flat=True))
    external = Work.objects.filter(pk__in=work_ids).exclude(external_id="")
    named |= {f"id:{ident}" for ident in external.values_list("external_id", flat=True)}
    waiting = WorkRelation.objects.filter(target__isnull=True).exclude(cited_key="")
    found = list(waiting.filter(cited_key__in=named - {""})) if named else []
    found += list(waiting.filter(work_id__in=work_ids))
    tied = 0
    for relation in {row.pk: row for row in found}.values():
        target = relation_target(relation)
        if target is None:
            continue
        told_already = WorkRelation.objects.filter(
            work_id=relation.work_id, kind=relation.kind, target_id=target
        )
        if not told_already.exists():
            tied += WorkRelation.objects.filter(pk=relation.pk, target__isnull=True).update(target_id=target)
    return tied


def relation_target(relation: WorkRelation) -> int | None:
    """Return the one work that a relation names by its key, None when there is none or more than one."""
    if relation.cited_key.startswith("id:"):
        ids = Work.objects.filter(external_id=relation.cited_key.removeprefix("id:")).exclude(
            pk=relation.work_id
        )
        source = Work.objects.filter(pk=relation.work_id).values("external_source")
        candidates = list(ids.filter(external_source__in=source).values_list("pk", flat=True)[:2])
    else:
        same = LegalRecord.objects.filter(number_key=relation.cited_key).exclude(work_id=relation.work_id)
        candidates = list(same.values_list("work_id", flat=True)[:2])
    return candidates[0] if len(candidates) == 1 else None


@transaction.atomic
def relations_set(*, actor: Actor, work: Work, relations: Sequence[RelationDraft]) -> None:
    """Replace the relations that ``work`` states; those that an editor accepted from its text stay."""
    if not permissions.can_edit(actor, work):
        raise LibraryPermissionError(_("sửa tài liệu này"))
    before = {"relations": [str(row) for row in work.relations.all()]}
    kept = relations_clear([work.pk])
    WorkRelation.objects.bulk_create(relation_rows(work.pk, relations, kept=kept))
    relations_resolve([work.pk])
    after = {"relations": [str(row) for row in work.relations.all()]}
    if before != after:
        audit_record(actor=actor, action="library.work.relations", target=work, before=before, after=after)
