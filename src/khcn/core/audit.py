"""The audit trail: every write by a person, or for one, leaves a row; the rows form a hash chain.

How the chain is kept without making every writer wait for every other: :func:`audit_record` inserts the row
in the caller's transaction with a ``digest`` of its content and takes no lock. Right after commit (and once a
minute from the worker) :func:`audit_seal` links all rows that are not yet sealed, in a short transaction of
its own under one lock: ``hash = sha256(prev_hash, seq, digest)``. A lock held by the writers themselves would
last as long as the longest import and could deadlock with their row locks. Between commit and sealing a row
is guarded by its digest only; that window is milliseconds, at worst until the worker's next minute.

A chain cannot show by itself that its newest links were cut off: keep the ``head`` that ``khcn audit verify
--json`` prints somewhere else, and pass it back with ``--anchor``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.functional import Promise

from khcn.core.actors import Actor, actor_id, actor_label
from khcn.core.models.audit import AuditEvent, AuditImmutableError, AuditQuerySet, audit_visibility
from khcn.core.references import Reference, reference_to

__all__ = [
    "AuditImmutableError",
    "ChainReport",
    "audit_batch",
    "audit_events_visible_to",
    "audit_record",
    "audit_seal",
    "audit_visibility",
    "snapshot",
    "verify_chain",
]

GENESIS = "0" * 64
_SEAL_LOCK = 0x6B68636E01  # "khcn" and a number: the advisory lock of the chain on PostgreSQL
_SEAL_BATCH = 1000
_COVERED = (
    "actor_id", "actor_label", "on_behalf_of_id", "on_behalf_of_label", "action", "target_kind", "target_id",
    "target_label", "before", "after", "reason", "count",
)  # fmt: skip


def _text(value: str) -> str:
    """Return text that both databases store unchanged (no NUL, no lone surrogate)."""
    return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:  # noqa: PLR0911  # one return for each JSON type reads best
    """Return ``value`` as JSON that reads back identically from both databases.

    Floats and decimals become text: PostgreSQL's jsonb rewrites some numbers, and a digest must not change
    with it.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Promise):
        return _text(str(value))
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if timezone.is_aware(value) else value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, models.Model):
        return str(reference_to(value))
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        items = [_plain(item) for item in value]
        return sorted(items, key=repr) if isinstance(value, set | frozenset) else items
    return _text(str(value))


def snapshot(obj: models.Model, fields: Iterable[str]) -> dict[str, Any]:
    """Return the named fields of ``obj`` as plain JSON for ``before``/``after``.

    A foreign key gives its id; a many-to-many gives the sorted list of ids. Never name fields that hold
    passwords, tokens or more of a citizen's data than the trail needs: a row cannot be taken out again.
    """
    result: dict[str, Any] = {}
    for name in fields:
        field = obj._meta.get_field(name)
        if field.many_to_many:
            ids = getattr(obj, name).values_list("pk", flat=True) if obj.pk else []
            result[name] = sorted(_plain(ident) for ident in ids)
        else:
            result[name] = _plain(getattr(obj, getattr(field, "attname", name)))
    return result


def _changes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return both sides cut down to the fields that differ (all fields when there is only one side)."""
    old, new = _plain(before), _plain(after)
    if old is None or new is None:
        return old, new
    changed = [key for key in {**old, **new} if key not in old or key not in new or old[key] != new[key]]
    return {key: old[key] for key in changed if key in old}, {key: new[key] for key in changed if key in new}


def _digest(event: AuditEvent) -> str:
    """Return the SHA-256 of an event's content in one canonical spelling."""
    content = {name: getattr(event, name) for name in _COVERED}
    content["at"] = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    spelled = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).hexdigest()


def _link(prev_hash: str, seq: int, digest: str) -> str:
    return hashlib.sha256(f"{prev_hash}\n{seq}\n{digest}".encode()).hexdigest()


def _write(event: AuditEvent) -> AuditEvent:
    event.digest = _digest(event)
    event.save(force_insert=True)
    if not any(entry[1] is _seal_soon for entry in connection.run_on_commit):
        transaction.on_commit(_seal_soon, robust=True)
    return event


def audit_record(
    *,
    actor: Actor,
    action: str,
    target: models.Model | Reference | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    on_behalf_of: Actor = None,
    reason: str = "",
    at: datetime | None = None,
) -> AuditEvent:
    """Add one row in the caller's transaction; it stays or goes with the deed itself.

    :param action: ``app.noun.verb`` like ``library.work.publish``.
    :param target: the record (still having its id, also when it is about to be deleted), or a reference.
    :param before: and ``after``: see :func:`snapshot`; only fields that differ are kept.
    :param on_behalf_of: whose authority was used, for a delegated act.
    :param at: the time of the deed; now when left out.
    """
    old, new = _changes(before, after)
    reference = reference_to(target) if isinstance(target, models.Model) else target
    label = str(target) if isinstance(target, models.Model) else ""
    return _write(
        AuditEvent(
            at=at or timezone.now(),
            actor_id=actor_id(actor),
            actor_label=_text(actor_label(actor)),
            on_behalf_of_id=actor_id(on_behalf_of),
            on_behalf_of_label=_text(actor_label(on_behalf_of)),
            action=action,
            target_kind=reference.kind if reference else "",
            target_id=reference.id if reference else "",
            target_label=_text(label)[:300],
            before=old,
            after=new,
            reason=_text(reason),
        )
    )


