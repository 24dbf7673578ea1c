"""Files that people hand in during the set-up: private, named here, kept only as long as they are needed.

Sheets and bills are deleted when they were taken in (or after a day), weather files stay with the plans that use them.
"""

import os
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from khcn.core.numbers import size_vi
from khcn.energy.setup_errors import RegisterError

SHEETS: Final = "sheets"
BILLS: Final = "bills"
READINGS: Final = "readings"
WEATHER: Final = "weather"
MOST_BYTES: Final = {SHEETS: 10 * 2**20, BILLS: 20 * 2**20, READINGS: 40 * 2**20, WEATHER: 64 * 2**20}
KEPT: Final = timedelta(days=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,199}")
_ENDING: Final = re.compile(r"[a-z0-9]{1,6}")


class Upload(Protocol):
    """What a form gives for a file (Django's ``UploadedFile``)."""

    @property
    def name(self) -> str | None:
        """What the sender calls it."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes."""
        ...

    def chunks(self) -> Iterable[bytes]:
        """Yield the bytes."""
        ...


def folder(kind: str) -> Path:
    """Return the private folder of one kind of file, made when missing."""
    if kind not in MOST_BYTES:
        raise ValueError(f"one of {sorted(MOST_BYTES)} was expected, got {kind!r}")
    place = Path(settings.KHCN.files_dir) / "energy" / kind
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place


def path_of(kind: str, name: str) -> Path:
    """Return where a file lies. :raises ValueError: for a name that was not made here."""
    if not _NAME.fullmatch(name) or ".." in name:
        raise ValueError(f"not a name of this store: {name[:40]!r}")
    return folder(kind) / name


def keep(kind: str, owner: int | None, file: Upload) -> str:
    """Keep an upload of a person; return its name, which begins with whose it is. Raises RegisterError."""
    limit = MOST_BYTES[kind]
    if (file.size or 0) > limit:
        raise RegisterError(
            "file",
            _("Tệp lớn %(size)s, quá mức %(limit)s. Hãy chia nhỏ rồi gửi lại.")
            % {"size": size_vi(file.size or 0), "limit": size_vi(limit)},
        )
    ending = (file.name or "").rpartition(".")[2].lower()
    name = f"{owner or 0}-{secrets.token_hex(12)}.{ending if _ENDING.fullmatch(ending) else 'bin'}"
    target = path_of(kind, name)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            for chunk in file.chunks():
                sink.write(chunk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return name


def own_path(kind: str, owner: int | None, name: str) -> Path:
    """Return the file ``name`` when this person handed it in and it is still there. Raises RegisterError."""
    gone = RegisterError("file", _("Tệp đã gửi không còn nữa. Hãy chọn lại tệp rồi gửi lần nữa."))
    if not name.startswith(f"{owner or 0}-"):
        raise gone
    try:
        path = path_of(kind, name)
    except ValueError:
        raise gone from None
    if not path.is_file():
        raise gone
    return path


def drop(kind: str, name: str) -> None:
    """Delete a file; it may be gone already."""
    if name:
        path_of(kind, name).unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Delete what was handed in and never taken in; return how many files. Weather files stay."""
    gone = 0
    for kind in (SHEETS, BILLS, READINGS):
        for path in folder(kind).iterdir():
            if path.is_file() and path.stat().st_mtime < (now - KEPT).timestamp():
                path.unlink(missing_ok=True)
                gone += 1
    return gone
