"""An electricity bill's text, as it comes out of a PDF, read into fields; every sum of it is checked again.

Layouts differ (tables torn into lines, one number a line, with or without marks of tone), so labels are looked for in
folded text and what a number means is settled by arithmetic: (new - old) x multiplier = kWh, kWh x price = amount.
What cannot be found stays None, and a note says what to type.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Any, Final

from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.money.evn_numbers import Figure, dates_in, figures_in
from khcn.engines.energy.money.evn_rows import Reading, Row, rows_of
from khcn.engines.energy.money.tables import Band
from khcn.engines.text.fold import fold, nfc

_CUSTOMER: Final = re.compile(r"\b(p[a-z]\d{2}[0-9a-z]{7,11})\b")
_RATE: Final = re.compile(
    r"thue suat[^%\d]{0,40}(\d{1,2}(?:[.,]\d{1,2})?)\s*%|thue suat[^%\d]{0,20}\(%\)\s*:?\s*(\d{1,2})\b"
    r"|\((\d{1,2})\s*%\)|vat\s*(\d{1,2})\s*%|gtgt\s*:?\s*\(?(\d{1,2})\s*%"
)
_MONTH: Final = re.compile(r"thang\s*(\d{1,2})\s*(?:nam|/|-)\s*(\d{4})")
_SPAN: Final = re.compile(
    r"(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*(\d{4}))?\s*(?:den het ngay|den ngay|den|-|–|~|toi)\s*(?:ngay)?\s*(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})"
)
_TOTAL: Final = ("tong cong tien thanh toan", "tong tien thanh toan", "tong so tien thanh toan", "so tien thanh toan",
                 "tong thanh toan", "tong cong tien dien", "tong cong")  # fmt: skip
_BEFORE: Final = ("tong tien dien chua thue", "tien dien chua thue", "cong tien hang", "thanh tien chua thue", "tien truoc thue",
                  "chua co thue gtgt", "tien chua thue", "tong tien chua thue", "cong tien dien", "tien dien")  # fmt: skip
_VAT: Final = (
    "tien thue gtgt",
    "tien thue gia tri gia tang",
    "tien thue",
    "thue gtgt",
    "thue gia tri gia tang",
    "thue vat",
    "vat",
)
_KWH: Final = ("tong dien nang tieu thu", "tong san luong", "tong dien tieu thu", "dien nang tieu thu", "dien tieu thu",
               "san luong tieu thu")  # fmt: skip
# labels that are also the end of other words: "tong cong tien dien" is the total, "hoa don tien dien" a title
_NOT_AFTER: Final = {"cong tien dien": "(?<!tong )", "tien dien": "(?<!cong )(?<!hoa don )"}
_DONG: Final = Decimal(1)
_LEAST: Final = 1000  # no amount of a bill is smaller
_NEAR: Final = 60  # letters between a label and its number
_LONG_DAYS: Final = 70


@dataclass(frozen=True, slots=True)
class BillFields:
    """What a bill says. Money is dong, ``vat_percent`` e.g. 8; None: not found. ``notes``: what is missing or does not
    add up; ``sure``: everything needed is there and every sum agrees."""

    customer: str | None = None
    start: date | None = None
    end: date | None = None
    month: tuple[int, int] | None = None  # (year, month) that the bill names
    kwh: dict[Band, Decimal] = field(default_factory=dict)
    prices: dict[Band, tuple[Decimal, ...]] = field(default_factory=dict)
    readings: dict[Band, Reading] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    total_kwh: Decimal | None = None
    before_vat: Decimal | None = None
    vat_percent: Decimal | None = None
    vat: Decimal | None = None
    total: Decimal | None = None
    notes: tuple[Note, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether an official need only press "save"."""
        return not self.notes


