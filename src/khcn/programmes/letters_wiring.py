"""What the area ``letters`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.tasks import register_periodic
from khcn.programmes.areas import (
    DemoPart,
    Eraser,
    Todo,
    demo_parts,
    desk_tabs,
    erasers,
    page_tab,
    todo_lists,
)
from khcn.programmes.letters_demo import load
from khcn.programmes.models.letters import Letter
from khcn.programmes.permissions import can_read_people, reach_of
from khcn.programmes.services.letters_automatic import letters_erase, letters_remind

ERASER = Eraser(letters_erase, "letters")
DEMO = DemoPart(45, load)
TAB = page_tab(70, gettext_lazy("Tin gửi"), "letters", lambda reach, row: can_read_people(reach, row.unit_id))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return drafts that wait for release, and letters with messages that failed. One query."""
    reach = reach_of(request.user)
    if not (reach.officer or reach.reporting):
        return []
    rows = Letter.objects.filter(Q(state="draft") | Q(state="released", recipients__message__state="failed"))
    if not reach.officer:
        rows = rows.filter(programme__unit_id__in=reach.reporting)
    found = []
    for row in rows.select_related("programme", "session").distinct().order_by("-created_at", "-pk")[:50]:
        url = reverse("programmes-desk:letter", args=[row.programme_id, row.pk])
        text = _("Xem và cho gửi tin") if row.state == "draft" else _("Có tin không gửi được")
        due = row.session.starts_at if row.session else None
        found.append(
            Todo(
                text, url, due=due, tone="watch" if row.state == "draft" else "bad", where=row.programme.title
            )
        )
    return found


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("letters", TAB)
    todo_lists.register("letters", todos)
    erasers.register("letters", ERASER)
    demo_parts.register("letters", DEMO)
    register_periodic("programmes.reminders", timedelta(hours=1), letters_remind)
