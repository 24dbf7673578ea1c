"""The programme at a glance."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.energy.permissions import can_found
from khcn.energy.selectors.overview import overview
from khcn.energy.tables.overview import overview_context
from khcn.energy.views.access import require_desk
from khcn.energy.views.params import filters_in

PAGE_SIZE = 25


@login_required
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show every site of the reader's reach: sums first, then those that need somebody."""
    require_desk(request)
    found = overview(request.user, timezone.now())
    asked = filters_in(request.GET)
    chosen = [line for line in found.lines if asked.keep(line)]
    page = Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("trang"))
    context = overview_context(found, asked, list(page.object_list)) | {
        "page": page,
        "chosen": len(chosen),
        "can_found": can_found(request.user),
    }
    return render(request, "energy/desk/overview.html", context)
