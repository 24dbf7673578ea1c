"""Pages of the public shell."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.energy.selectors.public import energy_told, public_sites
from khcn.library.models import Audience, Collection, Work
from khcn.library.selectors.public import library_totals, term_counts
from khcn.library.tables.results import entry_of, for_lists
from khcn.markets.selectors.public import public_markets, visitors_today
from khcn.orgs.selectors import site_identity
from khcn.web.robots import robots_text


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what stands here for whom, and what is new."""
    today = timezone.localdate()
    newest = for_lists(Work.objects.published_to(request.user).order_by("-published_at", "-id")[:6])
    context = {
        "facts": site_identity(),
        "totals": library_totals(request.user),
        "audiences": term_counts(Audience, user=request.user),
        "collections": term_counts(Collection, user=request.user),
        "visitors": visitors_today(timezone.now()),
        "energy": energy_told(timezone.now()),
        "newest": [entry_of(work, today) for work in newest],
        "hide_search": True,
    }
    return render(request, "web/home.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Explain how to search, read, and hand something in."""
    return render(request, "web/help.html")


@require_safe
def privacy_page(request: HttpRequest) -> HttpResponse:
    """Say what is kept about visitors."""
    return render(request, "web/privacy.html", {"facts": site_identity()})


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Show every public part of the site on one page."""
    context = {
        "collections": term_counts(Collection, user=request.user),
        "audiences": term_counts(Audience, user=request.user),
        "markets": public_markets(timezone.now()),
        "energy_sites": public_sites(timezone.now()),
    }
    return render(request, "web/site_map.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots which addresses cost much, have no end, or hold nothing new."""
    return HttpResponse(robots_text(), content_type="text/plain; charset=utf-8")
