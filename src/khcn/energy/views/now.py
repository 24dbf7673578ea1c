"""What flows at a site now; asked for again every ten seconds."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from khcn.energy.flow_picture import flow_picture
from khcn.energy.selectors.telemetry import live_now
from khcn.energy.views.access import readable_site


@login_required
@require_safe
def now_part(request: HttpRequest, key: str) -> HttpResponse:
    """Return the flow picture of this moment as a part of the site's page."""
    site = readable_site(request, key)
    now = timezone.now()
    return render(
        request,
        "energy/desk/parts/now.html",
        {"place": site, "flow": flow_picture(live_now(site, now), now)},
    )
