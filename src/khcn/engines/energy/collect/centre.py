"""The way to the centre: HTTPS with the collector's token, JSON both ways, and what each answer means."""

import gzip
import http.client
import json
import math
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from khcn.engines.energy.collect.clock import ClockWatch
from khcn.engines.energy.collect.rows import Batch
from khcn.engines.energy.errors import SpoolError

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ANSWER_LIMIT: Final = 4 << 20
# "Never as it is": every other 4xx means that the way, the key or the moment is wrong, not the batch.
POISON: Final = frozenset({400, 406, 410, 411, 414, 415, 416, 417, 418, 422, 424, 431, 451})
LONG: Final = frozenset({401, 403, 404, 405, 409})  # a person has to do something: no use in asking often
# what a broken way may raise (http.client.HTTPException is no OSError)
NETWORK: Final = (OSError, http.client.HTTPException, ValueError)
LONG_WAIT_S: Final = 60.0
LONGEST_AFTER_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Ack:
    """The centre holds everything up to number ``last``. ``answer``: its figures and notes."""

    last: int
    answer: Mapping[str, Any] = field(default_factory=dict)


class LaterError(Exception):
    """Not delivered now. ``after_s``: the centre asked for this wait, or nothing sooner can help."""

    def __init__(self, why: str, *, after_s: float = 0.0, status: int = 0) -> None:
        super().__init__(why)
        self.after_s, self.status = after_s, status


class RejectedError(Exception):
    """The centre will never take this batch as it is. ``str`` says why."""


class TooLargeError(Exception):
    """The batch has to be sent in smaller ones."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    etag: str = ""
    retry_after: str = ""

    def why(self) -> str:
        """Return the centre's own sentence, or the status."""
        detail = self.body.get("detail") if isinstance(self.body, dict) else ""
        if isinstance(detail, list):
            detail = json.dumps(detail[:3], ensure_ascii=False)
        return f"HTTP {self.status}: {str(detail)[:250]}" if detail else f"HTTP {self.status}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A centre that sends us elsewhere is none: the token would go there too."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


class Centre:
    """The centre over HTTPS (plain HTTP on this machine only). Safe in several threads.

    Raises:
        SpoolError: codes ``collect-centre-address``, ``collect-centre-plain``, ``collect-token``, ``collect-token-file``.
    """

    def __init__(self, address: str, token_file: Path, watch: ClockWatch, *, timeout_s: float = 30.0) -> None:
        parts = urlsplit(address.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise SpoolError("collect-centre-address", address=parts.hostname or "?")
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise SpoolError("collect-centre-plain")
        self.watch, self.timeout_s = watch, timeout_s
        self._base = f"{address.strip().rstrip('/')}/api/v1/energy"
        self._token_file = token_file
        self._token = self._read_token()
        handler = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        self._opener = urllib.request.build_opener(_NoRedirect, handler)

    def _read_token(self) -> str:
        try:
            token = self._token_file.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise SpoolError("collect-token-file", name=self._token_file.name) from error
        if not token or not token.isascii() or any(sign.isspace() for sign in token):
            raise SpoolError("collect-token")
        return token

    @property
    def token(self) -> str:
        """The key in use (to be hidden from logs)."""
        return self._token

    def ask(self, path: str, *, body: Mapping[str, Any] | None = None, etag: str = "") -> Answer:
        """GET, or POST ``body`` zipped. A token that was changed in its file is taken up. Raises NETWORK."""
        answer = self._ask(path, body, etag)
        if answer.status in {401, 403}:
            before = self._token
            try:
                self._token = self._read_token()
            except SpoolError:
                return answer
            if self._token != before:
                answer = self._ask(path, body, etag)
        return answer

    def _ask(self, path: str, body: Mapping[str, Any] | None, etag: str) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        data = None
        if body is not None:
            text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            data = gzip.compress(text.encode(), compresslevel=5, mtime=0)
            headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        if etag:
            headers["If-None-Match"] = etag
        request = urllib.request.Request(self._base + path, data=data, headers=headers)  # noqa: S310  # http(s) only
        try:
            with self._opener.open(request, timeout=self.timeout_s) as reply:
                return self._taken(reply.status, reply)
        except urllib.error.HTTPError as error:
            with error:
                return self._taken(error.code, error)

    def _taken(self, status: int, reply: Any) -> Answer:
        self.watch.heard(reply.headers.get("Date"))
        raw = reply.read(ANSWER_LIMIT)
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        return Answer(status, body, reply.headers.get("ETag", ""), reply.headers.get("Retry-After", ""))

    # -- the calls ---------------------------------------------------------------------------------------------

    def config(self, instance: str, etag: str) -> tuple[Mapping[str, Any] | None, str]:
        """Return the configuration and its tag; ``None`` when it did not change. Raises LaterError."""
        try:
            answer = self.ask(f"/collector?instance={quote(instance)}", etag=etag)
        except NETWORK as error:
            raise LaterError(_said(error)) from error
        if answer.status == 304:
            return None, etag
        if answer.status != 200 or not isinstance(answer.body, dict):
            raise LaterError(answer.why(), status=answer.status)
        return answer.body, answer.etag

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        """Hand a batch over. Raises LaterError, RejectedError, TooLargeError."""
        sent_at = datetime.fromtimestamp(_in_years(self.watch.clock.wall()) / 1000, UTC)
        body = {
            **batch.as_json(),
            "sent_at": sent_at.isoformat(timespec="milliseconds"),
            "status": dict(status),
        }
        try:
            answer = self.ask("/batches", body=body)
        except NETWORK as error:
            raise LaterError(_said(error)) from error
        if 200 <= answer.status < 300:
            found = answer.body.get("seq") if isinstance(answer.body, dict) else None
            if (
                not isinstance(found, int)
                or isinstance(found, bool)
                or not batch.first - 1 <= found <= batch.last
            ):
                raise LaterError("không phải câu trả lời của trung tâm (cổng mạng chặn giữa đường?)")
            return Ack(found, answer.body)
        if answer.status == 413:
            raise TooLargeError(answer.why())
        if answer.status in POISON:
            raise RejectedError(answer.why())
        least = LONG_WAIT_S if answer.status in LONG else 0.0
        raise LaterError(
            answer.why(), after_s=max(least, self._after(answer.retry_after)), status=answer.status
        )

    def _after(self, header: str) -> float:
        """Return the seconds of a ``Retry-After`` (a number or a date)."""
        if not header:
            return 0.0
        try:
            seconds = float(header)
        except ValueError:
            try:
                at = parsedate_to_datetime(header).timestamp() * 1000
            except (ValueError, TypeError, OverflowError):
                return 0.0
            base = self.watch.true_base()
            now = self.watch.clock.wall() if base is None else base + self.watch.clock.mono()
            seconds = (at - now) / 1000
        return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_AFTER_S)

    def report_test(self, number: str, result: Mapping[str, Any]) -> bool:
        """Hand over what a live test showed; return whether that is settled (also: the centre wants it no more)."""
        try:
            answer = self.ask(f"/tests/{quote(number, safe='')}", body=result)
        except NETWORK:
            return False
        return answer.status < 300 or answer.status in POISON | {404, 409, 413}


def _said(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return f"{type(reason).__name__}: {reason}" if str(reason) else type(reason).__name__


def _in_years(ms: int) -> int:
    """Return a time that a calendar can show, whatever the own clock says."""
    return min(max(ms, 0), 253_402_300_799_000)
