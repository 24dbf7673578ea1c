"""A progress bar on standard error: for a terminal at once, else one line now and then after two seconds."""

import sys
import time
from typing import TextIO

_WIDTH = 28
_FIRST_SECONDS = 2.0
_TERMINAL_SECONDS = 0.1
_LOG_SECONDS = 10.0


class ProgressBar:
    """Shows (done, total, what). Use ``close`` to end the line."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._start = time.monotonic()
        self._next = self._start + (0.0 if self._terminal else _FIRST_SECONDS)
        self._shown = False

    def __call__(self, done: int, total: int, what: str = "") -> None:
        """Show how far the work is; cheap to call often."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS)
        self._shown = True
        share = min(1.0, done / total) if total else 0.0
        filled = int(share * _WIDTH)
        left = (now - self._start) * (1 - share) / share if share > 0.02 else None
        rest = f", còn khoảng {left:.0f} giây" if left is not None else ""
        text = f"[{'█' * filled}{'·' * (_WIDTH - filled)}] {share:4.0%}{rest}  {what[:60]}"
        self._stream.write(f"\r{text}\x1b[K" if self._terminal else text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._shown and self._terminal:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
