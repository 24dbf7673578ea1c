"""What a file is, told by its content and never by its name.

The name is used for two things only: to choose between kinds of plain text that look alike (Markdown, text), and
to warn when it disagrees with the content. Nothing is executed or unpacked here.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import BinaryIO, Final

from khcn.engines.documents.ole import MAGIC as OLE_MAGIC
from khcn.engines.documents.ole import OleError, OleFile
from khcn.engines.documents.types import ExtractionError, Notice

MIMES: Final[dict[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "rtf": "application/rtf",
    "html": "text/html",
    "svg": "image/svg+xml",
    "text": "text/plain",
    "markdown": "text/markdown",
    "jsonl": "application/jsonl",
    "zip": "application/zip",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "executable": "application/x-executable",
    "unknown": "application/octet-stream",
}
KINDS: Final = frozenset(MIMES)
IMAGE_KINDS: Final = frozenset({"png", "jpeg", "tiff", "webp"})
OFFICE_KINDS: Final = frozenset({"doc", "xls", "ppt"})
TEXT_KINDS: Final = frozenset({"text", "markdown", "jsonl", "html", "svg"})

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
_WORD_CLSIDS: Final = (b"\x06\x09\x02\x00", b"\x00\x09\x02\x00")
_EXCEL_CLSIDS: Final = (b"\x20\x08\x02\x00", b"\x10\x08\x02\x00")
_PPT_CLSIDS: Final = (b"\x10\x8d\x81\x64", b"\x51\x48\x04\xea")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file is. ``kind`` is in ``KINDS``; ``detail`` names what an unknown or refused file looks like."""

    kind: str
    mime: str
    size: int
    detail: str = ""
    encrypted: bool = False
    notices: tuple[Notice, ...] = field(default=())


@dataclass(slots=True)
class _Finding:
    kind: str
    detail: str = ""
    encrypted: bool = False
    notices: list[Notice] = field(default_factory=list)


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
    found = _by_magic(head, stream) or _by_text(head, size, extension)
    notices = (
        found.notices + _disagreements(found.kind, extension) + _polyglot(found.kind, head, stream, size)
    )
    return Identity(found.kind, MIMES[found.kind], size, found.detail, found.encrypted, tuple(notices))


def _disagreements(kind: str, extension: str) -> list[Notice]:
    known = _EXTENSIONS.get(kind)
    if known is None or extension in known or extension not in _KNOWN_EXTENSIONS:
        return []
    return [Notice("extension", (), {"extension": "." + extension[:16], "type": kind.upper()})]


# --- binary kinds -------------------------------------------------------------------------------------------

_EXECUTABLES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x7fELF", "ELF"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xce\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Java class / Mach-O"),
    (b"\x00asm", "WebAssembly"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "Windows LNK"),
    (b"#!", "script"),
    (b"dex\n", "Android DEX"),
)


def _by_magic(head: bytes, stream: BinaryIO) -> _Finding | None:
    for test in (_executable, _image, _compound, _archive, _pdf, _rtf, _bare_office):
        found = test(head, stream)
        if found is not None:
            return found
    return None


def _executable(head: bytes, stream: BinaryIO) -> _Finding | None:
    for magic, label in _EXECUTABLES:
        if head.startswith(magic):
            return _Finding("executable", label)
    if head.startswith(b"MZ") and (
        b"PE\0\0" in head[:4096] or b"DOS mode" in head[:512] or b"\0" in head[:64]
    ):
        return _Finding("executable", "Windows EXE")
    return None


def _image(head: bytes, stream: BinaryIO) -> _Finding | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _Finding("png")
    if head.startswith(b"\xff\xd8\xff"):
        return _Finding("jpeg")
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _Finding("tiff")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _Finding("webp")
    return None


def _pdf(head: bytes, stream: BinaryIO) -> _Finding | None:
    # The specification allows up to 1024 bytes of anything before the header, and scanners use them.
    place = head[:1024].find(b"%PDF-")
    return _Finding("pdf") if place >= 0 else None


def _rtf(head: bytes, stream: BinaryIO) -> _Finding | None:
    return _Finding("rtf") if re.match(rb"(?:\xef\xbb\xbf)?\s*\{\\rt", head[:64]) else None


