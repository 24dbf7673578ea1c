"""Public pages of the catalogue: names A to Y, a name, subjects A to Y, shelves by Dewey number."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.engines.records.ddc import CLASSES, DIVISIONS
from khcn.library.enums import TieRole
from khcn.library.models import Authority
from khcn.library.selectors import catalogue
from khcn.library.tables.results import entry_of, for_lists
from khcn.library.views.lists import PAGE_SIZE, SORTS

NAMES_A_PAGE = 60


@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    """Show the names under one letter, or those that hold some words."""
    letters = catalogue.authority_letters(request.user)
    query = request.GET.get("q", "").strip()[:100]
    letter = request.GET.get("chu", "")[:2]
    if letter not in dict(letters):
        letter = letters[0][0] if letters else ""
    names = catalogue.authorities_open_to(request.user)
    names = catalogue.authorities_named(names, query) if query else names.filter(letter=letter)
    counted = catalogue.with_counts(names, request.user).order_by("sort_key", "id")
    page = Paginator(counted, NAMES_A_PAGE).get_page(request.GET.get("trang"))
    context = {"letters": letters, "letter": "" if query else letter, "query": query, "page": page}
    return render(request, "library/catalogue/authors.html", context)


@require_safe
def author_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the works of one name. A name that was joined to another leads there; one without open works is not shown."""
    row = get_object_or_404(Authority.objects.select_related("merged_into"), pk=pk)
    if row.merged_into is not None:
        if not catalogue.works_by(row.merged_into, request.user).exists():
            raise Http404
        return redirect("library:author", pk=row.merged_into_id, permanent=False)
    works = catalogue.works_by(row, request.user)
    if not works.exists():
        raise Http404
    made = catalogue.works_by(row, request.user, TieRole.CREATOR).count()
    context = {
        "author": row,
        "variants": [one.name for one in row.names.all() if one.key != row.key],
        "made": made,
        **works_context(request, works),
    }
    return render(request, "library/catalogue/author.html", context)


def works_context(request: HttpRequest, works: Any) -> dict[str, Any]:
    """Return a page of works as list entries, in the order that was asked for."""
    today = timezone.localdate()
    sort = request.GET.get("sap-xep", "")
    sort = sort if sort in SORTS else ""
    page = Paginator(for_lists(works.order_by(*SORTS[sort])), PAGE_SIZE).get_page(request.GET.get("trang"))
    return {"page": page, "sort": sort, "entries": [entry_of(work, today) for work in page.object_list]}


@require_safe
def subject_index(request: HttpRequest) -> HttpResponse:
    """Show all subjects A to Y, with the words that lead to them."""
    groups = catalogue.subject_list(request.user)
    return render(request, "library/catalogue/subjects.html", {"groups": groups})


@require_safe
def shelves(request: HttpRequest) -> HttpResponse:
    """Show the ten main classes."""
    return render(
        request, "library/catalogue/shelves.html", {"shelves": catalogue.main_shelves(request.user)}
    )


@require_safe
def shelf(request: HttpRequest, number: str) -> HttpResponse:
    """Show a main class with its divisions, or a division; and the works there."""
    if number not in CLASSES and number not in DIVISIONS:
        raise Http404
    whole = number in CLASSES and "hang" not in request.GET
    works = catalogue.works_classed(number[0] if whole else number[:2], request.user)
    context = {
        "number": number,
        "caption": CLASSES[number] if whole else DIVISIONS[number],
        "above": "" if whole else number[0] + "00",
        "above_caption": CLASSES[number[0] + "00"],
        "divisions": catalogue.division_shelves(number, request.user) if whole else [],
        **works_context(request, works),
    }
    return render(request, "library/catalogue/shelf.html", context)
