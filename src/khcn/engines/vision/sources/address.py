"""Addresses of cameras and recordings: which are allowed, and how they are shown without their secrets."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from khcn.engines.vision.errors import SourceError

STREAMS: Final = frozenset({"rtsp", "rtsps", "http", "https"})
LOCAL: Final = frozenset({"file", "test"})
# Parts of a query that name no secret; every other value is hidden.
HARMLESS: Final = frozenset(
    {
        "channel",
        "subtype",
        "stream",
        "profile",
        "resolution",
        "fps",
        "width",
        "height",
        "video",
        "audio",
        "codec",
    }
)
_USER = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@\"'<>]*(?:@[^/\s@\"'<>]*)*@")
_QUERY = re.compile(r"(?i)([?&;])([\w.~%-]+)=([^&;\s\"'<>]*)")
_HEADER = re.compile(r"(?i)\b(authorization|proxy-authorization|cookie|set-cookie)\s*[:=][^\r\n]*")
_ASSIGNED = re.compile(
    r"(?i)\b(pass(?:word|wd)?|pwd|token|secret|api_?key|auth|nonce|response|cnonce)(\s*[=:]\s*)\"?[^\s&;,\"]+\"?"
)


class Kind(StrEnum):
    """How a source is read: once from end to end, or for ever as it comes."""

    RECORDING = "recording"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address. ``repr`` and ``str`` never show a name, a password or a token."""

    raw: str
    scheme: str

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """Return the address for people: a file's name, or a stream without its secrets."""
        if self.scheme == "file":
            return self.path.name
        return scrub(self.raw)

    @property
    def path(self) -> Path:
        """Return the path of a file address."""
        return Path(unquote(self.raw[7:]) if self.raw.lower().startswith("file://") else self.raw)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return the words that may stand in no message: user, password, values of the query."""
        if self.scheme == "file":
            return ()
        parts = urlsplit(self.raw)
        user, _, _ = parts.netloc.rpartition("@")
        name, _, word = user.partition(":")
        found = {word, unquote(word), user, unquote(user), name if word else ""}
        found |= {value for key, value in parse_qsl(parts.query) if key.lower() not in HARMLESS}
        return tuple(sorted((one for one in found if len(one) > 2), key=len, reverse=True))


def parse_address(raw: str, *, local: bool = True) -> Address:
    """Check an address. ``local``: files and the test picture are allowed (never for what the web sends).

    Raises:
        SourceError: empty, another scheme (concat:, subfile:, pipe: ...), no host, or control characters.
    """
    text = raw.strip()
    if not text:
        raise SourceError("address-empty")
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise SourceError("address-control")
    match = re.match(r"(?i)([a-z][a-z0-9+.-]*)(?:,[^:/]*)?:", text)
    scheme = "file" if match is None else match[1].lower()
    # A file whose name holds a colon is fine when it exists; ffmpeg gets it as file:/absolute/path anyway.
    if scheme not in STREAMS | LOCAL and local and "://" not in text and Path(text).is_file():
        scheme = "file"
    if scheme not in (STREAMS | LOCAL if local else STREAMS):
        raise SourceError("address-scheme", scheme=scheme[:20])
    if scheme in STREAMS:
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        if not host or not text[len(scheme) :].startswith("://"):
            raise SourceError("address-host")
    return Address(text, scheme)


def scrub(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return ``text`` without credentials: users in addresses, values of queries, headers, and ``secrets``."""
    for secret in secrets:
        text = text.replace(secret, "***")
    text = _USER.sub(r"\1***@", text)
    text = _HEADER.sub(r"\1: ***", text)
    text = _QUERY.sub(lambda m: m[0] if m[2].lower() in HARMLESS else f"{m[1]}{m[2]}=***", text)
    return _ASSIGNED.sub(r"\1\2***", text)
