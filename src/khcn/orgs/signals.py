"""Sign-ins are heard here and go into the audit trail. The only place of ``orgs`` that hears signals."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa import signals as mfa_signals
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from khcn.orgs.models import User
from khcn.orgs.services.signin import password_changed_record, second_factor_record, sign_in_record
from khcn.orgs.signin import account_of, client_ip, counted_name


@receiver(user_logged_in, dispatch_uid="orgs.logged_in")
def _logged_in(request: HttpRequest, user: User, **_kwargs: Any) -> None:
    records = request.session.get("account_authentication_methods", []) if hasattr(request, "session") else []
    methods = sorted({str(record.get("method", "")) for record in records})
    sign_in_record(user=user, deed="success", ip=client_ip(request), methods=methods)


@receiver(user_logged_out, dispatch_uid="orgs.logged_out")
def _logged_out(request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    if user is not None and user.pk:
        sign_in_record(user=user, deed="out", ip=client_ip(request))


@receiver(user_login_failed, dispatch_uid="orgs.login_failed")
def _login_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Only an account's failures are kept, and only real tries: a locked name stays silent."""
    name = counted_name(request, credentials)
    if request is None or name is None or getattr(request, "axes_locked_out", False):
        return
    if (user := account_of(name)) is not None:
        sign_in_record(user=user, deed="failed", ip=client_ip(request))


@receiver(user_locked_out, dispatch_uid="orgs.locked_out")
def _locked_out(request: HttpRequest, username: str, **_kwargs: Any) -> None:
    # Axes says so again at each try during the lock; the fifth failure itself is the one worth a row.
    if getattr(request, "axes_failures_since_start", None) and (user := account_of(username)) is not None:
        sign_in_record(user=user, deed="locked", ip=client_ip(request))


@receiver(account_signals.password_changed, dispatch_uid="orgs.password_changed")
@receiver(account_signals.password_set, dispatch_uid="orgs.password_set")
def _password_changed(user: User, **_kwargs: Any) -> None:
    password_changed_record(user=user, now=timezone.now(), how="change")


@receiver(account_signals.password_reset, dispatch_uid="orgs.password_reset")
def _password_reset(user: User, **_kwargs: Any) -> None:
    password_changed_record(user=user, now=timezone.now(), how="reset")


@receiver(mfa_signals.authenticator_added, dispatch_uid="orgs.second_factor_added")
def _factor_added(user: User, authenticator: Any, **_kwargs: Any) -> None:
    second_factor_record(user=user, deed="added", kind=str(authenticator.type))


@receiver(mfa_signals.authenticator_removed, dispatch_uid="orgs.second_factor_removed")
def _factor_removed(user: User, authenticator: Any, **_kwargs: Any) -> None:
    second_factor_record(user=user, deed="removed", kind=str(authenticator.type))


@receiver(mfa_signals.authenticator_reset, dispatch_uid="orgs.second_factor_reset")
def _factor_reset(user: User, authenticator: Any, **_kwargs: Any) -> None:
    second_factor_record(user=user, deed="reset", kind=str(authenticator.type))


@receiver(mfa_signals.authentication_failed, dispatch_uid="orgs.second_factor_failed")
def _factor_failed(user: User, request: HttpRequest, **_kwargs: Any) -> None:
    sign_in_record(user=user, deed="second_factor_failed", ip=client_ip(request))
