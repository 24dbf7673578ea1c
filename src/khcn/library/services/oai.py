"""The follower of the OAI-PMH provider: from a changed work to a record with a datestamp that no harvester can miss.

What a harvester was told at the moment T must be complete up to T, for it asks next time only "from T". So:

1. Changes are followed in the order of ``IndexChange.seq`` (given after the commit, by one process at a time).
2. A batch gets a datestamp that lies in the FUTURE, later than that of every batch before, and is committed before that
   moment comes; a transaction that is too slow is rolled back and tried with a later one. What a harvester cannot see at
   T, because it is not committed yet, therefore bears a datestamp after T.
3. A batch whose commit was not seen to be in time (the process died, the machine stood still) is stamped anew.
4. Each batch has a second of its own, so the order (datestamp, number) only ever grows at its end.

Only works that are open to everybody appear. One that no longer is becomes a deleted record, for ever, in its sets.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from khcn.engines.oai.requests import whole_second_after
from khcn.engines.records.types import Record
from khcn.library.models import IndexChange, OaiFollower, OaiRecord, OaiSet, Work, WorkRelation
from khcn.library.search.changes import stamp_changes
from khcn.library.selectors.harvest import offered_works
from khcn.library.selectors.oai import is_domain, site_host, specs_of
from khcn.library.selectors.records import records_by_ids

logger = logging.getLogger(__name__)

LEAD_SECONDS: Final = 5
MARGIN: Final = timedelta(
    seconds=2
)  # a commit takes milliseconds; a disk that stalls longer is seen by rule 3
BATCH: Final = 500
TRIES: Final = 6
LANGUAGE: Final = "vi"  # records name kinds and rights in one language, whoever asks
# Part of every digest: raise it when a format tells something new, and every record is told anew.
FORMATS_VERSION: Final = "1"
HARVESTED: Final = "oai:"  # works that came from another repository are for that one to offer

Clock = Callable[[], datetime]


class _LostTurn(Exception):
    """Another follower wrote a batch in between."""


class _TooLate(Exception):
    """The batch would be committed after its own datestamp."""


@dataclass(slots=True)
class FollowReport:
    """What a run did: records told for the first time or anew, and records that became deleted."""

    changed: int = 0
    deleted: int = 0


@dataclass(slots=True)
class _Batch:
    """What has to be written: (work, digest, sets, deleted); the sets of a deleted record are those it had."""

    rows: list[tuple[int, str, tuple[str, ...], bool]] = field(default_factory=list)


def oai_duty(now: datetime) -> None:  # the follower needs the time of each commit, not of the tick
    """Follow what has changed: the periodic duty."""
    oai_follow()


def oai_sweep_duty(now: datetime) -> None:  # as above
    """Look at every work once a day: what changed without a note, such as the site's own address."""
    oai_sweep()


def oai_follow(*, clock: Clock = timezone.now) -> FollowReport:
    """Bring the provider's records up to every change committed so far. Several may run at once."""
    report = FollowReport()
    state = _state(clock)
    if state.swept_at is None:
        return oai_sweep(clock=clock)
    stamp_changes()
    for _attempt in range(TRIES):
        try:
            _confirm(state, clock)
            while rows := _next_changes(state.seq):
                ids = [work_id for _seq, work_id in rows]
                _tell(state, [*ids, *_pointing_to(ids)], report, clock, seq=rows[-1][0])
            return report
        except _LostTurn:
            state = _state(clock)
    logger.info("another process follows for OAI-PMH; this one leaves it the rest")
    return report


def oai_sweep(*, clock: Clock = timezone.now) -> FollowReport:
    """Compare every work with what was told of it. The first sweep of an installation fills the provider."""
    report = FollowReport()
    state = _state(clock)
    top, began = stamp_changes(), clock()
    for chunk in _chunks(_every_id(), BATCH):
        for attempt in range(TRIES):
            try:
                _confirm(state, clock)
                _tell(state, chunk, report, clock)
                break
            except _LostTurn:
                state = _state(clock)
                if attempt == TRIES - 1:
                    raise
    first = OaiFollower.objects.filter(pk=1, swept_at__isnull=True)
    if not first.update(swept_at=began, seq=top):
        OaiFollower.objects.filter(pk=1).update(swept_at=began)
    return report


def _state(clock: Clock) -> OaiFollower:
    now = clock().replace(microsecond=0)
    values = {"stamp": now, "since": now, "namespace": site_host()}
    state, _made = OaiFollower.objects.get_or_create(pk=1, defaults=values)
    if not is_domain(state.namespace) and is_domain(
        site_host()
    ):  # set up on a trial address, then moved for good
        OaiFollower.objects.filter(pk=1).update(namespace=site_host())
    return state


def _next_changes(seq: int) -> list[tuple[int, int]]:
    found = IndexChange.objects.filter(seq__gt=seq).order_by("seq").values_list("seq", "work_id")[:BATCH]
    return [(number, work_id) for number, work_id in found if number is not None]


def _pointing_to(ids: Sequence[int]) -> list[int]:
    """Return the works whose relations lead to these: their records link only what everybody may open."""
    rows = WorkRelation.objects.filter(target_id__in=ids).values_list("work_id", flat=True)
    return sorted(set(rows) - set(ids))


def _every_id() -> list[int]:
    told = OaiRecord.objects.filter(deleted=False).values_list("work_id", flat=True)
    return sorted(
        {
            *Work.objects.published_to(None).order_by().values_list("pk", flat=True).iterator(),
            *told.iterator(),
        }
    )


def _chunks(ids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))