def parse_bill_text(text: str) -> BillFields:
    """Read the text of a bill. Never raises: a text that is no bill comes back empty with ``bill-not-a-bill``."""
    plain = re.sub(r"\s+", " ", fold(nfc(text)).replace("\u00a0", " ")).strip()
    figures = figures_in(plain)
    rows = rows_of(plain, figures)
    before, vat, total = _money(plain, figures, rows)
    percent = _percent(plain)
    start, end = _period(plain)
    kwh, prices, readings = _by_band(rows)
    found = BillFields(
        _customer(plain), start, end, _month(plain), kwh, prices, readings, tuple(rows),
        _sum_kwh(plain, figures, kwh), before, percent, vat, total,
    )  # fmt: skip
    if not kwh and total is None and found.total_kwh is None:
        return BillFields(customer=found.customer, notes=(Note("bill-not-a-bill", {}),))
    return BillFields(**{**_as_dict(found), "notes": tuple(_checks(found))})


def _as_dict(found: BillFields) -> dict[str, Any]:
    return {name: getattr(found, name) for name in BillFields.__slots__}


def _customer(plain: str) -> str | None:
    labelled = re.search(r"ma (?:so )?(?:khach hang|kh)\b[^a-z0-9]{0,6}(p[a-z]\s?\d[0-9a-z]{8,13})\b", plain)
    found = labelled or _CUSTOMER.search(plain)
    return found.group(1).replace(" ", "").upper() if found else None


def _period(plain: str) -> tuple[date | None, date | None]:
    """Return the first pair of dates "from - to" that lies a week to a few months apart."""
    for one in _SPAN.finditer(plain):
        day, month, year, last_day, last_month, last_year = one.groups()
        try:
            end = date(int(last_year), int(last_month), int(last_day))
            first_year = int(year) if year else end.year - (int(month) > end.month)
            start = date(first_year, int(month), int(day))
        except ValueError:
            continue
        if 0 <= (end - start).days <= 400:
            return start, end
    labelled = re.search(r"tu ngay", plain)
    found = dates_in(plain[labelled.start() :]) if labelled else []
    if len(found) >= 2 and 0 <= (found[1][1] - found[0][1]).days <= 400:
        return found[0][1], found[1][1]
    return None, None


def _month(plain: str) -> tuple[int, int] | None:
    found = _MONTH.search(plain)
    if not found or not 1 <= int(found.group(1)) <= 12:
        return None
    return int(found.group(2)), int(found.group(1))


def _percent(plain: str) -> Decimal | None:
    found = _RATE.search(plain)
    if not found:
        return None
    return Decimal(next(part for part in found.groups() if part).replace(",", "."))


def _amounts(plain: str, figures: Sequence[Figure], labels: Sequence[str]) -> list[Decimal]:
    """Return the whole numbers that follow the labels closely, the likeliest first."""
    found: dict[Decimal, None] = {}
    for label in labels:
        for at in re.finditer(rf"{_NOT_AFTER.get(label, '')}\b{re.escape(label)}\b", plain):
            for figure in figures:
                between = plain[at.end() : figure.start]
                if figure.start < at.end() or len(between) > _NEAR or re.search(r"\bdon gia\b", between):
                    continue
                if figure.value >= _LEAST and figure.value == figure.value.to_integral_value():
                    found[figure.value] = None
    return list(found)


