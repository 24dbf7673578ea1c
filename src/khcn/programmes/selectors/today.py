"""What needs doing, put together from every area's list and sorted by how pressing it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from khcn.core.dates import local_date
from khcn.programmes.areas import Todo, todo_lists


@dataclass(frozen=True, slots=True)
class TodoGroup:
    """Things that are equally pressing."""

    title: str
    rows: Sequence[Todo]


def todos_of(request: HttpRequest, now: datetime) -> list[Todo]:
    """Return everything that waits for the person of this request, most pressing first; asked once a request."""
    known: list[Todo] | None = getattr(request, "_programme_todos", None)
    if known is None:
        found = [one for read in todo_lists.all() for one in read(request, now)]
        known = sorted(found, key=lambda one: (one.due is None, one.due or now, one.where, one.text))
        request._programme_todos = known  # type: ignore[attr-defined]  # the page and its menu count the same
    return known


def todo_groups(request: HttpRequest, now: datetime) -> list[TodoGroup]:
    """Return what waits in groups: late, today, this week, later, without a day. Empty groups are left out."""
    today = local_date(now)
    groups: dict[str, list[Todo]] = {"late": [], "today": [], "week": [], "later": [], "open": []}
    for one in todos_of(request, now):
        groups[_place(one, now, today)].append(one)
    titles = {
        "late": _("Đã quá hạn"), "today": _("Hôm nay"), "week": _("Trong bảy ngày tới"), "later": _("Sau đó"),
        "open": _("Khi nào tiện"),
    }  # fmt: skip
    return [TodoGroup(titles[key], rows) for key, rows in groups.items() if rows]


def _place(one: Todo, now: datetime, today: object) -> str:
    if one.due is None:
        return "open"
    if one.due < now:
        return "late"
    if local_date(one.due) == today:
        return "today"
    return "week" if one.due < now + timedelta(days=7) else "later"
