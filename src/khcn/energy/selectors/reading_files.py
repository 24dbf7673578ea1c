"""A file of readings as a person sees it before it is taken in: its columns, first rows, and what they seem to hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from khcn.energy.models import Device
from khcn.energy.setup_errors import RegisterError, engine_sentence
from khcn.engines.energy.errors import EnergyError
from khcn.engines.energy.table.guess import guess_mapping
from khcn.engines.energy.table.reader import cell_text, read_table
from khcn.ui.parts import Column, Table

SHOWN_ROWS: Final = 5
MOST_COLUMNS: Final = 60


@dataclass(frozen=True, slots=True)
class FilePreview:
    """``start``: what the mapping form begins with, one entry a column; ``notes``: what to check."""

    columns: list[str]
    time: str
    rows: int
    table: Table
    start: list[dict[str, Any]]
    notes: list[str]


def file_preview(path: Path, device: Device) -> FilePreview:
    """Return a file's columns with a first guess. Raises RegisterError with what is wrong with the file."""
    try:
        table = read_table(path)
        guess = guess_mapping(table, zone=device.site.zone, device=device.key)
    except EnergyError as error:
        raise RegisterError("file", engine_sentence(error.code, error.params)) from error
    names = list(table.names)[:MOST_COLUMNS]
    guessed = {column.column: column for column in guess.mapping.columns}
    start = []
    for name in names:
        found = guessed.get(name)
        start.append({
            "column": name,
            "metric": found.metric if found else "",
            "unit": found.unit if found else "",
            "period": found.period if found else False,
        })  # fmt: skip
    rows = [
        [cell_text(table.column(name)[number])[:40] for name in names]
        for number in range(min(SHOWN_ROWS, table.rows))
    ]
    shown = Table(
        caption="",
        columns=[Column(label=name[:40]) for name in names],
        rows=rows,
        row_heads=False,
        hide_caption=True,
    )
    notes = [str(note) for note in (*table.notes, *guess.notes)]
    return FilePreview(names, guess.mapping.time, table.rows, shown, start, notes)
