"""Just enough of the OLE compound file format (MS-CFB) to say what an old Office file is.

Reads the directory (names of streams and storages, CLSID of the root) and the beginning of one stream. Every
offset comes from the file and is checked; a broken file gives ``OleError``, never an endless loop.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA  # values from here on are markers, not sectors
_MAX_SECTORS: Final = 200_000
_ENTRY: Final = struct.Struct("<64sHBBIII16sI8s8sIQ")


class OleError(Exception):
    """The file is not a readable compound file."""


@dataclass(frozen=True, slots=True)
class OleEntry:
    """One directory entry: ``kind`` 1 = storage, 2 = stream, 5 = root."""

    name: str
    kind: int
    clsid: bytes
    start: int
    size: int


class OleFile:
    """The directory of a compound file that is open for reading."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        header = self._read_at(0, 512)
        if not header.startswith(MAGIC):
            raise OleError("no compound file header")
        shift, mini_shift = struct.unpack_from("<HH", header, 30)
        if shift not in (9, 12) or mini_shift > shift:
            raise OleError(f"sector shift {shift}/{mini_shift}")
        self._sector = 1 << shift
        (self._fat_count, self._dir_start) = struct.unpack_from("<II", header, 44)
        (self._mini_cutoff,) = struct.unpack_from("<I", header, 56)
        self._fat_sectors = self._difat(header)
        self.entries = self._directory()

    def _read_at(self, offset: int, size: int) -> bytes:
        self._stream.seek(offset)
        data = self._stream.read(size)
        if len(data) < min(size, 512):
            raise OleError(f"cut at {offset}")
        return data

    def _sector_at(self, number: int) -> bytes:
        return self._read_at((number + 1) * self._sector, self._sector)

    def _difat(self, header: bytes) -> list[int]:
        sectors = [n for n in struct.unpack_from("<109I", header, 76) if n < _END]
        following, count = struct.unpack_from("<II", header, 68)
        for _ in range(min(count, _MAX_SECTORS)):
            if following >= _END:
                break
            numbers = struct.unpack(f"<{self._sector // 4}I", self._sector_at(following))
            sectors.extend(n for n in numbers[:-1] if n < _END)
            following = numbers[-1]
        return sectors[: self._fat_count]

    def _next(self, number: int) -> int:
        index, place = divmod(number, self._sector // 4)
        if index >= len(self._fat_sectors):
            raise OleError(f"sector {number} is outside the table")
        raw = self._read_at((self._fat_sectors[index] + 1) * self._sector + 4 * place, 4)
        return int(struct.unpack("<I", raw)[0])

    def _chain(self, start: int, limit: int) -> bytes:
        parts: list[bytes] = []
        number, seen = start, 0
        while number < _END and seen < limit:
            parts.append(self._sector_at(number))
            seen += self._sector
            number = self._next(number) if seen < limit else _END
        return b"".join(parts)

    def _directory(self) -> tuple[OleEntry, ...]:
        raw = self._chain(self._dir_start, 128 * 20_000)
        entries = []
        for offset in range(0, len(raw) - 127, 128):
            name, length, kind, _, _, _, _, clsid, _, _, _, start, size = _ENTRY.unpack_from(raw, offset)
            if kind in (1, 2, 5):
                text = name[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                entries.append(OleEntry(text, kind, clsid, start, size & 0xFFFFFFFF))
        return tuple(entries)

    @property
    def names(self) -> frozenset[str]:
        """Names of all streams and storages."""
        return frozenset(entry.name for entry in self.entries)

    def head(self, name: str, size: int) -> bytes:
        """Return the first ``size`` bytes of a stream, ``b""`` when it is absent or too short to stand alone."""
        for entry in self.entries:
            if entry.name == name and entry.kind == 2 and entry.size >= self._mini_cutoff:
                return self._chain(entry.start, size)[:size]
        return b""
