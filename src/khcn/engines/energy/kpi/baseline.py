"""Savings against what a unit would have used: IPMVP option C on monthly bills, adjusted for days and weather.

kWh a day of each bill are regressed on the mean temperature of its days (or on cooling degrees above a base found from
the bills) and on the share of its days on which the unit was closed (school holidays), as far as these help. Of the
candidate models the one with the smallest corrected Akaike criterion is taken. Savings carry their uncertainty at 80 %
and 90 % (prediction error of ordinary least squares; bills are taken for independent). Too few bills are refused;
:func:`same_month_savings` is the simple way then, and says that it knows no uncertainty.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import log, sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.kpi.student import t_two_sided

LEAST_BILLS: Final = 9
LEAST_DAYS: Final = 240  # of a year's seasons, most must be seen
POOR_CVRMSE: Final = 0.25  # ASHRAE guideline 14 for monthly data
LEVELS: Final = (0.80, 0.90)
_BASES: Final = (22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0)
_BEYOND: Final = 0.15  # of the range of temperatures seen

Matrix = NDArray[np.float64]
Month = tuple[int, int]  # (year, month)


@dataclass(frozen=True, slots=True)
class BillMonth:
    """One bill: days ``start`` .. ``end`` (both included) and kWh bought."""

    start: date
    end: date
    kwh: float

    @property
    def days(self) -> int:
        """Number of days billed."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Climate:
    """What explains use, by month: mean air temperature (degrees Celsius), share of days on which the unit is closed
    (0..1). A month without entry is not known (temperature) or has no closed day."""

    temperature: Mapping[Month, float] = field(default_factory=dict)
    closed: Mapping[Month, float] = field(default_factory=dict)

    def of(self, bill: BillMonth) -> tuple[float | None, float]:
        """Return the mean temperature and the closed share of a bill's days; None when a month is not known."""
        parts = list(_months(bill))
        days = sum(count for _, count in parts)
        closed = sum(self.closed.get(month, 0.0) * count for month, count in parts) / days
        if any(month not in self.temperature for month, _ in parts):
            return None, closed
        return sum(self.temperature[month] * count for month, count in parts) / days, closed


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted model: kWh a day = ``coefficients`` . (1, then the ``terms``).

    ``terms`` are of ``temperature``, ``cooling`` (degrees above ``base_c``), ``closed``. ``inverse`` is (X'X)^-1,
    ``error`` the standard error of kWh a day. ``cvrmse``: that error as a share of the mean.
    """

    terms: tuple[str, ...]
    base_c: float | None
    coefficients: tuple[float, ...]
    inverse: tuple[tuple[float, ...], ...]
    error: float
    bills: int
    r2: float
    cvrmse: float
    first: date
    last: date
    temperatures: tuple[float, float] | None
    notes: tuple[Note, ...] = ()

    @property
    def degrees(self) -> int:
        """Degrees of freedom left."""
        return self.bills - len(self.coefficients) - (1 if self.base_c is not None else 0)

    def document(self) -> dict[str, Any]:
        """Return what the database keeps; :func:`baseline_from` reads it."""
        return {
            "terms": list(self.terms), "base_c": self.base_c, "coefficients": list(self.coefficients),
            "inverse": [list(row) for row in self.inverse], "error": self.error, "bills": self.bills, "r2": self.r2,
            "cvrmse": self.cvrmse, "first": self.first.isoformat(), "last": self.last.isoformat(),
            "temperatures": list(self.temperatures) if self.temperatures else None,
            "notes": [{"code": note.code, "params": note.params} for note in self.notes],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class SavedMonth:
    """One bill after the change: ``expected`` kWh by the baseline (None: cannot be said), and what was bought."""

    bill: BillMonth
    expected: float | None


@dataclass(frozen=True, slots=True)
class Savings:
    """Sum over the bills that could be compared. ``uncertainty``: kWh up or down at 80 % and 90 % (empty: unknown);
    ``significant``: the saving is bigger than its uncertainty at 90 % (None: unknown)."""

    expected: float
    actual: float
    months: tuple[SavedMonth, ...]
    uncertainty: Mapping[float, float]
    notes: tuple[Note, ...]

    @property
    def saved(self) -> float:
        """Return kWh saved (negative: more was used)."""
        return self.expected - self.actual

    @property
    def share(self) -> float | None:
        """Return the saving as a share of what would have been used."""
        return self.saved / self.expected if self.expected > 0 else None

    @property
    def significant(self) -> bool | None:
        """Return whether the saving is certain enough to be called one."""
        bound = self.uncertainty.get(LEVELS[-1])
        return None if bound is None else bool(abs(self.saved) > bound)


def fit_baseline(bills: Sequence[BillMonth], climate: Climate | None = None) -> Baseline:
    """Fit a baseline on the bills of before.

    Raises SpecError: ``baseline-few`` (fewer than nine bills, or than eight months of days), ``baseline-overlap``,
    ``baseline-bill`` (a bill that ends before it begins, or negative kWh), ``baseline-zero``.
    """
    ordered = _checked(bills)
    days = sum(bill.days for bill in ordered)
    if len(ordered) < LEAST_BILLS or days < LEAST_DAYS:
        raise SpecError("baseline-few", bills=len(ordered), days=days, least=LEAST_BILLS)
    target = np.array([bill.kwh / bill.days for bill in ordered])
    if not target.mean() > 0:
        raise SpecError("baseline-zero")
    known = [(climate or Climate()).of(bill) for bill in ordered]
    best = min(_candidates(target, known), key=lambda one: one[0])
    return _described(best[1], best[2], target, ordered, known)


def savings_against(
    baseline: Baseline, bills: Sequence[BillMonth], climate: Climate | None = None
) -> Savings:
    """Return what was saved in ``bills`` (of after), with its uncertainty. Raises SpecError as :func:`fit_baseline`."""
    ordered = _checked(bills)
    months, sums, squares = [], np.zeros(len(baseline.coefficients)), 0.0
    notes: list[Note] = list(baseline.notes)
    strange = 0
    for bill in ordered:
        warm, closed = (climate or Climate()).of(bill)
        row = _row(baseline.terms, baseline.base_c, warm, closed)
        if row is None:
            months.append(SavedMonth(bill, None))
            continue
        strange += _beyond(baseline, warm)
        months.append(SavedMonth(bill, float(np.dot(row, baseline.coefficients)) * bill.days))
        sums += row * bill.days
        squares += bill.days**2
    notes += [Note("baseline-beyond", {"count": strange})] if strange else []
    unknown = sum(one.expected is None for one in months)
    notes += [Note("baseline-no-weather", {"count": unknown})] if unknown else []
    spread = baseline.error * sqrt(squares + float(sums @ np.array(baseline.inverse) @ sums))
    bounds = {level: t_two_sided(level, max(baseline.degrees, 1)) * spread for level in LEVELS}
    return _summed(months, bounds if squares else {}, notes)


def same_month_savings(before: Sequence[BillMonth], after: Sequence[BillMonth]) -> Savings:
    """Compare each bill with the same days of a year before, by kWh a day (weather not adjusted; no uncertainty)."""
    old = _checked(before)
    months = [SavedMonth(bill, _a_year_before(bill, old)) for bill in _checked(after)]
    notes = [Note("baseline-simple", {})]
    unknown = sum(one.expected is None for one in months)
    notes += [Note("baseline-no-pair", {"count": unknown})] if unknown else []
    return _summed(months, {}, notes)


def baseline_from(document: Mapping[str, Any]) -> Baseline:
    """Return the baseline of :meth:`Baseline.document`."""
    warm = document["temperatures"]
    return Baseline(
        tuple(document["terms"]), document["base_c"], tuple(document["coefficients"]),
        tuple(tuple(row) for row in document["inverse"]), document["error"], document["bills"], document["r2"],
        document["cvrmse"], date.fromisoformat(document["first"]), date.fromisoformat(document["last"]),
        (warm[0], warm[1]) if warm else None,
        tuple(Note(one["code"], dict(one["params"])) for one in document["notes"]),
    )  # fmt: skip


def _checked(bills: Sequence[BillMonth]) -> list[BillMonth]:
    ordered = sorted(bills, key=lambda bill: bill.start)
    for bill in ordered:
        if bill.end < bill.start or not np.isfinite(bill.kwh) or bill.kwh < 0:
            raise SpecError(
                "baseline-bill", start=f"{bill.start:%d/%m/%Y}", end=f"{bill.end:%d/%m/%Y}", kwh=bill.kwh
            )
    for one, following in pairwise(ordered):
        if following.start <= one.end:
            raise SpecError(
                "baseline-overlap", first=f"{one.end:%d/%m/%Y}", second=f"{following.start:%d/%m/%Y}"
            )
    return ordered


def _months(bill: BillMonth) -> Iterator[tuple[Month, int]]:
    day = bill.start
    while day <= bill.end:
        following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        last = min(bill.end, following - timedelta(days=1))
        yield (day.year, day.month), (last - day).days + 1
        day = following


def _candidates(
    target: Matrix, known: Sequence[tuple[float | None, float]]
) -> Iterator[tuple[float, tuple[str, ...], float | None]]:
    """Yield (criterion, terms, base) of every model that the bills allow."""
    warm = all(one[0] is not None for one in known)
    closed = len({round(one[1], 6) for one in known}) > 1
    for weather, base in ((None, None), ("temperature", None), *(("cooling", base) for base in _BASES)):
        if weather and not warm:
            continue
        for terms in ((weather,), (weather, "closed")) if closed else ((weather,),):
            used = tuple(term for term in terms if term)
            criterion = _criterion(target, known, used, base)
            if criterion is not None:
                yield criterion, used, base


def _criterion(
    target: Matrix, known: Sequence[tuple[float | None, float]], terms: tuple[str, ...], base: float | None
) -> float | None:
    """Return the corrected Akaike criterion; None when the model cannot be fitted, or says that heat saves power."""
    table = _table(terms, base, known)
    size, count = int(table.shape[0]), int(table.shape[1])
    free = count + 1 + (base is not None)  # the variance and a base that was searched for are parameters too
    if size - free - 1 <= 0 or np.linalg.matrix_rank(table) < count:
        return None
    found = np.linalg.lstsq(table, target, rcond=None)[0]
    if terms and terms[0] in {"temperature", "cooling"} and found[1] < 0:
        return None
    rest = float(((target - table @ found) ** 2).sum())
    return size * log(max(rest, 1e-12) / size) + 2 * free + 2 * free * (free + 1) / (size - free - 1)


def _table(terms: tuple[str, ...], base: float | None, known: Sequence[tuple[float | None, float]]) -> Matrix:
    rows = [_row(terms, base, warm, closed) for warm, closed in known]
    return np.array([row for row in rows if row is not None])


def _row(terms: tuple[str, ...], base: float | None, warm: float | None, closed: float) -> Matrix | None:
    values = [1.0]
    for term in terms:
        if term == "closed":
            values.append(closed)
        elif warm is None:
            return None
        else:
            values.append(warm if term == "temperature" else max(0.0, warm - (base or 0.0)))
    return np.array(values)


def _described(
    terms: tuple[str, ...],
    base: float | None,
    target: Matrix,
    bills: Sequence[BillMonth],
    known: Sequence[tuple[float | None, float]],
) -> Baseline:
    table = _table(terms, base, known)
    found = np.linalg.lstsq(table, target, rcond=None)[0]
    rest = float(((target - table @ found) ** 2).sum())
    spread = float(((target - target.mean()) ** 2).sum())
    free = max(1, len(target) - table.shape[1] - (base is not None))
    error = sqrt(rest / free)
    cvrmse = error / float(target.mean())
    warm = [one[0] for one in known if one[0] is not None]
    notes = [Note("baseline-poor", {"cvrmse": round(100 * cvrmse)})] if cvrmse > POOR_CVRMSE else []
    if len(bills) < 12:
        notes.append(Note("baseline-short", {"bills": len(bills)}))
    return Baseline(
        terms, base, tuple(float(one) for one in found),
        tuple(tuple(float(one) for one in row) for row in np.linalg.inv(table.T @ table)),
        error, len(bills), 1 - rest / spread if spread > 0 else 0.0, cvrmse, bills[0].start, bills[-1].end,
        (min(warm), max(warm)) if warm else None, tuple(notes),
    )  # fmt: skip


def _beyond(baseline: Baseline, warm: float | None) -> bool:
    if warm is None or baseline.temperatures is None or not {"temperature", "cooling"} & set(baseline.terms):
        return False
    low, high = baseline.temperatures
    margin = _BEYOND * (high - low)
    return not low - margin <= warm <= high + margin


def _a_year_before(bill: BillMonth, old: Sequence[BillMonth]) -> float | None:
    """Return what the same days of the year before took, scaled by days; None unless at least half of them are billed."""
    start, end = (_last_year(day) for day in (bill.start, bill.end))
    kwh, days = 0.0, 0
    for one in old:
        shared = (min(one.end, end) - max(one.start, start)).days + 1
        if shared > 0:
            kwh, days = kwh + one.kwh * shared / one.days, days + shared
    return kwh / days * bill.days if 2 * days >= bill.days else None


def _last_year(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _summed(months: Sequence[SavedMonth], bounds: Mapping[float, float], notes: Sequence[Note]) -> Savings:
    said = [one for one in months if one.expected is not None]
    expected = sum(one.expected for one in said if one.expected is not None)
    return Savings(expected, sum(one.bill.kwh for one in said), tuple(months), bounds, tuple(notes))
