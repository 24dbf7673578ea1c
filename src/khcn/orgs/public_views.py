"""Public pages: which units there are, and what became of those that are no more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from khcn.orgs.decision_words import unit_timeline
from khcn.orgs.models import Unit
from khcn.orgs.selectors import unit_history, unit_tree
from khcn.orgs.unit_time import members_on


def unit_list(request: HttpRequest) -> HttpResponse:
    """Show the units of today as a tree."""
    return render(request, "orgs/units_public.html", {"tree": unit_tree(request.user, timezone.localdate())})


def unit_page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one unit, also one that has ended: old documents name it."""
    today = timezone.localdate()
    unit = get_object_or_404(
        Unit.objects.visible_to(request.user, today).select_related("kind", "parent"), key=key
    )
    history = unit_history(unit)
    context = {
        "unit": unit,
        "ended": not unit.in_force(today),
        "codes": unit.codes.all(),
        "events": unit_timeline(unit) if history.came_from or history.went_to else (),
        "related": [row.predecessor for row in history.came_from]
        + [row.successor for row in history.went_to],
        "children": Unit.objects.visible_to(request.user, today)
        .in_force(today)
        .filter(parent=unit)
        .alphabetical(),
        "members": members_on(unit, today) if unit.kind.is_group else (),
    }
    return render(request, "orgs/unit_public.html", context)
