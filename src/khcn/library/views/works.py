"""The page of a work, its pages, its files and its tombstone."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.library.enums import TOMBSTONE_STATES, Visibility
from khcn.library.models import Page, Work
from khcn.library.selectors.public import works_related
from khcn.library.tables.results import entry_of, for_lists, page_url, work_url
from khcn.library.tables.work_page import (
    description_rows,
    eyebrow_of,
    file_links,
    relation_lines,
    text_to_paste,
)
from khcn.library.views.legal_parts import standing_today
from khcn.library.views.usage_count import usage_count
from khcn.library.work_parts import parts_at, work_links, work_parts

OUTLINE_PAGES = 40


def published_work(request: HttpRequest, pk: int) -> Work:
    """Return a work that this reader may open, or answer 404."""
    return get_object_or_404(
        Work.objects.published_to(request.user).select_related("legal", "owner_unit"), pk=pk
    )


def tombstone(request: HttpRequest, pk: int) -> HttpResponse | None:
    """Return the page that says a once public work was taken away, and why."""
    work = Work.objects.filter(
        pk=pk, state__in=TOMBSTONE_STATES, published_at__isnull=False, visibility=Visibility.PUBLIC
    ).first()
    if work is None:
        return None
    return render(request, "library/tombstone.html", {"work": work}, status=410)


@require_safe
def work_page(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Show a work. An old address with other words leads on to the present one."""
    try:
        work = published_work(request, pk)
    except Http404:
        gone = tombstone(request, pk)
        if gone is None:
            raise
        return gone
    if slug != (work.slug or "tai-lieu"):
        asked = request.META.get("QUERY_STRING", "")
        return HttpResponsePermanentRedirect(f"{work_url(work)}?{asked}" if asked else work_url(work))
    today = timezone.localdate()
    address = settings.KHCN.base_url.rstrip("/") + work_url(work)
    pages = list(Page.objects.filter(work=work).order_by("number")[: OUTLINE_PAGES + 1])
    files = list(work.files.all())
    context = {
        "work": work,
        "eyebrow": eyebrow_of(work),
        "state": standing_today(request, work),
        "rows": description_rows(work),
        "files": file_links(work, files),
        "relations": relation_lines(work, request.user),
        "related": [
            entry_of(other, today) for other in for_lists(works_related(work, user=request.user, limit=4))
        ],
        "outline": [(page.number, page_url(work, page.number)) for page in pages[:OUTLINE_PAGES]],
        "more_pages": len(pages) > OUTLINE_PAGES,
        "first_page": pages[0] if pages and not work.body else None,
        "read_url": page_url(work, 1) if work.page_count and files else "",
        "paste": text_to_paste(work, address),
        "has_picture": any(file.has_thumbnail for file in files),
        **{
            f"parts_{place}": parts_at(work_parts, place, request, work)
            for place in ("head", "notice", "actions", "main", "aside")
        },
    }
    usage_count(request, work, "view")
    response = render(request, "library/work.html", context)
    links = [link for give in work_links.all() for link in give(request, work)]
    if links:
        response["Link"] = ", ".join(links)
    return response
