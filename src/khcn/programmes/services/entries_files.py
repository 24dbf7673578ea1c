"""Files of entries and papers with signed consents: kept whole or not at all, refused with the file's name."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from django.utils.translation import gettext as _

from khcn.core.numbers import size_vi
from khcn.core.private_files import PAPERS, PICTURES, SLIDES, Drawer, FileRefusedError, Kept, Upload
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.entries import FILE_LIMIT
from khcn.programmes.rules.texts import kept_line

ENTRIES: Final = Drawer("programmes/entries", PAPERS | PICTURES | SLIDES, limit=FILE_LIMIT)
CONSENT_PAPERS: Final = Drawer("programmes/entry-consents", frozenset({"pdf"}) | PICTURES)


def files_keep(files: Sequence[Upload], *, drawer: Drawer = ENTRIES, field: str = "files") -> list[Kept]:
    """Keep all of the files or none of them.

    :raises ProgrammeError: naming the file that was refused and what to do; nothing stays behind then.
    """
    kept: list[Kept] = []
    for file in files:
        try:
            kept.append(drawer.keep(file))
        except FileRefusedError as error:
            files_drop([one.name for one in kept], drawer=drawer)
            raise ProgrammeError(_sentence(error, file.name or ""), field=field, code=error.code) from error
        except BaseException:
            files_drop([one.name for one in kept], drawer=drawer)
            raise
    return kept


def files_drop(names: Sequence[str], *, drawer: Drawer = ENTRIES) -> None:
    """Delete files; some may be gone already."""
    for name in names:
        drawer.drop(name)


def too_large(name: str) -> str:
    """Return the sentence for a file over the limit."""
    return _(
        "Tệp “%(name)s” lớn quá mức %(limit)s mỗi tệp nên không nhận. Với phim, hãy đăng lên mạng và ghi đường dẫn vào ô “Đường dẫn phim”; với tệp khác, hãy nén hoặc chia nhỏ."
    ) % {"name": kept_line(PurePath(name).name, 80) or _("không tên"), "limit": size_vi(FILE_LIMIT)}


def _sentence(error: FileRefusedError, name: str) -> str:
    if error.code == "file-too-large":
        return too_large(name)
    if error.code == "file-kind":
        return _(
            "Không nhận tệp “%(name)s”: nội dung không phải PDF, Word, Excel, PowerPoint hoặc ảnh. Với phim, hãy ghi đường dẫn vào ô “Đường dẫn phim”."
        ) % {"name": kept_line(PurePath(name).name, 80)}
    return _("Tệp “%(name)s”: %(why)s") % {"name": kept_line(PurePath(name).name, 80), "why": error.message}
