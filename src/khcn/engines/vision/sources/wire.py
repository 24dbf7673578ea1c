"""What passes between a reader process and its owner: small JSON headers, pictures as raw bytes behind them.

A message is ``<header length: u32><payload length: u32><header JSON><payload>``. Imported by the reader process, so
nothing heavier than numpy may be imported here.
"""

import json
import os
import struct
import threading
from collections import deque
from typing import Any, Final

LENGTHS: Final = struct.Struct("<II")
MOST_HEADER: Final = 1 << 16
MOST_PAYLOAD: Final = 1 << 28


def pack(header: dict[str, Any], payload: bytes | memoryview = b"") -> list[bytes | memoryview]:
    """Return the parts of one message."""
    head = json.dumps(header, ensure_ascii=False).encode()
    return [LENGTHS.pack(len(head), len(payload)) + head, payload]


def write_all(fd: int, parts: list[bytes | memoryview]) -> None:
    """Write every part, waiting as long as the reader needs."""
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[os.write(fd, view) :]


class Outbox:
    """Sends messages. With ``most`` frames allowed to wait it never blocks: the oldest frames give way to new ones."""

    def __init__(self, fd: int, most: int | None) -> None:
        self.fd = fd
        self.most = most
        self.dropped = 0
        self._waiting: deque[tuple[bool, list[bytes | memoryview]]] = deque()
        self._changed = threading.Condition()
        self._idle = True
        if most is not None:
            threading.Thread(target=self._run, daemon=True).start()

    def send(self, header: dict[str, Any], payload: bytes | memoryview = b"", *, frame: bool = False) -> None:
        """Send one message, now or as soon as the owner reads."""
        parts = pack(header, payload)
        if self.most is None:
            write_all(self.fd, parts)
            return
        with self._changed:
            self._waiting.append((frame, parts))
            if frame and sum(1 for is_frame, _ in self._waiting if is_frame) > self.most:
                for at, (is_frame, _) in enumerate(self._waiting):
                    if is_frame:
                        del self._waiting[at]
                        self.dropped += 1
                        break
            self._changed.notify()

    def flush(self, timeout: float = 5.0) -> None:
        """Wait until all is sent."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and self._idle, timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                _, parts = self._waiting.popleft()
                self._idle = False
            try:
                write_all(self.fd, parts)
            except OSError:
                os._exit(0)  # the owner is gone
            with self._changed:
                self._idle = True
                self._changed.notify_all()
