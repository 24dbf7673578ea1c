"""How answers leave: with an ETag, as 304 to whom holds them, never kept for somebody else."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from khcn.core.api.etags import etag_of, not_modified
from khcn.core.errors import KhcnError


class PreconditionMissingError(KhcnError):
    """A change that does not say of which state it is one."""

    code = "if-match-missing"
    status = 428


class PreconditionError(KhcnError):
    """The work was changed since it was read."""

    code = "changed-meanwhile"
    status = 412


def answered(request: HttpRequest, response: HttpResponse, body: Any, *, reader: str = "") -> Any:
    """Return ``body``, or 304 to a client that holds just this. ``reader``: what else the answer depends on."""
    etag = tag_of(body, reader)
    unchanged = not_modified(request, etag)
    answer = response if unchanged is None else unchanged
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, no-cache"
    answer["Vary"] = "Authorization"
    return body if unchanged is None else unchanged


def tag_of(body: Any, reader: str = "") -> str:
    """Return the ETag of an answer."""
    return etag_of(json.dumps(body, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=True), reader)


def check_match(said: str, etag: str) -> None:
    """Compare ``If-Match`` with the present state. Within the transaction that changes it.

    :raises PreconditionError: when it is another one.
    """
    held = parse_etags(said)
    if "*" not in held and etag not in held:
        raise PreconditionError(
            _("Tài liệu đã thay đổi từ khi bạn đọc. Hãy đọc lại, xem phần người khác sửa, rồi gửi lại.")
        )


def require_match(said: str) -> str:
    """Return the header. :raises PreconditionMissingError: when it is empty."""
    if not said.strip():
        raise PreconditionMissingError(
            _(
                "Yêu cầu này cần If-Match là ETag của lần đọc gần nhất, để không ghi đè phần người khác vừa sửa."
            )
        )
    return said
