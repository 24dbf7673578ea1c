"""Hand over what is open on the day a decision takes effect: people, outside parties, and what the apps keep."""

from datetime import datetime
from typing import Any

from django.db import transaction

from khcn.core.audit import audit_batch, audit_record
from khcn.orgs.handover import HandOver, Takers
from khcn.orgs.models import Party, SuccessionDecision, Unit, UnitSuccession, Viewer
from khcn.orgs.request_cache import forget_all
from khcn.orgs.services.decision_roles import roles_move
from khcn.orgs.services.units import succession_followers


def decision_takers(decision: SuccessionDecision) -> dict[int, Takers]:
    """Return who follows whom by a decision, by the id of the unit that hands over."""
    rows: dict[int, list[UnitSuccession]] = {}
    moves = decision.moves.select_related("predecessor", "successor").order_by("pk")
    for move in moves:
        rows.setdefault(move.predecessor_id, []).append(move)
    found = {}
    for pk, own in rows.items():
        default = next((move.successor for move in own if move.is_default), None)
        targets = tuple(move.successor for move in own)
        found[pk] = Takers(own[0].predecessor, targets, default, own[0].predecessor_ends)
    return found


@transaction.atomic
def hand_over(*, decision: SuccessionDecision, actor: Viewer, now: datetime) -> dict[str, int]:
    """Hand over what is open; what was handed over before is not found again. Return how many of what.

    People whose role was given after the decision was recorded follow too.
    """
    row = SuccessionDecision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    takers = decision_takers(row)
    written: dict[str, Any] = dict(row.written)
    roles = 0
    for one in takers.values():
        roles += len(
            roles_move(
                actor=actor,
                takers=one,
                exceptions=row.exceptions,
                effective=row.effective_on,
                written=written,
            )
        )
    hand = HandOver(row, takers, now, actor)
    counts = {"orgs.roles": roles, "orgs.parties": _parties(hand), "orgs.children": _children(hand)}
    for follower in succession_followers.all():
        for name, count in follower.hand_over(hand).items():
            counts[name] = counts.get(name, 0) + count
    counts = {name: count for name, count in counts.items() if count}
    first = row.handed_over_at is None
    if first or counts:
        row.outcome = {name: row.outcome.get(name, 0) + counts.get(name, 0) for name in row.outcome | counts}
        row.handed_over_at = row.handed_over_at or now
        row.written = written
        row.save(update_fields=["outcome", "handed_over_at", "written"])
        audit_record(
            actor=actor, action="orgs.decision.hand_over", target=row, at=now,
            after={"number": row.number, **row.outcome},
        )  # fmt: skip
        forget_all()
    return counts


def _parties(hand: HandOver) -> int:
    """Outside parties of an ended unit's area belong to the area of its successor."""
    moved = 0
    for one in hand.takers.values():
        if one.ends and one.default is not None:
            moved += Party.objects.filter(ward=one.unit).update(ward=one.default)
    if moved:
        audit_batch(
            actor=hand.actor,
            action="orgs.party.ward",
            count=moved,
            summary={"decision": hand.decision.number},
        )
    return moved


def _children(hand: HandOver) -> int:
    """Units below an ended one stand below its only successor; where there are several, a person decides."""
    moved = 0
    for one in hand.takers.values():
        if one.ends and one.default is not None and len(one.targets) == 1:
            rows = Unit.objects.filter(parent=one.unit).in_force(hand.on)
            moved += rows.exclude(pk=one.default.pk).update(parent=one.default)
    if moved:
        audit_batch(
            actor=hand.actor,
            action="orgs.unit.parent",
            count=moved,
            summary={"decision": hand.decision.number},
        )
    return moved
