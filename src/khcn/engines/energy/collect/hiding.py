"""Keeps passwords and tokens out of logs, status documents and messages to the centre."""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_NAMES: Final = re.compile(r"(?i)pass|secret|token|api_?key|auth")
_USER: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@\"'<>]*@")
_ASSIGNED: Final = re.compile(
    r"(?i)\b(pass(?:word|wd)?|pwd|token|secret|api_?key)(\s*[=:]\s*)\"?[^\s&;,\"']+\"?"
)
_BEARER: Final = re.compile(r"(?i)\bbearer\s+[^\s\"',;]+")
SHORTEST: Final = 3  # shorter secrets would blot out half of every text


def secrets_in(data: Any) -> set[str]:
    """Return the values that stand under names like ``password``, at any depth."""
    found: set[str] = set()
    if isinstance(data, Mapping):
        for name, value in data.items():
            if isinstance(value, str) and _NAMES.search(str(name)) and not str(name).endswith("_file"):
                found.add(value)
            else:
                found |= secrets_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            found |= secrets_in(value)
    return found


class Hider:
    """Blots known secrets out of texts, and what looks like one."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()

    def know(self, secrets: Iterable[str]) -> None:
        """Add secrets, longest first (one may hold another)."""
        fresh = {one for one in secrets if len(one) >= SHORTEST}
        self._known = tuple(sorted(fresh | set(self._known), key=len, reverse=True))

    def __call__(self, text: object, most: int = 300) -> str:
        """Return ``text`` without secrets, cut to ``most`` characters."""
        said = str(text)
        for secret in self._known:
            said = said.replace(secret, "***")
        said = _USER.sub(r"\1***@", said)
        said = _BEARER.sub("Bearer ***", said)
        return _ASSIGNED.sub(r"\1\2***", said)[:most]


class HidingFormatter(logging.Formatter):
    """A log without secrets, tracebacks included."""

    def __init__(self, form: str, hide: Hider) -> None:
        super().__init__(form)
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return self._hide(super().format(record), 10_000)
