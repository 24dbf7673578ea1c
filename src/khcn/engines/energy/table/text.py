"""CSV text: encoding, delimiter, rows."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from khcn.engines.energy.errors import TableError
from khcn.engines.energy.table.limits import MAX_COLUMNS, MAX_ROWS
from khcn.engines.energy.table.notes import Note, note_of

# In order of trust when two split a file equally well: a semicolon file with decimal commas also splits at commas.
DELIMITERS: Final = ("\t", ";", "|", ",")
SAMPLE_CHARS: Final = 200_000
LONGEST_CELL: Final = 1_000_000
_HTML: Final = ("<html", "<!doctype html", "<table", "<?xml")


def read_csv(raw: bytes, *, name: str, notes: list[Note]) -> tuple[Iterator[list[Any]], str]:
    """Return (rows of text cells, read as they are asked for, delimiter).

    Raises TableError (``binary``, ``html-table``; later, while rows are read, ``bad-csv`` and limits).
    """
    text = _decoded(raw, name, notes)
    if not text.strip():
        raise TableError("empty-file", name=name)
    if text[:300].lstrip().lower().startswith(_HTML):
        raise TableError("html-table", name=name)
    told, text = _told_delimiter(text)
    delimiter = told or _delimiter(text)
    # A stream of bytes is a quarter of the memory of io.StringIO.
    lines = io.TextIOWrapper(
        io.BytesIO(text.encode("utf-8", "surrogatepass")), "utf-8", "surrogatepass", newline=""
    )
    return _rows(lines, delimiter, name), delimiter


def _rows(lines: io.TextIOWrapper, delimiter: str, name: str) -> Iterator[list[Any]]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    count = 0
    try:
        for row in reader:
            count += 1
            if len(row) > MAX_COLUMNS:
                raise TableError("too-many-columns", name=name, columns=len(row), limit=MAX_COLUMNS)
            if count > MAX_ROWS + 1000:
                raise TableError("too-many-rows", name=name, limit=MAX_ROWS)
            yield row
    except csv.Error as error:
        raise TableError("bad-csv", name=name, line=reader.line_num) from error


def _decoded(raw: bytes, name: str, notes: list[Note]) -> str:
    try:
        return _unicode(raw)
    except UnicodeDecodeError:
        pass
    if b"\0" in raw or _control_share(raw[:20_000]) > 0.02:
        raise TableError("binary", name=name)
    for encoding in ("cp1258", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        notes.append(note_of("legacy-encoding", encoding=encoding))
        return unicodedata.normalize("NFC", text)
    notes.append(note_of("legacy-encoding", encoding="latin-1"))
    return raw.decode("latin-1")


def _unicode(raw: bytes) -> str:
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return raw.decode("utf-16")
    head = raw[:400]
    if head.count(0) * 3 > len(head) and len(head) > 8:  # UTF-16 of Latin letters, without a mark
        return raw.decode("utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be")
    text = raw.decode("utf-8-sig")
    if "\0" in text or _control_share(raw[:20_000]) > 0.02:
        raise UnicodeDecodeError("utf-8", raw[:1], 0, 1, "control characters")
    return text


def _control_share(raw: bytes) -> float:
    return sum(byte < 9 or 13 < byte < 32 for byte in raw) / max(len(raw), 1)


def _told_delimiter(text: str) -> tuple[str, str]:
    """Return (delimiter, rest) when the file begins with Excel's ``sep=;`` line."""
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) == 5:
        return first.strip().strip('"')[4], rest
    return "", text


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the beginning of the file most evenly into more than one column."""
    sample = text[:SAMPLE_CHARS]
    lines = sample if len(sample) == len(text) else sample[: sample.rfind("\n") + 1]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _evenness(lines, delimiter)
        if score[0] > best_score[0] + 0.001 or (
            score[0] > best_score[0] - 0.001 and score[1] > best_score[1] * 3
        ):
            best, best_score = delimiter, score
    return best


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        widths = Counter(
            len(row)
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
            if row
        )
    except csv.Error:
        return 0.0, 0
    many = {width: count for width, count in widths.items() if width > 1}
    if not many:
        return 0.0, 0
    width, count = max(many.items(), key=lambda item: item[1])
    return count / sum(widths.values()), width
