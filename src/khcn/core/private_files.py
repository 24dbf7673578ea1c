"""Files that people attach: checked by content, kept whole or not at all, private, served as downloads only.

Each use has a *drawer*: a folder below the installation's files, a size limit and the kinds it takes. Names are made
here and never taken from outside; the name that the sender gave is only shown. Pictures are written anew, so that what
a phone hides in them (place, device) is not kept.
"""

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Protocol

from django.conf import settings
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.numbers import size_vi
from khcn.engines.documents.identify import IMAGE_KINDS, identify
from khcn.engines.documents.types import ExtractionError

PAPERS: Final = frozenset({"pdf", "docx", "xlsx", "odt", "ods", "doc", "xls", "text"})
PICTURES: Final = frozenset({"png", "jpeg", "webp"})
SLIDES: Final = frozenset({"pptx"})
MOST_PICTURE_SIDE: Final = 2400  # pixels; larger photos are made smaller
MOST_PIXELS: Final = 80_000_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,120}")


class FileRefusedError(KhcnError):
    """A file that is not kept."""

    code = "file-refused"
    status = 422


class Upload(Protocol):
    """What a form gives for a file (Django's ``UploadedFile``)."""

    @property
    def name(self) -> str | None:
        """What the sender calls it."""
        ...

    def chunks(self) -> Iterable[bytes]:
        """Yield the bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in its drawer. ``name``: made here; ``title``: what the sender called it; ``size`` in bytes."""

    name: str
    title: str
    sha256: str
    size: int
    mime: str


@dataclass(frozen=True, slots=True)
class Drawer:
    """One place for one use. ``room``: folder like "plan/evidence"; ``kinds``: of :mod:`engines.documents.identify`."""

    room: str
    kinds: frozenset[str]
    limit: int = 20 * 2**20

    def folder(self) -> Path:
        """Return the private folder, made when missing."""
        place = Path(settings.KHCN.files_dir) / self.room
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        return place

    def path(self, name: str) -> Path:
        """Return where a file lies. :raises ValueError: for a name that was not made here."""
        if not _NAME.fullmatch(name) or ".." in name:
            raise ValueError(f"not a name of this store: {name[:40]!r}")
        return self.folder() / name

    def keep(self, file: Upload) -> Kept:
        """Keep an upload whole, or raise :class:`FileRefusedError` and keep nothing."""
        part = self.folder() / f"{secrets.token_hex(12)}.part"
        try:
            self._write(part, file.chunks())
            kind, mime = self._judged(part, file.name or "")
            if kind in IMAGE_KINDS:
                _write_anew(part, kind)
            return self._settle(part, PurePath(file.name or "").name[:180] or "tep", kind, mime)
        except OSError as error:
            raise FileRefusedError(
                _(
                    "Máy chủ chưa ghi được tệp. Tệp của bạn vẫn còn; hãy thử lại sau ít phút hoặc báo quản trị."
                ),
                code="file-not-written",
            ) from error
        finally:
            part.unlink(missing_ok=True)

    def keep_bytes(self, data: bytes, title: str, kind: str, mime: str) -> Kept:
        """Keep what the software itself made; nothing about it is doubted."""
        part = self.folder() / f"{secrets.token_hex(12)}.part"
        try:
            self._write(part, [data])
            return self._settle(part, title, kind, mime)
        finally:
            part.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Delete a file; it may be gone already."""
        if name:
            self.path(name).unlink(missing_ok=True)

    def response(self, name: str, title: str, *, inline: bool = False) -> FileResponse:
        """Answer with a kept file, as a download (pictures may stand in a page). Raises Http404."""
        try:
            handle = self.path(name).open("rb")
        except (OSError, ValueError):
            raise Http404 from None
        mime = _MIME_OF.get(PurePath(name).suffix.lstrip("."), "application/octet-stream")
        shown = inline and mime.startswith("image/")
        response = FileResponse(handle, as_attachment=not shown, filename=title, content_type=mime)
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = "private, no-store"
        return response

    def _write(self, part: Path, chunks: Iterable[bytes]) -> None:
        size = 0
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            for chunk in chunks:
                size += len(chunk)
                if size > self.limit:
                    raise FileRefusedError(
                        _("Tệp lớn quá mức %(limit)s. Hãy nén lại hoặc chia nhỏ rồi gửi lại.")
                        % {"limit": size_vi(self.limit)},
                        code="file-too-large",
                    )
                sink.write(chunk)
            sink.flush()
            os.fsync(sink.fileno())

    def _judged(self, part: Path, name: str) -> tuple[str, str]:
        try:
            found = identify(part, name)
        except ExtractionError:
            raise FileRefusedError(
                _("Tệp trống. Hãy chọn lại tệp rồi gửi lần nữa."), code="file-empty"
            ) from None
        if found.kind not in self.kinds or any(notice.code == "polyglot" for notice in found.notices):
            raise FileRefusedError(
                _("Không nhận loại tệp này (%(name)s). Hãy gửi tệp PDF, Word, Excel hoặc ảnh.")
                % {"name": PurePath(name).name[:60]},
                code="file-kind",
            )
        return found.kind, found.mime

    def _settle(self, part: Path, title: str, kind: str, mime: str) -> Kept:
        data = part.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        name = f"{secrets.token_hex(12)}.{_ENDINGS.get(kind, 'bin')}"
        part.replace(self.path(name))
        return Kept(name, title, digest, len(data), mime)


_ENDINGS: Final = {
    "pdf": "pdf", "docx": "docx", "xlsx": "xlsx", "odt": "odt", "ods": "ods", "doc": "doc", "xls": "xls",
    "text": "txt", "png": "png", "jpeg": "jpg", "webp": "webp", "pptx": "pptx",
}  # fmt: skip
_MIME_OF: Final = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def _write_anew(part: Path, kind: str) -> None:
    """Write a picture anew, upright, without what was hidden in it. Raises FileRefusedError."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415  # 30 ms that most requests do not need

    try:
        with Image.open(part) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((MOST_PICTURE_SIDE, MOST_PICTURE_SIDE))
            sink = io.BytesIO()
            clean = upright if kind == "png" else upright.convert("RGB")
            clean.save(sink, format={"png": "PNG", "jpeg": "JPEG", "webp": "WEBP"}[kind], quality=85)
    except (UnidentifiedImageError, ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        raise FileRefusedError(
            _("Không đọc được ảnh này. Hãy chụp hoặc lưu lại ảnh rồi gửi lần nữa."), code="file-picture"
        ) from None
    part.write_bytes(sink.getvalue())
