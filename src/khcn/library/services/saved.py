"""Searches that people with an account keep. Nobody else sees them; what somebody looks for stands in no audit log."""

import secrets
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.outbox.rules import one_line
from khcn.core.outbox.services import messages_forget
from khcn.library.enums import Alert
from khcn.library.models import SavedSearch
from khcn.library.rules_saved import next_slot
from khcn.library.selectors.saved import unseen_keys

MOST_OF_ONE: Final = 50
MOST_LETTERS: Final = 2000  # of a search as its address states it; the column's length


class NothingAskedError(KhcnError):
    """A search without words, filters and order."""

    code = "saved-nothing-asked"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("Chưa có gì để lưu: lần tìm này không có từ và không có bộ lọc. Hãy tìm trước rồi lưu.")
        )


class TooLongToSaveError(KhcnError):
    """The search is longer than what can be kept."""

    code = "saved-too-long"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("Lần tìm này dài quá nên chưa lưu được. Hãy rút ngắn câu tìm hoặc bỏ bớt bộ lọc rồi lưu lại.")
        )


class TooManySavedError(KhcnError):
    """The person has as many saved searches as one may have."""

    code = "saved-too-many"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _("Bạn đã lưu %(most)s lần tìm, là mức nhiều nhất. Hãy xóa bớt lần tìm cũ rồi lưu lại.")
            % {"most": MOST_OF_ONE}
        )


class NoAddressError(KhcnError):
    """Alerts by mail for somebody whose account has no address."""

    code = "saved-no-address"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "Tài khoản của bạn chưa có địa chỉ thư điện tử nên chưa báo bằng thư được. "
                "Hãy nhờ quản trị ghi địa chỉ, hoặc chọn báo trên bàn làm việc."
            )
        )


def check_asked(params: str) -> None:
    """Refuse a search that asks nothing or too much. :raises NothingAskedError: :raises TooLongToSaveError:"""
    if not params:
        raise NothingAskedError
    if len(params) > MOST_LETTERS:
        raise TooLongToSaveError


def _check_channels(actor: Any, alert: str, by_mail: bool, on_desk: bool) -> tuple[bool, bool]:
    """Return where to tell: an alert without a place goes to the desk."""
    if alert == Alert.NEVER:
        return False, False
    if by_mail and not actor.email:
        raise NoAddressError
    return by_mail, on_desk or not by_mail


def search_save(
    *,
    actor: Any,
    params: str,
    name: str,
    now: datetime,
    alert: str = Alert.NEVER,
    by_mail: bool = False,
    on_desk: bool = False,
) -> SavedSearch:
    """Keep a search (``params`` as ``selectors.asked.canonical`` writes it) for the actor.

    :raises NothingAskedError: nothing is looked for. :raises TooLongToSaveError: more than can be kept.
    :raises TooManySavedError: the person has too many.
    """
    if not getattr(actor, "is_authenticated", False):
        raise PermissionDeniedError(_("Hãy đăng nhập để lưu lần tìm vào tài khoản."))
    check_asked(params)
    by_mail, on_desk = _check_channels(actor, alert, by_mail, on_desk)
    with transaction.atomic():
        if SavedSearch.objects.filter(owner=actor).count() >= MOST_OF_ONE:
            raise TooManySavedError
        return SavedSearch.objects.create(
            owner=actor,
            name=one_line(name)[:120],
            params=params,
            alert=alert,
            by_mail=by_mail,
            on_desk=on_desk,
            created_at=now,
            confirmed_at=now,
            nonce=secrets.token_urlsafe(18),
            told_at=now,
            seen_at=now,
            next_at=next_slot(now, alert),
        )


def search_change(
    *, actor: Any, search: SavedSearch, name: str, alert: str, by_mail: bool, on_desk: bool, now: datetime
) -> SavedSearch:
    """Change the name of a search and how its owner is told. Alerts that begin anew tell nothing older than now."""
    _check_owner(actor, search)
    by_mail, on_desk = _check_channels(actor, alert, by_mail, on_desk)
    values: dict[str, Any] = {
        "name": one_line(name)[:120],
        "alert": alert,
        "by_mail": by_mail,
        "on_desk": on_desk,
    }
    if alert != search.alert:
        values["next_at"] = next_slot(now, alert)
        if search.alert == Alert.NEVER:
            values |= {"told_at": now, "told_id": 0}
    SavedSearch.objects.filter(pk=search.pk).update(**values)
    search.refresh_from_db()
    return search


def search_seen(*, actor: Any, search: SavedSearch, now: datetime) -> int:
    """Note that the owner looked: what is new now is known; return how many works that were."""
    _check_owner(actor, search)
    keys = unseen_keys(search, user=actor, now=now)
    if keys:
        SavedSearch.objects.filter(pk=search.pk).update(seen_at=keys[0][0], seen_id=keys[0][1])
    return len(keys)


def search_delete(*, actor: Any, search: SavedSearch) -> None:
    """Forget a search with everything that was told of it."""
    _check_owner(actor, search)
    forget_search(search)


def forget_search(search: SavedSearch) -> None:
    """Delete a search, its digests and its mails, sent or not, with their address."""
    with transaction.atomic():
        for occasion in ("library.saved", "library.saved-desk", "library.saved-confirm"):
            messages_forget(occasion=f"{occasion}:{search.pk}:")
        SavedSearch.objects.filter(pk=search.pk).delete()


def _check_owner(actor: Any, search: SavedSearch) -> None:
    if actor is None or search.owner_id != actor.pk:
        raise PermissionDeniedError(_("Lần tìm này không phải của bạn."))
