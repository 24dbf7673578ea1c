"""One page of a source: which records are new, changed, the same, gone, or not to be taken over.

The rule for what people did here: a work whose description was changed by hand, or that a librarian returned, froze or
withdrew, is left alone; the record of the source is kept beside it (``HarvestItem.held``) and a librarian is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.engines.oai.messages import TEMPLATES
from khcn.engines.oai.types import HarvestedRecord
from khcn.library.enums import PUBLISHABLE_STATES, WorkState
from khcn.library.errors import SensitiveNotClearedError, StateChangedError
from khcn.library.harvest_enums import ItemProblem
from khcn.library.imports.drafts import BadLineError, RecordDraft
from khcn.library.imports.harvested import draft_of, external_key, plain_values
from khcn.library.models import HarvestItem, HarvestRun, HarvestSource, Work
from khcn.library.services.external import UpsertContext, works_upsert_external
from khcn.library.services.harvest_marks import description_digests
from khcn.library.services.harvest_match import Matcher, draft_keys
from khcn.library.services.review import work_restore

# Works in these states may be written over by their source; all others a person has put where they are.
_WRITABLE: Final = PUBLISHABLE_STATES | {WorkState.PUBLISHED}
_SAVED: Final = (
    "work", "duplicate_of", "title", "digest", "written", "datestamp", "deleted", "gone", "problem", "message", "held",
    "seen_run", "updated_at",
)  # fmt: skip


@dataclass(slots=True)
class Counts:
    """What became of the records of a page."""

    records: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    skipped: int = 0


@dataclass(slots=True)
class _Taking:
    """A page on its way into the library."""

    source: HarvestSource
    run: HarvestRun | None
    now: datetime
    matcher: Matcher
    actor: Actor = None
    items: dict[str, HarvestItem] = field(default_factory=dict)
    touched: dict[str, HarvestItem] = field(default_factory=dict)
    same: list[int] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def item(self, external_id: str, record: HarvestedRecord) -> HarvestItem:
        """Return the item of a record, made when it is new; it will be saved."""
        item = self.items.get(external_id)
        if item is None:
            item = HarvestItem(source=self.source, external_id=external_id, identifier=record.identifier)
            self.items[external_id] = item
        item.datestamp = record.datestamp
        self.touch(item)
        return item

    def touch(self, item: HarvestItem) -> None:
        """Have the item saved at the end, as seen in this run."""
        item.seen_run, item.updated_at = self.run or item.seen_run, self.now
        self.touched[item.external_id] = item


def page_take(
    *,
    source: HarvestSource,
    run: HarvestRun,
    records: Sequence[HarvestedRecord],
    now: datetime,
    matcher: Matcher,
) -> Counts:
    """Bring one page in. In the caller's transaction; the works of other sources and people are only read."""
    named = {
        external_key(one.identifier): one for one in records if one.identifier
    }  # of doubles the last counts
    taking = _Taking(source, run, now, matcher)
    taking.counts.records = len(records)
    taking.counts.skipped = sum(not one.identifier for one in records)
    held = HarvestItem.objects.filter(source=source, external_id__in=named).select_related("work")
    taking.items = {item.external_id: item for item in held}
    fresh: list[tuple[HarvestItem, dict[str, Any], RecordDraft]] = []
    for external_id, record in named.items():
        values = _look(taking, external_id, record)
        if values is not None:
            fresh.append(values)
    chosen, doubles = _sift(taking, fresh)
    _write(taking, chosen)
    for item, first in doubles:
        item.duplicate_of_id = first.work_id
    _save(taking)
    return taking.counts


def _look(
    taking: _Taking, external_id: str, record: HarvestedRecord
) -> tuple[HarvestItem, dict[str, Any], RecordDraft] | None:
    """Deal with what needs no work; return the others with their drafts."""
    known = taking.items.get(external_id)
    again = known is not None and taking.run is not None and known.seen_run_id == taking.run.pk
    if record.deleted:
        _mark_gone(taking, known)
        return None
    if record.problem:
        _mark_broken(taking, external_id, record, _(TEMPLATES[record.problem]), again=again)
        return None
    values = _values(taking.source, external_id, record)
    try:
        draft = draft_of(values)
    except BadLineError as error:
        _mark_broken(taking, external_id, record, error.message, again=again)
        return None
    if known is not None and known.digest == draft.content_hash and not known.deleted and _settled(known):
        taking.counts.unchanged += not again
        if known.gone or known.problem in {ItemProblem.KEPT, ItemProblem.BROKEN}:
            known.gone, known.problem, known.message = False, "", ""
            taking.touch(known)
        elif known.datestamp != record.datestamp:
            known.datestamp = record.datestamp
            taking.touch(known)
        else:
            taking.same.append(known.pk)
        return None
    return taking.item(external_id, record), values, draft


def _values(source: HarvestSource, external_id: str, record: HarvestedRecord) -> dict[str, Any]:
    joint = "&" if "?" in source.base_url else "?"
    fallback = f"{source.base_url}{joint}verb=GetRecord&metadataPrefix={source.prefix}&identifier={record.identifier}"
    return plain_values(record, external_id=external_id, rights=source.rights, fallback=fallback)


def _settled(item: HarvestItem) -> bool:
    """Whether a record with the same content needs nothing more: it has its work, or a decision about it."""
    return item.work_id is not None or item.duplicate_of_id is not None


def _mark_gone(taking: _Taking, known: HarvestItem | None) -> None:
    if known is None or known.deleted or known.problem == ItemProblem.KEPT:
        return  # never here, or dealt with
    if known.work_id is None:  # nothing of it is shown
        known.deleted, known.problem, known.message, known.held = True, "", "", None
    else:
        known.gone = True
    taking.touch(known)


