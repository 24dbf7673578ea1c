"""Public pages of research topics: the register, one topic, products, calls."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.core.gate import costly
from khcn.programmes.enums_topics import TOPIC_PUBLIC, TopicState
from khcn.programmes.selectors.topics import (
    TopicsAsked,
    call_of,
    calls_open,
    calls_public,
    products_public,
    public_fields,
    public_topic,
    public_topics,
    public_years,
)
from khcn.programmes.views.base import words_in

MOST_CALLS = 50


def asked_in(request: HttpRequest) -> TopicsAsked:
    """Return what a list of topics was asked for; what makes no sense is left out."""
    year = request.GET.get("nam", "")
    return TopicsAsked(
        words=words_in(request.GET), state=request.GET.get("trang-thai", "")[:12],
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
        field=words_in(request.GET, "linh-vuc", 200),
    )  # fmt: skip


@require_safe
@costly("programmes.topics", per_minute=60)
def topics(request: HttpRequest) -> HttpResponse:
    """List the topics that everybody may know of, with the calls that are open."""
    asked = asked_in(request)
    context = {
        "page": Paginator(public_topics(asked), 20).get_page(request.GET.get("trang")), "asked": asked,
        "years": public_years(), "fields": public_fields(), "calls": calls_open(timezone.now()),
        "states": [one for one in TopicState.choices if one[0] in TOPIC_PUBLIC | {TopicState.STOPPED}],
        "narrowed": any((asked.words, asked.state, asked.year, asked.field)),
    }  # fmt: skip
    return render(request, "programmes/topics/public_list.html", context)


@require_safe
@costly("programmes.topics", per_minute=60)
def topic(request: HttpRequest, key: str) -> HttpResponse:
    """Show what everybody may know of one topic."""
    row = public_topic(key)
    if row is None:
        raise Http404
    return render(request, "programmes/topics/public_topic.html", {"row": row})


@require_safe
@costly("programmes.topics", per_minute=60)
def products(request: HttpRequest) -> HttpResponse:
    """List what accepted topics made."""
    page = Paginator(products_public(), 30).get_page(request.GET.get("trang"))
    return render(request, "programmes/topics/public_products.html", {"page": page})


@require_safe
@costly("programmes.topics", per_minute=60)
def calls(request: HttpRequest) -> HttpResponse:
    """List the calls, newest first."""
    context = {"calls": calls_public()[:MOST_CALLS], "now": timezone.now()}
    return render(request, "programmes/topics/public_calls.html", context)


@require_safe
@costly("programmes.topics", per_minute=60)
def call(request: HttpRequest, key: str) -> HttpResponse:
    """Show a call with its deadline and criteria."""
    row = call_of(request.user, key)
    if row is None:
        raise Http404
    context = {
        "call": row, "takes": row.takes(timezone.now()),
        "criteria": row.appraisal.criteria.all() if row.appraisal else (),
    }  # fmt: skip
    return render(request, "programmes/topics/public_call.html", context)
