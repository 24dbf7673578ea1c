"""Who may set up: one question with one sentence, asked by every service of the set-up."""

from typing import Any

from django.utils.translation import gettext as _

from khcn.core.errors import PermissionDeniedError
from khcn.markets import permissions


class SetupPermissionError(PermissionDeniedError):
    """The actor may not do this at the market."""

    code = "markets-permission"

    def __init__(self, deed: str) -> None:
        super().__init__(
            _(
                "Bạn chưa có quyền %(deed)s. Việc này do người quản lý của chính chợ đó "
                "hoặc người vận hành đếm khách làm; hãy nhờ họ, hoặc nhờ quản trị cấp vai trò."
            )
            % {"deed": deed}
        )


def require_set_up(actor: Any, market: permissions.OfUnit, deed: str) -> None:
    """Raise SetupPermissionError unless ``actor`` sets up this market. ``deed``: like "sửa camera"."""
    if not permissions.can_set_up(actor, market):
        raise SetupPermissionError(deed)
