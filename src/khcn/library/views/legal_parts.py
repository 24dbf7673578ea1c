"""What the pages of a legal document show of its force and its relations: parts of the public page and of the desk."""

from typing import Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.engines.legal.model import Standing, Why
from khcn.library import permissions
from khcn.library.forms.legal import DayForm
from khcn.library.models import Work
from khcn.library.selectors.legal import LegalGraph, has_graph, legal_graph, works_with_proposals
from khcn.library.tables.legal import (
    answer_title,
    edge_groups,
    history_table,
    problem_lines,
    reason_lines,
    state_of,
)
from khcn.library.tables.legal_picture import is_simple, legal_picture, legend
from khcn.library.tables.results import work_url
from khcn.ui.parts import NavItem, State

# What a reader must know before reading, and how strongly it is said.
_WARNED: Final = {
    Standing.EXPIRED: "bad",
    Standing.SUSPENDED: "bad",
    Standing.NOT_YET: "watch",
    Standing.PARTLY: "watch",
}
_DOUBTS: Final = frozenset(
    {
        Why.ENDED_SOME_DAY, Why.SUSPENDED_SOME_DAY, Why.DATES_DISAGREE, Why.PART_ENDED_SOME_DAY, Why.AMENDED_BY,
        Why.AMENDED_SOME_DAY,
    }
)  # fmt: skip


def _graph(request: HttpRequest, work: Work) -> LegalGraph:
    """Return the graph, read once a request."""
    kept: tuple[int, LegalGraph] | None = getattr(request, "_legal_graph", None)
    if kept is None or kept[0] != work.pk:
        kept = (work.pk, legal_graph(work, request.user))
        request._legal_graph = kept  # type: ignore[attr-defined]  # an attribute of our own
    return kept[1]


def legal_notice(request: HttpRequest, work: Work, *, warnings_only: bool = False) -> SafeString | str:
    """Warn who opens a document that is not (wholly) in force, with the way to what replaced it; else "".

    Stands on the page of the work, which also tells of amendments; with ``warnings_only`` on the reader's pages.
    """
    if not has_graph(work):
        return ""
    graph = _graph(request, work)
    answer = graph.on(timezone.localdate())
    reasons = [
        one for one in answer.reasons if one.why not in {Why.EFFECTIVE, Why.NOTHING_ENDED, Why.UNCHECKED}
    ]
    tone = _WARNED.get(answer.standing, "")
    if not tone and (warnings_only or not any(one.why in _DOUBTS for one in reasons)):
        return ""
    context = {
        "tone": tone or "info",
        "state": state_of(answer.standing),
        "amended": answer.standing == Standing.IN_FORCE,
        "lines": reason_lines(graph, reasons),
        "more_url": f"{work_url(work)}#hieu-luc",
    }
    return render_to_string("library/legal/notice.html", context, request)


def standing_today(request: HttpRequest, work: Work) -> State | None:
    """Return how a legal document stands today, by its dates and by what others did to it; None when nobody knows."""
    if not has_graph(work):
        return None
    standing = _graph(request, work).on(timezone.localdate()).standing
    return None if standing == Standing.UNKNOWN else state_of(standing)


def legal_section(request: HttpRequest, work: Work) -> SafeString | str:
    """Show the document's force over time, answer for one day, and list its relations by direction."""
    if not has_graph(work):
        return ""
    today = timezone.localdate()
    graph = _graph(request, work)
    asked = "ngay" in request.GET
    form = DayForm(request.GET if asked else None, initial={"ngay": today})
    day = form.day() if asked else None
    if asked and day is None and not form.errors:
        form.add_error("ngay", _("Hãy chọn một ngày từ năm 1900 đến năm 2200."))
    answer = graph.on(day) if day else None
    context = {
        "work": work,
        "form": form,
        "answer": answer,
        "answer_title": answer_title(answer) if answer else "",
        "answer_state": state_of(answer.standing) if answer else None,
        "answer_lines": reason_lines(graph, answer.reasons) if answer else [],
        "picture": "" if is_simple(graph) else legal_picture(graph, today, asked=day),
        "legend": legend(graph),
        "history": history_table(graph),
        "problems": problem_lines(graph),
        "outgoing": edge_groups(graph, outgoing=True, today=today),
        "incoming": edge_groups(graph, outgoing=False, today=today),
        "action": f"{work_url(work)}#hieu-luc",
    }
    return render_to_string("library/legal/section.html", context, request)


def desk_notice(request: HttpRequest, work: Work) -> SafeString | str:
    """Tell on the desk that proposals wait, and which dates disagree."""
    if not has_graph(work) or not permissions.can_decide_relations(request.user, work):
        return ""
    context = {
        "waiting": work.proposals.filter(state="waiting").count(),
        "url": reverse("library-desk:legal-proposals", args=[work.pk]),
        "problems": problem_lines(_graph(request, work)),
    }
    if not context["waiting"] and not context["problems"]:
        return ""
    return render_to_string("library/legal/desk_notice.html", context, request)


def menu_item(request: HttpRequest) -> NavItem | None:
    """Return the entry of the desk's menu, for those who decide on relations."""
    reach = permissions.reach_of(request.user)
    if not (reach.librarian or reach.editor or reach.approver):
        return None
    return NavItem(
        label=_("Quan hệ văn bản"),
        url=reverse("library-desk:legal-waiting"),
        count=works_with_proposals(request.user).count(),
    )