def _bare_office(head: bytes, stream: BinaryIO) -> _Finding | None:
    """Files older than the compound format: Excel 2-4 (a bare BIFF record), Word 2-5."""
    if head[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04") and head[2:4] in (b"\x04\x00", b"\x06\x00"):
        return _Finding("xls")
    if head[:4] in (b"\xdb\xa5\x2d\x00", b"\x31\xbe\x00\x00", b"\xfe\x37\x00\x23"):
        return _Finding("doc")
    return None


def _compound(head: bytes, stream: BinaryIO) -> _Finding | None:
    if not head.startswith(OLE_MAGIC):
        return None
    try:
        ole = OleFile(stream)
    except (OleError, ValueError, OverflowError):
        return _Finding("unknown", "OLE")
    names = ole.names
    if "EncryptedPackage" in names:
        return _Finding("docx", "OLE", encrypted=True)
    kind = _compound_kind(ole, names)
    found = _Finding(kind, "" if kind != "unknown" else _compound_detail(names))
    found.encrypted = _compound_encrypted(ole, kind)
    if names & {"VBA", "Macros", "_VBA_PROJECT_CUR", "_VBA_PROJECT"}:
        found.notices.append(Notice("macros"))
    return found


def _compound_kind(ole: OleFile, names: frozenset[str]) -> str:
    for kind, streams in (
        ("doc", {"WordDocument"}),
        ("xls", {"Workbook", "Book"}),
        ("ppt", {"PowerPoint Document", "PP40"}),
    ):
        if names & streams:
            return kind
    root = next((entry.clsid[:4] for entry in ole.entries if entry.kind == 5), b"")
    for kind, clsids in (("doc", _WORD_CLSIDS), ("xls", _EXCEL_CLSIDS), ("ppt", _PPT_CLSIDS)):
        if root in clsids:
            return kind
    return "unknown"


def _compound_detail(names: frozenset[str]) -> str:
    if any(name.startswith("__substg1.0") for name in names):
        return "Outlook MSG"
    return "Windows MSI" if any(name.startswith("䡀") for name in names) else "OLE"


def _compound_encrypted(ole: OleFile, kind: str) -> bool:
    if kind == "doc":
        fib = ole.head("WordDocument", 512)
        return len(fib) > 12 and bool(int.from_bytes(fib[10:12], "little") & 0x0100)
    if kind == "xls":
        return _biff_encrypted(ole.head("Workbook", 8192) or ole.head("Book", 8192))
    return kind == "ppt" and "EncryptedSummary" in ole.names


def _biff_encrypted(records: bytes) -> bool:
    """A FILEPASS record (0x2F) stands near the beginning of a workbook stream that is encrypted."""
    place = 0
    for _ in range(40):
        if place + 4 > len(records):
            return False
        number = int.from_bytes(records[place : place + 2], "little")
        if number == 0x2F:
            return True
        place += 4 + int.from_bytes(records[place + 2 : place + 4], "little")
    return False


# --- things inside a ZIP ------------------------------------------------------------------------------------


def _archive(head: bytes, stream: BinaryIO) -> _Finding | None:
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _other_archive(head)
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as package:
            return _package(package)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, IndexError):
        return _Finding(_cut_package(head), "ZIP")


def _other_archive(head: bytes) -> _Finding | None:
    for magic, label in ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"\x1f\x8b", "GZIP")):
        if head.startswith(magic):
            return _Finding("unknown", label)
    return None


def _cut_package(head: bytes) -> str:
    """A package whose end is lost still says at its beginning what it was."""
    for sign, kind in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if sign in head:
            return kind
    match = re.search(rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)", head[:256])
    return {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}[match[1]] if match else "zip"


def _package(package: zipfile.ZipFile) -> _Finding:
    names = set(package.namelist())
    if "AndroidManifest.xml" in names or "classes.dex" in names:
        return _Finding("executable", "Android APK")
    kind = _opc_kind(names) or _odf_kind(package, names)
    if kind is None:
        if "META-INF/MANIFEST.MF" in names and any(name.endswith(".class") for name in names):
            return _Finding("executable", "Java JAR")
        return _Finding("zip")
    found = _Finding(kind)
    lowered = {name.lower() for name in names}
    if any(name.endswith("vbaproject.bin") for name in lowered) or any(
        name.startswith(("basic/", "scripts/")) and not name.endswith("/") for name in lowered
    ):
        found.notices.append(Notice("macros"))
    if kind in ("odt", "ods", "odp"):
        found.encrypted = _odf_encrypted(package)
    return found


def _opc_kind(names: set[str]) -> str | None:
    if "[Content_Types].xml" not in names:
        return None
    for prefix, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
        if any(name.startswith(prefix) for name in names):
            return kind
    return None


def _odf_kind(package: zipfile.ZipFile, names: set[str]) -> str | None:
    if "mimetype" not in names or "content.xml" not in names:
        return None
    with package.open("mimetype") as part:
        mime = part.read(200).decode("ascii", "replace").strip()
    for kind in ("odt", "ods", "odp"):
        if mime.startswith(MIMES[kind]):
            return kind
    return None


def _odf_encrypted(package: zipfile.ZipFile) -> bool:
    try:
        with package.open("META-INF/manifest.xml") as part:
            return b"encryption-data" in part.read(1_000_000)
    except KeyError:
        return False


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


def _by_text(head: bytes, size: int, extension: str) -> _Finding:
    text = _as_text(head)
    if text is None:
        return _Finding("unknown", _guess(head))
    start = text.lstrip("\ufeff \t\r\n")
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("svg", lambda: _is_svg(start)),
        ("html", lambda: start[:1] == "<" and bool(_HTML.search(start[:4096]))),
        ("html", lambda: extension in ("html", "htm") and bool(_HTML.search(start))),
        ("jsonl", lambda: _is_jsonl(start, cut=size > len(head))),
        ("markdown", lambda: extension in _EXTENSIONS["markdown"] or _is_markdown(start, extension)),
    )
    return _Finding(next((kind for kind, test in tests if test()), "text"))


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
    return bool(match) and not re.search(r"<(?:!doctype\s+html|html|body)[\s>]", start[: match.start()], re.I)


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
