"""Prices of a group of customers from the tables that the project ships, for planning without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.money.prices import Customer, hours_of, one_price, price_of, vat_of
from khcn.engines.energy.money.tables import Band, Group, HoursRow, PriceRow, Tables, seed_tables


@dataclass(frozen=True)
class PackagedBands:
    """Prices by band (VND/kWh without VAT), the spans of the bands, VAT in percent, and what they were taken from."""

    bands: dict[str, float]
    spans: tuple[dict[str, Any], ...]
    vat_percent: float
    sources: tuple[dict[str, Any], ...]


def packaged_bands(tariff: Mapping[str, Any]) -> PackagedBands:
    """Return the prices of ``tariff["group"]`` and ``["voltage"]`` on the day ``["on"]`` (default: the last decision's first).

    Raises SpecError (``tariff-group``, ``money-no-price``, ``money-no-vat``).
    """
    tables = seed_tables()
    on = _day(tariff.get("on"), tables)
    voltage = str(tariff.get("voltage") or "lt_6kv")
    try:
        customer = Customer(Group(str(tariff["group"])), voltage, tariff.get("time_of_use"))
    except ValueError:
        raise _unknown(tariff, on) from None
    if customer.group is Group.HOUSEHOLD:
        raise _unknown(tariff, on)  # a household's kWh has the price of its step: give a number
    vat = vat_of(tables, on)
    rows: dict[str, PriceRow]
    if customer.timed:
        rows = {
            band.value: price_of(tables, customer, band, on)
            for band in (Band.NORMAL, Band.PEAK, Band.OFF_PEAK)
        }
        spans = _told(hours_of(tables, on))
    else:
        rows, spans = {"normal": one_price(tables, customer, on)}, ()
    used = rows["normal"]
    params = {"document": used.decision, "vat": f"{vat.percent:g}"}
    source = {"what": "tariff", "code": "tariff-table", "params": params, "certainty": used.certainty}
    bands = {name: float(row.vnd_per_kwh) for name, row in rows.items()}
    return PackagedBands(bands, spans, float(vat.percent), (source,))


def newest_spans() -> tuple[dict[str, Any], ...]:
    """Return the hours of the bands as the newest of the tables says: for prices by band that name no hours."""
    return _told(max(seed_tables().hours, key=lambda row: row.valid_from or date.min))


def newest_factor() -> float:
    """Return the emission factor of the grid with the newest data, t CO2/MWh."""
    return float(max(seed_tables().factors, key=lambda row: row.data_year).t_per_mwh)


def _told(hours: HoursRow) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"band": span.band.value, "weekdays": sorted(span.weekdays), "from": f"{span.start:%H:%M}",
         "to": f"{span.end:%H:%M}"}
        for span in hours.spans
    )  # fmt: skip


def _day(value: Any, tables: Tables) -> date:
    if value is None:
        return max(row.valid_from for row in tables.decisions if row.valid_from is not None)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SpecError("tariff-day", value=str(value)[:40]) from None


def _unknown(tariff: Mapping[str, Any], on: date) -> SpecError:
    return SpecError(
        "tariff-group",
        group=str(tariff.get("group")),
        voltage=str(tariff.get("voltage")),
        on=f"{on:%d/%m/%Y}",
    )
