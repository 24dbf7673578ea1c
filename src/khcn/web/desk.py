"""The staff desk: what waits for this person, from every app."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from khcn.ui.desk import desk_groups


@login_required
@require_safe
def desk_home(request: HttpRequest) -> HttpResponse:
    """Show the work that waits."""
    return render(request, "web/desk.html", {"groups": desk_groups(request)})
