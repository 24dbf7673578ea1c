"""Secret addresses of calendar feeds: made once, shown once, kept as a digest, ended at any time."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.api.tokens import token_digest
from khcn.core.audit import audit_record
from khcn.core.dates import local_date
from khcn.core.errors import PermissionDeniedError
from khcn.orgs.models import Unit, User
from khcn.plan.models import FeedToken
from khcn.plan.selectors.progress_feed import MARK, feed_units


def feed_make(*, actor: User, unit: Unit, now: datetime) -> str:
    """Return a new secret for the person's calendar of ``unit``; an older one ends.

    :raises PermissionDeniedError: when the person has no role in the unit.
    """
    if unit.pk not in feed_units(actor, local_date(now)):
        raise PermissionDeniedError(
            _("Bạn không giữ vai trò ở đơn vị này nên không tạo được địa chỉ lịch của đơn vị.")
        )
    secret = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        FeedToken.objects.filter(user=actor, unit=unit, ended_at__isnull=True).update(ended_at=now)
        token = FeedToken.objects.create(user=actor, unit=unit, digest=token_digest(secret), made_at=now)
        audit_record(actor=actor, action="plan.feed.make", target=token, after={"unit": unit.pk}, at=now)
    return secret


def feed_end(*, actor: User, unit: Unit, now: datetime) -> int:
    """End the person's address of ``unit``; return how many there were. Anybody may always end the own."""
    with transaction.atomic():
        rows = list(FeedToken.objects.filter(user=actor, unit=unit, ended_at__isnull=True))
        for token in rows:
            FeedToken.objects.filter(pk=token.pk, ended_at__isnull=True).update(ended_at=now)
            audit_record(actor=actor, action="plan.feed.end", target=token, after={"unit": unit.pk}, at=now)
    return len(rows)
