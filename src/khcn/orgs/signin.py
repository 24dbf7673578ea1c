"""Rules of signing in: whose failures are counted together, and how long a lock lasts."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone

from khcn.orgs.enums import Role
from khcn.orgs.models import User, memberships_of
from khcn.orgs.permissions import has_role, needs_second_factor

LOCK_TIME = timedelta(minutes=15)
FAILURE_LIMIT = 5


def client_ip(request: HttpRequest) -> str:
    """Return the address of the reader.

    Behind the reverse proxy that the installation trusts it is the last entry of X-Forwarded-For, the one
    that this proxy wrote itself: everything before it can be made up by the reader.
    """
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    if settings.KHCN.trust_proxy and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")  # a Unix socket has no address


def account_of(typed: str) -> User | None:
    """Return the account that a sign-in name or e-mail address belongs to."""
    typed = typed.strip()
    return (
        User.objects.filter(username=typed).first()
        or User.objects.filter(username__iexact=typed).first()
        or (User.objects.filter(email__iexact=typed).first() if "@" in typed else None)
    )


def counted_name(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str | None:
    """Return the name under which failures are counted: one account, one count, however it is spelled.

    A name without an account is kept as a hash: people type passwords into the wrong field.
    """
    typed = (credentials or {}).get("username") or (credentials or {}).get("email")
    if not typed and request is not None:
        typed = request.POST.get("login")
    if not typed:
        return None
    user = account_of(str(typed))
    if user is not None:
        return user.username
    return "?" + sha256(str(typed).strip().lower().encode()).hexdigest()[:16]


def locked_until(request: HttpRequest, credentials: dict[str, Any] | None, now: datetime) -> datetime:
    """Return when the lock of this name at this address ends."""
    attempts = AccessAttempt.objects.filter(
        username=counted_name(request, credentials), ip_address=client_ip(request)
    )
    last: datetime | None = attempts.aggregate(last=Max("attempt_time"))["last"]
    return (last or now) + LOCK_TIME


def second_factor_required(user: User, on: date) -> bool:
    """Whether the installation asks this person for a second factor."""
    return bool(settings.KHCN.second_factor_required) and needs_second_factor(memberships_of(user, on))


def idle_limit_s(user: User, on: date) -> int:
    """Return after how many idle seconds a session is locked; 0: never. Administrators' limit is shorter."""
    minutes: int = settings.KHCN.idle_lock_minutes
    if minutes and has_role(memberships_of(user, on), Role.SYSADMIN):
        minutes = min(minutes, settings.KHCN.admin_idle_lock_minutes)
    return minutes * 60


def password_is_due(user: User, now: datetime) -> bool:
    """Whether the password is to be changed now: somebody else gave it, or an administrator's is old."""
    if user.must_change_password:
        return True
    days = settings.KHCN.admin_password_days
    if not days or not has_role(memberships_of(user, timezone.localdate(now)), Role.SYSADMIN):
        return False
    return (user.password_changed_at or user.date_joined) < now - timedelta(days=days)
