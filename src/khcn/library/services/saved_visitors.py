"""Alerts for people without an account: a mail asks first, nothing comes before it was answered, one click ends it.

Somebody may type in an address that is not theirs. So the one mail that comes unasked holds no word that they chose,
there are few of them a day for one address and for one sender, and no answer tells whether an address is known here.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from khcn.core.enums import Channel
from khcn.core.errors import KhcnError
from khcn.core.outbox.rules import clean_mail
from khcn.core.outbox.services import message_send, messages_forget
from khcn.library.enums import Alert
from khcn.library.models import SavedDigest, SavedSearch
from khcn.library.rules_saved import next_slot
from khcn.library.selectors.asked import search_words
from khcn.library.selectors.saved import site_address
from khcn.library.services.saved import check_asked, forget_search
from khcn.library.services.saved_links import CONFIRM_WITHIN, confirm_url
from khcn.orgs.selectors import site_identity

MOST_OF_ADDRESS: Final = 20  # subscriptions of one address
MAILS_A_DAY: Final = 3  # questions sent to one address
ASKED_A_DAY: Final = 10  # subscriptions asked for from one place
ALL_A_DAY: Final = 300  # questions sent by this installation
DIGESTS_KEPT: Final = timedelta(days=60)


class SubscribedTooOftenError(KhcnError):
    """Too many subscriptions from one place, or of all, in a day."""

    code = "saved-too-often"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _("Hôm nay đã có quá nhiều lượt đăng ký nhận tin từ nơi này. Hãy thử lại vào ngày mai.")
        )


def alert_subscribe(*, address: str, params: str, alert: str, visitor: str, now: datetime) -> None:
    """Ask an address by mail whether it wants alerts of a search. The answer is the same whatever is known of it.

    :param visitor: where the request comes from; it is counted, and kept nowhere.
    :raises RecipientError: the address is none. :raises SubscribedTooOftenError: too many today.
    """
    address = clean_mail(address).lower()
    check_asked(params)
    if alert not in {Alert.DAILY, Alert.WEEKLY}:
        raise ValueError(f"an alert is daily or weekly, got {alert!r}")
    if not _within("visitor", visitor, ASKED_A_DAY, now) or not _within("all", "", ALL_A_DAY, now):
        raise SubscribedTooOftenError
    if not _within("address", address, MAILS_A_DAY, now):
        return
    held = SavedSearch.objects.filter(address=address)
    if held.count() >= MOST_OF_ADDRESS:
        return
    search = held.filter(params=params).first() or _added(address, params, alert, now)
    if search is not None and search.confirmed_at is None:
        _ask(search, now)


def _added(address: str, params: str, alert: str, now: datetime) -> SavedSearch | None:
    try:
        with transaction.atomic():
            return SavedSearch.objects.create(
                address=address,
                name=_("Tài liệu mới của thư viện"),
                params=params,
                alert=alert,
                by_mail=True,
                created_at=now,
                nonce=secrets.token_urlsafe(18),
                told_at=now,
                seen_at=now,
            )
    except IntegrityError:  # the same form sent twice at once
        return None


def _ask(search: SavedSearch, now: datetime) -> None:
    with override("vi"):
        name = site_identity().site_name
        body = _(
            "Có người (có lẽ là bạn) vừa đăng ký để %(site)s gửi đến địa chỉ này thư báo tài liệu mới của thư viện.\n\n"
            "Nếu đúng là bạn, hãy mở liên kết sau và bấm “Xác nhận” trong vòng %(days)s ngày:\n\n%(url)s\n\n"
            "Nếu không phải bạn, hãy bỏ qua thư này: chúng tôi không gửi gì thêm, và xóa địa chỉ này sau %(days)s ngày.\n\n"
            "%(site)s\n%(home)s\n"
        ) % {
            "site": name,
            "days": CONFIRM_WITHIN.days,
            "url": confirm_url(search),
            "home": site_address(),
        }
        message_send(
            channel=Channel.MAIL,
            subject=_("Xác nhận nhận tin tài liệu mới của thư viện"),
            body=body,
            recipient=search.address,
            dedupe_key=f"library.saved-confirm:{search.pk}:{timezone.localtime(now):%Y%m%d%H%M%S%f}",
            now=now,
        )


def alert_confirm(*, search: SavedSearch, now: datetime) -> None:
    """Begin to send alerts; what is told counts from now. Confirming twice changes nothing."""
    name = ", ".join(words for _heading, words in search_words(search.params, now=now)[:-1])
    waiting = SavedSearch.objects.filter(pk=search.pk, confirmed_at__isnull=True)
    waiting.update(
        name=name[:120] or search.name,  # whoever confirms has seen what is looked for
        confirmed_at=now,
        told_at=now,
        told_id=0,
        next_at=next_slot(now, search.alert),
    )


def alert_leave(*, search: SavedSearch) -> None:
    """Send no more mails. An address that subscribed is forgotten; a person with an account keeps the search."""
    if search.owner_id is None:
        forget_search(search)
        return
    alert = Alert(search.alert) if search.on_desk else Alert.NEVER
    values = (
        {"by_mail": False}
        if alert is not Alert.NEVER
        else {"by_mail": False, "alert": alert, "next_at": None}
    )
    SavedSearch.objects.filter(pk=search.pk).update(**values)


def subscriptions_tidy(now: datetime) -> int:
    """Forget addresses that never answered, and digests of long ago with their mails. Daily duty."""
    dead = SavedSearch.objects.filter(
        owner__isnull=True, confirmed_at__isnull=True, created_at__lt=now - CONFIRM_WITHIN
    )
    count = 0
    for search in dead:
        forget_search(search)
        count += 1
    for digest in SavedDigest.objects.filter(made_at__lt=now - DIGESTS_KEPT):
        forget_digest(digest)
    return count


def forget_digest(digest: SavedDigest) -> None:
    """Delete a digest with its messages."""
    with transaction.atomic():
        for occasion in ("library.saved", "library.saved-desk"):
            messages_forget(occasion=f"{occasion}:{digest.search_id}:{digest.pk}:")
        digest.delete()


def _within(kind: str, who: str, most: int, now: datetime) -> bool:
    """Count one deed of the day; return whether it is within the limit. Addresses are hashed even in the cache."""
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"library.saved:{kind}:{digest}:{timezone.localdate(now):%Y%m%d}"
    cache.add(key, 0, timeout=2 * 86_400)
    try:
        return cache.incr(key) <= most
    except ValueError:  # evicted between the two calls
        return True
