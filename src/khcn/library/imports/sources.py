"""The files behind the paths of an import, one at a time and in the order of their names.

Folders are walked without following links to folders; ZIP files are opened member by member. What cannot be taken
is yielded as a refusal, so that every file ends in a visible state.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from khcn.engines.documents.archive import ArchiveLimits, Refusal, iter_archive
from khcn.engines.documents.identify import identify
from khcn.engines.documents.types import ExtractionError
from khcn.library.pipeline.types import Source

_PASSED_OVER: Final = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that is not taken in, and the sentence that says why and what to do."""

    name: str
    code: str
    message: str


def is_passed_over(name: str) -> bool:
    """Whether programs leave such files behind: hidden ones, lock files of an office program, system files."""
    return name.startswith((".", "~$")) or name.lower() in _PASSED_OVER


def shown_name(path: Path, root: Path) -> str:
    """Return the name under which people know a file: relative to ``root``, any bytes made printable."""
    relative = path.relative_to(root).as_posix() if path != root else path.name
    return os.fsencode(relative).decode("utf-8", "replace")


def walk(root: Path) -> Iterator[Source | Refused]:
    """Yield the files of a folder (or the one file), sorted by path; archives are yielded as they are."""
    if not root.is_dir():
        yield from _one(root, root)
        return
    found: list[tuple[tuple[str, ...], Path]] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not is_passed_over(name)]
        for name in files:
            path = Path(folder) / name
            if not is_passed_over(name):
                found.append((path.relative_to(root).parts, path))
    for _parts, path in sorted(found):
        yield from _one(path, root)


def _one(path: Path, root: Path) -> Iterator[Source | Refused]:
    name = shown_name(path, root)
    try:
        mode = path.stat().st_mode
    except OSError:
        text = _("Không mở được tệp (liên kết hỏng hoặc không có quyền đọc). Hãy kiểm tra rồi thử lại.")
        yield Refused(name, "unreadable", text)
        return
    if stat.S_ISREG(mode):
        yield Source(path, name)
    else:
        yield Refused(name, "special_file", _("Đây không phải tệp thường nên được bỏ qua."))


def kind_of(source: Source) -> str:
    """Return the kind of a file by content, "" when it cannot be opened or is empty (its reading will say)."""
    try:
        return identify(source.path, source.file_name).kind
    except ExtractionError:
        return ""


def members(source: Source, *, max_bytes: int) -> Iterator[Source | Refused]:
    """Yield what is inside a ZIP; each file exists only until the next is asked for.

    An archive that cannot be opened yields one refusal that bears its own name.
    """
    try:
        for member in iter_archive(source.path, limits=ArchiveLimits(max_entry_bytes=max_bytes)):
            name = f"{source.name}/{member.name}"
            if isinstance(member, Refusal):
                yield Refused(name, member.code, member.message)
            elif not is_passed_over(member.name.rpartition("/")[2]):
                yield Source(member.path, name)
    except ExtractionError as error:
        yield Refused(source.name, error.code, error.message)
