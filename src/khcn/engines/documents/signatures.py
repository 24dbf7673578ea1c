"""Binary kinds of files, told by their first bytes and by what is inside a container.

Nothing is unpacked here beyond the list of parts and two small parts that name the kind.
"""

import io
import re
import struct
import zipfile
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from khcn.engines.documents.ole import MAGIC as OLE_MAGIC
from khcn.engines.documents.ole import OleError, OleFile
from khcn.engines.documents.types import Notice

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

# A list of entries longer than this is not read: it would take gigabytes of memory.
MAX_DIRECTORY_BYTES: Final = 64 * 1024 * 1024
_WORD_CLSIDS: Final = (b"\x06\x09\x02\x00", b"\x00\x09\x02\x00")
_EXCEL_CLSIDS: Final = (b"\x20\x08\x02\x00", b"\x10\x08\x02\x00")
_PPT_CLSIDS: Final = (b"\x10\x8d\x81\x64", b"\x51\x48\x04\xea")


@dataclass(slots=True)
class Finding:
    """What was found so far."""

    kind: str
    detail: str = ""
    encrypted: bool = False
    notices: list[Notice] = field(default_factory=list)


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


def by_magic(head: bytes, stream: BinaryIO) -> Finding | None:
    """Return the binary kind that the first bytes ``head`` of ``stream`` show, ``None`` when it may be text."""
    for test in (_executable, _image, _compound, _archive, _pdf, _rtf, _bare_office):
        found = test(head, stream)
        if found is not None:
            return found
    return None


def _executable(head: bytes, stream: BinaryIO) -> Finding | None:
    for magic, label in _EXECUTABLES:
        if head.startswith(magic):
            return Finding("executable", label)
    if head.startswith(b"MZ") and (
        b"PE\0\0" in head[:4096] or b"DOS mode" in head[:512] or b"\0" in head[:64]
    ):
        return Finding("executable", "Windows EXE")
    return None


def _image(head: bytes, stream: BinaryIO) -> Finding | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Finding("png")
    if head.startswith(b"\xff\xd8\xff"):
        return Finding("jpeg")
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return Finding("tiff")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Finding("webp")
    return None


def _pdf(head: bytes, stream: BinaryIO) -> Finding | None:
    # The specification allows up to 1024 bytes of anything before the header, and scanners use them.
    place = head[:1024].find(b"%PDF-")
    return Finding("pdf") if place >= 0 else None


def _rtf(head: bytes, stream: BinaryIO) -> Finding | None:
    return Finding("rtf") if re.match(rb"(?:\xef\xbb\xbf)?\s*\{\\rt", head[:64]) else None


def _bare_office(head: bytes, stream: BinaryIO) -> Finding | None:
    """Files older than the compound format: Excel 2-4 (a bare BIFF record), Word 2-5."""
    if head[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04") and head[2:4] in (b"\x04\x00", b"\x06\x00"):
        return Finding("xls")
    if head[:4] in (b"\xdb\xa5\x2d\x00", b"\x31\xbe\x00\x00", b"\xfe\x37\x00\x23"):
        return Finding("doc")
    return None


def _compound(head: bytes, stream: BinaryIO) -> Finding | None:
    if not head.startswith(OLE_MAGIC):
        return None
    try:
        ole = OleFile(stream)
    except (OleError, ValueError, OverflowError):
        return Finding("unknown", "OLE")
    names = ole.names
    if "EncryptedPackage" in names:
        return Finding("docx", "OLE", encrypted=True)
    kind = _compound_kind(ole, names)
    found = Finding(kind, "" if kind != "unknown" else _compound_detail(names))
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


def _archive(head: bytes, stream: BinaryIO) -> Finding | None:
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _other_archive(head)
    if (directory_bytes(stream) or 0) > MAX_DIRECTORY_BYTES:
        return Finding(_cut_package(head), "ZIP")
    try:
        stream.seek(0)
        with zipfile.ZipFile(stream) as package:
            return _package(package)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, IndexError):
        return Finding(_cut_package(head), "ZIP")


def directory_bytes(stream: BinaryIO) -> int | None:
    """The size of a ZIP's list of entries as its end record says, ``None`` without an end record."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - 66_000))
    tail = stream.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + 22 > len(tail):
        return None
    (size,) = struct.unpack_from("<I", tail, place + 12)
    wide = tail.rfind(b"PK\x06\x06")
    if size == 0xFFFFFFFF and 0 <= wide <= len(tail) - 56:
        (size,) = struct.unpack_from("<Q", tail, wide + 40)
    return int(size)


def _other_archive(head: bytes) -> Finding | None:
    for magic, label in ((b"Rar!\x1a\x07", "RAR"), (b"7z\xbc\xaf\x27\x1c", "7-Zip"), (b"\x1f\x8b", "GZIP")):
        if head.startswith(magic):
            return Finding("unknown", label)
    return None


def _cut_package(head: bytes) -> str:
    """A package whose end is lost still says at its beginning what it was."""
    for sign, kind in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if sign in head:
            return kind
    match = re.search(rb"application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)", head[:256])
    return {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp"}[match[1]] if match else "zip"


def _package(package: zipfile.ZipFile) -> Finding:
    names = set(package.namelist())
    if "AndroidManifest.xml" in names or "classes.dex" in names:
        return Finding("executable", "Android APK")
    kind = _opc_kind(names) or _odf_kind(package, names)
    if kind is None:
        if "META-INF/MANIFEST.MF" in names and any(name.endswith(".class") for name in names):
            return Finding("executable", "Java JAR")
        return Finding("zip")
    found = Finding(kind)
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
