"""Where the few pictures of market halls lie: private folders below the files, readable by the owner only.

Only three kinds of pixels reach a disk (issue, "privacy by construction"): set-up stills (nobody visible), slit-scans
(some days) and uploaded clips (until analysed, a day at most). Names are made here and never taken from outside.
"""

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from django.conf import settings

CLIPS: Final = "clips"
STILLS: Final = "stills"
SLIT_SCANS: Final = "slit-scans"
FOLDERS: Final = frozenset({CLIPS, STILLS, SLIT_SCANS})
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")


def private_folder(kind: str) -> Path:
    """Return the folder of one kind of picture, made when missing (mode 0700)."""
    if kind not in FOLDERS:
        raise ValueError(f"one of {sorted(FOLDERS)} was expected, got {kind!r}")
    folder = Path(settings.KHCN.files_dir) / "markets" / kind
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def private_path(kind: str, name: str) -> Path:
    """Return where the picture ``name`` of this kind lies. :raises ValueError: for a name that was not made here."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(f"not a name of this store: {name[:40]!r}")
    return private_folder(kind) / name


def fresh_name(stem: str, ending: str) -> str:
    """Return a new name that nobody can guess, like ``camera-12-3fa9….webp``."""
    return f"{stem}-{secrets.token_hex(12)}.{ending}"


def write_private(kind: str, name: str, chunks: Iterable[bytes]) -> int:
    """Write a file whole or not at all, readable by the owner only; return its size in bytes."""
    target = private_path(kind, name)
    part = target.with_name(f"{name}.part")
    size = 0
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sink:
            for chunk in chunks:
                size += sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size


def remove_private(kind: str, name: str) -> bool:
    """Delete a file and a half-written one; return whether there was one. An empty name is fine."""
    if not name:
        return False
    path = private_path(kind, name)
    path.with_name(f"{name}.part").unlink(missing_ok=True)
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed
