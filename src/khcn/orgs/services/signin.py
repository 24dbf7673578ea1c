"""What is written when somebody signs in, out, fails, or changes a key of the account."""

from datetime import datetime

from axes.utils import reset as axes_reset
from django.db import transaction

from khcn.core.audit import audit_record
from khcn.orgs.models import User


@transaction.atomic
def sign_in_record(*, user: User, deed: str, ip: str, methods: list[str] | None = None) -> None:
    """Add ``orgs.sign_in.<deed>`` to the trail: success, out, failed, locked, second_factor_failed..."""
    after: dict[str, object] = {"ip": ip}
    if methods:
        after["methods"] = methods
    # A failure is nobody's deed: whoever typed is not known to be the account's owner.
    actor = user if deed in {"success", "out"} else None
    audit_record(actor=actor, action=f"orgs.sign_in.{deed}", target=user, after=after)


@transaction.atomic
def password_changed_record(*, user: User, now: datetime, how: str) -> None:
    """Note a new password: nothing to change any more, the lock is lifted, the trail knows."""
    user.must_change_password = False
    user.password_changed_at = now
    user.save(update_fields=["must_change_password", "password_changed_at"])
    axes_reset(username=user.username)
    audit_record(actor=user, action=f"orgs.user.password_{how}", target=user)


@transaction.atomic
def second_factor_record(*, user: User, deed: str, kind: str) -> None:
    """Add ``orgs.user.second_factor_<deed>`` (added, removed, reset) to the trail."""
    audit_record(actor=user, action=f"orgs.user.second_factor_{deed}", target=user, after={"kind": kind})
