"""The own record of everybody who signed in; the yearly summary; and without an account: a code, a secret link."""

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.api.limits import client_address
from khcn.core.gate import costly
from khcn.programmes.exports.training import own_json, records_file, state_words, summary_file
from khcn.programmes.forms.training_more import AddressForm, CodeForm
from khcn.programmes.models.training import TrainingPerson
from khcn.programmes.permissions import reach_of
from khcn.programmes.permissions_training import can_read_summary
from khcn.programmes.selectors.training import (
    person_of_user,
    post_now,
    public_topics,
    records_of,
    with_predecessors,
)
from khcn.programmes.selectors.training_needs import needs_of
from khcn.programmes.selectors.training_summary import year_summary
from khcn.programmes.services.training_people import own_code_open, own_code_send, person_by_link
from khcn.programmes.views.training_base import asked_of, frame
from khcn.ui.deeds import secret, sent


def _answer(
    request: HttpRequest, person: TrainingPerson, *, print_url: str, page: str, more: dict[str, Any]
) -> HttpResponseBase:
    """Answer with a person's own record: the page, the page to print, Excel, JSON."""
    today = timezone.localdate()
    post, records = post_now(person, today), records_of(person)
    for one in records:
        one.person = person
    if post is not None:
        post.person = person
    needs = needs_of([post], today)[0] if post else None
    posts = list(person.posts.select_related("unit", "position").order_by("-starts_on"))
    kind = request.GET.get("tep", "")
    if kind == "json":
        return own_json(person, posts, records, needs)
    if kind in {"xlsx", "csv"}:
        return records_file(kind, records)
    context = more | {
        "row": person, "post": post, "posts": posts, "needs": needs, "records": [(one, state_words(one)) for one in records], "today": today,
        "print_url": print_url, "hours": sum(one.hours or 0 for one in records if one.state == "verified"),
    }  # fmt: skip
    return render(request, "programmes/training/own_print.html" if "in" in request.GET else page, context)


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponseBase:
    """Show the own record of whoever is signed in."""
    person = person_of_user(request.user)
    if person is None:
        return render(request, "programmes/training/mine_none.html", frame(request))
    return _answer(
        request, person, print_url="?in=1", page="programmes/training/mine.html", more=frame(request)
    )


@login_required
@require_safe
def summary(request: HttpRequest) -> HttpResponseBase:
    """Show the year in figures, without names; as files too."""
    reach = reach_of(request.user)
    if not can_read_summary(reach):
        raise PermissionDenied(
            _("Tổng hợp bồi dưỡng dành cho đơn vị, đơn vị đầu mối, lãnh đạo và cơ quan theo dõi.")
        )
    today, asked = timezone.localdate(), asked_of(request)
    year = min(asked.year or today.year, today.year)
    units = with_predecessors(asked.unit, today) if asked.unit else None
    found = year_summary(request.user, year, today, unit=units)
    if (kind := request.GET.get("tep", "")) in {"xlsx", "csv"}:
        tables = {"chu-de": (found.topics, _("Chủ đề")), "vi-tri": (found.positions, _("Chức danh"))}
        rows, first = tables.get(request.GET.get("bang", ""), (found.units, _("Đơn vị")))
        return summary_file(kind, rows, found.total, first=first, year=year)
    context = frame(request, found=found, year=year, years=range(today.year, today.year - 6, -1))
    return render(request, "programmes/training/summary.html", context)


# Without an account


@require_safe
@costly("programmes.training", per_minute=60)
def public(request: HttpRequest) -> HttpResponse:
    """Show the topics and how many courses are open; nothing about people."""
    return render(request, "programmes/training/public.html", {"topics": public_topics(timezone.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@costly("programmes.training-own", per_minute=20, noindex=True)
def ask(request: HttpRequest) -> HttpResponseBase:
    """Prove an address by a code, then see the own record."""
    if request.method != "POST":
        return render(request, "programmes/training/ask.html", {"form": AddressForm(), "step": 1})
    if "code" in request.POST:
        second = CodeForm(request.POST)
        if second.is_valid():
            data = second.cleaned_data
            token = sent(
                second,
                lambda: own_code_open(address=data["address"], digits=data["code"], now=timezone.now()),
            )
            if token is not None:
                return secret(redirect("training:own", token=token))
        return secret(
            render(request, "programmes/training/ask.html", {"form": second, "step": 2}, status=422)
        )
    form = AddressForm(request.POST)
    if form.is_valid():
        address = form.cleaned_data["address"]
        clean = (
            address if form.is_robot
            else sent(form, lambda: own_code_send(address=address, visitor=client_address(request), now=timezone.now()))
        )  # fmt: skip
        if clean is not None:
            context = {"form": CodeForm(initial={"address": clean}), "step": 2, "address": clean}
            return secret(render(request, "programmes/training/ask.html", context))
    return render(request, "programmes/training/ask.html", {"form": form, "step": 1}, status=422)


@require_safe
@costly("programmes.link", per_minute=60, noindex=True)
def own(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the own record behind a secret link."""
    person = person_by_link(token, timezone.now())
    if person is None:
        raise Http404(
            _(
                "Đường dẫn này không đúng hoặc đã hết hạn. Hãy vào trang Bồi dưỡng và nhận đường dẫn mới bằng mã xác nhận."
            )
        )
    until: date | None = timezone.localdate(person.token_until) if person.token_until else None
    return secret(
        _answer(
            request, person, print_url="?in=1", page="programmes/training/own.html", more={"until": until}
        )
    )
