"""The price of a moment: by the day's decision and the day's hours, never by another day's."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.days import day_date
from khcn.engines.energy.money.tables import (
    FLAT_GROUPS,
    STEPS,
    Band,
    Group,
    HoursRow,
    PriceRow,
    Span,
    Tables,
    VatRow,
    in_force,
)

MINUTES: Final = 24 * 60
_SUNDAY: Final = 6
BANDS_OF_DAY: Final = (Band.NORMAL, Band.PEAK, Band.OFF_PEAK)


@dataclass(frozen=True, slots=True)
class Customer:
    """What chooses a price: group, voltage class (see ``VOLTAGES``), and whether time of use is billed (None: as the
    group usually is; public groups never are)."""

    group: Group
    voltage: str = ""
    by_hours: bool | None = None

    @property
    def timed(self) -> bool:
        """Whether the hour of the day matters."""
        if self.group in FLAT_GROUPS or self.group is Group.HOUSEHOLD:
            return False
        return self.by_hours is not False


def price_of(tables: Tables, customer: Customer, band: Band, day: date) -> PriceRow:
    """Return the price in force on ``day``. Raises SpecError (``money-no-price``): no other day's price is taken."""
    rows = [
        row
        for row in tables.prices
        if row.group is customer.group and row.voltage == customer.voltage and row.band is band
    ]
    found = in_force(rows, day)
    if found is None:
        raise SpecError(
            "money-no-price",
            day=f"{day:%d/%m/%Y}",
            group=customer.group.value,
            voltage=customer.voltage,
            band=band.value,
        )
    return found


def steps_of(tables: Tables, day: date) -> tuple[PriceRow, ...]:
    """Return the steps of a household in force on ``day``, first to last. Raises SpecError (``money-no-price``)."""
    customer = Customer(Group.HOUSEHOLD)
    first = price_of(tables, customer, Band.STEP_1, day)
    same = [row for row in tables.prices if row.decision == first.decision and row.group is Group.HOUSEHOLD]
    return tuple(sorted((row for row in same if row.band in STEPS), key=lambda row: STEPS.index(row.band)))


def vat_of(tables: Tables, day: date) -> VatRow:
    """Return the VAT row in force on ``day``. Raises SpecError (``money-no-vat``)."""
    found = in_force(tables.vat, day)
    if found is None:
        raise SpecError("money-no-vat", day=f"{day:%d/%m/%Y}")
    return found


def hours_of(tables: Tables, day: date) -> HoursRow:
    """Return the hours in force on ``day``. Raises SpecError (``money-no-hours``)."""
    found = in_force(tables.hours, day)
    if found is None:
        raise SpecError("money-no-hours", day=f"{day:%d/%m/%Y}")
    return found


def band_at(tables: Tables, customer: Customer, day: date, clock: time) -> Band:
    """Return the band of a local moment."""
    if not customer.timed:
        return Band.FLAT if customer.group is not Group.HOUSEHOLD else Band.STEP_1
    return bands_of_day(hours_of(tables, day), day)[clock.hour * 60 + clock.minute]


def bands_of_day(row: HoursRow, day: date) -> tuple[Band, ...]:
    """Return the band of each minute of a local day."""
    return _bands(row, _SUNDAY if day in row.holidays else day.weekday())


def band_codes(row: HoursRow, day: date) -> NDArray[np.int8]:
    """Return the band of each minute as its place in ``BANDS_OF_DAY``."""
    return _codes(row, _SUNDAY if day in row.holidays else day.weekday())


@lru_cache(maxsize=128)
def _bands(row: HoursRow, weekday: int) -> tuple[Band, ...]:
    minutes = [Band.NORMAL] * MINUTES
    for span in row.spans:
        if weekday in span.weekdays:
            for start, end in _parts(span):
                minutes[start:end] = [span.band] * (end - start)
    return tuple(minutes)


@lru_cache(maxsize=128)
def _codes(row: HoursRow, weekday: int) -> NDArray[np.int8]:
    codes = np.array([BANDS_OF_DAY.index(band) for band in _bands(row, weekday)], dtype=np.int8)
    codes.setflags(write=False)
    return codes


def _parts(span: Span) -> list[tuple[int, int]]:
    start, end = (one.hour * 60 + one.minute for one in (span.start, span.end))
    if end > start:
        return [(start, end)]
    return [(start, MINUTES), (0, end)]


def one_price(tables: Tables, customer: Customer, day: date) -> PriceRow:
    """Return the price of a customer whose hour does not matter: flat, or normal hours where time of use is off."""
    return price_of(tables, customer, Band.FLAT if customer.group in FLAT_GROUPS else Band.NORMAL, day)


def day_of(number: int) -> date:
    """Return the date of a day number (days since 1970-01-01)."""
    return day_date(number)


def exact(kwh: float) -> Decimal:
    """Return kWh as Decimal, to a millionth: what floats of meters can be trusted for."""
    return Decimal(f"{kwh:.6f}")
