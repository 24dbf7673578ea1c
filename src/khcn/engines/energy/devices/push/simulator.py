"""A device that does not exist but pushes over HTTP as a gateway does: it keeps what was not taken and sends it again."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

_MOST_KEPT = 100_000
_TIMEOUT_S = 10.0


class Pusher:
    """Gathers readings and posts them to ``url`` with a device token."""

    def __init__(self, url: str, token: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"not an HTTP address: {url}")
        self.url, self.token = url, token
        self.sent = 0
        self.last_trouble = ""
        self._kept: list[dict[str, Any]] = []

    def add(self, device: str, now: Mapping[str, float | None], at_ms: int) -> None:
        """Keep the values of a device until the next :meth:`send`."""
        known = {metric: value for metric, value in now.items() if value is not None}
        if known and len(self._kept) < _MOST_KEPT:
            self._kept.append({"device": device, "t": at_ms, "values": known})

    def send(self) -> int:
        """Post what is kept; return the HTTP status (0: no answer). What was not taken stays for the next time."""
        if not self._kept:
            return 200
        body = json.dumps({"readings": self._kept[:500]}).encode()
        request = urllib.request.Request(  # noqa: S310  # the scheme was checked at the start
            self.url, body, {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                status = int(answer.status)
        except urllib.error.HTTPError as error:
            self.last_trouble = f"HTTP {error.code}"
            return error.code
        except (OSError, ValueError) as error:
            self.last_trouble = str(error)
            return 0
        self.sent += len(self._kept[:500])
        del self._kept[:500]
        self.last_trouble = ""
        return status
