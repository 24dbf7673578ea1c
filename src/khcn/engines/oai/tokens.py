"""Resumption tokens: where a list goes on. They carry everything themselves, so that nothing is kept for a harvester.

The key of the place is (datestamp, number) of the last record told; a record that changes during the harvest gets a
later datestamp and is met again behind. Signed, so that nobody makes up a token; of letters, digits, ``-``, ``_`` and
``.`` alone, because some harvesters forget to encode them.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from khcn.engines.oai.requests import OaiError

_VERSION = 1
_SIGNATURE_BYTES = 15  # 120 bits; 20 letters
_MAX_TOKEN = 1500


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on, and the question that it answers.

    ``stamp``/``number``: of the last record told. ``cursor``: records told so far. ``size``: records that matched when
    the list began. ``expires``: until when the token holds.
    """

    verb: str
    prefix: str
    spec: str
    after: datetime | None
    before: datetime | None
    stamp: datetime
    number: int
    cursor: int
    size: int
    expires: datetime


def write_token(place: Place, key: bytes) -> str:
    """Return the token of a place, signed."""
    values = [
        _VERSION, place.verb, place.prefix, place.spec, _seconds(place.after), _seconds(place.before),
        _seconds(place.stamp), place.number, place.cursor, place.size, _seconds(place.expires),
    ]  # fmt: skip
    body = _b64(json.dumps(values, separators=(",", ":")).encode())
    return f"{body}.{_signature(body, key)}"


def read_token(text: str, key: bytes, *, verb: str, now: datetime) -> Place:
    """Return the place of a token.

    :raises OaiError: badResumptionToken, when it is not one of ours, was edited, has expired or is for another verb.
    """
    body, _dot, signature = text.partition(".")
    if len(text) > _MAX_TOKEN or not hmac.compare_digest(
        signature.encode("utf-8", "replace"), _signature(body, key).encode()
    ):
        raise OaiError("badResumptionToken", "This is not a resumptionToken of this repository.")
    try:
        place = _place(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, TypeError, IndexError, binascii.Error) as error:  # signed by an earlier release
        raise OaiError("badResumptionToken", "This resumptionToken is of an earlier kind.") from error
    if place.verb != verb:
        raise OaiError("badResumptionToken", f"This resumptionToken belongs to {place.verb}.")
    if place.expires < now:
        raise OaiError("badResumptionToken", "This resumptionToken has expired; begin again, or from a date.")
    return place


def _place(values: list[Any]) -> Place:
    version, verb, prefix, spec, after, before, stamp, number, cursor, size, expires = values
    if version != _VERSION:
        raise ValueError(version)
    return Place(
        verb=verb,
        prefix=prefix,
        spec=spec,
        after=_moment(after) if after is not None else None,
        before=_moment(before) if before is not None else None,
        stamp=_moment(stamp),
        number=int(number),
        cursor=int(cursor),
        size=int(size),
        expires=_moment(expires),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment is not None else None


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _signature(body: str, key: bytes) -> str:
    made = hmac.new(key, body.encode("utf-8", "replace"), hashlib.sha256).digest()
    return _b64(made[:_SIGNATURE_BYTES])
