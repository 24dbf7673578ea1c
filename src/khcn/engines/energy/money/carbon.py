"""CO2 avoided, by the factor whose row says that it is used for the year; a year without one has no figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from khcn.engines.energy.errors import SpecError
from khcn.engines.energy.kpi.clean import Note
from khcn.engines.energy.kpi.days import DEFAULT_ZONE, local_ms
from khcn.engines.energy.money.prices import exact
from khcn.engines.energy.money.tables import FactorRow
from khcn.engines.energy.types import STEP_MS, Values

_THOUSAND: Final = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Carbon:
    """CO2 of one year. ``t`` None: no factor is in use for the year (``note`` says so); else ``note`` names factor,
    data year and document, to be printed beside the figure."""

    year: int
    kwh: Decimal
    t: Decimal | None
    factor: FactorRow | None
    note: Note

    def versions(self) -> dict[str, Any]:
        """Return what a stored figure keeps."""
        if self.factor is None:
            return {}
        row = self.factor
        return {"document": row.document, "data_year": row.data_year, "t_per_mwh": str(row.t_per_mwh)}


def factor_of(rows: Sequence[FactorRow], year: int) -> FactorRow:
    """Return the factor in use for ``year``: of several the one with the newest data.

    Raises SpecError (``money-no-factor``): a missing year is never filled from a neighbour.
    """
    used = [
        row
        for row in rows
        if row.used_from_year <= year and (row.used_to_year is None or year <= row.used_to_year)
    ]
    if not used:
        raise SpecError("money-no-factor", year=year)
    return max(used, key=lambda row: (row.data_year, row.used_from_year))


def co2_of(kwh: Decimal, year: int, *, rows: Sequence[FactorRow]) -> Carbon:
    """Return tonnes of CO2 avoided by ``kwh`` in ``year``."""
    try:
        row = factor_of(rows, year)
    except SpecError as missing:
        return Carbon(year, kwh, None, None, Note(missing.code, missing.params))
    t = kwh / _THOUSAND * row.t_per_mwh
    said: dict[str, object] = {
        "year": year, "t": f"{t:.2f}".replace(".", ","), "factor": str(row.t_per_mwh).replace(".", ","),
        "data_year": row.data_year, "document": row.document,
    }  # fmt: skip
    return Carbon(year, kwh, t, row, Note("money-co2", said))


def co2_by_year(
    start_ms: int, kwh: Values, *, rows: Sequence[FactorRow], zone: str = DEFAULT_ZONE, step_ms: int = STEP_MS
) -> Mapping[int, Carbon]:
    """Return CO2 of each local year of a series of intervals (nan: not known, counts nothing)."""
    wall = local_ms(start_ms + np.arange(len(kwh), dtype=np.int64) * step_ms, zone)
    years = wall.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
    known = np.isfinite(kwh)
    return {
        int(year): co2_of(exact(float(kwh[known & (years == year)].sum())), int(year), rows=rows)
        for year in np.unique(years[known])
    }
