"""What the area "api" of the library offers to the others, registered when Django is ready."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from khcn.core.api.shell import add_api_router
from khcn.core.api.tokens import api_scopes, scope_holders
from khcn.library.api import batches, reads, search, writes  # noqa: F401  # each puts its operations on the router
from khcn.library.api.router import router
from khcn.library.permissions import reach_of
from khcn.library.selectors.api_readers import DEPOSIT, READ, REVIEW


def _deposits(user: Any) -> bool:
    reach = reach_of(user)
    return reach.librarian or bool(reach.deposit_units)


def _reviews(user: Any) -> bool:
    reach = reach_of(user)
    return reach.librarian or reach.approver or reach.editor


def connect() -> None:
    """Register the addresses, and what a token may do with them."""
    api_scopes.register(READ, _("Đọc tài liệu của thư viện mà bạn được đọc"))
    api_scopes.register(DEPOSIT, _("Gửi tài liệu vào thư viện, sửa và gửi duyệt bản nháp của đơn vị bạn"))
    api_scopes.register(REVIEW, _("Duyệt, trả lại, đăng và rút tài liệu của thư viện như trên bàn làm việc"))
    scope_holders.register(DEPOSIT, _deposits)
    scope_holders.register(REVIEW, _reviews)
    add_api_router("/library", router)
