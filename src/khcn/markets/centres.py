"""The two ways from a box to the centre: the database of this machine, or HTTPS with the box's token."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.engines.vision.privacy import SlitFile
from khcn.engines.vision.spool import Ack, Batch, RejectedError
from khcn.markets.errors import BatchError
from khcn.markets.models import Box
from khcn.markets.selectors.box_config import box_config
from khcn.markets.services.ingest import batch_ingest, box_heard
from khcn.markets.services.slit_scans import SlitScanError, slit_scan_keep

TIMEOUT_S = 30
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class WatchError(KhcnError):
    """The watch cannot begin."""

    code = "watch"


class LocalCentre:
    """The centre in the database of this machine. Safe in several threads: each has its own connection."""

    def __init__(self, key: str) -> None:
        """Raises WatchError when there is no box with this key."""
        self.key, self._etag = key, ""
        self._box()

    def _box(self) -> Box:
        box = Box.objects.filter(key=self.key).first()
        if box is None:
            raise WatchError(
                _(
                    "Chưa có máy đếm mang mã “%(key)s”. Hãy thêm máy ở trang Máy đếm rồi gán camera cho máy đó, "
                    "hoặc chọn mã khác bằng --box."
                )
                % {"key": self.key}
            )
        return box

    def config(self, instance: str) -> Mapping[str, Any] | None:
        """Return the configuration when it changed, and note that this box lives."""
        close_old_connections()
        try:
            box, now = self._box(), timezone.now()
            box_heard(box=box, instance=instance, now=now)
            found = box_config(box, now)
            if found.etag == self._etag:
                return None
            self._etag = found.etag
            return found.as_json()
        finally:
            close_old_connections()

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        """Write a batch."""
        close_old_connections()
        now = timezone.now()
        try:
            batch_ingest(
                box=self._box(),
                instance=batch.instance,
                seq=batch.last,
                minutes=list(batch.minutes),
                sent_at=now,
                now=now,
                status=status,
            )
        except BatchError as error:
            raise RejectedError(error.message) from error
        finally:
            close_old_connections()
        return Ack(batch.last)

    def keep_slit(self, slit: SlitFile) -> None:
        """Put a piece into the picture of its hour."""
        close_old_connections()
        try:
            slit_scan_keep(
                box=self._box(),
                camera_key=slit.camera,
                gate_key=slit.gate,
                start=slit.start,
                png=slit.path.read_bytes(),
                rows_s=slit.rows_s,
                now=timezone.now(),
            )
        except SlitScanError as error:
            raise ValueError(error.message) from error
        finally:
            close_old_connections()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A centre that sends us elsewhere is none: the token would go there too."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow nothing."""


class RemoteCentre:
    """The centre over HTTPS (plain HTTP on this machine only)."""

    def __init__(self, address: str, token: str) -> None:
        """``address``: of the site, like ``https://khcn.example.vn``. Raises WatchError."""
        parts = urlsplit(address.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise WatchError(
                _("Địa chỉ trung tâm “%(address)s” không đúng. Hãy viết dạng https://tên-máy.")
                % {"address": parts.hostname or "?"}
            )
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise WatchError(
                _(
                    "Địa chỉ trung tâm phải là https:// vì khóa của máy đếm và mật khẩu camera đi qua đường này."
                )
            )
        if not token.isascii() or not token or any(sign.isspace() for sign in token):
            raise WatchError(_("Tệp khóa của máy đếm trống hoặc sai. Hãy tạo khóa mới ở trang Máy đếm."))
        self._base = f"{address.strip().rstrip('/')}/api/v1/markets"
        self._token, self._etag = token, ""
        context = urllib.request.HTTPSHandler(context=ssl.create_default_context())
        self._opener = urllib.request.build_opener(_NoRedirect, context)

    def _ask(
        self, path: str, *, data: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, Any, str]:
        """Return status, JSON and ETag. Raises OSError when the centre cannot be reached."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": kind,
            "Accept": "application/json",
        }
        if data is None and self._etag:
            headers["If-None-Match"] = self._etag
        request = urllib.request.Request(self._base + path, data=data, headers=headers)  # noqa: S310  # http(s) only
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, json.loads(answer.read() or b"{}"), answer.headers.get("ETag", "")
        except urllib.error.HTTPError as error:
            with error:
                try:
                    problem = json.loads(error.read())
                except ValueError:
                    problem = {}
                return error.code, problem, ""

    def config(self, instance: str) -> Mapping[str, Any] | None:
        """Return the configuration when it changed. Raises ConnectionError with the centre's sentence."""
        status, found, etag = self._ask(f"/boxes/me?instance={quote(instance)}")
        if status == 304:
            return None
        if status != 200:
            raise ConnectionError(_sentence(status, found))
        self._etag = etag
        return dict(found)

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        """Post a batch."""
        body = {
            "instance": batch.instance,
            "seq": batch.last,
            "sent_at": datetime.now(UTC).isoformat(),
            "minutes": list(batch.minutes),
            "status": dict(status),
        }
        code, found, _etag = self._ask("/batches", data=json.dumps(body).encode())
        if code == 422:
            raise RejectedError(_sentence(code, found))
        if code != 200:
            raise ConnectionError(_sentence(code, found))
        return Ack(batch.last)

    def keep_slit(self, slit: SlitFile) -> None:
        """Post a piece of a slit-scan."""
        asked = {
            "camera": slit.camera,
            "gate": slit.gate,
            "start": slit.start.astimezone(UTC).isoformat(),
            "rows_s": slit.rows_s,
        }
        data = slit.path.read_bytes()
        code, found, _etag = self._ask(f"/slit-scans?{urlencode(asked)}", data=data, kind="image/png")
        if code in {413, 422}:
            raise ValueError(_sentence(code, found))
        if code != 200:
            raise ConnectionError(_sentence(code, found))


def _sentence(status: int, problem: Any) -> str:
    detail = problem.get("detail") if isinstance(problem, dict) else ""
    return str(detail or "")[:300] or f"HTTP {status}"
