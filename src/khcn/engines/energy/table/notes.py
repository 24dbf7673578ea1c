"""What a reader noticed and decided: nothing is mended, left out or guessed without a note."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.engines.energy.table.messages import TABLES

SHOWN_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Note:
    """One remark: ``code`` and ``params`` choose the sentence in :mod:`.messages`; ``rows`` are zero-based data rows.

    ``rows`` holds the first :data:`SHOWN_ROWS` only; ``count`` is how many there are.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    count: int = 0

    def __str__(self) -> str:
        return TABLES[self.code] % dict(self.params)


def note_of(code: str, rows: Sequence[int] = (), **params: Any) -> Note:
    """Return a note about ``rows``; its sentence also gets ``count`` and ``row`` (the first, one-based)."""
    first = int(rows[0]) + 1 if len(rows) else 0
    shown = tuple(int(row) for row in rows[:SHOWN_ROWS])
    return Note(code, {"count": len(rows), "row": first, **params}, shown, len(rows))
