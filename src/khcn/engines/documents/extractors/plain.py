"""Plain text in any encoding a Vietnamese file may have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from khcn.engines.documents.extractors.base import Context, RawPage, plain
from khcn.engines.documents.types import ExtractionError, Limits
from khcn.engines.text.syllables import plausible_share

_HIGH_WORD: Final = re.compile(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*")
_MAX_TEXT: Final = 64 * 1024 * 1024


def read_text(path: Path, limits: Limits) -> str:
    """Return the text of a file, decoded. Raises ``too_large`` when it is larger than a text can be."""
    from khcn.engines.documents.messages import size_text  # noqa: PLC0415

    bound = min(limits.max_bytes, _MAX_TEXT)
    size = path.stat().st_size
    if size > bound:
        raise ExtractionError("too_large", size=size_text(size), limit=size_text(bound))
    return decode_bytes(path.read_bytes())


def decode_bytes(data: bytes) -> str:
    """Return text from bytes: a byte order mark, UTF-8, UTF-16 without a mark, else one byte a letter.

    One-byte text comes back as Latin-1 shows it (cp1258 when that reads better), for the legacy decoder to judge.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data.count(0) > len(data) // 8:
        even = data[: len(data) // 2 * 2]
        return even.decode(
            "utf-16-le" if even[1::2].count(0) >= even[::2].count(0) else "utf-16-be", "replace"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _nearly_utf8(data):
            return data.decode("utf-8", "replace")
        return _one_byte(data, error)


def _nearly_utf8(data: bytes) -> bool:
    """UTF-8 with a few broken bytes: far more good multi-byte letters than bad ones."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return good > 10 * bad


def _one_byte(data: bytes, _error: UnicodeDecodeError) -> str:
    latin = data.decode("latin-1")
    vietnamese = data.decode("cp1258", "replace")
    words = " ".join(_HIGH_WORD.findall(vietnamese[:40_000]))
    return vietnamese if words and _share_1258(words) > 0.75 else latin


def _share_1258(words: str) -> float:
    import unicodedata  # noqa: PLC0415

    composed = unicodedata.normalize("NFC", words)
    return plausible_share(composed) if re.search("[ăđơưƠƯĐĂ\u1ea0-\u1ef9]", composed) else 0.0


class PlainExtractor:
    """Reads text and JSON lines; a form feed begins a new page."""

    kinds = frozenset({"text", "jsonl"})

    def extract(self, path: Path, context: Context) -> Iterator[RawPage]:
        text = read_text(path, context.limits).replace("\r\n", "\n").replace("\r", "\n")
        for page in text.split("\f"):
            yield RawPage(0, [plain(line) for line in page.split("\n")])
