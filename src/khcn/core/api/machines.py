"""Machines that speak to the site by a token of their own: ``Authorization: Bearer <mark>_<key>_<secret>``.

The token is shown once and kept as a hash in the field ``token_hash`` of the machine's row, which has a ``key``.
"""

import hmac
import secrets
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from ninja.security import HttpBearer

from khcn.core.api.limits import client_address, count_api_request
from khcn.core.api.tokens import token_digest
from khcn.core.errors import KhcnError

HASH: Final = "token_hash"
LONGEST: Final = 200
M = TypeVar("M", bound=Model)


def token_give(row: Model, *, mark: str, key: str) -> str:
    """Give ``row`` a new token and return it; the old one opens nothing from now on. Within a transaction."""
    secret = f"{mark}_{key}_{secrets.token_urlsafe(32)}"
    digest = token_digest(secret)
    type(row)._default_manager.filter(pk=row.pk).update(**{HASH: digest})
    setattr(row, HASH, digest)
    return secret


def machine_of_token(rows: QuerySet[M], token: str, *, mark: str, wrong: type[KhcnError]) -> M:
    """Return the one of ``rows`` that a token opens. Raises ``wrong``, which costs as much time as a right one."""
    said, _sep, rest = token.partition("_")
    key, _sep, _secret = rest.partition("_")
    row = rows.filter(key=key).first() if said == mark and len(token) <= LONGEST else None
    held: str = getattr(row, HASH) if row is not None else ""
    if not hmac.compare_digest(held or "-" * 64, token_digest(token)) or row is None:
        raise wrong
    return row


class MachineAuth(HttpBearer):
    """A machine by its own token; a wrong one counts against its address.

    A subclass names itself (``openapi_name``), says what :meth:`machine` raises (``wrong``) and finds the machine.
    """

    openapi_name: str
    wrong: type[KhcnError]

    def machine(self, token: str) -> Any:
        """Return the machine that a token opens. Raises ``wrong``."""
        raise NotImplementedError

    def __call__(self, request: HttpRequest) -> Any:
        """Return the machine. Raises ``wrong``."""
        scheme, _sep, token = request.headers.get("Authorization", "").strip().partition(" ")
        try:
            row = self.machine(token.strip() if scheme.lower() == "bearer" else "")
        except self.wrong:
            count_api_request(request, f"address:{client_address(request)}", settings.KHCN.api_limit_address)
            raise
        count_api_request(request, f"{self.openapi_name}:{row.pk}", settings.KHCN.api_limit_token)
        return row

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Answer the base class, which is not asked: ``__call__`` does the whole work."""
        raise NotImplementedError
