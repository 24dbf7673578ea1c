"""Personal tokens: made once, shown once, kept as a hash, refused when expired or revoked."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.actors import Actor, actor_id
from khcn.core.audit import audit_record
from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.models.api import ApiToken, ApiTokenQuerySet
from khcn.core.registry import Registry

MARK = "khcn"
DEFAULT_LIFE = timedelta(days=180)
LONGEST_LIFE = timedelta(days=366)
_USE_NOTED_EVERY = timedelta(minutes=5)
_SECRET_BYTES = 32

api_scopes: Registry[str | Promise] = Registry("API scopes")
"""What a token may do: a key like ``library.read``, and a Vietnamese line for the person who grants it."""

scope_holders: Registry[Callable[[Any], bool]] = Registry("who may hold an API scope")
"""Who may give a token that right: a rule by scope, from the app that names the scope. Without one: everybody.

A token never opens more than its person may do; the rule keeps the page of tokens short and honest.
"""

api_scopes.register("me.read", gettext_lazy("Đọc tên và quyền của chính bạn"))


class TokenError(KhcnError):
    """A token cannot be made as asked."""

    code = "token"


def token_digest(secret: str) -> str:
    """Return what is kept of a token."""
    # A plain hash is enough: the secret has 256 random bits, nobody can guess through it.
    return hashlib.sha256(secret.encode()).hexdigest()


def _check_own(actor: Actor, user_id: int) -> None:
    if actor_id(actor) != user_id:
        raise PermissionDeniedError(
            _("Bạn chỉ quản lý được khóa truy cập của chính mình. Hãy đăng nhập bằng tài khoản có khóa này.")
        )


def scopes_open_to(user: Actor) -> list[tuple[str, str]]:
    """Return (scope, its line in the reader's language) for every right that ``user`` may give a token."""
    return [
        (key, str(title))
        for key, title in api_scopes.items()
        if key not in scope_holders or scope_holders.get(key)(user)
    ]


def _check_scopes(user: Actor, scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in api_scopes]
    if unknown:
        raise TokenError(
            _("Không có quyền tên là %(names)s. Hãy chọn trong danh sách.") % {"names": ", ".join(unknown)}
        )
    held = {key for key, _title in scopes_open_to(user)}
    beyond = [scope for scope in wanted if scope not in held]
    if beyond:
        raise TokenError(
            _("Vai trò của bạn không có quyền %(names)s. Hãy bỏ quyền đó rồi tạo lại.")
            % {"names": ", ".join(beyond)}
        )
    if not wanted:
        raise TokenError(_("Khóa phải có ít nhất một quyền. Hãy chọn quyền rồi tạo lại."))
    return wanted


def _check_expiry(expires_at: datetime, now: datetime) -> datetime:
    if not now < expires_at <= now + LONGEST_LIFE:
        text = _("Ngày hết hạn phải ở sau hôm nay và không quá %(days)s ngày. Hãy chọn ngày khác.")
        raise TokenError(text % {"days": LONGEST_LIFE.days})
    return expires_at


def token_create(
    *,
    actor: Actor,
    user: AbstractBaseUser,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    expires_at: datetime | None = None,
    unit_id: int | None = None,
) -> tuple[ApiToken, str]:
    """Make a token for oneself; return its row and the whole token, which is never shown again.

    :param name: what the token is for, as its owner will recognise it.
    :param scopes: keys of ``api_scopes``.
    :param expires_at: after 180 days when left out; at most 366 days.
    :param unit_id: limits the token to one unit; the caller checks that the person belongs to it.
    :raises TokenError: when the name, the scopes or the expiry will not do.
    :raises PermissionDeniedError: when ``actor`` is not ``user``.
    """
    _check_own(actor, user.pk)
    if not name.strip():
        raise TokenError(_("Khóa phải có tên để sau này bạn nhận ra. Hãy ghi khóa này dùng vào việc gì."))
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user_id=user.pk,
            name=name.strip()[:100],
            prefix=prefix,
            digest=token_digest(secret),
            scopes=_check_scopes(user, scopes),
            unit_id=unit_id,
            created_at=now,
            expires_at=_check_expiry(expires_at or now + DEFAULT_LIFE, now),
        )
        after = {
            "name": token.name,
            "scopes": token.scopes,
            "unit_id": unit_id,
            "expires_at": token.expires_at,
        }
        audit_record(actor=actor, action="core.token.create", target=token, after=after, at=now)
    return token, f"{MARK}_{prefix}_{secret}"


def token_revoke(*, actor: Actor, token: ApiToken, now: datetime, others: bool = False) -> bool:
    """Switch one's own token off for good; return whether it was on.

    :param others: the caller has checked that ``actor`` may revoke anybody's.
    :raises PermissionDeniedError: when the token belongs to somebody else.
    """
    if not others:
        _check_own(actor, token.user_id)
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now):
            return False
        audit_record(actor=actor, action="core.token.revoke", target=token, at=now)
    return True


def tokens_visible_to(user: Actor) -> ApiTokenQuerySet:
    """Return a person's own tokens, newest first."""
    return ApiToken.objects.visible_to(user).order_by("-id")


def token_find(whole: str, now: datetime) -> ApiToken | None:
    """Return the usable token that ``whole`` opens, with its user; ``None`` for anything else.

    Notes the use, at most once in five minutes.
    """
    mark, _, rest = whole.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not prefix or not secret or not whole.isascii() or len(whole) > 200:
        return None
    token = ApiToken.objects.usable(now).select_related("user").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(token.digest, token_digest(secret)):
        return None
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _USE_NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED_EVERY:
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
    return token
