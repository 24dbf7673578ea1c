"""The folder of the local index: copies, the pointer to the live one, and the locks between processes.

::

    index/
      live              the name of the live copy, replaced by rename
      copy-7/works/     tantivy
      copy-7/passages/  tantivy
      copy-7/vocabulary
      copy-7/damaged    exists when a reader met damage: the next drain rebuilds
      writer.lock rebuild.lock
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from khcn.library.search.errors import IndexUnavailableError

PARTS: Final = ("works", "passages")


class IndexFolder:
    """Paths and locks of one index folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def live(self) -> Path:
        """Return the live copy. Raises ``IndexUnavailableError``."""
        try:
            name = (self.root / "live").read_text().strip()
        except OSError:
            raise IndexUnavailableError("there is no index yet") from None
        copy = self.root / name
        if not name.startswith("copy-") or not (copy / "works" / "meta.json").is_file():
            raise IndexUnavailableError(f"the live copy {name!r} is missing")
        if (copy / "damaged").exists():
            raise IndexUnavailableError(f"{name} is damaged")
        return copy

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Return what changes whenever a reader should look anew: the files that a commit or a swap
        replaces."""
        try:
            live = self.root / "live"
            copy = self.root / live.read_text().strip()
            files = (live, *(copy / part / "meta.json" for part in PARTS))
            stamps = [_stamp(file) for file in files]
        except OSError:
            return ()
        with contextlib.suppress(FileNotFoundError):
            stamps.append(_stamp(copy / "vocabulary"))
        return tuple(stamps)

    def new_copy(self) -> Path:
        """Make the folder of the next copy, after clearing what killed rebuilds left."""
        self.clear_old()
        numbers = [int(path.name.removeprefix("copy-")) for path in self._copies()]
        copy = self.root / f"copy-{max(numbers, default=0) + 1}"
        for part in PARTS:
            (copy / part).mkdir(parents=True)
        return copy

    def publish(self, copy: Path) -> None:
        """Make ``copy`` the live one, in one step, and clear the others."""
        draft = self.root / "live.new"
        with draft.open("w") as file:
            file.write(copy.name)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.root / "live")
        self.clear_old()

    def clear_old(self) -> None:
        """Remove every copy but the live one; readers that still have it open keep their mapped files."""
        try:
            live = (self.root / "live").read_text().strip()
        except OSError:
            live = ""
        for path in self._copies():
            if path.name != live:
                shutil.rmtree(path, ignore_errors=True)

    def _copies(self) -> list[Path]:
        return [path for path in self.root.glob("copy-*") if path.name.removeprefix("copy-").isdigit()]

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Take ``name.lock``; yields False at once when another process or thread holds it.

        The kernel drops the lock when its holder dies, however it dies.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f"{name}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size
