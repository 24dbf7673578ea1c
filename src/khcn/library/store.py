"""Where the bytes of works lie: once by content, never changed; and pictures of pages, made when first asked for."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from khcn.engines.documents.sandbox import thumbnail_file

PICTURE_WIDTHS = (240, 900, 1800)


def stored_path(sha256: str) -> Path:
    """Return where the file with this hash lies (whether or not it is there)."""
    return Path(settings.KHCN.files_dir) / "originals" / sha256[:2] / sha256


def is_intact(place: Path, sha256: str) -> bool:
    """Whether a file is there, can be read, and has this hash."""
    try:
        with place.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == sha256
    except OSError:
        return False


def store_file(source: Path, sha256: str) -> Path:
    """Keep a copy of ``source`` under its hash: complete or not at all, and only once.

    One that lies there already is read first: if it was damaged on the disk, the sound copy takes its place.

    :raises OSError: when the disk is full; nothing half-written stays behind.
    """
    target = stored_path(sha256)
    if is_intact(target, sha256):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as draft:
        part = Path(draft.name)
        try:
            with source.open("rb") as original:
                shutil.copyfileobj(original, draft, 1 << 20)
            draft.flush()
            os.fsync(draft.fileno())
            part.chmod(0o640)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return target


def picture_path(sha256: str, page: int, width: int, image_format: str = "webp") -> Path:
    """Return where the picture of a page is kept."""
    return Path(settings.KHCN.files_dir) / "pictures" / sha256[:2] / f"{sha256}-{page}-{width}.{image_format}"


def page_picture(sha256: str, page: int, width: int, *, image_format: str = "webp") -> Path:
    """Return the picture of a page, making it in the sandbox when it is not kept yet.

    ``image_format``: "webp", or "jpeg" for other libraries' viewers.

    :raises khcn.engines.documents.types.ExtractionError: when the file has no pictures of pages.
    """
    target = picture_path(sha256, page, width, image_format)
    if target.exists():
        return target
    data = thumbnail_file(stored_path(sha256), page=page, width=width, image_format=image_format.upper())
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False) as draft:
        draft.write(data)
    Path(draft.name).replace(target)
    return target
