"""What a file is, told by its content and never by its name.

The name is used for two things only: to choose between kinds of plain text that look alike (Markdown, text), and
to warn when it disagrees with the content. Nothing is executed or unpacked here.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO, Final

from khcn.engines.documents.signatures import (
    IMAGE_KINDS,
    KINDS,
    MIMES,
    OFFICE_KINDS,
    TEXT_KINDS,
    Finding,
    by_magic,
)
from khcn.engines.documents.types import ExtractionError, Notice

__all__ = [
    "IMAGE_KINDS",
    "KINDS",
    "MIMES",
    "OFFICE_KINDS",
    "TEXT_KINDS",
    "Identity",
    "identify",
    "identify_stream",
]

# File name endings that agree with a kind; templates and macro-enabled files are the same format inside.
_EXTENSIONS: Final[dict[str, frozenset[str]]] = {
    "pdf": frozenset({"pdf"}),
    "docx": frozenset({"docx", "docm", "dotx", "dotm"}),
    "xlsx": frozenset({"xlsx", "xlsm", "xltx", "xltm"}),
    "pptx": frozenset({"pptx", "pptm", "ppsx", "ppsm", "potx", "potm"}),
    "odt": frozenset({"odt", "ott"}),
    "ods": frozenset({"ods", "ots"}),
    "odp": frozenset({"odp", "otp"}),
    "doc": frozenset({"doc", "dot", "wps"}),
    "xls": frozenset({"xls", "xlt", "xla"}),
    "ppt": frozenset({"ppt", "pps", "pot"}),
    "rtf": frozenset({"rtf"}),
    "html": frozenset({"html", "htm", "xhtml"}),
    "svg": frozenset({"svg"}),
    "text": frozenset({"txt", "text", "csv", "tsv", "log", "json", "xml", "yml", "yaml", "md", "srt", "vtt"}),
    "markdown": frozenset({"md", "markdown", "mkd"}),
    "jsonl": frozenset({"jsonl", "ndjson", "json"}),
    "zip": frozenset({"zip"}),
    "png": frozenset({"png"}),
    "jpeg": frozenset({"jpg", "jpeg", "jpe", "jfif"}),
    "tiff": frozenset({"tif", "tiff"}),
    "webp": frozenset({"webp"}),
}
_KNOWN_EXTENSIONS: Final = frozenset().union(*_EXTENSIONS.values()) | {
    "exe",
    "zip",
    "rar",
    "7z",
    "gif",
    "bmp",
}
_HEAD: Final = 65_536
_EOCD: Final = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is. ``kind`` is in ``KINDS``; ``detail`` names what an unknown or refused file looks like."""

    kind: str
    mime: str
    size: int
    detail: str = ""
    encrypted: bool = False
    notices: tuple[Notice, ...] = field(default=())


def identify(path: Path, name: str | None = None) -> Identity:
    """Return what the file at ``path`` is. ``name`` is the name it came with (default: the name it has here).

    Raises ``ExtractionError`` ``missing`` or ``empty``; anything else is an answer, ``unknown`` included.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, io.SEEK_END)
            stream.seek(0)
            return identify_stream(stream, size, name if name is not None else path.name)
    except OSError as error:
        raise ExtractionError("missing", detail=str(error)) from error


def identify_stream(stream: BinaryIO, size: int, name: str = "") -> Identity:
    """Return what the open file of ``size`` bytes is; the stream's position is not kept."""
    if size == 0:
        raise ExtractionError("empty")
    stream.seek(0)
    head = stream.read(_HEAD)
    extension = PurePath(name).suffix.lower().lstrip(".")
    found = by_magic(head, stream) or _by_text(head, size, extension)
    notices = (
        found.notices + _disagreements(found.kind, extension) + _polyglot(found.kind, head, stream, size)
    )
    return Identity(found.kind, MIMES[found.kind], size, found.detail, found.encrypted, tuple(notices))


def _disagreements(kind: str, extension: str) -> list[Notice]:
    known = _EXTENSIONS.get(kind)
    if known is None or extension in known or extension not in _KNOWN_EXTENSIONS:
        return []
    return [Notice("extension", (), {"extension": "." + extension[:16], "type": kind.upper()})]


