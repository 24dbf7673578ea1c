"""Writes through the API: so many a day for each token, and never twice for one ``Idempotency-Key``."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.api.auth import Caller
from khcn.core.errors import KhcnError
from khcn.core.models.api import ApiAnswer, ApiToken

KEPT: Final = timedelta(days=7)
MAX_KEY: Final = 200


class WritesUsedUpError(KhcnError):
    """The token has written as much as it may today."""

    code = "writes-used-up"
    status = 429


class IdempotencyError(KhcnError):
    """The key was used for another request."""

    code = "idempotency-key"
    status = 409


@dataclass(frozen=True)
class Answer:
    """What a write answers. ``replayed``: it was done before, under the same key."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    location: str = ""
    replayed: bool = False


def count_writes(caller: Caller, many: int, now: datetime) -> None:
    """Count ``many`` writes (records, files) of the caller's token today. One UPDATE: exact over all processes.

    :raises WritesUsedUpError: when they are more than is left; then none is counted.
    """
    limit, token = settings.KHCN.api_writes_day, caller.token
    if limit <= 0 or token is None or many <= 0:
        return
    today = timezone.localdate(now)
    room = Q(writes_on=today, writes__lte=limit - many)
    if many <= limit:
        room |= Q(writes_on__isnull=True) | ~Q(writes_on=today)
    counted = ApiToken.objects.filter(room, pk=token.pk).update(
        writes=Case(When(writes_on=today, then=F("writes") + many), default=Value(many)), writes_on=today
    )
    if not counted:
        text = _(
            "Khóa truy cập này chỉ được ghi %(limit)s bản ghi và tệp mỗi ngày, phần còn lại của hôm nay không đủ cho yêu cầu này. "
            "Hãy gửi tiếp vào ngày mai, hoặc nhờ người quản trị nâng mức."
        )
        raise WritesUsedUpError(text % {"limit": limit})


def digest_of(parts: Iterable[bytes]) -> str:
    """Return the hash of a request by its parts, in order."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def answer_once(*, caller: Caller, key: str, digest: str, now: datetime, act: Callable[[], Answer]) -> Answer:
    """Do ``act`` once for ``key``; the same request sent again is answered the same and changes nothing.

    Both happen in one transaction: what fails may be sent again, and of two sent at once the second waits.

    :raises IdempotencyError: when the key was used for a different request.
    """
    if not key:
        return act()
    if caller.token is None:
        raise AssertionError("only callers with a token write")
    with transaction.atomic():
        row, made = ApiAnswer.objects.get_or_create(
            user_id=caller.token.user_id, key=key, defaults={"digest": digest, "created_at": now}
        )
        if made:
            answer = act()
            ApiAnswer.objects.filter(pk=row.pk).update(
                status=answer.status, body=answer.body, location=answer.location
            )
            return answer
    if row.digest != digest:
        raise IdempotencyError(
            _("Idempotency-Key này đã dùng cho một yêu cầu khác. Hãy dùng khóa mới cho yêu cầu mới.")
        )
    return Answer(row.status, row.body, row.location, replayed=True)


def answers_forget(now: datetime) -> int:
    """Forget answers that nobody will ask for again; return how many. Called by the periodic tick."""
    return ApiAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]
