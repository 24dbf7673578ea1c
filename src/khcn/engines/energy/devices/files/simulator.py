"""A portal that does not exist but writes the exports that FusionSolar writes: title row, Total row, odd spaces."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from khcn.engines.energy.devices.simulated_site import SimulatedSite

_HEADER: Final = (
    "Statistical Period", "Total String Capacity (kWp)", "PV Yield (kWh)", " Inverter Yield (kWh)", "Export (kWh)",
    "Import (kWh)", "Specific Energy (kWh/kWp)", "Consumption (kWh)", "Charge (kWh)", "Discharge (kWh)", "Revenue (₫)",
)  # fmt: skip


def write_hourly_export(site: SimulatedSite, path: Path, *, start_ms: int, hours: int) -> Path:
    """Write an hourly plant report of ``site`` from ``start_ms`` on; return ``path``."""
    from openpyxl import Workbook  # noqa: PLC0415  # only who simulates a portal writes workbooks

    book = Workbook()
    page = book.active
    if page is None:
        raise ValueError("a new workbook has no page")
    page.append(["Plant Report"])
    page.append(list(_HEADER))
    totals = [0.0] * 4
    for hour in range(hours):
        first = start_ms + 3_600_000 * hour
        row = _row(site, first)
        totals = [held + one for held, one in zip(totals, row, strict=True)]
        page.append(_cells(_local(site, first), site, row))
    page.append(_cells("Total", site, totals))
    book.create_sheet("Sheet2")
    book.save(path)
    return path


def _row(site: SimulatedSite, first: int) -> Sequence[float]:
    last = first + 3_600_000
    made = sum(site.true_energy_kwh(one.key, "ac_energy", first, last) for one in site.spec.inverters)
    meter = site.spec.meter
    if meter is None:
        return (made, 0.0, 0.0, made)
    sold = site.true_energy_kwh(meter, "export_energy", first, last)
    bought = site.true_energy_kwh(meter, "import_energy", first, last)
    return (made, sold, bought, made + bought - sold)


def _cells(label: str, site: SimulatedSite, row: Sequence[float]) -> list[str | float | None]:
    made, sold, bought, used = (round(one, 3) for one in row)
    kwp = sum(one.kwp for one in site.spec.inverters)
    return [
        label,
        kwp,
        round(made / 0.975, 3),
        made,
        sold,
        bought,
        round(made / kwp, 3),
        used,
        None,
        None,
        None,
    ]


def _local(site: SimulatedSite, ms: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms, hours=site.spec.utc_offset_h)
    return moment.strftime("%Y-%m-%d %H:%M:%S")
