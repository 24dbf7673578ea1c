"""Open work items go to the successor: a new item, or merged into the one that it has for the same task."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import F
from django.utils.translation import gettext as _

from khcn.core.references import reference_to
from khcn.orgs.handover import HandOver, OpenThing
from khcn.orgs.models import Unit
from khcn.plan.enums import ITEM_OPEN, ItemState, PercentRule, TaskLevel
from khcn.plan.models import ProgressNote, Task, UnitReport, WorkItem, WorkStep
from khcn.plan.rules.progress import Facts, percent_of

_LEFT_OVER: Final = frozenset({ItemState.DROPPED, ItemState.HANDED_OVER})


def open_things(units: Sequence[Unit], on: date) -> list[OpenThing]:
    """Return the open work items of ``units``; report tasks whose report stays with the old unit are left out."""
    staying = _staying(units, on)
    return [
        OpenThing(
            str(reference_to(item)), f"task:{item.code}", _("Việc của kế hoạch"), f"{item.code} {item.task.title}",
            item.unit_id, item.task.level == TaskLevel.REPORT,
        )
        for item in _open_items(units)
        if (item.plan_id, item.code, item.unit_id) not in staying
    ]  # fmt: skip


def _open_items(units: Sequence[Unit]) -> list[WorkItem]:
    rows = WorkItem.objects.filter(unit__in=units, state__in=ITEM_OPEN)
    return list(rows.select_related("task", "unit").order_by("plan", "task__order", "unit__order", "pk"))


def _staying(units: Sequence[Unit], on: date) -> set[tuple[int, str, int]]:
    """Report tasks of periods whose figures ended before the day: that report is still the old unit's own."""
    rows = UnitReport.objects.filter(unit__in=units, period__cutoff__lt=on, excused="")
    rows = rows.exclude(period__task_code="").exclude(period__regime__plan=None)
    return set(rows.values_list("period__regime__plan", "period__task_code", "unit"))


def hand_over(hand: HandOver) -> dict[str, int]:
    """Hand the open items over; return how many, and how many of them joined an item that was there."""
    units = [takers.unit for takers in hand.takers.values()]
    staying = _staying(units, hand.on)
    done = merged = 0
    for item in _open_items(units):
        if (item.plan_id, item.code, item.unit_id) in staying:
            continue
        target = hand.taker(item.unit_id, str(reference_to(item)), f"task:{item.code}")
        if target is None or not _take(hand, item):
            continue
        done += 1
        merged += _give(hand, item, target)
        if item.task.level == TaskLevel.REPORT:
            for other in hand.takers[item.unit_id].targets:
                _report_item(hand, item, other)
    return {"plan.items": done, "plan.items_merged": merged}


def _take(hand: HandOver, item: WorkItem) -> bool:
    """Close the old item; ``False`` when somebody was quicker."""
    still = WorkItem.objects.filter(pk=item.pk, state__in=ITEM_OPEN)
    return bool(
        still.update(
            state=ItemState.HANDED_OVER, unit_name=item.unit.name, revision=F("revision") + 1, updated_at=hand.now
        )
    )  # fmt: skip


def _give(hand: HandOver, old: WorkItem, target: Unit) -> bool:
    """Make the successor's item, or let the old one join it; return whether it joined."""
    new = WorkItem.objects.filter(plan=old.plan_id, code=old.code, unit=target).first()
    joined = new is not None and new.state not in _LEFT_OVER
    if new is None:
        new = WorkItem.objects.create(
            plan_id=old.plan_id, task=old.task, code=old.code, unit=target, state=old.state, percent=old.percent,
            due=old.due, started_on=old.started_on, difficulties=_named(old), updated_at=hand.now,
        )  # fmt: skip
    else:
        _merge(hand, new, old, fresh=not joined)
    _copy_steps(new, old, joined=joined)
    _percent(hand, new, old.task)
    WorkItem.objects.filter(pk=old.pk).update(handed_to=new)
    _notes(hand, old, new)
    return joined


def _named(old: WorkItem) -> str:
    return f"{old.unit.name}: {old.difficulties.strip()}" if old.difficulties.strip() else ""


def _merge(hand: HandOver, new: WorkItem, old: WorkItem, *, fresh: bool) -> None:
    """Join an item that is there: open as long as anything that came to it is, begun when anything was."""
    begun = old.state == ItemState.DOING or (
        not fresh and new.state in {ItemState.DOING.value, ItemState.DONE.value}
    )
    new.state = ItemState.DOING if begun else ItemState.TODO
    # Kept as a mean of what came together; rules that can be counted again are, in _percent.
    new.percent = old.percent if fresh else (new.percent + old.percent) // 2
    days = [day for day in (None if fresh else new.due, old.due) if day is not None]
    new.due = max(days) if days else None
    starts = [day for day in (new.started_on, old.started_on) if day is not None]
    new.started_on = min(starts) if starts else None
    new.done_on, new.confirmed_at, new.confirmed_by, new.handed_to = None, None, None, None
    new.difficulties = "\n".join(text for text in (new.difficulties, _named(old)) if text)
    new.revision += 1
    new.updated_at = hand.now
    new.save()


def _copy_steps(new: WorkItem, old: WorkItem, *, joined: bool) -> None:
    """Steps go along; a step of the same name is done only when it was done on both sides."""
    there = {step.title: step for step in new.steps.all()}
    for step in old.steps.order_by("order", "pk"):
        known = there.get(step.title)
        if known is None:
            WorkStep.objects.create(
                item=new, order=step.order, title=step.title, due=step.due, done_on=step.done_on
            )
        elif joined and step.done_on is None and known.done_on is not None:
            known.done_on = None
            known.save(update_fields=["done_on"])


def _percent(hand: HandOver, new: WorkItem, task: Task) -> None:
    if task.percent_rule in {PercentRule.TYPED, PercentRule.INDICATOR}:
        return  # typed: the mean; by indicator: worked out again by its own duty
    steps = list(new.steps.all())
    facts = Facts(
        rule=task.percent_rule,
        state=new.state,
        steps_done=sum(step.done_on is not None for step in steps),
        steps=len(steps),
    )
    new.percent = percent_of(facts)
    WorkItem.objects.filter(pk=new.pk).update(percent=new.percent)


def _report_item(hand: HandOver, old: WorkItem, target: Unit) -> None:
    """Every successor owes its report, so every one has the item of it."""
    WorkItem.objects.get_or_create(
        plan_id=old.plan_id,
        code=old.code,
        unit=target,
        defaults={"task": old.task, "due": old.due, "updated_at": hand.now},
    )


def _notes(hand: HandOver, old: WorkItem, new: WorkItem) -> None:
    words = {"old": old.unit.name, "new": new.unit.name, "number": hand.decision.number}
    for item, text in (
        (old, _("Bàn giao cho %(new)s theo %(number)s.") % words),
        (
            new,
            _("Tiếp nhận từ %(old)s theo %(number)s; ghi chép và minh chứng trước đó xem ở việc cũ.") % words,
        ),
    ):
        state = ItemState.HANDED_OVER if item is old else new.state
        ProgressNote.objects.create(
            item=item, unit=item.unit, unit_name=item.unit.name, at=hand.now, state=state, percent=item.percent,
            text=text,
        )  # fmt: skip
