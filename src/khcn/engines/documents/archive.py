"""The files inside a ZIP, one at a time, for an import that must survive any archive.

A member that cannot be taken becomes a :class:`Refusal` with a sentence for the person; the rest of the archive
goes on. Names never become paths of this machine: every member is unpacked into a temporary file of its own.
"""

import contextlib
import errno
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from khcn.engines.documents.identify import identify
from khcn.engines.documents.messages import message_text, size_text
from khcn.engines.documents.signatures import MAX_DIRECTORY_BYTES, directory_bytes
from khcn.engines.documents.types import ExtractionError
from khcn.engines.text.syllables import plausible_share

_CHUNK: Final = 1 << 20
_RATIO_FLOOR: Final = 20 * 1024 * 1024
_SYSTEM_FILES: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_DIRTY: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_UNICODE_PATH: Final = 0x7075
_PROBLEMS: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    zlib.error,
    ValueError,
    struct.error,
    RuntimeError,
)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Bounds for one archive, the archives inside it included."""

    max_entries: int = 10_000
    max_entry_bytes: int = 512 * 1024 * 1024
    max_total_bytes: int = 4 * 1024 * 1024 * 1024
    max_ratio: float = 200.0
    max_depth: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One unpacked file. ``name`` is its clean path inside the archive; ``path`` lives until the next step."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One member that was not taken. ``code`` is one of ``messages.ERRORS``."""

    name: str
    code: str
    params: dict[str, str | int | float] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The Vietnamese sentence for the person."""
        return message_text(self.code, {"name": self.name, **self.params}, ())


@dataclass(slots=True)
class _Budget:
    """What one walk through an archive and the archives inside it has used so far."""

    limits: ArchiveLimits
    scratch: Path
    entries: int = 0
    unpacked: int = 0
    over: bool = False


def iter_archive(
    path: Path, *, limits: ArchiveLimits | None = None, folder: Path | None = None
) -> Iterator[Member | Refusal]:
    """Yield what is inside the ZIP at ``path``: members as temporary files (in ``folder``), and refusals.

    Folders and system files (``__MACOSX``, ``.DS_Store``) are passed over in silence. Raises ``ExtractionError``
    ``corrupt`` when the archive cannot be opened at all, ``too_many_entries``, and ``disk_full``.
    """
    with tempfile.TemporaryDirectory(prefix="khcn-zip-", dir=folder) as scratch:
        yield from _walk(path, "", 0, _Budget(limits or ArchiveLimits(), Path(scratch)))


def _walk(path: Path, prefix: str, depth: int, budget: _Budget) -> Iterator[Member | Refusal]:
    _check_directory(path, budget.limits)
    try:
        package = zipfile.ZipFile(path)
    except (*_PROBLEMS, OSError) as error:
        raise ExtractionError("corrupt", detail=str(error)) from error
    with package:
        for info in package.infolist():
            if budget.over:
                return
            name = member_name(info)
            if info.is_dir() or _is_system(name):
                continue
            budget.entries += 1
            if budget.entries > budget.limits.max_entries:
                budget.over = True
                yield Refusal(prefix + name, "too_many_entries", {"limit": budget.limits.max_entries})
                return
            yield from _entry(package, info, prefix + name, depth, budget)


def _entry(
    package: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, depth: int, budget: _Budget
) -> Iterator[Member | Refusal]:
    refusal = _refused(info, name, budget.limits)
    if refusal:
        yield refusal
        return
    target = budget.scratch / f"{depth}-{budget.entries}"
    try:
        code = _unpack(package, info, target, budget)
        if code:
            yield Refusal(name, code, {"limit": size_text(budget.limits.max_entry_bytes)})
        elif _is_archive(target, name):
            yield from _nested(target, name, depth, budget)
        else:
            yield Member(name, target, target.stat().st_size)
    finally:
        target.unlink(missing_ok=True)


def _nested(path: Path, name: str, depth: int, budget: _Budget) -> Iterator[Member | Refusal]:
    if depth >= budget.limits.max_depth:
        yield Refusal(name, "nested_archive")
        return
    try:
        yield from _walk(path, f"{name}/", depth + 1, budget)
    except ExtractionError as error:
        if error.code == "disk_full":
            raise
        yield Refusal(name, "bad_entry")


def _is_archive(path: Path, name: str) -> bool:
    try:
        return identify(path, name).kind == "zip"
    except ExtractionError:  # an empty file is for the importer to refuse, with its own sentence
        return False


def _refused(info: zipfile.ZipInfo, name: str, limits: ArchiveLimits) -> Refusal | None:
    """Refuse by what the directory says, before anything is unpacked."""
    mode = stat.S_IFMT(info.external_attr >> 16)
    reasons = (
        ("path_escape", _escapes(info.filename) or _escapes(name)),
        ("symlink", mode == stat.S_IFLNK),
        ("special_file", mode not in (0, stat.S_IFREG)),
        ("entry_encrypted", bool(info.flag_bits & 1)),
        ("entry_too_large", info.file_size > limits.max_entry_bytes),
        ("entry_bomb", _swells(info, info.file_size, limits)),
    )
    code = next((code for code, applies in reasons if applies), "")
    return Refusal(name, code, {"limit": size_text(limits.max_entry_bytes)}) if code else None


def _swells(info: zipfile.ZipInfo, size: int, limits: ArchiveLimits) -> bool:
    return size > _RATIO_FLOOR and size > limits.max_ratio * max(1, info.compress_size)


def _unpack(package: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, budget: _Budget) -> str:
    """Unpack one entry while counting; return "" or the code of what went wrong."""
    limits = budget.limits
    size = 0
    try:
        with package.open(info) as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                budget.unpacked += len(chunk)
                if size > limits.max_entry_bytes:
                    return "entry_too_large"
                if budget.unpacked > limits.max_total_bytes:
                    budget.over = True
                    return "bomb"
                if _swells(info, size, limits):
                    return "entry_bomb"
                sink.write(chunk)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ExtractionError("disk_full", detail=str(error)) from error
        return "bad_entry"
    except _PROBLEMS:
        return "bad_entry"
    return ""


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or bool(re.match(r"[A-Za-z]:", name))


def _is_system(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.lower() in _SYSTEM_FILES


def member_name(info: zipfile.ZipInfo) -> str:
    """Return an entry's name as its author wrote it: NFC, with forward slashes, without control characters.

    Many programs write names in UTF-8 or in a Windows code page without saying so; ``zipfile`` then reads them as
    cp437. The name is put back to bytes and read again.
    """
    name = _declared_name(info) or info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        name = _reread(name)
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    return _DIRTY.sub("", name).encode("utf-8", "replace").decode("utf-8") or "?"


def _reread(name: str) -> str:
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    with contextlib.suppress(UnicodeDecodeError):
        vietnamese = unicodedata.normalize("NFC", raw.decode("cp1258"))
        if plausible_share(vietnamese) > 0.6 and all(char.isalpha() for char in vietnamese if char > "\x7f"):
            return vietnamese
    return name


def _declared_name(info: zipfile.ZipInfo) -> str | None:
    """The name in the Info-ZIP "Unicode path" extra field, which 7-Zip and WinRAR write."""
    place = 0
    while place + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<HH", info.extra, place)
        data = info.extra[place + 4 : place + 4 + size]
        if kind == _UNICODE_PATH and len(data) > 5 and data[0] == 1:
            with contextlib.suppress(UnicodeDecodeError, UnicodeEncodeError):
                if struct.unpack_from("<I", data, 1)[0] == zlib.crc32(info.orig_filename.encode("cp437")):
                    return data[5:].decode("utf-8")
        place += 4 + size
    return None


def _check_directory(path: Path, limits: ArchiveLimits) -> None:
    """Refuse a list of entries too long to be read into memory at all."""
    try:
        with path.open("rb") as stream:
            size = directory_bytes(stream)
    except OSError as error:
        raise ExtractionError("missing", detail=str(error)) from error
    if size is None:
        raise ExtractionError("corrupt", detail="no end of archive")
    if size > MAX_DIRECTORY_BYTES:
        raise ExtractionError("too_many_entries", limit=limits.max_entries)
