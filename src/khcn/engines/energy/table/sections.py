"""Files in which several logs are mixed row by row: each log has its own header row near the top.

``Log Type;System;Time Stamp;...`` rows of kind "APS Energy", "APU Stat 10s" and so on become one wide table: the columns
that all logs share, then each log's own, named "log · column". A row fills only the columns of its log.
"""

import re
from typing import Any, Final

from khcn.engines.energy.table.notes import Note, note_of

HEADS_IN: Final = 60
LEAST_HEADS: Final = 2
_TIME: Final = re.compile(r"^(date[ _]?time|time[ _]?stamp|date|time|thời gian)$", re.IGNORECASE)


def mixed(top: list[list[Any]]) -> bool:
    """Return whether the file with these ``top`` rows is such a mixture: several headers, and rows of those logs."""
    heads, _ = _heads(top)
    logs = {str(row[0]).strip() for at, row in enumerate(top) if row and at not in heads.values()}
    return len(heads) >= LEAST_HEADS and bool(logs & set(heads))


def flattened(rows: list[list[Any]], notes: list[Note]) -> list[list[Any]]:
    """Return the rows of a mixture, header first, as one table."""
    heads, place = _heads(rows)
    shared = _shared_names(rows, place)
    names = list(shared)
    starts: dict[str, tuple[int, int]] = {}
    for log, head in heads.items():
        own = [str(cell).strip() for cell in rows[head][place + 1 :]]
        while own and not own[-1]:
            own.pop()
        starts[log] = (len(names), len(own))
        names += [f"{log} · {name}" if name else "" for name in own]
    out: list[list[Any]] = [names]
    head_rows = set(heads.values())
    used = set()
    for at, row in enumerate(rows):
        log = str(row[0]).strip() if row else ""
        if at in head_rows or log not in starts or len(row) <= place:
            continue
        begin, width = starts[log]
        used.add(log)
        values = row[place + 1 : place + 1 + width]
        out.append(
            row[: place + 1] + [""] * (begin - place - 1) + values + [""] * (len(names) - begin - len(values))
        )
    notes.append(note_of("sections", names=", ".join(f"«{log}»" for log in starts if log in used)))
    return out


def _heads(rows: list[list[Any]]) -> tuple[dict[str, int], int]:
    """Return (log -> its header row, place of the time column)."""
    heads: dict[str, int] = {}
    place = -1
    for at, row in enumerate(rows[:HEADS_IN]):
        spots = [
            spot
            for spot, cell in enumerate(row[:6])
            if spot and isinstance(cell, str) and _TIME.match(cell.strip())
        ]
        log = str(row[0]).strip() if row else ""
        if not spots or not log or log.casefold() == "log type" or log in heads:
            continue
        if place not in {-1, spots[0]}:
            return {}, -1
        place = spots[0]
        heads[log] = at
    return heads, place


def _shared_names(rows: list[list[Any]], place: int) -> list[str]:
    first = next((row for row in rows[:HEADS_IN] if row and str(row[0]).strip().casefold() == "log type"), [])
    names = [str(cell).strip() for cell in first[: place + 1]]
    defaults = ["Log Type", "System", "Time Stamp"]
    while len(names) <= place:
        names.append(defaults[len(names)] if len(names) < len(defaults) else f"#{len(names) + 1}")
    return names
