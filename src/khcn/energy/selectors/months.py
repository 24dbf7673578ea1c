"""Months of sites as pages add them up. A figure that nobody knows is ``None`` and never zero."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from khcn.core.months import Month
from khcn.energy.models import SiteDay, SiteMonth

ENERGIES: Final = (
    "production_kwh", "import_kwh", "export_kwh", "load_kwh", "self_consumed_kwh", "expected_kwh", "lost_kwh",
)  # fmt: skip
MONEY: Final = ("savings_vnd", "surplus_vnd", "cost_vnd")
SUMS: Final = (*ENERGIES, *MONEY, "co2_kg")
ENOUGH: Final = 0.9  # below this share of known intervals a sum is named incomplete


@dataclass(frozen=True, slots=True)
class Sums:
    """What a site (or several) did in a time: sums by name (:data:`SUMS`), kWh, VND and kg.

    ``completeness``: mean share of known intervals, None when there is no row at all; ``peak_kw``: highest of them;
    ``made_kwh``/``lost_kwh`` of the rows in which a loss was estimated give the availability.
    """

    values: dict[str, float] = field(default_factory=dict)
    completeness: float | None = None
    peak_kw: float | None = None
    rows: int = 0
    made_kwh: float = 0.0
    missed_kwh: float | None = None

    def __getitem__(self, name: str) -> float | None:
        return self.values.get(name)

    @property
    def availability(self) -> float | None:
        """Produced / (produced + lost), where losses are known."""
        if self.missed_kwh is None or self.made_kwh + self.missed_kwh <= 0:
            return None
        return self.made_kwh / (self.made_kwh + self.missed_kwh)

    @property
    def known(self) -> bool:
        """Whether any energy is known."""
        return any(name in self.values for name in ENERGIES)

    @property
    def enough(self) -> bool:
        """Whether nearly all intervals are known."""
        return self.completeness is not None and self.completeness >= ENOUGH

    @property
    def self_consumption(self) -> float | None:
        """Share of the production used on the spot."""
        return share(self["self_consumed_kwh"], self["production_kwh"])

    @property
    def self_sufficiency(self) -> float | None:
        """Share of the load that the sun gave."""
        return share(self["self_consumed_kwh"], self["load_kwh"])


NOTHING: Final = Sums()


def share(part: float | None, whole: float | None) -> float | None:
    """Return ``part / whole``; None when it cannot be said."""
    return None if part is None or not whole or whole <= 0 else part / whole


def month_values(row: SiteMonth) -> dict[str, Any]:
    """Return the figures of a month under the names of :class:`~khcn.energy.models.SiteDay`."""
    values = dict(row.figures)
    for name in ("production_kwh", "savings_vnd", "co2_kg", "completeness"):
        column = getattr(row, name)
        if column is not None:
            values[name] = column
    return values


def day_values(row: SiteDay) -> dict[str, Any]:
    """Return the figures of a day."""
    names = (*SUMS, "completeness", "peak_kw", "availability")
    return {name: getattr(row, name) for name in names}


def sums_of(rows: Iterable[dict[str, Any]]) -> Sums:
    """Add up figures; a name that no row knows stays unknown."""
    values: dict[str, float] = {}
    shares: list[float] = []
    peaks: list[float] = []
    made, missed, count = 0.0, None, 0
    for row in rows:
        count += 1
        for name in SUMS:
            if (value := row.get(name)) is not None:
                values[name] = values.get(name, 0.0) + float(value)
        shares.append(float(row.get("completeness") or 0.0))
        if row.get("peak_kw") is not None:
            peaks.append(float(row["peak_kw"]))
        if row.get("lost_kwh") is not None and row.get("production_kwh") is not None:
            made += float(row["production_kwh"])
            missed = (missed or 0.0) + float(row["lost_kwh"])
    return Sums(
        values=values,
        completeness=sum(shares) / len(shares) if shares else None,
        peak_kw=max(peaks) if peaks else None,
        rows=count,
        made_kwh=made,
        missed_kwh=missed,
    )


def months_of_sites(site_ids: Iterable[int], first: Month, last: Month) -> dict[int, dict[Month, Sums]]:
    """Return the months of sites (one query); a month without a row is left out."""
    rows = SiteMonth.objects.filter(
        site_id__in=list(site_ids), month__gte=first.first, month__lte=last.first
    ).order_by("site_id", "month")
    found: dict[int, dict[Month, Sums]] = {}
    for row in rows:
        found.setdefault(row.site_id, {})[Month.of(row.month)] = sums_of([month_values(row)])
    return found


def total(parts: Iterable[Sums]) -> Sums:
    """Add sums up; completeness is the mean of the parts, weighted by nothing: every site counts once."""
    some = list(parts)
    values: dict[str, float] = {}
    for part in some:
        for name, value in part.values.items():
            values[name] = values.get(name, 0.0) + value
    shares = [part.completeness for part in some if part.completeness is not None]
    peaks = [part.peak_kw for part in some if part.peak_kw is not None]
    missed = [part.missed_kwh for part in some if part.missed_kwh is not None]
    return Sums(
        values=values,
        completeness=sum(shares) / len(shares) if shares else None,
        peak_kw=max(peaks) if peaks else None,
        rows=sum(part.rows for part in some),
        made_kwh=sum(part.made_kwh for part in some),
        missed_kwh=sum(missed) if missed else None,
    )
