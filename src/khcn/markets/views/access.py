"""Who comes in: a market of the reader's reach, or 404 as if it did not exist."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from khcn.markets.models import Market
from khcn.markets.permissions import can_use_desk


def require_desk(request: HttpRequest) -> None:
    """Refuse people whose roles read no market. Raises PermissionDenied."""
    if not can_use_desk(request.user):
        raise PermissionDenied(
            _("Vai trò của bạn không xem số liệu của chợ. Trang công khai của các chợ ở mục Chợ.")
        )


def readable_market(request: HttpRequest, key: str) -> Market:
    """Return the market ``key`` when this person reads its figures. Raises PermissionDenied or Http404."""
    require_desk(request)
    market = Market.objects.visible_to(request.user).select_related("unit").filter(key=key).first()
    if market is None:
        raise Http404
    return market
