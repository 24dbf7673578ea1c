"""The front page of the library, and lists by shelf, subject and audience."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.selectors.catalogue import subject_neighbours
from khcn.library.selectors.public import term_counts
from khcn.library.tables.results import entry_of, for_lists
from khcn.library.views.limits import too_far

PAGE_SIZE = 20
SORTS = {"": ("-published_at", "-id"), "ten": ("sort_key", "id"), "moi-nhat": ("-issued_date", "-id")}


@require_safe
def library_home(request: HttpRequest) -> HttpResponse:
    """Show shelves, audiences, subjects and what is new."""
    today = timezone.localdate()
    recent = for_lists(Work.objects.published_to(request.user).order_by("-published_at", "-id")[:8])
    context = {
        "collections": term_counts(Collection, user=request.user),
        "audiences": term_counts(Audience, user=request.user),
        "subjects": term_counts(Subject, user=request.user),
        "recent": [entry_of(work, today) for work in recent],
        "hide_search": True,
    }
    return render(request, "library/home.html", context)


@require_safe
def collection_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the works of a collection."""
    return term_page(request, get_object_or_404(Collection, key=key), "collections")


@require_safe
def subject_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the works about a subject."""
    subject = get_object_or_404(Subject.objects.select_related("parent"), key=key)
    return term_page(request, subject, "subjects", around=subject_neighbours(subject, request.user))


@require_safe
def audience_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the works for an audience."""
    return term_page(request, get_object_or_404(Audience, key=key), "audiences")


@require_safe
def recent_page(request: HttpRequest) -> HttpResponse:
    """Show everything, the newest first."""
    return list_page(request, Work.objects.published_to(request.user), term=None, route="")


def term_page(request: HttpRequest, term: Any, route: str, *, around: Any = None) -> HttpResponse:
    """Show the works under one term."""
    return list_page(
        request,
        Work.objects.published_to(request.user).filter(**{route: term}),
        term=term,
        route=route,
        around=around,
    )


def list_page(request: HttpRequest, works: Any, *, term: Any, route: str, around: Any = None) -> HttpResponse:
    """Show a list of works, twenty a page."""
    stop = too_far(request)
    if stop is not None:
        return stop
    today = timezone.localdate()
    sort = request.GET.get("sap-xep", "") if request.GET.get("sap-xep", "") in SORTS else ""
    page = Paginator(for_lists(works.order_by(*SORTS[sort])), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "term": term,
        "route": route,
        "around": around,
        "page": page,
        "sort": sort,
        "entries": [entry_of(work, today) for work in page.object_list],
    }
    return render(request, "library/list.html", context)
