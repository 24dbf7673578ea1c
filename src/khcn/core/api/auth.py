"""Who calls the API: a personal token, or nobody where a page of the API is public."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from khcn.core.actors import Actor
from khcn.core.api.limits import client_address, count_request
from khcn.core.api.tokens import token_find
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.models.api import ApiToken


class NotSignedInError(KhcnError):
    """No token, or one that opens nothing."""

    code = "not-signed-in"
    status = 401


@dataclass(frozen=True)
class Caller:
    """What ``request.auth`` holds in every handler. ``token`` is ``None`` for an anonymous caller."""

    token: ApiToken | None
    user: Actor

    @property
    def unit_id(self) -> int | None:
        """The unit to which the token is limited, if any."""
        return self.token.unit_id if self.token else None


class TokenAuth(HttpBearer):
    """``Authorization: Bearer khcn_...``. With ``optional`` a caller without the header is let in as nobody.

    A wrong token counts against the caller's address, so guessing is as slow as anonymous reading.
    """

    openapi_name = "token"
    openapi_description = "A personal token, made on the page of one's account."

    def __init__(self, *, optional: bool = False) -> None:
        super().__init__()
        self.optional = optional

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller, and make ``request.user`` the same person."""
        scheme, _sep, whole = request.headers.get("Authorization", "").strip().partition(" ")
        caller = self._with_token(request, whole.strip()) if scheme.lower() == "bearer" and whole else None
        if caller is None:
            count_request(f"address:{client_address(request)}", settings.KHCN.api_limit_address)
            if not self.optional or scheme:
                raise NotSignedInError(
                    _("Yêu cầu này cần một khóa truy cập. Hãy gửi kèm “Authorization: Bearer khcn_…”.")
                )
            caller = Caller(None, AnonymousUser())
        request.user = caller.user  # type: ignore[assignment]  # Actor is the honest type of it
        return caller

    def _with_token(self, request: HttpRequest, whole: str) -> Caller:
        token = token_find(whole, timezone.now())
        if token is None:
            count_request(f"address:{client_address(request)}", settings.KHCN.api_limit_address)
            raise NotSignedInError(
                _("Khóa truy cập sai, đã hết hạn hoặc đã thu hồi. Hãy tạo khóa mới ở trang tài khoản.")
            )
        count_request(f"token:{token.pk}", settings.KHCN.api_limit_token)
        return Caller(token, token.user)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Answer the base class, which is not asked: ``__call__`` does the whole work."""
        raise NotImplementedError


token_required = TokenAuth()
public_or_token = TokenAuth(optional=True)


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller of a request inside a handler."""
    caller = getattr(request, "auth", None)
    if not isinstance(caller, Caller):
        raise TypeError("this operation has no auth=token_required or auth=public_or_token")
    return caller


def require_scope(request: HttpRequest, scope: str) -> Caller:
    """Return the caller, who has a token that allows ``scope``.

    :raises NotSignedInError: without a token.
    :raises PermissionDeniedError: when the token does not allow it.
    """
    caller = caller_of(request)
    if caller.token is None:
        raise NotSignedInError(
            _("Yêu cầu này cần một khóa truy cập. Hãy gửi kèm “Authorization: Bearer khcn_…”.")
        )
    if not caller.token.allows(scope):
        text = _("Khóa truy cập này không có quyền “%(scope)s”. Hãy tạo khóa mới có quyền đó.")
        raise PermissionDeniedError(text % {"scope": scope})
    return caller
