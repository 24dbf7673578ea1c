"""Files of readings from a maker's portal: upload, how the columns are understood, import in the worker."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from khcn.energy.models import Device
from khcn.energy.views.setup_base import connectors_only, crumbs, row_of
from khcn.energy.views.setup_sites import GET_POST


@login_required
@require_http_methods(GET_POST)
def readings_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file in."""
    device: Device = row_of(request, Device, pk)
    site = connectors_only(request, device.site)
    return render(
        request, "energy/setup/readings.html", {"device": device, "site": site, "crumbs": crumbs(site=site)}
    )
