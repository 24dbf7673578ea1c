"""What the kWh of intervals cost, each at the price of its own day and hour, and what own production saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.days import DEFAULT_ZONE, local_ms, months_of
from khcn.engines.energy.money.bills import step_lines
from khcn.engines.energy.money.prices import (
    BANDS_OF_DAY,
    Customer,
    band_codes,
    day_of,
    exact,
    hours_of,
    one_price,
    price_of,
    steps_of,
    vat_of,
)
from khcn.engines.energy.money.tables import Band, Group, PriceRow, Tables
from khcn.engines.energy.types import DAY_MS, STEP_MS, Values

_MINUTE_MS: Final = 60_000
_DONG: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class BandCost:
    """kWh at one price: ``price`` says which row of which decision it was."""

    band: Band
    kwh: Decimal
    vnd: Decimal
    price: PriceRow


@dataclass(frozen=True, slots=True)
class Cost:
    """Money of a series. ``before_vat`` and ``vat`` are exact; :attr:`total` is rounded to the dong, once, at the end.

    ``bands``: kWh and VND by price row, in order of time; ``unknown``: intervals without a value, which cost nothing
    here (completeness belongs beside the figure); ``documents``: what it rests on.
    """

    before_vat: Decimal
    vat: Decimal
    bands: tuple[BandCost, ...]
    unknown: int
    documents: tuple[str, ...]
    by_month: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """Return VND with VAT, rounded half up to the dong."""
        return (self.before_vat + self.vat).quantize(_DONG, ROUND_HALF_UP)

    @property
    def kwh(self) -> Decimal:
        """Return the kWh that were priced."""
        return sum((one.kwh for one in self.bands), Decimal(0))

    def by_band(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Return (kWh, VND without VAT) by band."""
        sums: dict[str, tuple[Decimal, Decimal]] = {}
        for one in self.bands:
            kwh, vnd = sums.get(one.band.value, (Decimal(0), Decimal(0)))
            sums[one.band.value] = (kwh + one.kwh, vnd + one.vnd)
        return sums

    def versions(self) -> dict[str, Any]:
        """Return what a stored figure keeps of its prices."""
        return {
            "documents": list(self.documents),
            "prices": [
                {
                    "decision": one.price.decision, "band": one.band.value, "vnd": str(one.price.vnd_per_kwh),
                    "kwh": str(one.kwh), "certainty": one.price.certainty,
                }
                for one in self.bands
            ],
        }  # fmt: skip


def cost_of(
    start_ms: int,
    kwh: Values,
    *,
    tables: Tables,
    customer: Customer,
    zone: str = DEFAULT_ZONE,
    step_ms: int = STEP_MS,
) -> Cost:
    """Return what ``kwh`` (by interval from ``start_ms``; nan: not known) cost at the prices of their days.

    An interval that spans a change of band is divided by minutes. Raises SpecError (``money-no-price``,
    ``money-no-hours``, ``money-no-vat``, ``money-household-load`` for a household: its price needs the month's sum,
    see :func:`household_saving`).
    """
    if customer.group is Group.HOUSEHOLD:
        raise SpecError("money-household-load")
    known = np.isfinite(kwh)
    wall = local_ms(start_ms + np.arange(len(kwh), dtype=np.int64) * step_ms, zone)
    days = wall // DAY_MS
    parts: list[tuple[date, Band, float]] = []
    for number in np.unique(days[known]):
        rows = np.flatnonzero(known & (days == number))
        day = day_of(int(number))
        if customer.timed:
            parts += _by_band(tables, day, wall[rows], kwh[rows], step_ms)
        else:
            parts.append((day, Band.FLAT, float(kwh[rows].sum())))
    return _priced(parts, tables, customer, int((~known).sum()))


