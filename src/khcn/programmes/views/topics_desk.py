"""Desk pages of research topics: the list, and one topic with its next step, money, milestones, products and figures."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.programmes.enums_topics import TopicState
from khcn.programmes.permissions import Reach, reach_of
from khcn.programmes.permissions_topics import can_list
from khcn.programmes.selectors.topics import (
    file_of,
    money_of,
    topic_of,
    topic_years,
    topics_list,
    topics_sums,
)
from khcn.programmes.selectors.topics_measures import measures_now
from khcn.programmes.selectors.topics_page import milestone_lines, next_step
from khcn.programmes.services.topics_files import DRAWER
from khcn.programmes.views.topics_public import asked_in


def topics_desk(request: HttpRequest) -> Reach:
    """Return the person's reach; 403 for roles that have nothing to do with topics."""
    reach = reach_of(request.user)
    if not can_list(reach):
        raise PermissionDenied(_("Vai trò của bạn không dùng phần đề tài. Trang công khai vẫn xem được."))
    return reach


@login_required
@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """List the topics that the person reads."""
    topics_desk(request)
    asked, today = asked_in(request), timezone.localdate()
    rows = topics_list(request.user, asked, today)
    context = {
        "page": Paginator(rows, 30).get_page(request.GET.get("trang")), "asked": asked, "sums": topics_sums(rows),
        "states": TopicState.choices, "years": topic_years(request.user, today),
        "narrowed": any((asked.words, asked.state, asked.year)),
    }  # fmt: skip
    return render(request, "programmes/topics/desk_list.html", context)


@login_required
@require_safe
def topic(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one topic: where it stands, who comes next, and everything that its readers may know."""
    topics_desk(request)
    row, today = topic_of(request.user, pk), timezone.localdate()
    if row is None:
        raise Http404
    money = money_of([row])[row.pk]
    context: dict[str, Any] = {
        "row": row, "step": next_step(row, int(money.owed - money.refunded)), "money": money, "milestones": milestone_lines(row, today),
        "measures": measures_now(row.measures.all(), request.user, today), "contract": getattr(row, "contract", None),
        "members": row.members.all(), "works": row.works.all(), "budget": row.budget.all(),
        "products": row.products.all(), "files": row.files.all(), "amendments": row.amendments.all(),
        "deposits": row.deposits.all(),
    }  # fmt: skip
    return render(request, "programmes/topics/desk_topic.html", context)


@login_required
@require_safe
def topic_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out a file of a topic to those who may open it, also as members of its council."""
    row = file_of(request.user, pk)
    if row is None:
        raise Http404
    return DRAWER.response(row.file, row.title)
