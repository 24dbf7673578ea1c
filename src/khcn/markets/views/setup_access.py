"""What every page of the set-up begins with: the record, and whether this person sets it up.

Who may not even read a market's figures gets 404 (it is as if it were not there); who reads but does not set up, 403.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from khcn.markets import permissions
from khcn.markets.models import Camera, Gate, Market, Zone


def market_to_set_up(request: HttpRequest, key: str) -> Market:
    """Return the market with this key."""
    market = get_object_or_404(Market.objects.visible_to(request.user).select_related("unit"), key=key)
    return _checked(request, market)


def camera_to_set_up(request: HttpRequest, pk: int) -> Camera:
    """Return a camera with its market."""
    rows: Any = Camera.objects.visible_to(request.user)
    camera: Camera = get_object_or_404(rows.select_related("market__unit", "box", "still"), pk=pk)
    _checked(request, camera.market)
    return camera


def gate_to_set_up(request: HttpRequest, pk: int) -> Gate:
    """Return a gate with its camera and market."""
    rows: Any = Gate.objects.visible_to(request.user)
    gate: Gate = get_object_or_404(rows.select_related("market__unit", "camera"), pk=pk)
    _checked(request, gate.market)
    return gate


def zone_to_set_up(request: HttpRequest, pk: int) -> Zone:
    """Return a zone with its camera and market."""
    rows: Any = Zone.objects.visible_to(request.user)
    zone: Zone = get_object_or_404(rows.select_related("market__unit", "camera"), pk=pk)
    _checked(request, zone.market)
    return zone


def _checked(request: HttpRequest, market: Market) -> Market:
    if not permissions.can_set_up(request.user, market):
        raise PermissionDenied(
            _("Bạn xem được số liệu của chợ này nhưng không thiết lập. Hãy nhờ người quản lý chợ.")
        )
    return market
