"""BagIt bags (RFC 8493) with SHA-256: a folder whose every file is named with its hash.

``make_bag`` turns a folder into a bag in place, ``check_bag`` reads every byte and compares. Own code, because the library for
it has no wheel in its newest release and the one before needs a module that Python's tools have dropped.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LINE: Final = re.compile(r"([0-9A-Fa-f]{64})[ \t]+\*?(.+)")
_INFO: Final = re.compile(r"([^:\s][^:]*?)\s*:\s?(.*)")
_MOST_TAG_BYTES: Final = 1 << 30


class BagFault(Exception):
    """A bag that is not as it was made. ``paths``: the files concerned; ``why``: one short English reason."""

    def __init__(self, why: str, paths: Iterable[str] = ()) -> None:
        self.why, self.paths = why, tuple(paths)
        super().__init__(": ".join([why, ", ".join(self.paths)]) if self.paths else why)


@dataclass(frozen=True, slots=True)
class Bag:
    """A checked bag: what it says of itself, and the hash of every payload file by its path ("data/...")."""

    info: Mapping[str, str]
    payload: Mapping[str, str]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file. :raises OSError:"""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def make_bag(folder: Path, info: Mapping[str, str]) -> None:
    """Make a bag of what lies in ``folder``: its content goes to ``data/``, tags are written beside. :raises OSError:"""
    held = list(folder.iterdir())
    data = folder / "data"
    part = folder / ".data"
    part.mkdir()
    for path in held:
        path.rename(part / path.name)
    part.rename(data)
    sign_bag(folder, info)


def sign_bag(folder: Path, info: Mapping[str, str]) -> None:
    """Write the tags of a bag anew from the payload that is there. :raises OSError:"""
    payload = _files(folder, "data")
    size = sum((folder / path).stat().st_size for path in payload)
    said = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
    (folder / "bagit.txt").write_text(DECLARATION, "utf-8", newline="\n")
    lines = [f"{name}: {' '.join(value.split())}\n" for name, value in said.items()]
    (folder / "bag-info.txt").write_text("".join(lines), "utf-8", newline="\n")
    _write_manifest(folder, "manifest-sha256.txt", payload)
    _write_manifest(folder, "tagmanifest-sha256.txt", ["bag-info.txt", "bagit.txt", "manifest-sha256.txt"])


def read_info(folder: Path) -> dict[str, str]:
    """Return what a bag says of itself, unchecked; a folded line belongs to the one before."""
    found: dict[str, str] = {}
    last = ""
    for line in _text(folder / "bag-info.txt").splitlines():
        if line[:1] in {" ", "\t"} and last:
            found[last] += " " + line.strip()
        elif match := _INFO.fullmatch(line):
            last = match[1]
            found[last] = match[2].strip()
    return found


def check_bag(folder: Path) -> Bag:
    """Read every file of a bag and compare. :raises BagFault: naming what is wrong. :raises OSError:"""
    if not _text(folder / "bagit.txt").startswith("BagIt-Version: "):
        raise BagFault("no BagIt declaration")
    links = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink()]
    if links:
        raise BagFault("links lead out of the bag", links)
    tags = _manifest(folder, "tagmanifest-sha256.txt") if (folder / "tagmanifest-sha256.txt").exists() else {}
    payload = _manifest(folder, "manifest-sha256.txt")
    there = set(_files(folder, "data"))
    if set(payload) != there:
        raise BagFault("files missing or too many", sorted(set(payload) ^ there))
    wrong = [path for path, said in {**payload, **tags}.items() if _hash_or_none(folder / path) != said]
    if wrong:
        raise BagFault("checksum differs", sorted(wrong))
    return Bag(read_info(folder), payload)


def _hash_or_none(path: Path) -> str | None:
    return file_hash(path) if path.is_file() else None


def _files(folder: Path, below: str) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in (folder / below).rglob("*") if path.is_file()
    )


def _write_manifest(folder: Path, name: str, paths: Iterable[str]) -> None:
    lines = [f"{file_hash(folder / path)}  {_quoted(path)}\n" for path in paths]
    (folder / name).write_text("".join(lines), "utf-8", newline="\n")


def _manifest(folder: Path, name: str) -> dict[str, str]:
    """Return hash by path. A path that leaves the bag is refused before anything is opened."""
    found: dict[str, str] = {}
    for line in _text(folder / name).split("\n"):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            raise BagFault(f"{name}: not a line of a manifest", [line[:80]])
        path = _unquoted(match[2])
        parts = path.split("/")
        if (
            path.startswith(("/", "~"))
            or "\\" in path
            or "\0" in path
            or any(part in {"", ".", ".."} for part in parts)
        ):
            raise BagFault("a path that leaves the bag", [path[:200]])
        found[path] = match[1].lower()
    return found


def _text(path: Path) -> str:
    """Return a tag file. :raises BagFault: it is missing, too large or not UTF-8."""
    try:
        if path.stat().st_size > _MOST_TAG_BYTES:
            raise BagFault("tag file too large", [path.name])
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BagFault("tag file missing", [path.name]) from None
    except UnicodeDecodeError:
        raise BagFault("tag file is not UTF-8", [path.name]) from None


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _unquoted(path: str) -> str:
    return re.sub("%0d", "\r", re.sub("%0a", "\n", path, flags=re.I), flags=re.I).replace("%25", "%")
