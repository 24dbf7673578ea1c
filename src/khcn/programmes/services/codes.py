"""Codes of six digits by which people without an account prove that a phone or a mail address is theirs.

A code is good once, for one purpose ("registration:17"), for ten minutes, for five tries. Only a hash is kept. Few are
sent to one address, from one place and of all in an hour; whether an address is known is told to nobody.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.enums import Channel
from khcn.core.outbox.rules import RecipientError, clean_mail, clean_phone
from khcn.core.outbox.services import message_send
from khcn.orgs.selectors import site_identity
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.registrations import ContactCode

LIVES: Final = timedelta(minutes=10)
TRIES: Final = 5
AN_HOUR_ADDRESS: Final = 5
AN_HOUR_PLACE: Final = 60  # a school registers from one address on the net
AN_HOUR_ALL: Final = 3000


class CodeError(ProgrammeError):
    """A code that does not open."""

    code = "contact-code"


class CodeTooOftenError(ProgrammeError):
    """Too many codes asked for."""

    code = "contact-code-too-often"
    status = 429


def clean_address(text: str) -> tuple[Channel, str]:
    """Return by which channel an address is reached, and the address as it is kept.

    :raises ProgrammeError: neither a mail address nor a Vietnamese phone number (field ``address``).
    """
    typed = text.strip()
    try:
        if "@" in typed:
            return Channel.MAIL, clean_mail(typed).lower()
        return Channel.SMS, clean_phone(typed)
    except RecipientError:
        raise ProgrammeError(
            _("Hãy ghi số điện thoại di động (ví dụ 0901234567) hoặc địa chỉ thư điện tử."), field="address"
        ) from None


def code_send(*, address: str, purpose: str, visitor: str, now: datetime, about: str) -> str:
    """Send a code; return the clean address.

    :param purpose: what it opens, at most 60 characters. :param visitor: where the request comes from (counted only).
    :param about: what the message says it is for. :raises ProgrammeError: no address. :raises CodeTooOftenError:
    """
    channel, clean = clean_address(address)
    for who, most in ((f"a:{clean}", AN_HOUR_ADDRESS), (f"v:{visitor}", AN_HOUR_PLACE), ("all", AN_HOUR_ALL)):
        _count(who, most, now)
    digits = f"{secrets.randbelow(10**6):06d}"
    body = _("Mã xác nhận của bạn: %(code)s. Mã dùng được %(minutes)s phút, cho: %(about)s. %(site)s") % {
        "code": digits, "minutes": int(LIVES.total_seconds() // 60), "about": about[:120], "site": site_identity().site_name,
    }  # fmt: skip
    with transaction.atomic():
        ContactCode.objects.filter(address=clean, purpose=purpose, used_at=None).update(used_at=now)
        row = ContactCode.objects.create(
            address=clean, purpose=purpose, digest=_digest(clean, purpose, digits), sent_at=now, expires_at=now + LIVES
        )  # fmt: skip
        message_send(
            channel=channel, recipient=clean, subject=_("Mã xác nhận đăng ký"), body=body, now=now,
            dedupe_key=f"programmes.code:{row.pk}",
        )  # fmt: skip
    return clean


def code_check(*, address: str, purpose: str, digits: str, now: datetime) -> str:
    """Use a code up; return the clean address.

    :raises CodeError: wrong (says how many tries are left), expired, used, or none was sent.
    """
    _channel, clean = clean_address(address)
    live = ContactCode.objects.filter(address=clean, purpose=purpose, used_at=None, tries__lt=TRIES)
    row = live.order_by("-pk").first()
    if row is None or row.expires_at <= now:
        raise CodeError(
            _("Mã này đã hết hạn hoặc đã dùng. Hãy bấm “Gửi lại mã” để nhận mã mới."),
            field="code",
            code="code-expired",
        )
    ContactCode.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    typed = "".join(char for char in digits if char.isdigit())
    if not hmac.compare_digest(row.digest, _digest(clean, purpose, typed)):
        left = max(0, TRIES - row.tries - 1)
        sentence = (
            _("Mã chưa đúng. Bạn còn %(left)s lần thử.") % {"left": left}
            if left
            else _("Mã chưa đúng quá nhiều lần. Hãy bấm “Gửi lại mã” để nhận mã mới.")
        )
        raise CodeError(sentence, field="code", code="code-wrong")
    if not ContactCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now):
        raise CodeError(
            _("Mã này đã hết hạn hoặc đã dùng. Hãy bấm “Gửi lại mã” để nhận mã mới."),
            field="code",
            code="code-expired",
        )
    return clean


def codes_forget(now: datetime) -> None:
    """Delete codes a day after they died: they hold addresses."""
    ContactCode.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()


def _digest(address: str, purpose: str, digits: str) -> str:
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{address}\0{purpose}\0{digits}".encode(), hashlib.sha256).hexdigest()


def _count(who: str, most: int, now: datetime) -> None:
    hour = timezone.localtime(now).strftime("%Y%m%d%H")
    key = f"programmes-code:{hour}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
    cache.add(key, 0, timeout=7200)
    try:
        count = cache.incr(key)
    except ValueError:  # evicted between the two calls
        count = 1
    if count > most:
        raise CodeTooOftenError(
            _(
                "Đã gửi quá nhiều mã trong một giờ. Hãy tìm mã trong các tin đã nhận, hoặc thử lại sau một giờ."
            ),
            field="address",
        )
