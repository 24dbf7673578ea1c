"""CSV in, JSON-able forecast out: the document of ``khcn markets forecast``."""

from pathlib import Path
from typing import Any

import numpy as np

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.forecast import Backtest, Forecast, forecast
from khcn.engines.flow.hourly_csv import read_hourly
from khcn.engines.flow.messages import sentence
from khcn.engines.flow.series import HOUR, HourlySeries


def forecast_csv(
    path: Path | str, horizon: int = 336, *, column: str | None = None, calendar: Calendar | None = None
) -> dict[str, Any]:
    """Return the document of one series; several value columns give ``{"horizon", "series": {column: document}, "notes"}``.

    A column of a wide file that cannot be forecast has ``{"error": {"code", "message"}}``; a file or only column that
    cannot raises FlowError. Times are local, as in the file. ``None`` is written where there is no figure.
    """
    table = read_hourly(Path(path), column=column)
    notes = [sentence(code, params) for code, params in table.notes]
    if len(table.series) == 1:
        (name, series), *_ = table.series.items()
        document = _document(name, series, horizon, calendar)
        return {**document, "notes": notes + document["notes"]}
    documents: dict[str, Any] = {}
    for name, series in table.series.items():
        try:
            documents[name] = _document(name, series, horizon, calendar)
        except FlowError as error:
            if error.code == "horizon":
                raise
            documents[name] = {"error": {"code": error.code, "message": str(error)}}
    return {"horizon": horizon, "series": documents, "notes": notes}


def _document(name: str, series: HourlySeries, horizon: int, calendar: Calendar | None) -> dict[str, Any]:
    known = np.flatnonzero(~np.isnan(series.values))
    if not known.size:
        raise FlowError("no_measured", column=name)
    trimmed = HourlySeries(series.start + int(known[0]) * HOUR, series.values[int(known[0]) :])
    return forecast_document(trimmed, forecast(trimmed, horizon=horizon, calendar=calendar))


def forecast_document(series: HourlySeries, result: Forecast) -> dict[str, Any]:
    """Return the JSON-able form of a forecast of ``series``; sentences in ``notes`` are Vietnamese."""
    return {
        "horizon": int(result.value.size),
        "used": result.used,
        "points": [
            {
                "t": (result.start + hour * HOUR).isoformat(timespec="minutes"),
                "value": _figure(result.value[hour]),
                "low": _figure(result.low[hour]),
                "high": _figure(result.high[hour]),
                "low50": _figure(result.low50[hour]),
                "high50": _figure(result.high50[hour]),
            }
            for hour in range(result.value.size)
        ],
        "backtest": _backtest(result.backtest),
        "series": {
            "from": series.start.isoformat(timespec="minutes"),
            "to": (series.end - HOUR).isoformat(timespec="minutes"),
            "hours": len(series),
            "missing": series.missing,
        },
        "weights": {name: round(share, 4) for name, share in result.weights.items()},
        "notes": [sentence(code, params) for code, params in result.notes],
    }


def _backtest(test: Backtest) -> dict[str, Any]:
    return {
        "origins": test.origins,
        "mae_model": _figure(test.mae_model),
        "mae_seasonal_naive": _figure(test.mae_seasonal_naive),
        "mae_four_weeks": _figure(test.mae_four_weeks),
        "ratio": _figure(test.ratio, 4),
        "coverage_80": _figure(test.coverage_80, 4),
    }


def _figure(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
