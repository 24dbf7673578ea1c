"""The ward's report of rooftop systems (annex of Decree 243/2026): numbers, then inverter kW and battery kWh.

Rows: off-grid, with sale, without sale. Columns: in the reporting year, cumulative, households, other organisations,
notified, note. The systems known here are those of public units, so the column of households is left for the clerk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from khcn.energy.enums import GridKind
from khcn.energy.models import System
from khcn.energy.words import number
from khcn.ui.parts import Column, Table


@dataclass(frozen=True, slots=True)
class WardRow:
    """One kind of connection: how many systems, their inverters (kW) and batteries (kWh)."""

    grid: GridKind
    fresh: tuple[System, ...]
    standing: tuple[System, ...]

    @property
    def notified(self) -> int:
        """How many of the standing ones were notified."""
        return sum(system.notified_on is not None for system in self.standing)

    @property
    def undated(self) -> int:
        """Standing systems whose first day is not recorded."""
        return sum(system.valid_from is None for system in self.standing)


@dataclass(frozen=True, slots=True)
class WardTable:
    """The table of one year, as of ``on``."""

    year: int
    on: date
    rows: tuple[WardRow, ...]

    @property
    def count(self) -> int:
        """How many systems stand."""
        return sum(len(row.standing) for row in self.rows)


def ward_table(user: Any, year: int, today: date) -> WardTable:
    """Return the systems of the reader's sites at the end of the year, or today."""
    on = min(date(year, 12, 31), today)
    systems = list(System.objects.visible_to(user, today).in_force(on).select_related("site").order_by("pk"))
    rows = []
    for grid in GridKind:
        standing = tuple(system for system in systems if system.grid == grid)
        fresh = tuple(s for s in standing if s.valid_from is not None and s.valid_from.year == year)
        rows.append(WardRow(grid, fresh, standing))
    return WardTable(year, on, tuple(rows))


def ac_kw(systems: Sequence[System]) -> Decimal:
    """Return the power of the inverters."""
    return sum((system.ac_kw for system in systems), Decimal(0))


def battery_kwh(systems: Sequence[System]) -> Decimal:
    """Return the energy of the batteries."""
    return sum((system.battery_kwh for system in systems), Decimal(0))


def number_heads() -> list[str]:
    """Return the heads of table 1."""
    return [
        _("Loại hệ thống"), _("Phát triển trong năm"), _("Lũy kế"), _("Hộ gia đình"), _("Cơ quan, tổ chức"),
        _("Đã thông báo"), _("Ghi chú"),
    ]  # fmt: skip


def number_rows(found: WardTable) -> list[list[Any]]:
    """Return table 1: how many systems. None: not known here."""
    rows: list[list[Any]] = [
        [str(row.grid.label), len(row.fresh), len(row.standing), None, len(row.standing), row.notified, note(row)]
        for row in found.rows
    ]  # fmt: skip
    whole = [sum(line[place] for line in rows) for place in (1, 2, 4, 5)]
    return [*rows, [_("Cộng"), whole[0], whole[1], None, whole[2], whole[3], ""]]


def power_heads() -> list[str]:
    """Return the heads of table 2."""
    return [
        _("Loại hệ thống"), _("Biến tần trong năm, kW"), _("Pin trong năm, kWh"), _("Biến tần lũy kế, kW"),
        _("Pin lũy kế, kWh"), _("Biến tần đã thông báo, kW"), _("Ghi chú"),
    ]  # fmt: skip


def power_rows(found: WardTable) -> list[list[Any]]:
    """Return table 2: kW of inverters and kWh of batteries."""
    rows: list[list[Any]] = []
    for row in found.rows:
        told = [system for system in row.standing if system.notified_on is not None]
        rows.append(
            [
                str(row.grid.label), ac_kw(row.fresh), battery_kwh(row.fresh), ac_kw(row.standing),
                battery_kwh(row.standing), ac_kw(told), "",
            ]
        )  # fmt: skip
    whole = [sum((line[place] for line in rows), Decimal(0)) for place in range(1, 6)]
    return [*rows, [_("Cộng"), *whole, ""]]


def note(row: WardRow) -> str:
    """Return what is not known of a row."""
    if row.undated:
        return _("%(count)s hệ thống chưa ghi ngày vận hành") % {"count": row.undated}
    return ""


def page_tables(found: WardTable) -> list[Table]:
    """Return both tables for the page."""
    tables = []
    for caption, heads, rows in (
        (_("Bảng 1. Số hệ thống điện mặt trời mái nhà"), number_heads(), number_rows(found)),
        (_("Bảng 2. Công suất biến tần và pin lưu trữ"), power_heads(), power_rows(found)),
    ):
        columns = [Column(label=head, numeric=0 < place < len(heads) - 1) for place, head in enumerate(heads)]
        shown = [[_shown(cell) for cell in row] for row in rows]
        tables.append(Table(caption=caption, columns=columns, rows=shown[:-1], foot=shown[-1]))
    return tables


def _shown(cell: Any) -> str:
    if cell is None:
        return _("ngoài dữ liệu")
    return cell if isinstance(cell, str) else number(cell, None)
