"""What the area ``topics`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from importlib import import_module

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.demo import Progress
from khcn.core.indicators import indicators
from khcn.core.tasks import register_periodic
from khcn.programmes.areas import DemoPart, Eraser, Todo, demo_parts, erasers, todo_lists
from khcn.programmes.desk_menu import learning_menu
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_topics import can_list
from khcn.programmes.selectors.topics_due import TopicDue, due_of
from khcn.programmes.services.topics_results import contact_forget, deposits_release
from khcn.programmes.topics_indicators import INDICATORS
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

# Pages of what is due: the address names that the pages of this area have.
PAGES = {
    "topic": "topics-desk:topic", "council": "topics-desk:council", "jury": "topics-desk:jury-council", "call": "topics-desk:call",
}  # fmt: skip


def menu_entry(request: HttpRequest) -> NavItem | None:
    """Return the entry of the menu."""
    if not can_list(reach_of(request.user)):
        return None
    return NavItem(label=_("Đề tài"), url=reverse("topics-desk:topics"))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return what waits for this person in topics."""
    return [todo for one in due_of(request.user, now) if (todo := _todo(one)) is not None]


def _todo(one: TopicDue) -> Todo | None:
    due = timezone.make_aware(datetime.combine(one.day, time(23, 59))) if one.day else None
    try:
        url = reverse(PAGES[one.page], args=[one.pk])
    except NoReverseMatch:
        return None  # nobody is sent to a page that is not there
    return Todo(one.text, url, due=due, tone="bad" if one.late else "watch", where=one.where)


def erase(subject: str, now: datetime) -> None:
    """Forget the contact of a topic that is named as ``programmes.topic:17``."""
    kind, _mark, ident = subject.partition(":")
    if kind == "programmes.topic" and ident.isdigit():
        contact_forget(topic_id=int(ident), now=now)


def _demo(progress: Progress, now: datetime) -> None:
    import_module("khcn.programmes.demo_topics").load(progress, now)


def _release(now: datetime) -> None:
    deposits_release(now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    for key, indicator in INDICATORS.items():
        indicators.register(key, indicator)
    learning_menu.register("topics", MenuEntry(40, menu_entry))
    todo_lists.register("topics", todos)
    erasers.register("topics", Eraser(erase, about="contacts of research topics"))
    demo_parts.register("topics", DemoPart(90, _demo))
    register_periodic("programmes.topic_deposits", timedelta(hours=6), _release)
