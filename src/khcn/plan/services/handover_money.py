"""Money that is not spent goes to the successor's line; what was paid stays where it was paid. Totals never change."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _

from khcn.core.actors import actor_id
from khcn.core.numbers import money_vi
from khcn.core.references import reference_to
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.plan.enums import ENTRY_COUNTED, EntryKind, EntryState, EstimateState
from khcn.plan.models import BudgetLine, MoneyEntry
from khcn.plan.services import money_sums
from khcn.plan.services.money_sums import estimate_open

_GROUP = "money"


def open_things(units: Sequence[Unit], on: date) -> list[OpenThing]:
    """Return the lines of ``units`` that have anything left."""
    return [
        OpenThing(
            str(reference_to(line)), _GROUP, _("Kinh phí"),
            _("%(title)s (chưa chi %(left)s)") % {"title": line.title, "left": money_vi(_left(line))}, line.unit_id,
        )
        for line in _open_lines(units, on)
    ]  # fmt: skip


def _left(line: BudgetLine) -> Decimal:
    """Return what of a line is not paid: of the allocation, or of the estimate when nothing was allocated yet."""
    whole: Decimal = line.allocated or line.estimated
    return whole - Decimal(line.paid)


def _open_lines(units: Sequence[Unit], on: date) -> list[BudgetLine]:
    rows = BudgetLine.objects.filter(unit__in=units, estimate__year__gte=on.year)
    rows = rows.exclude(estimate__state=EstimateState.SETTLED)
    left = Q(allocated__gt=F("paid")) | Q(allocated=0, estimated__gt=0)
    return list(rows.filter(left).select_related("estimate", "unit").order_by("estimate", "order", "pk"))


def hand_over(hand: HandOver) -> dict[str, int]:
    """Move what is left; return how many lines, drafts and commitments."""
    counts = {"plan.lines": 0, "plan.drafts": 0, "plan.commitments": 0}
    units = [takers.unit for takers in hand.takers.values()]
    for line in _open_lines(units, hand.on):
        target = hand.taker(line.unit_id, str(reference_to(line)), _GROUP)
        if target is None:
            continue
        if line.estimate.state != EstimateState.APPROVED:  # nothing was decided yet: the line itself moves
            counts["plan.drafts"] += BudgetLine.objects.filter(pk=line.pk, unit=line.unit).update(unit=target)
            continue
        estimate_open(line.estimate_id)
        fresh = BudgetLine.objects.select_related("estimate", "unit").get(pk=line.pk)
        moved, commitments = _move(hand, fresh, target)
        counts["plan.lines"] += moved
        counts["plan.commitments"] += commitments
    return counts


def _move(hand: HandOver, line: BudgetLine, target: Unit) -> tuple[bool, int]:
    commitments = _rests(line)
    rest = sum((amount for _entry, amount in commitments), Decimal(0))
    free = line.allocated - line.committed + rest
    estimated = line.estimated if not line.allocated else min(line.estimated, free)
    if not free and not estimated:
        return False, 0
    new = _line_of(line, target, hand)
    for entry, amount in commitments:
        _take_back(hand, line, entry, amount)
    if free:
        _allocation(hand, line, -free, _("Bàn giao phần chưa chi cho %(unit)s") % {"unit": target.name})
        _allocation(hand, new, free, _("Tiếp nhận phần chưa chi của %(unit)s") % {"unit": line.unit.name})
    for entry, amount in commitments:
        _commit_again(hand, new, entry, amount)
    BudgetLine.objects.filter(pk=line.pk).update(estimated=F("estimated") - estimated)
    BudgetLine.objects.filter(pk=new.pk).update(estimated=F("estimated") + estimated)
    return True, len(commitments)


def _rests(line: BudgetLine) -> list[tuple[MoneyEntry, Decimal]]:
    """Return the commitments that go along, each with what is not paid of it.

    One that another app pays by its reference and has paid in part stays: that app goes on paying it where it began.
    """
    rows = MoneyEntry.objects.filter(line=line, kind=EntryKind.COMMITMENT, state__in=ENTRY_COUNTED)
    found = [(entry, entry.amount - entry.paid - entry.released) for entry in rows.order_by("pk")]
    return [(entry, rest) for entry, rest in found if rest > 0 and not (entry.paid and entry.reference)]


def _line_of(line: BudgetLine, target: Unit, hand: HandOver) -> BudgetLine:
    """Return the successor's line for the same purpose, made when there is none."""
    found, _made = BudgetLine.objects.get_or_create(
        estimate=line.estimate,
        unit=target,
        task_code=line.task_code,
        title=line.title,
        budget_code=line.budget_code,
        defaults={
            "order": line.order,
            "note": _("Nhận bàn giao theo %(number)s.") % {"number": hand.decision.number},
        },
    )
    return found


def _take_back(hand: HandOver, line: BudgetLine, entry: MoneyEntry, amount: Decimal) -> None:
    if entry.paid or entry.released:
        money_sums.release(line, entry, amount)
        return
    reason = _("Bàn giao theo %(number)s.") % {"number": hand.decision.number}
    MoneyEntry.objects.filter(pk=entry.pk, state=entry.state).update(
        state=EntryState.VOID, reason=reason, decided_at=hand.now, decided_by_id=actor_id(hand.actor)
    )
    money_sums.uncommit(line, amount)


def _allocation(hand: HandOver, line: BudgetLine, amount: Decimal, text: str) -> None:
    money_sums.allocate(line, amount)
    MoneyEntry.objects.create(
        line=line, kind=EntryKind.ALLOCATION, state=EntryState.CONFIRMED, amount=amount, happened_on=hand.on,
        document=hand.decision.number, text=text[:500], proposed_by_id=actor_id(hand.actor), proposed_at=hand.now,
        decided_by_id=actor_id(hand.actor), decided_at=hand.now,
    )  # fmt: skip


def _commit_again(hand: HandOver, line: BudgetLine, entry: MoneyEntry, amount: Decimal) -> None:
    money_sums.commit(line, amount)
    MoneyEntry.objects.create(
        line=line, kind=EntryKind.COMMITMENT, state=entry.state, amount=amount, happened_on=entry.happened_on,
        document=entry.document, partner=entry.partner, text=entry.text,
        reference="" if entry.paid or entry.released else entry.reference,
        proposed_by=entry.proposed_by, proposed_at=entry.proposed_at, decided_by=entry.decided_by,
        decided_at=entry.decided_at,
    )  # fmt: skip