def _tell(
    state: OaiFollower, ids: Sequence[int], report: FollowReport, clock: Clock, *, seq: int | None = None
) -> None:
    """Write what has changed of these works; ``seq``: the last change that this batch covers."""
    batch = _batch_of(list(dict.fromkeys(ids)))
    for _attempt in range(TRIES):
        try:
            _write(state, batch, clock, seq=seq)
            break
        except _TooLate:
            logger.warning(
                "a batch of OAI-PMH records was too slow for its datestamp; once more with a later one"
            )
    else:
        raise TimeoutError("the database needs longer than the datestamps allow; the duty tries again later")
    gone = sum(1 for *_row, deleted in batch.rows if deleted)
    report.deleted += gone
    report.changed += len(batch.rows) - gone


def _batch_of(ids: list[int]) -> _Batch:
    """Compare the present state of these works with what was told of them."""
    with translation.override(LANGUAGE):
        records = {record.id: record for record in records_by_ids(ids)}
    harvested = Work.objects.filter(pk__in=ids, external_source__startswith=HARVESTED)
    foreign = set(
        harvested.exclude(pk__in=offered_works(harvested).values("pk")).values_list("pk", flat=True)
    )
    held = OaiRecord.objects.in_bulk(ids)
    specs = specs_of(held)
    batch = _Batch()
    for pk in ids:
        record, told = records.get(pk), held.get(pk)
        had = tuple(sorted(specs.get(pk, ())))
        if record is None or pk in foreign:
            if told is not None and not told.deleted:
                batch.rows.append((pk, told.digest, had, True))
            continue
        digest, sets = digest_of(record), sets_of(record)
        if told is None or told.deleted or told.digest != digest or had != sets:
            batch.rows.append((pk, digest, sets, False))
    return batch


def digest_of(record: Record) -> str:
    """Return a digest of all that a format may tell of a record; when it was last touched is told by none."""
    told = replace(record, updated_at=record.published_at)
    return hashlib.blake2b(
        f"{FORMATS_VERSION}{told!r}".encode("utf-8", "replace"), digest_size=16
    ).hexdigest()


def sets_of(record: Record) -> tuple[str, ...]:
    """Return the sets of a record with their parents, in order."""
    specs = {"kind", f"kind:{record.kind}"}
    if record.collections:
        specs |= {"collection", *(f"collection:{one.key}" for one in record.collections)}
    return tuple(sorted(specs))


def _write(state: OaiFollower, batch: _Batch, clock: Clock, *, seq: int | None) -> None:
    """Commit one batch before its datestamp comes, and note that it was so."""
    if not batch.rows and seq is None:
        return
    with transaction.atomic():
        _take_turn(state, seq)
        if not batch.rows:
            state.turn, state.seq = state.turn + 1, seq if seq is not None else state.seq
            return
        stamp = _next_stamp(state, clock)
        _write_rows(batch, stamp)
        OaiFollower.objects.filter(pk=1).update(stamp=stamp, confirmed=False)
        if clock() > stamp - MARGIN:
            raise _TooLate
    state.turn, state.stamp, state.confirmed = state.turn + 1, stamp, False
    state.seq = seq if seq is not None else state.seq
    _confirm(state, clock)


def _take_turn(state: OaiFollower, seq: int | None) -> None:
    """Be the one who writes: of two followers that read the same turn, one goes on."""
    values = {"turn": F("turn") + 1} | ({"seq": seq} if seq is not None else {})
    if not OaiFollower.objects.filter(pk=1, turn=state.turn).update(**values):
        raise _LostTurn


def _next_stamp(state: OaiFollower, clock: Clock) -> datetime:
    """Return a second in the future that no batch had before (also when the clock was set back)."""
    future = whole_second_after(clock().astimezone(UTC), LEAD_SECONDS)
    return max(future, state.stamp + timedelta(seconds=1))


def _write_rows(batch: _Batch, stamp: datetime) -> None:
    OaiRecord.objects.bulk_create(
        [
            OaiRecord(work_id=pk, datestamp=stamp, deleted=gone, digest=digest)
            for pk, digest, _s, gone in batch.rows
        ],
        update_conflicts=True,
        unique_fields=["work_id"],
        update_fields=["datestamp", "deleted", "digest"],
        batch_size=200,
    )
    OaiSet.objects.filter(record_id__in=[pk for pk, *_rest in batch.rows]).delete()
    OaiSet.objects.bulk_create(
        [
            OaiSet(record_id=pk, spec=spec, datestamp=stamp)
            for pk, _digest, specs, _gone in batch.rows
            for spec in specs
        ],
        batch_size=200,
    )


def _confirm(state: OaiFollower, clock: Clock) -> None:
    """Note that the newest batch was committed in time; one of which this is not known gets a later datestamp.

    :raises _LostTurn: when another follower went on meanwhile; then it has judged the batch.
    """
    if state.confirmed:
        return
    if clock() < state.stamp:
        OaiFollower.objects.filter(pk=1, turn=state.turn).update(confirmed=True)
        state.confirmed = True
        return
    for _attempt in range(TRIES):
        old = state.stamp
        with transaction.atomic():
            _take_turn(state, None)
            stamp = _next_stamp(state, clock)
            OaiRecord.objects.filter(datestamp=old).update(datestamp=stamp)
            OaiSet.objects.filter(datestamp=old).update(datestamp=stamp)
            OaiFollower.objects.filter(pk=1).update(stamp=stamp, confirmed=False)
        state.turn, state.stamp = state.turn + 1, stamp
        if clock() < stamp:
            OaiFollower.objects.filter(pk=1, turn=state.turn).update(confirmed=True)
            state.confirmed = True
            return
    raise TimeoutError("the database needs longer than the datestamps allow; the duty tries again later")
