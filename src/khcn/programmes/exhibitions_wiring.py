"""What the area ``exhibitions`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext

from khcn.core.tasks import register_periodic
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
from khcn.programmes.enums import OPEN_STATES, WITH_EXHIBITORS
from khcn.programmes.exhibitions_demo import load
from khcn.programmes.models.exhibitions import Exhibitor
from khcn.programmes.permissions import can_read_people, can_run, reach_of
from khcn.programmes.rules.exhibitions import ExhibitorState
from khcn.programmes.services.consents import withdrawal_followers
from khcn.programmes.services.exhibitions import takes_exhibitors, unproven_forget
from khcn.programmes.services.exhibitions_contacts import exhibitions_forget, person_erase, share_follow

TAB = page_tab(
    60, gettext_lazy("Trưng bày"), "exhibitors", lambda reach, row: can_read_people(reach, row.unit_id), kinds=WITH_EXHIBITORS
)  # fmt: skip


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Applications that wait for an answer, a line a programme; one query."""
    reach = reach_of(request.user)
    rows = Exhibitor.objects.visible_to(request.user).proven()
    rows = rows.filter(state=ExhibitorState.ASKED, programme__state__in=OPEN_STATES).order_by()
    found = rows.values("programme_id", "programme__title", "programme__unit_id").annotate(n=Count("pk"))
    return [
        Todo(
            text=ngettext("%(n)s đơn vị xin trưng bày chờ trả lời", "%(n)s đơn vị xin trưng bày chờ trả lời", one["n"]) % {"n": one["n"]},
            url=reverse("programmes-desk:exhibitors", args=[one["programme_id"]]) + "?trang-thai=asked",
            due=None, where=one["programme__title"],
        )
        for one in found
        if can_run(reach, one["programme__unit_id"])
    ]  # fmt: skip


def part(request: HttpRequest, programme: Any) -> SafeString | str:
    """Return what the public page says about the exhibition."""
    if programme.kind not in WITH_EXHIBITORS:
        return ""
    context = {"programme": programme, "shown": Exhibitor.objects.filter(programme=programme).shown().count()}
    if hasattr(request, "user"):
        from django.utils import timezone  # noqa: PLC0415  # only here: a wiring stands above the views

        context["open"] = takes_exhibitors(programme, timezone.now())
    return render_to_string("programmes/exhibitions/part.html", context, request)


def forget(now: datetime) -> None:
    """Empty what is past its day."""
    unproven_forget(now)
    exhibitions_forget(now)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("exhibitions", TAB)
    todo_lists.register("exhibitions", todos)
    public_parts.register("exhibitions", PublicPart(60, part))
    demo_parts.register("exhibitions", DemoPart(80, load))
    erasers.register("exhibitions", Eraser(person_erase, "exhibitors, visitors' contacts"))
    withdrawal_followers.register("exhibitions", share_follow)
    register_periodic("programmes.exhibitions_forget", timedelta(hours=12), forget)
