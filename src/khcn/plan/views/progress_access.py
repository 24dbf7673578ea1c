"""Who comes in to the pages of progress, and what their addresses ask for."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.plan.models import WorkItem
from khcn.plan.permissions import Reach, reach_of
from khcn.plan.selectors.progress_item import visible_item
from khcn.plan.selectors.progress_own import STANDINGS, Asked


def require_work(request: HttpRequest) -> Reach:
    """Return the person's reach, or refuse roles that read no work. Raises PermissionDenied."""
    reach = reach_of(request.user)
    if not reach.plans:
        raise PermissionDenied(
            _(
                "Vai trò của bạn không xem việc của các đơn vị. Kế hoạch đã ban hành ở mục Kế hoạch trên trang chủ."
            )
        )
    return reach


def require_lead(request: HttpRequest) -> Reach:
    """Return the reach of somebody who sees the work of all units at once. Raises PermissionDenied."""
    reach = require_work(request)
    if not reach.everything:
        raise PermissionDenied(
            _("Trang này dành cho lãnh đạo và đơn vị đầu mối. Việc của đơn vị bạn ở mục Việc của đơn vị tôi.")
        )
    return reach


def readable_item(request: HttpRequest, pk: int) -> WorkItem:
    """Return an item this person reads. Raises PermissionDenied or Http404."""
    require_work(request)
    item = visible_item(request.user, pk, timezone.localdate())
    if item is None:
        raise Http404
    return item


def number_in(text: str | None) -> int | None:
    """Return a row's number in ``text``, or ``None``."""
    text = (text or "")[:19]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def asked_in(query: QueryDict) -> Asked:
    """Return what a list was asked for; nonsense asks for nothing."""
    standing = query.get("tinh-trang", "")
    return Asked(
        standing=standing if standing in STANDINGS else "",
        plan=number_in(query.get("ke-hoach")),
        unit=number_in(query.get("don-vi")),
        section=words_in(query.get("muc"), 30),
        code=words_in(query.get("ma"), 40),
        text=words_in(query.get("tim"), 80),
    )


def words_in(text: str | None, most: int) -> str:
    """Return words as a filter takes them."""
    return (text or "").replace("\x00", "").strip()[:most]
