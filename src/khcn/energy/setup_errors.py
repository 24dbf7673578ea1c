"""What the set-up of energy refuses, with the field it is about and a sentence for the person."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError, PermissionDeniedError


class RegisterError(KhcnError):
    """A value that will not do. ``field``: name of the form's field ("" for the whole form)."""

    code = "energy-register"

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class BusyError(KhcnError):
    """The same work is already under way."""

    code = "energy-busy"


def require(allowed: bool, deed: str) -> None:
    """Raise PermissionDeniedError unless ``allowed``; ``deed`` completes "you may not ..."."""
    if not allowed:
        raise PermissionDeniedError(
            _("Bạn chưa có quyền %(deed)s. Hãy nhờ cán bộ chương trình năng lượng hoặc quản trị cấp vai trò.")
            % {"deed": deed}
        )


def engine_sentence(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return the engine's sentence of ``code`` in the reader's language; the bare code when it is not known."""
    from khcn.engines.energy.messages import TEMPLATES  # noqa: PLC0415  # gathers the tables of every room

    template = TEMPLATES.get(code)
    if template is None:
        return code
    try:
        return _(template) % dict(params or {})
    except (KeyError, TypeError, ValueError):
        return _(template)