def _mark_broken(
    taking: _Taking, external_id: str, record: HarvestedRecord, message: str, *, again: bool
) -> None:
    """Note a record that cannot be used; what is shown of it already stays as it is."""
    item = taking.item(external_id, record)
    item.problem, item.message = ItemProblem.BROKEN, message
    item.title = item.title or record.title[:500]
    taking.counts.skipped += not again


def _sift(
    taking: _Taking, fresh: list[tuple[HarvestItem, dict[str, Any], RecordDraft]]
) -> tuple[list[tuple[HarvestItem, RecordDraft]], list[tuple[HarvestItem, HarvestItem]]]:
    """Hold back doubles and what people changed here.

    Return what is to be written, and the doubles inside this page with the record whose work they repeat.
    """
    twins = taking.matcher.twins([draft for item, _values, draft in fresh if item.work_id is None])
    present = description_digests([item.work_id for item, _values, _draft in fresh if item.work_id])
    written: list[tuple[HarvestItem, RecordDraft]] = []
    doubles: list[tuple[HarvestItem, HarvestItem]] = []
    inside: dict[tuple[Any, ...], HarvestItem] = {}
    for item, values, draft in fresh:
        item.title, item.digest, item.gone = draft.title, draft.content_hash, False
        keys = draft_keys(draft)
        twin = twins.get(draft.external_id)
        first = next((inside[key] for key in keys if key in inside), None)
        if item.work_id is None and (twin is not None or first is not None):
            _hold(taking, item, values, ItemProblem.DUPLICATE)
            item.duplicate_of_id = twin
            if twin is None and first is not None:
                doubles.append((item, first))
            continue
        problem = _people_first(item, present)
        if problem:
            _hold(taking, item, values, problem)
            continue
        item.duplicate_of_id, item.held, item.problem, item.message = None, None, "", ""
        inside |= {key: item for key in keys if key not in inside}
        written.append((item, draft))
    return written, doubles


def _people_first(item: HarvestItem, present: dict[int, str]) -> ItemProblem | None:
    """Return why a work must not be written over, ``None`` when it may."""
    work = item.work
    if work is None:
        return None
    if work.state not in _WRITABLE and not (item.deleted and work.state == WorkState.WITHDRAWN):
        return ItemProblem.CLOSED
    if item.written and present.get(work.pk) != item.written:
        return ItemProblem.EDITED
    return None


def _hold(taking: _Taking, item: HarvestItem, values: dict[str, Any], problem: ItemProblem) -> None:
    item.held, item.problem, item.message = values, problem, ""
    item.deleted = False if item.work_id is None else item.deleted
    taking.counts.skipped += 1


def _write(taking: _Taking, chosen: list[tuple[HarvestItem, RecordDraft]]) -> None:
    """Write works, restore those that came back, and note how they stand."""
    if not chosen:
        return
    source = taking.source
    context = UpsertContext(
        now=taking.now,
        publish=source.publish,
        source=source.external_source,
        unit_id=source.unit_id,
        collections=(source.collection.key,) if source.collection else (),
    )
    done = works_upsert_external(
        actor=taking.actor, drafts=[draft for _item, draft in chosen], context=context
    )
    for (item, draft), outcome in zip(chosen, done, strict=True):
        taking.counts.new += outcome.outcome == "imported"
        taking.counts.changed += outcome.outcome == "updated" or (
            outcome.outcome == "unchanged" and item.deleted
        )
        taking.counts.unchanged += outcome.outcome == "unchanged" and not item.deleted
        item.work_id = outcome.work_id
        if item.deleted:
            _restore(taking, item)
        taking.matcher.note(draft, outcome.work_id)
    ids = [outcome.work_id for outcome in done]
    marks = description_digests(ids)
    held_back = set(
        Work.objects.filter(pk__in=ids, sensitive=True, sensitive_cleared_at__isnull=True).values_list(
            "pk", flat=True
        )
    )
    for item, _draft in chosen:
        item.written = marks.get(item.work_id or 0, "")
        item.problem = ItemProblem.SENSITIVE if item.work_id in held_back else ""


def _restore(taking: _Taking, item: HarvestItem) -> None:
    """Bring a work back that its source had deleted; only what we withdrew ourselves."""
    item.deleted = False
    try:
        work_restore(actor=taking.actor, work=Work.objects.get(pk=item.work_id or 0), now=taking.now)
    except (StateChangedError, SensitiveNotClearedError):
        return  # a person sees it among the sensitive ones, or has decided meanwhile


def _save(taking: _Taking) -> None:
    if taking.same:
        HarvestItem.objects.filter(pk__in=taking.same).update(seen_run=taking.run)
    new: list[HarvestItem] = []
    old: list[HarvestItem] = []
    for item in taking.touched.values():
        (new if item.pk is None else old).append(item)
    HarvestItem.objects.bulk_create(new, batch_size=500)
    HarvestItem.objects.bulk_update(old, _SAVED, batch_size=200)


def held_take(*, actor: Actor, item: HarvestItem, now: datetime) -> None:
    """Bring in what was held back, because a librarian said so: the source's version counts. In the caller's transaction."""
    taking = _Taking(item.source, None, now, Matcher(), actor)
    taking.items[item.external_id] = item
    draft = draft_of(item.held or {})
    item.digest, item.held, item.problem, item.message = draft.content_hash, None, "", ""
    taking.touch(item)
    _write(taking, [(item, draft)])
    _save(taking)
