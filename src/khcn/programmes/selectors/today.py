"""What needs doing today, of all areas, in the order in which it is due."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from khcn.programmes.areas import Todo, todo_lists


@dataclass(slots=True)
class Group:
    """Lines that are due at about the same time: ``overdue``, ``today``, ``week``, ``later``."""

    key: str
    rows: list[Todo] = field(default_factory=list)


def todos(request: HttpRequest, now: datetime) -> list[Group]:
    """Return the lines by when they are due; groups without a line are left out. One call an area."""
    groups = {key: Group(key) for key in ("overdue", "today", "week", "later")}
    found: list[Todo] = [row for ask in todo_lists.all() for row in ask(request, now)]
    for row in sorted(found, key=lambda one: (one.due is None, one.due or now, one.where, one.text)):
        groups[when(row.due, now)].rows.append(row)
    return [group for group in groups.values() if group.rows]


def when(due: datetime | None, now: datetime) -> str:
    """Return the group of a moment; without one it is for later. Days are those of the place."""
    if due is None:
        return "later"
    if due < now:
        return "overdue"
    left = timezone.localdate(due) - timezone.localdate(now)
    if left < timedelta(days=1):
        return "today"
    return "week" if left < timedelta(days=7) else "later"


def count(groups: Sequence[Group]) -> int:
    """Return how many lines there are."""
    return sum(len(group.rows) for group in groups)
