"""How other rooms link to tasks and work items: title and address of those that the reader may see."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from khcn.core.references import Reference, Resolved
from khcn.engines.text.fold import fold
from khcn.plan.enums import ITEM_COUNTED, VersionState
from khcn.plan.models import Task, WorkItem
from khcn.plan.permissions import acting

ITEM_REFERENCE = WorkItem._meta.label_lower
TASK_REFERENCE = Task._meta.label_lower


def _ids(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _item(item: WorkItem, inside: bool) -> Resolved:
    title = f"{item.code} {item.task.title} ({item.unit_name or item.unit.name})"
    address = _address("plan-desk:progress-item", item.pk) if inside else ""
    return Resolved(Reference(ITEM_REFERENCE, str(item.pk)), title, address)


def _task(task: Task, inside: bool) -> Resolved:
    address = f"{_address('plan-desk:progress-items')}?ke-hoach={task.version.plan_id}&ma={task.code}"
    return Resolved(
        Reference(TASK_REFERENCE, str(task.pk)), f"{task.code} {task.title}", address if inside else ""
    )


def resolve_items(ids: Iterable[str], user: Any, on: date | None = None) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these work items; only people of the desk get an address."""
    inside = acting(user, on).plans
    rows = WorkItem.objects.visible_to(user, on).filter(pk__in=_ids(ids)).select_related("task", "unit")
    return {str(item.pk): _item(item, inside) for item in rows}


def resolve_tasks(ids: Iterable[str], user: Any, on: date | None = None) -> Mapping[str, Resolved]:
    """Return what ``user`` may see of these tasks."""
    inside = acting(user, on).plans
    rows = Task.objects.visible_to(user, on).filter(pk__in=_ids(ids)).select_related("version")
    return {str(task.pk): _task(task, inside) for task in rows}


def _matching(query: str) -> Q:
    found = Q()
    for word in fold(query).split()[:8]:
        found &= Q(folded_title__contains=word) | Q(code__icontains=word)
    return found


def search_tasks(query: str, user: Any, *, limit: int) -> Sequence[Resolved]:
    """Return tasks of plans in force that fit the words, without regard to tone marks."""
    rows = Task.objects.visible_to(user).filter(_matching(query), version__state=VersionState.PUBLISHED)
    inside = acting(user).plans
    return [
        _task(task, inside) for task in rows.select_related("version").order_by("-version", "order")[:limit]
    ]


def search_items(query: str, user: Any, *, limit: int) -> Sequence[Resolved]:
    """Return work items whose task fits the words; those of the person's own units first."""
    reach = acting(user)
    tasks = Task.objects.filter(_matching(query)).values("pk")
    rows = WorkItem.objects.visible_to(user).filter(task__in=tasks, state__in=ITEM_COUNTED)
    rows = rows.select_related("task", "unit").order_by("-plan", "task__order", "unit__sort_key")
    mine = list(rows.filter(unit_id__in=reach.units)[:limit])
    rest = list(rows.exclude(unit_id__in=reach.units)[: limit - len(mine)])
    return [_item(item, reach.plans) for item in [*mine, *rest]]