def _polyglot(kind: str, head: bytes, stream: BinaryIO, size: int) -> list[Notice]:
    """Say when a file is also readable as something else: a ZIP behind a PDF, a PDF inside an image."""
    others: list[str] = []
    stream.seek(max(0, size - _HEAD))
    tail = stream.read(_HEAD)
    if kind in ("pdf", *IMAGE_KINDS, "html", "rtf", "text", "markdown") and _EOCD in tail:
        others.append("ZIP")
    if kind == "pdf":
        before = head[: head[:1024].find(b"%PDF-")].strip()
        if before.lower().startswith((b"<", b"gif8")):
            others.append("HTML" if before.startswith(b"<") else "GIF")
    if kind != "pdf" and kind not in TEXT_KINDS and b"%PDF-" in head[:1024]:
        others.append("PDF")
    return [Notice("polyglot", (), {"type": other, "kind": kind.upper()}) for other in others[:1]]


# --- kinds of text ------------------------------------------------------------------------------------------

_HTML: Final = re.compile(
    r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:p|div|table|h[1-6]|script|span|font|meta)[\s>/]",
    re.I,
)
_SVG: Final = re.compile(r"<svg[\s>]", re.I)
_MARKDOWN: Final = re.compile(
    r"^(?:#{1,6} \S|```|\* \S|- \S|\d+\. \S|> \S|\|.+\|$)|\[[^\]\n]+\]\([^)\n]+\)|\*\*[^*\n]+\*\*", re.M
)
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def _by_text(head: bytes, size: int, extension: str) -> Finding:
    text = _as_text(head)
    if text is None:
        return Finding("unknown", _guess(head))
    start = text.lstrip("\ufeff \t\r\n")
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("svg", lambda: _is_svg(start)),
        ("html", lambda: start[:1] == "<" and bool(_HTML.search(start[:4096]))),
        ("html", lambda: extension in ("html", "htm") and bool(_HTML.search(start))),
        ("jsonl", lambda: _is_jsonl(start, cut=size > len(head))),
        ("markdown", lambda: extension in _EXTENSIONS["markdown"] or _is_markdown(start, extension)),
    )
    return Finding(next((kind for kind, test in tests if test()), "text"))


def _as_text(head: bytes) -> str | None:
    """Return the beginning of a text file decoded just well enough to look at its markup; None if binary."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    zeros = head.count(0)
    if zeros:
        wide = _wide_text(head, zeros)
        if wide is not None:
            return wide
    # VISCII and VPS keep six capital letters below 0x20, so a few such bytes do not make a file binary.
    if len(_CONTROL.findall(head)) > max(1, len(head) // 50) or zeros:
        return None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _wide_text(head: bytes, zeros: int) -> str | None:
    """UTF-16 without a mark: zeros stand at every second place in the ASCII part of any text."""
    even = head[: len(head) // 2 * 2]
    for encoding, odd_zeros in (("utf-16-le", even[1::2].count(0)), ("utf-16-be", even[::2].count(0))):
        if odd_zeros > 0.9 * zeros and odd_zeros > len(even) // 10:
            text = even.decode(encoding, "replace")
            return None if "\x00" in text else text
    return None


def _is_svg(start: str) -> bool:
    if start[:1] != "<":
        return False
    match = _SVG.search(start[:4096])
    return match is not None and not re.search(
        r"<(?:!doctype\s+html|html|body)[\s>]", start[: match.start()], re.I
    )


def _is_jsonl(start: str, *, cut: bool) -> bool:
    """True when lines hold one JSON object each; one broken line among good ones does not change the kind."""
    lines = [line for line in start.splitlines() if line.strip()]
    if cut and len(lines) > 1:
        lines.pop()
    if not lines or not lines[0].lstrip().startswith("{"):
        return False
    good = sum(_is_object(line) for line in lines[:50])
    return good > 0 and good * 2 >= len(lines[:50])


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_markdown(start: str, extension: str) -> bool:
    if extension:  # a .txt with a dash list is text; without any name the marks decide
        return False
    return len(_MARKDOWN.findall(start[:8192])) >= 3 and bool(re.search(r"^#{1,6} \S", start[:8192], re.M))


def _guess(head: bytes) -> str:
    import puremagic  # noqa: PLC0415  (its table costs 30 ms and is needed for unknown files only)

    try:
        return str(puremagic.from_string(head, mime=True))
    except (puremagic.PureError, ValueError):
        return "?"
