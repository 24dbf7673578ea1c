"""A bill as the utility makes it out, to check one that came and to price a month that has none.

Rounding: kWh of a line are whole (a meter's consumption is); each line, kWh x price, is rounded half up to the dong;
the tax is taken of the sum of the lines and rounded half up to the dong; the total is their sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.money.prices import BANDS_OF_DAY, Customer, one_price, price_of, steps_of, vat_of
from khcn.engines.energy.money.tables import Band, Group, PriceRow, Tables

_DONG: Final = Decimal(1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: ``amount`` is ``kwh`` x price rounded to the dong."""

    band: Band
    kwh: Decimal
    vnd_per_kwh: Decimal
    amount: Decimal
    decision: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class BillAmount:
    """A bill. All amounts are whole dong."""

    lines: tuple[BillLine, ...]
    before_vat: Decimal
    vat_percent: Decimal
    vat: Decimal
    total: Decimal
    notes: tuple[Note, ...] = ()


def rounded(vnd: Decimal) -> Decimal:
    """Round half up to the dong."""
    return vnd.quantize(_DONG, ROUND_HALF_UP)


def bill_of(
    kwh: Mapping[Band, Decimal], start: date, end: date, *, tables: Tables, customer: Customer
) -> BillAmount:
    """Return the bill of the days ``start`` .. ``end`` (both included) for ``kwh`` by band.

    Public groups and households give one sum, under ``FLAT`` (or ``NORMAL``). When the price changes within the
    period, kWh are divided by days before and after, as the utility does without a reading of the day. The tax is that
    of the last day. Raises SpecError (``money-period``, ``money-negative``, ``money-bands``, ``money-no-price``,
    ``money-no-vat``).
    """
    _checked(kwh, start, end, customer)
    lines: list[BillLine] = []
    parts = _same_prices(start, end, tables, customer)
    for number, (first, last) in enumerate(parts):
        for band, whole in kwh.items():
            if not whole:
                continue
            share = _part(whole, parts, number)
            lines += _lines(band, share, first, last, tables=tables, customer=customer, period=(start, end))
    before = sum((line.amount for line in lines), _ZERO)
    tax = vat_of(tables, end)
    vat = rounded(before * tax.percent / 100)
    split = len(parts) > 1 or vat_of(tables, start) != tax
    notes = (Note("money-split", {}),) if split else ()
    return BillAmount(tuple(lines), before, tax.percent, vat, before + vat, notes)


def step_lines(
    steps: Sequence[PriceRow], kwh: Decimal, *, share: Decimal = Decimal(1), households: int = 1
) -> list[tuple[PriceRow, Decimal]]:
    """Divide a household's kWh among its steps. ``share``: part of a month, which shortens every step (rounded to the
    kWh); ``households``: how many share the meter, which lengthens them."""
    left, begun, lines = kwh, _ZERO, []
    for row in steps:
        if row.up_to_kwh is None:
            taken = left
        else:
            end = (Decimal(row.up_to_kwh) * households * share).quantize(_DONG, ROUND_HALF_UP)
            taken = min(left, max(end - begun, _ZERO))
            begun = end
        if taken > 0:
            lines.append((row, taken))
        left -= taken
        if left <= 0:
            break
    return lines


def _checked(kwh: Mapping[Band, Decimal], start: date, end: date, customer: Customer) -> None:
    if end < start:
        raise SpecError("money-period", start=f"{start:%d/%m/%Y}", end=f"{end:%d/%m/%Y}")
    allowed = set(BANDS_OF_DAY) if customer.timed else {Band.FLAT, Band.NORMAL}
    for band, amount in kwh.items():
        if amount < 0:
            raise SpecError("money-negative", kwh=amount)
        if amount and band not in allowed:
            raise SpecError("money-bands", group=customer.group.value, band=band.value)


def _lines(
    band: Band,
    kwh: Decimal,
    first: date,
    last: date,
    *,
    tables: Tables,
    customer: Customer,
    period: tuple[date, date],
) -> list[BillLine]:
    if not kwh:
        return []
    if customer.group is Group.HOUSEHOLD:
        part = Decimal((last - first).days + 1) / Decimal((period[1] - period[0]).days + 1)
        found = step_lines(steps_of(tables, first), kwh, share=part)
    elif customer.timed:
        found = [(price_of(tables, customer, band, first), kwh)]
    else:
        found = [(one_price(tables, customer, first), kwh)]
    return [
        BillLine(row.band, one, row.vnd_per_kwh, rounded(one * row.vnd_per_kwh), row.decision, first, last)
        for row, one in found
    ]


def _same_prices(start: date, end: date, tables: Tables, customer: Customer) -> list[tuple[date, date]]:
    """Divide the days into parts that have one decision each."""
    parts: list[tuple[date, date]] = []
    before = ""
    day = start
    while day <= end:
        if customer.group is Group.HOUSEHOLD:
            decision = steps_of(tables, day)[0].decision
        elif customer.timed:
            decision = price_of(tables, customer, Band.NORMAL, day).decision
        else:
            decision = one_price(tables, customer, day).decision
        if decision == before:
            parts[-1] = (parts[-1][0], day)
        else:
            parts.append((day, day))
        before = decision
        day += timedelta(days=1)
    return parts


def _part(kwh: Decimal, parts: list[tuple[date, date]], number: int) -> Decimal:
    """Return the kWh of one part: whole kWh by days, what is left to the last part."""
    if len(parts) == 1:
        return kwh
    days = [(last - first).days + 1 for first, last in parts]
    shares = [(kwh * days[at] / sum(days)).quantize(_DONG, ROUND_FLOOR) for at in range(len(parts) - 1)]
    return shares[number] if number < len(shares) else kwh - sum(shares, _ZERO)
