"""Who calls the API: a personal token, or nobody where a page of the API is public."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.security import HttpBearer

from khcn.core.actors import Actor
from khcn.core.api.limits import client_address, count_api_request
from khcn.core.api.tokens import token_find
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.models.api import ApiToken

_GONE = gettext_lazy("Khóa truy cập sai, đã hết hạn hoặc đã thu hồi. Hãy tạo khóa mới ở trang tài khoản.")


class BodyTooLargeError(KhcnError):
    """More than this installation takes in one request."""

    code = "too-large"
    status = 413


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
            count_api_request(request, f"address:{client_address(request)}", settings.KHCN.api_limit_address)
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
            count_api_request(request, f"address:{client_address(request)}", settings.KHCN.api_limit_address)
            raise NotSignedInError(str(_GONE))
        count_api_request(request, f"token:{token.pk}", settings.KHCN.api_limit_token)
        return Caller(token, token.user)

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Answer the base class, which is not asked: ``__call__`` does the whole work."""
        raise NotImplementedError


class OptionalTokenAuth(TokenAuth):
    """The same with nobody let in too; a class of its own, so that the description of the API tells the two apart."""

    def __init__(self) -> None:
        super().__init__(optional=True)


class WriteAuth(TokenAuth):
    """A token with a right, asked before a single byte of the body is read.

    :param scope: what the token must allow.
    :param max_bytes: gives the largest body; a client that announces more is stopped at once.
    """

    def __init__(self, scope: str, *, max_bytes: Callable[[], int]) -> None:
        super().__init__()
        self.scope = scope
        self.max_bytes = max_bytes

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller, who may write this much."""
        caller = super().__call__(request)
        _check_scope(caller, self.scope)
        said = request.headers.get("Content-Length", "") or "0"
        size = int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0
        limit = self.max_bytes()
        if size > limit:
            text = _("Yêu cầu lớn quá %(limit)s MB. Hãy chia làm nhiều lần gửi.")
            raise BodyTooLargeError(text % {"limit": limit // 2**20})
        return caller


token_required = TokenAuth()
public_or_token = OptionalTokenAuth()


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
    _check_scope(caller, scope)
    return caller


def _check_scope(caller: Caller, scope: str) -> None:
    if caller.token is None:
        raise NotSignedInError(
            _("Yêu cầu này cần một khóa truy cập. Hãy gửi kèm “Authorization: Bearer khcn_…”.")
        )
    if not caller.token.allows(scope):
        text = _("Khóa truy cập này không có quyền “%(scope)s”. Hãy tạo khóa mới có quyền đó.")
        raise PermissionDeniedError(text % {"scope": scope})


def check_still(token: ApiToken | None, now: datetime) -> None:
    """Raise :class:`NotSignedInError` when the token was revoked or ran out meanwhile: after a long upload, before a step.

    ``None`` (no token is behind it) passes.
    """
    if token is not None and not ApiToken.objects.usable(now).filter(pk=token.pk).exists():
        raise NotSignedInError(str(_GONE))