def savings_of(
    start_ms: int,
    self_used: Values,
    *,
    tables: Tables,
    customer: Customer,
    zone: str = DEFAULT_ZONE,
    step_ms: int = STEP_MS,
) -> Cost:
    """Return what was not bought because own production covered it: the same kWh at the prices of their days.

    A public unit cannot deduct VAT, so its saving is :attr:`Cost.total`; a business saves ``before_vat``.
    """
    return cost_of(start_ms, self_used, tables=tables, customer=customer, zone=zone, step_ms=step_ms)


def household_saving(
    start_ms: int,
    load: Values,
    self_used: Values,
    *,
    tables: Tables,
    zone: str = DEFAULT_ZONE,
    step_ms: int = STEP_MS,
) -> Decimal:
    """Return what a household saved with VAT, VND: month by month, the steps of its load less those of what it still
    bought. Intervals of which either is unknown do not count."""
    known = np.isfinite(load) & np.isfinite(self_used)
    wall = local_ms(start_ms + np.arange(len(load), dtype=np.int64) * step_ms, zone)
    months = months_of(wall // DAY_MS)
    saved = Decimal(0)
    for month in np.unique(months[known]):
        rows = known & (months == month)
        day = day_of(int(wall[rows][-1] // DAY_MS))
        steps, vat = steps_of(tables, day), vat_of(tables, day).percent / 100
        with_sun = exact(float(np.maximum(load[rows] - self_used[rows], 0.0).sum()))
        without = exact(float(load[rows].sum()))
        less = _sum_steps(steps, without) - _sum_steps(steps, with_sun)
        saved += less * (1 + vat)
    return saved.quantize(_DONG, ROUND_HALF_UP)


def _sum_steps(steps: tuple[PriceRow, ...], kwh: Decimal) -> Decimal:
    return sum((line_kwh * price.vnd_per_kwh for price, line_kwh in step_lines(steps, kwh)), Decimal(0))


def _by_band(
    tables: Tables, day: date, wall: NDArray[np.int64], kwh: Values, step_ms: int
) -> list[tuple[date, Band, float]]:
    """Divide the kWh of one local day among its bands, by the minutes of each interval."""
    today = band_codes(hours_of(tables, day), day)
    following = day.fromordinal(day.toordinal() + 1)
    tomorrow = band_codes(hours_of(tables, following), following)
    codes = np.concatenate((today, tomorrow))
    minutes = max(1, step_ms // _MINUTE_MS)
    first = (wall % DAY_MS) // _MINUTE_MS
    shares = np.stack([
        np.concatenate(([0], np.cumsum(codes == code)))[np.minimum(first + minutes, len(codes))]
        - np.concatenate(([0], np.cumsum(codes == code)))[first]
        for code in range(len(BANDS_OF_DAY))
    ])  # fmt: skip
    sums = (shares / minutes * kwh).sum(axis=1)
    return [(day, band, float(sums[at])) for at, band in enumerate(BANDS_OF_DAY) if shares[at].any()]


def _priced(parts: list[tuple[date, Band, float]], tables: Tables, customer: Customer, unknown: int) -> Cost:
    sums: dict[tuple[str, Band], tuple[PriceRow, Decimal]] = {}
    before = vat = Decimal(0)
    months: dict[str, Decimal] = {}
    documents: dict[str, None] = {}
    for day, band, amount in parts:
        row = price_of(tables, customer, band, day) if customer.timed else one_price(tables, customer, day)
        tax, kwh = vat_of(tables, day), exact(amount)
        vnd = kwh * row.vnd_per_kwh
        key = (row.decision, row.band)
        sums[key] = (row, sums[key][1] + kwh if key in sums else kwh)
        before, vat = before + vnd, vat + vnd * tax.percent / 100
        month = f"{day:%Y-%m}"
        months[month] = months.get(month, Decimal(0)) + vnd * (1 + tax.percent / 100)
        documents |= dict.fromkeys((row.decision, tax.document))
        if customer.timed:
            documents[hours_of(tables, day).document] = None
    bands = tuple(BandCost(band, kwh, kwh * row.vnd_per_kwh, row) for (_, band), (row, kwh) in sums.items())
    return Cost(before, vat, bands, unknown, tuple(documents), months)
