"""Who comes in: a site or a unit of the reader's reach, or 404 as if it did not exist."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.energy.models import Site
from khcn.energy.permissions import can_use_desk
from khcn.orgs.models import Unit


def require_desk(request: HttpRequest) -> None:
    """Refuse people whose roles read no site. Raises PermissionDenied."""
    if not can_use_desk(request.user):
        raise PermissionDenied(
            _(
                "Vai trò của bạn không xem số liệu năng lượng của các đơn vị. Số liệu công khai ở mục Năng lượng "
                "trên trang chủ."
            )
        )


def readable_site(request: HttpRequest, key: str) -> Site:
    """Return the site ``key`` when this person reads its figures. Raises PermissionDenied or Http404."""
    require_desk(request)
    site = (
        Site.objects.visible_to(request.user, timezone.localdate())
        .select_related("unit")
        .filter(key=key)
        .first()
    )
    if site is None:
        raise Http404
    return site


def readable_unit(request: HttpRequest, pk: int) -> Unit:
    """Return a unit when this person reads the figures of a site of it. Raises PermissionDenied or Http404."""
    require_desk(request)
    sites = Site.objects.visible_to(request.user, timezone.localdate()).filter(unit_id=pk)
    unit = Unit.objects.filter(pk__in=sites.values("unit_id")).first()
    if unit is None:
        raise Http404
    return unit
