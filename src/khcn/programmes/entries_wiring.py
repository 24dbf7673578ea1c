"""What the area ``entries`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext

from khcn.programmes.areas import (
    DemoPart,
    Eraser,
    PublicPart,
    Todo,
    demo_parts,
    desk_tabs,
    erasers,
    page_tab,
    public_parts,
    todo_lists,
)
from khcn.programmes.demo_entries import load_entries
from khcn.programmes.enums import ProgrammeKind
from khcn.programmes.permissions import can_keep_contest, can_read_entries, reach_of
from khcn.programmes.selectors.entries import closed_because, contest_of, entries_to_check, result_of
from khcn.programmes.services.consents import withdrawal_followers
from khcn.programmes.services.entries_consents import publication_follow, subject_erase

TAB = page_tab(
    40, gettext_lazy("Bài dự thi"), "entries", lambda reach, _row: can_read_entries(reach), kinds=[ProgrammeKind.CONTEST]
)  # fmt: skip


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("entries", TAB)
    todo_lists.register("entries", todos)
    public_parts.register("entries", PublicPart(30, public_part))
    withdrawal_followers.register("entries", publication_follow)
    erasers.register("entries", Eraser(subject_erase, "teams and members of contests"))
    demo_parts.register("entries", DemoPart(50, load_entries))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return the contests whose entries wait for the officer."""
    if not can_keep_contest(reach_of(request.user)):
        return []
    rows = (
        entries_to_check()
        .values("programme_id", "programme__title", "programme__contest__deadline")
        .annotate(many=Count("pk", distinct=True))
        .order_by("programme_id")
    )
    return [
        Todo(
            text=ngettext("%(n)s bài dự thi chờ kiểm tra", "%(n)s bài dự thi chờ kiểm tra", row["many"]) % {"n": row["many"]},
            url=reverse("programmes-desk:entries", args=[row["programme_id"]]) + "?tinh-trang=submitted",
            due=row["programme__contest__deadline"], where=row["programme__title"],
        )
        for row in rows
    ]  # fmt: skip


def public_part(request: HttpRequest, programme: Any) -> SafeString | str:
    """Return how to take part, the deadline and the links."""
    if programme.kind != ProgrammeKind.CONTEST:
        return ""
    contest, now = contest_of(programme), timezone.now()
    if contest is None:
        return ""
    context = {
        "programme": programme, "contest": contest, "closed": closed_because(programme, contest, now), "result": result_of(programme),
    }  # fmt: skip
    return render_to_string("programmes/entries/public_part.html", context, request=request)