def _money(
    plain: str, figures: Sequence[Figure], rows: Sequence[Row]
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return (before tax, tax, total): of the numbers that the labels offer, those that add up; else the likeliest.

    The sum of the lines may stand for a missing amount before tax, when tax and total agree with it.
    """
    before, vat, total = (_amounts(plain, figures, labels) for labels in (_BEFORE, _VAT, _TOTAL))
    lines = sum((row.amount for row in rows if row.amount is not None), Decimal(0))
    offered = [*before, lines] if lines else before
    for whole, tax, one in product(total, vat, offered):
        if abs(one + tax - whole) <= 1 and tax < one:
            return one, tax, whole
    first = [numbers[0] if numbers else None for numbers in (before, vat, total)]
    return first[0], first[1], first[2]


def _sum_kwh(plain: str, figures: Sequence[Figure], kwh: dict[Band, Decimal]) -> Decimal | None:
    wanted = sum(kwh.values(), Decimal(0))
    first: Decimal | None = None
    for label in _KWH:
        for at in re.finditer(re.escape(label), plain):
            near = [one for one in figures if 0 <= one.start - at.end() <= 30]
            if not near:
                continue
            if wanted in near[0].readings:
                return wanted
            if label.startswith("tong") and first is None:
                first = near[0].value
    return first


def _by_band(
    rows: Sequence[Row],
) -> tuple[dict[Band, Decimal], dict[Band, tuple[Decimal, ...]], dict[Band, Reading]]:
    kwh: dict[Band, Decimal] = {}
    prices: dict[Band, tuple[Decimal, ...]] = {}
    readings: dict[Band, Reading] = {}
    for row in rows:
        if row.price is not None and row.kwh is not None:
            kwh[row.band] = kwh.get(row.band, Decimal(0)) + row.kwh
            prices[row.band] = (*prices.get(row.band, ()), row.price)
    for row in rows:
        if row.reading is not None:
            readings[row.band] = row.reading
            if row.band not in kwh:
                kwh[row.band] = row.reading.kwh
    if {Band.FLAT, Band.NORMAL} <= set(kwh) and kwh[Band.FLAT] == sum(
        (value for band, value in kwh.items() if band is not Band.FLAT), Decimal(0)
    ):
        del kwh[Band.FLAT]  # the sum of the bands, read as a line of its own
    return kwh, prices, readings


def _checks(found: BillFields) -> list[Note]:
    notes = [
        Note(code, {})
        for code, missing in (
            ("bill-no-customer", found.customer is None),
            ("bill-no-period", found.start is None),
            ("bill-no-kwh", not found.kwh),
            ("bill-no-total", found.total is None),
        )
        if missing
    ]
    if found.start and found.end and (days := (found.end - found.start).days + 1) > _LONG_DAYS:
        notes.append(Note("bill-period-long", {"days": days}))
    return notes + _row_checks(found) + _sum_checks(found)


def _row_checks(found: BillFields) -> list[Note]:
    notes = []
    for row in found.rows:
        reading = row.reading
        if reading is not None and (reading.new - reading.old) * reading.multiplier != reading.kwh:
            said = {
                "new": reading.new,
                "old": reading.old,
                "multiplier": reading.multiplier,
                "kwh": reading.kwh,
            }
            notes.append(Note("bill-reading", {"band": row.band.value, **said}))
        if row.amount is None or row.kwh is None or row.price is None:
            continue
        if abs(row.kwh * row.price - row.amount) > 1:
            figures = {"kwh": row.kwh, "price": row.price, "amount": row.amount}
            notes.append(Note("bill-line", {"band": row.band.value, **figures}))
    return notes


def _sum_checks(found: BillFields) -> list[Note]:
    notes = []
    kwh = sum(found.kwh.values(), Decimal(0))
    if found.kwh and found.total_kwh is not None and found.total_kwh != kwh:
        notes.append(Note("bill-kwh-sum", {"total": found.total_kwh, "sum": kwh}))
    lines = [row.amount for row in found.rows if row.amount is not None]
    if lines and found.before_vat is not None and abs(sum(lines, Decimal(0)) - found.before_vat) > len(lines):
        notes.append(Note("bill-amount-sum", {"before": found.before_vat, "sum": sum(lines, Decimal(0))}))
    before, vat, percent, total = found.before_vat, found.vat, found.vat_percent, found.total
    if before is None or vat is None:
        return notes
    if percent is not None:
        wanted = (before * percent / 100).quantize(_DONG, ROUND_HALF_UP)
        if abs(wanted - vat) > 1:
            notes.append(
                Note("bill-vat", {"vat": vat, "percent": percent, "before": before, "wanted": wanted})
            )
    if total is not None and abs(before + vat - total) > 1:
        notes.append(Note("bill-total", {"total": total, "sum": before + vat}))
    return notes
