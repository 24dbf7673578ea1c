"""Tasks that stand in a table of the plan ("Nội dung · Chủ trì · Phối hợp · Thời gian · Kinh phí")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from khcn.engines.plans.values import ValueFault, read_amount, read_day
from khcn.engines.text.fold import fold

_COLUMNS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("cooperating", r"phoi hop"),
        ("lead", r"chu tri|don vi thuc hien|co quan thuc hien|don vi phu trach|dau moi"),
        ("when", r"thoi gian|thoi han|tien do|han hoan thanh"),
        ("amount", r"kinh phi|du toan"),
        ("result", r"san pham|ket qua"),
        ("text", r"noi dung|nhiem vu|cong viec|hoat dong"),
    )
)


@dataclass(frozen=True, slots=True)
class TableTask:
    """One row of a table of tasks, as printed."""

    text: str
    lead: str = ""
    cooperating: str = ""
    when: str = ""
    result: str = ""
    amount: Decimal | None = None


def table_tasks(rows: Sequence[Sequence[str]]) -> list[TableTask]:
    """Return the tasks of a table, none when its head does not name tasks together with a unit or a time."""
    for at, row in enumerate(rows[:4]):
        columns = _columns(row)
        if "text" in columns and {"lead", "when"} & set(columns):
            return [task for one in rows[at + 1 :] if (task := _task(one, columns)) is not None]
    return []


def read_cell_day(text: str) -> date | None:
    """Return the day that a cell is, if it is nothing but a day ("31/12/2021")."""
    try:
        return read_day(text) if text else None
    except ValueFault:
        return None


def _columns(row: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        folded = " ".join(fold(cell).split())
        name = next((name for name, pattern in _COLUMNS if pattern.search(folded)), "")
        if name and len(folded) < 80:
            found.setdefault(name, at)
    return found


def _task(row: Sequence[str], columns: dict[str, int]) -> TableTask | None:
    cells = {name: " ".join(row[at].split()) if at < len(row) else "" for name, at in columns.items()}
    text = cells.pop("text").strip(" -+.")
    # A row with nothing but a title is a heading inside the table; one of column numbers ("1 2 3") is no task.
    if len(text) < 4 or not any(cells.values()) or text.isdigit():
        return None
    amount = cells.pop("amount", "")
    try:
        value = read_amount(amount).vnd if amount else None
    except ValueFault:
        value = None
    return TableTask(text, amount=value, **cells)
