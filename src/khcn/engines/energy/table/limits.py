"""How big a file of readings may be: more than any honest export, less than what hurts the machine."""

from typing import Final

from khcn.engines.energy.errors import TableError

MIB: Final = 1024 * 1024
MAX_BYTES: Final = 256 * MIB
MAX_BYTES_INSIDE: Final = 768 * MIB  # a workbook of 1,000,000 rows by 12 columns unpacks to about 600 MiB
MAX_RATIO: Final = 300  # real workbooks pack 5 to 40 times
SMALL_INSIDE: Final = 32 * MIB  # below this no ratio matters
MAX_ROWS: Final = 2_000_000
MAX_COLUMNS: Final = 2_000


def check_size(size: int, name: str, limit: int = MAX_BYTES) -> None:
    """Raise TableError (``empty-file``, ``too-big``) when a file has no bytes or too many."""
    if size == 0:
        raise TableError("empty-file", name=name)
    if size > limit:
        raise TableError("too-big", name=name, size_mb=-(-size // MIB), limit_mb=limit // MIB)


def check_inside(size: int, packed: int, name: str) -> None:
    """Raise TableError (``too-big-inside``) for a zip that unpacks to too much (a zip bomb, or an honest giant)."""
    if size > MAX_BYTES_INSIDE or (size > SMALL_INSIDE and size > packed * MAX_RATIO):
        raise TableError(
            "too-big-inside", name=name, size_mb=-(-size // MIB), limit_mb=MAX_BYTES_INSIDE // MIB
        )


def check_rows(rows: int, name: str) -> None:
    """Raise TableError (``too-many-rows``)."""
    if rows > MAX_ROWS:
        raise TableError("too-many-rows", name=name, limit=MAX_ROWS)


def check_columns(columns: int, name: str) -> None:
    """Raise TableError (``too-many-columns``)."""
    if columns > MAX_COLUMNS:
        raise TableError("too-many-columns", name=name, columns=columns, limit=MAX_COLUMNS)