def audit_batch(
    *, actor: Actor, action: str, count: int, summary: Mapping[str, Any], at: datetime | None = None
) -> AuditEvent:
    """Add one row for many small writes (telemetry, usage counts, imports): how many, and a summary."""
    if count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    return _write(
        AuditEvent(
            at=at or timezone.now(),
            actor_id=actor_id(actor),
            actor_label=_text(actor_label(actor)),
            action=action,
            after=_plain(summary),
            count=count,
        )
    )


def audit_events_visible_to(user: Actor) -> AuditQuerySet:
    """Return the rows that ``user`` may read: their own, and what ``audit_visibility`` predicates add."""
    return AuditEvent.objects.visible_to(user)


def _seal_soon() -> None:
    """After a commit: seal, unless another process is at it (the next round takes ours along)."""
    audit_seal(wait=False)


def _take_lock(wait: bool) -> bool:
    """Take the chain's lock until commit. On SQLite the IMMEDIATE transaction is the lock."""
    if connection.vendor != "postgresql":
        return True
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_SEAL_LOCK])  # one of two constants
        row = cursor.fetchone()
    return wait or bool(row and row[0])


def _seal_some(wait: bool) -> int:
    with transaction.atomic():
        if not _take_lock(wait):
            return 0
        pending = list(AuditEvent.objects.unsealed().values_list("id", "digest")[:_SEAL_BATCH])
        head = (
            AuditEvent.objects.filter(seq__isnull=False).order_by("-seq").values_list("seq", "hash").first()
        )
        last, prev_hash = head or (0, GENESIS)
        links = []
        for seq, (ident, digest) in enumerate(pending, start=(last or 0) + 1):
            link = _link(prev_hash, seq, digest)
            links.append((seq, prev_hash, link, ident))
            prev_hash = link
        AuditEvent.objects.all().seal(links)
        return len(pending)


def audit_seal(*, wait: bool = True) -> int:
    """Link every row that is not yet in the chain; return how many. Safe to run anywhere.

    With ``wait=False`` it gives way at once when another process is sealing (PostgreSQL).
    """
    total = 0
    while sealed := _seal_some(wait):
        total += sealed
        if sealed < _SEAL_BATCH:
            break
    return total


@dataclass(frozen=True)
class ChainReport:
    """What :func:`verify_chain` found.

    ``first_bad`` is the id of the first row that is wrong (the row after a gap when a row is missing),
    ``problem`` says what is wrong with it in English, for logs: ``changed``, ``missing``, ``link``,
    ``anchor``. ``head`` is the newest link as ``seq:hash``.
    """

    ok: bool
    sealed: int
    unsealed: int
    head: str
    first_bad: int | None = None
    first_bad_seq: int | None = None
    problem: str = ""


def _fault(event: AuditEvent, seq: int, prev_hash: str) -> str:
    """Return what is wrong with a row that should be link ``seq`` after ``prev_hash``; empty if nothing."""
    if event.seq != seq:
        return "missing"
    if _digest(event) != event.digest:
        return "changed"
    if event.prev_hash != prev_hash or event.hash != _link(prev_hash, seq, event.digest):
        return "link"
    return ""


def verify_chain(*, anchor: str = "") -> ChainReport:
    """Recompute the whole chain and name the first bad row.

    :param anchor: an earlier report's ``head``; the chain must still contain it, so a cut-off tail shows.
    :raises ValueError: when ``anchor`` is not ``seq:hash``.
    """
    anchor_seq, _, anchor_hash = anchor.partition(":")
    wanted = int(anchor_seq) if anchor else None
    unsealed = AuditEvent.objects.unsealed().count()
    seq, prev_hash = 0, GENESIS
    anchored = anchor == "" or (wanted == 0 and anchor_hash == GENESIS)
    for event in AuditEvent.objects.filter(seq__isnull=False).order_by("seq").iterator(chunk_size=2000):
        problem = _fault(event, seq + 1, prev_hash)
        if problem:
            return ChainReport(False, seq, unsealed, f"{seq}:{prev_hash}", event.pk, seq + 1, problem)
        seq, prev_hash = seq + 1, event.hash
        anchored = anchored or (seq == wanted and prev_hash == anchor_hash)
    for event in AuditEvent.objects.unsealed().iterator(chunk_size=2000):
        if _digest(event) != event.digest:
            return ChainReport(False, seq, unsealed, f"{seq}:{prev_hash}", event.pk, None, "changed")
    if not anchored:
        return ChainReport(False, seq, unsealed, f"{seq}:{prev_hash}", None, wanted, "anchor")
    return ChainReport(True, seq, unsealed, f"{seq}:{prev_hash}")
