"""Signed links in mails: they work without a sign-in, for one search, until it is deleted."""

from datetime import timedelta
from typing import Final

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.library.models import SavedSearch
from khcn.library.selectors.records import absolute

_CONFIRM: Final = "khcn.library.saved.confirm"
_LEAVE: Final = "khcn.library.saved.leave"
CONFIRM_WITHIN: Final = timedelta(days=3)


class LinkDeadError(KhcnError):
    """A link that is too old, was changed on its way, or whose subscription is gone."""

    code = "saved-link-dead"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            _(
                "Liên kết này không còn dùng được: đã quá hạn, bị cắt mất một phần, hoặc đăng ký đã được xóa. "
                "Nếu bạn vẫn muốn nhận tin, hãy tìm trong thư viện rồi đăng ký lại."
            )
        )


def confirm_url(search: SavedSearch) -> str:
    """Return the absolute address that confirms a subscription; it lives for ``CONFIRM_WITHIN``."""
    return absolute(reverse("library:alert-confirm", args=[_token(search, _CONFIRM)]))


def leave_url(search: SavedSearch) -> str:
    """Return the absolute address that ends a subscription, for as long as there is one."""
    return absolute(reverse("library:alert-leave", args=[_token(search, _LEAVE)]))


def confirm_token_read(token: str) -> SavedSearch:
    """Return what a confirmation is about. Raises ``LinkDeadError``."""
    return _read(token, _CONFIRM, CONFIRM_WITHIN)


def leave_token_read(token: str) -> SavedSearch:
    """Return what somebody wants to leave. Raises ``LinkDeadError``."""
    return _read(token, _LEAVE, None)


def _token(search: SavedSearch, salt: str) -> str:
    return signing.dumps([search.pk, search.nonce], salt=salt)


def _read(token: str, salt: str, max_age: timedelta | None) -> SavedSearch:
    try:
        pk, nonce = signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkDeadError from error
    found = SavedSearch.objects.select_related("owner").filter(pk=pk, nonce=nonce).first()
    if found is None:
        raise LinkDeadError
    return found
