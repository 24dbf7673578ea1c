"""The rows of a bill's tables: which numbers belong to which part of the day, and what each of them is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Final

from khcn.engines.energy.money.evn_numbers import Figure
from khcn.engines.energy.money.tables import Band, seed_tables

# words that begin a row, and words that end one; in folded text
_LABELS: Final = re.compile(
    r"\b(?:(?P<normal>(?:khung )?(?:gio )?binh thuong|bt)|(?P<peak>(?:khung )?(?:gio )?cao diem|cd)"
    r"|(?P<off>(?:khung )?(?:gio )?thap diem|td)|(?P<flat>khong theo thoi gian|mot gia|kt|hanh chinh su nghiep|hcsn)"
    r"|bac(?: thang)? (?P<step>[1-6])"
    r"|(?P<stop>tong|cong|thue|ma khach hang|ma so thue|so tien|chu ky|ky hoa don|bang chu|nguoi|ngan hang|hotline))\b"
)
_PRICES: Final = (Decimal(500), Decimal(9000))
_READING: Final = 4
_LEAST_AMOUNT: Final = 500
_LINE: Final = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """Meter readings: (new - old) x multiplier = kWh."""

    new: Decimal
    old: Decimal
    multiplier: Decimal
    kwh: Decimal


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says of one part of the day; None: it does not say."""

    band: Band
    kwh: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What tells a price from kWh when both are about as big: kWh of meter readings, prices that exist, the header."""

    kwh: frozenset[Decimal]
    prices: frozenset[Decimal]
    price_first: bool


def _hints(plain: str, figures: Sequence[Figure]) -> Hints:
    read = (next(_readings(figures[at : at + _READING]), None) for at in range(len(figures)))
    price, amount = plain.find("don gia"), -1
    for word in ("san luong", "dien nang", "so luong", "kwh"):
        place = plain.find(word, max(price - 40, 0))
        amount = place if amount < 0 or 0 <= place < amount else amount
    prices = frozenset(row.vnd_per_kwh for row in seed_tables().prices)
    return Hints(frozenset(one.kwh for one in read if one is not None), prices, 0 <= price < amount)


def rows_of(plain: str, figures: Sequence[Figure]) -> list[Row]:
    """Return the rows found, in the order of the text."""
    labels = list(_LABELS.finditer(plain))
    hints = _hints(plain, figures)
    rows: list[Row] = []
    waiting: list[Band] = []  # labels without numbers yet: a table torn into columns names all its rows first
    for at, label in enumerate(labels):
        end = labels[at + 1].start() if at + 1 < len(labels) else len(plain)
        band = _band(label)
        if band is None:
            waiting = []
            continue
        mine = [one for one in figures if label.end() <= one.start < end]
        if not mine:
            waiting.append(band)
            continue
        found = _read(band, mine, hints)
        rows += _in_turn([*waiting, band], found) if waiting else found
        waiting = []
    if not rows:  # a bill with one price and no word for it: any numbers that fit together
        rows = _read(Band.FLAT, list(figures), hints, anywhere=True)
    return _once(rows)


def _in_turn(bands: Sequence[Band], found: Sequence[Row]) -> list[Row]:
    """Give rows that follow several labels to the labels in turn, when there is one of a kind for each."""
    out: list[Row] = []
    for kind in (
        [row for row in found if row.reading is not None],
        [row for row in found if row.reading is None],
    ):
        if len(kind) == len(bands):
            out += [replace(row, band=band) for band, row in zip(bands, kind, strict=True)]
        else:
            out += kind
    return out


def _band(label: re.Match[str]) -> Band | None:
    if label["stop"]:
        return None
    if label["step"]:
        return Band(f"step_{label['step']}")
    for name in ("normal", "peak", "off", "flat"):
        if label[name]:
            return Band(name)
    return None


def _read(band: Band, figures: Sequence[Figure], hints: Hints, *, anywhere: bool = False) -> list[Row]:
    """Read numbers by what they make together; a row may hold readings, a price line, or both."""
    found: list[Row] = []
    at = 0
    while at < len(figures):
        reading = next(_readings(figures[at : at + _READING]), None)
        if reading is not None:
            found.append(Row(band, kwh=reading.kwh, reading=reading))
            at += _READING - 1  # the kWh may also begin a price line: 84.440 1.987 ...
            continue
        line = _line_of(figures[at : at + _LINE], hints)
        if line is not None:
            found.append(Row(band, *line))
            at += _LINE
            continue
        at += 1
    if not found and not anywhere:
        found += _loose(band, figures, hints)
    return found


def _readings(four: Sequence[Figure]) -> Iterator[Reading]:
    """Find new, old, multiplier, kWh in this or the other usual order; they must make sense together."""
    if len(four) < _READING:
        return
    for a, b, c, d in product(*(one.readings for one in four)):
        for new, old, multiplier, kwh in ((a, b, c, d), (b, a, c, d), (c, b, a, d), (b, c, a, d)):
            if _sensible(new, old, multiplier, kwh):
                yield Reading(new, old, multiplier, kwh)


def _sensible(new: Decimal, old: Decimal, multiplier: Decimal, kwh: Decimal) -> bool:
    whole = multiplier == multiplier.to_integral_value() and 1 <= multiplier <= 100_000
    return whole and new >= old >= 0 and kwh > 0 and (new - old) * multiplier == kwh


def _line_of(three: Sequence[Figure], hints: Hints) -> tuple[Decimal, Decimal, Decimal] | None:
    """Find (kWh, price, amount) in either order of the first two; where both could be the price, hints decide."""
    if len(three) < _LINE:
        return None
    found: list[tuple[Decimal, Decimal, Decimal]] = []
    for a, b, amount in product(*(one.readings for one in three)):
        if amount >= _LEAST_AMOUNT and abs(a * b - amount) <= 1:
            pairs = [(b, a), (a, b)] if hints.price_first else [(a, b), (b, a)]
            found += [(kwh, price, amount) for kwh, price in pairs if _PRICES[0] <= price <= _PRICES[1]]
    return max(
        found, key=lambda one: (one[0] in hints.kwh, one[1] in hints.prices, _whole(one[0])), default=None
    )


def _whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


def _loose(band: Band, figures: Sequence[Figure], hints: Hints) -> list[Row]:
    """Numbers that do not fit together: a line with a slip is still worth showing, with a note of what is wrong."""
    values = [one.value for one in figures]
    if len(values) == _LINE:
        kwh, price = (values[1], values[0]) if hints.price_first else (values[0], values[1])
        if _PRICES[0] <= price <= _PRICES[1] and values[2] > kwh:
            return [Row(band, kwh, price, values[2])]
    if len(values) == _READING and values[0] >= values[1]:
        return [Row(band, kwh=values[3], reading=Reading(*values))]
    return []


def _once(rows: Sequence[Row]) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        if row not in kept:
            kept.append(row)
    return kept
