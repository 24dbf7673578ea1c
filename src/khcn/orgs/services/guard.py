"""The first step of every service: may this person do this?"""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from khcn.core.errors import PermissionDeniedError
from khcn.orgs.models import Viewer, memberships_of
from khcn.orgs.permissions import Memberships


def require(actor: Viewer, today: date, allowed: Callable[[Memberships], bool], message: str = "") -> None:
    """Raise :class:`PermissionDeniedError` unless the actor's roles of ``today`` satisfy ``allowed``."""
    if actor is None or allowed(memberships_of(actor, today)):
        return
    raise PermissionDeniedError(
        message
        or _("Vai trò của bạn không cho phép làm việc này. Hãy nhờ người quản trị hệ thống của đơn vị bạn.")
    )
