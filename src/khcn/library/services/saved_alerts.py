"""Telling people of new works in their saved searches: each work once, only what they may open, never at night."""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from khcn.core.enums import Channel
from khcn.core.models.outbox import Message
from khcn.core.outbox.rules import RecipientError, deliver_at
from khcn.core.outbox.senders import MailText
from khcn.core.outbox.services import message_send
from khcn.library.enums import Alert
from khcn.library.models import SavedDigest, SavedSearch
from khcn.library.rules_saved import next_slot
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.selectors.records import absolute
from khcn.library.selectors.saved import Key, NewWork, fresh_keys, new_works, reader_of, site_address
from khcn.library.services.saved_links import leave_url
from khcn.orgs.selectors import site_identity

logger = logging.getLogger("khcn.library.saved")
MAIL: Final = "library.saved"
DESK: Final = "library.saved-desk"
SHOWN: Final = 20  # works named in one mail; the others stand behind its link
# A work is told once the index surely holds it and no transaction with an earlier moment is still open.
SETTLED: Final = timedelta(minutes=15)
_BATCH: Final = 500


def digests_send(now: datetime) -> int:
    """Tell everybody whose time has come; return how many digests were made. Periodic duty, any number of workers."""
    if deliver_at(now, quiet=True) > now:
        return 0
    made = 0
    due = SavedSearch.objects.filter(next_at__lte=now, confirmed_at__isnull=False).select_related("owner")
    for search in due.order_by("next_at", "pk")[:_BATCH]:
        try:
            made += _tell(search, now)
        except IndexUnavailableError:
            return made  # being rebuilt: the next tick goes on
        except Exception:
            # One search that cannot be answered must not keep the others waiting: it is left out this time.
            logger.exception("saved search %s could not be told", search.pk)
            _claim(search, (search.told_at, search.told_id), now)
    return made


def _tell(search: SavedSearch, now: datetime) -> bool:
    told = (search.told_at, search.told_id)
    reader = reader_of(search)
    keys: list[Key] = []
    if reader is None or reader.is_active:
        keys = fresh_keys(search.params, user=reader, after=told, until=now - SETTLED, now=now)
    with transaction.atomic():
        if not _claim(search, keys[0] if keys else told, now) or not keys:
            return False
        digest = SavedDigest.objects.create(
            search=search,
            slot=search.next_at or now,
            made_at=now,
            work_ids=[pk for _at, pk in keys[:SHOWN]],
            total=len(keys),
        )
        with override("vi"):
            _send(search, digest, now)
    return True


def _claim(search: SavedSearch, told: Key, now: datetime) -> bool:
    """Move a search on to its next time; of several workers exactly one succeeds."""
    mine = SavedSearch.objects.filter(
        pk=search.pk, next_at=search.next_at, told_at=search.told_at, told_id=search.told_id
    )
    return bool(mine.update(next_at=next_slot(now, search.alert), told_at=told[0], told_id=told[1]))


def _send(search: SavedSearch, digest: SavedDigest, now: datetime) -> None:
    subject = _subject(search, digest)
    if search.by_mail:
        try:
            message_send(
                channel=Channel.MAIL,
                subject=subject,
                body=subject,  # the text is written when the mail leaves, see digest_mail
                user=search.owner,
                recipient=search.address,
                dedupe_key=f"{MAIL}:{search.pk}:{digest.pk}:",
                now=now,
            )
        except RecipientError:
            logger.warning("saved search %s: its owner's address cannot be used", search.pk)
    if search.on_desk:
        message_send(
            channel=Channel.DESK,
            subject=subject,
            body=_("Mở lần tìm để xem các tài liệu mới."),  # no titles: rights may change before it is read
            user=search.owner,
            link=reverse("library-desk:saved-search", args=[search.pk]),
            dedupe_key=f"{DESK}:{search.pk}:{digest.pk}:",
            now=now,
        )


def _subject(search: SavedSearch, digest: SavedDigest) -> str:
    text = ngettext("Thư viện: %(count)s tài liệu mới", "Thư viện: %(count)s tài liệu mới", digest.total)
    text %= {"count": digest.total}
    return f"{text} – {search.name}" if search.owner_id else text


def digest_mail(message: Message) -> MailText | None:
    """Write a digest in the moment in which it leaves; ``None`` when it is unwanted or nothing may be read any more."""
    parts = (message.dedupe_key or "").split(":")
    digest = SavedDigest.objects.select_related("search__owner").filter(pk=int(parts[2])).first()
    if digest is None or not digest.search.by_mail or digest.search.alert == Alert.NEVER:
        return None
    reader = reader_of(digest.search)
    if reader is not None and not reader.is_active:
        return None
    works = new_works(digest.work_ids, user=reader)
    if not works:
        return None
    with override("vi"):
        return _mail(digest, works)


def _mail(digest: SavedDigest, works: list[NewWork]) -> MailText:
    search = digest.search
    more = digest.total - len(digest.work_ids)
    lines = [_("Tài liệu mới khớp với lần tìm “%(name)s”:") % {"name": search.name}]
    lines += ["", *(line for number, work in enumerate(works, 1) for line in _entry(number, work))]
    if more > 0:
        lines += [_("… và %(count)s tài liệu khác.") % {"count": more}]
    lines += [
        _("Xem tất cả: %(url)s") % {"url": result_url(search)},
        "",
        "--",
        _why(search),
        _("Thôi nhận thư này: %(url)s") % {"url": leave_url(search)},
    ]
    if search.owner_id:
        address = absolute(reverse("library-desk:saved-search", args=[search.pk]))
        lines.append(_("Đổi cách báo: %(url)s") % {"url": address})
    headers = {
        "List-Unsubscribe": f"<{leave_url(search)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<library-alerts.{site_address().partition('://')[2].partition('/')[0].partition(':')[0]}>",
        "Precedence": "bulk",
    }
    return MailText(_subject(search, digest), "\n".join(lines) + "\n", headers)


def _entry(number: int, work: NewWork) -> list[str]:
    facts = " · ".join(fact for fact in (work.number, work.body, work.issued) if fact)
    return [f"{number}. {work.title}", *([f"   {facts}"] if facts else []), f"   {work.url}", ""]


def _why(search: SavedSearch) -> str:
    since = timezone.localtime(search.confirmed_at or search.created_at)
    values: dict[str, Any] = {
        "site": site_identity().site_name,
        "home": site_address(),
        "day": f"{since:%d/%m/%Y}",
        "often": str(Alert(search.alert).label).lower(),
    }
    if search.owner_id:
        return (
            _(
                "Bạn nhận thư này vì tài khoản của bạn ở %(site)s (%(home)s) đã lưu lần tìm này ngày %(day)s "
                "và chọn báo: %(often)s. Chỉ có thư khi có tài liệu mới mà bạn được đọc."
            )
            % values
        )
    return (
        _(
            "Bạn nhận thư này vì địa chỉ của bạn đã đăng ký và xác nhận ở %(site)s (%(home)s) ngày %(day)s, "
            "chọn báo: %(often)s. Chỉ có thư khi có tài liệu mới."
        )
        % values
    )


def result_url(search: SavedSearch) -> str:
    """Return the absolute address of the whole result."""
    return absolute(f"{reverse('library:search')}?{search.params}")
