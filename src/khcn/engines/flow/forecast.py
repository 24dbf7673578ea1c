"""Forecast of an hourly series (signature; body follows)."""

from dataclasses import dataclass
from datetime import datetime

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.series import Array, HourlySeries


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rolling origins; ``ratio`` = mae_model / mae_seasonal_naive; None where there was nothing to test."""

    origins: int
    mae_model: float | None
    mae_seasonal_naive: float | None
    mae_four_weeks: float | None
    ratio: float | None
    coverage_80: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """``start``: first forecast hour; arrays of one figure per hour; ``low``/``high`` bound 80 %, ``low50``/``high50`` 50 %.

    ``used``: "model" or "seasonal_naive"; ``notes``: (code, params) of ``messages.NOTES``.
    """

    start: datetime
    value: Array
    low: Array
    high: Array
    low50: Array
    high50: Array
    used: str
    backtest: Backtest
    notes: tuple[tuple[str, dict[str, object]], ...]


def forecast(series: HourlySeries, *, horizon: int = 336, calendar: Calendar | None = None) -> Forecast:
    """Forecast the ``horizon`` hours after the series. Raises FlowError ``horizon``, ``too_short``."""
    raise NotImplementedError
