"""Forecast of the next hours with intervals, tested on its own past and used only where it beats "same hour last week".

Ten candidates (:mod:`.candidates`) are averaged. At each rolling origin of the past the candidates are made from what was
known then, their weights from the errors of origins already over then, and so are the intervals: the figures of the
backtest are those a user would have seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from khcn.engines.flow.calendar import Calendar
from khcn.engines.flow.candidates import NAMES, candidates
from khcn.engines.flow.dayeffects import DayEffects
from khcn.engines.flow.errors import FlowError
from khcn.engines.flow.intervals import Errors, scale
from khcn.engines.flow.profiles import WEEK, repeat, weeks_before, weighted_mean
from khcn.engines.flow.series import Array, HourlySeries

MAX_HORIZON: Final = 12 * WEEK
ORIGINS: Final = 60
STEP: Final = (
    149  # hours between origins: a week less 19 hours, so that weekdays and hours of day all get their turn
)
LEARN: Final = 3 * WEEK  # history before the first origin
SHARP: Final = 10.0  # how strongly better candidates are preferred
WEIGHT_HALF_LIFE: Final = 4.0  # origins: after a month another candidate may lead
FEW_ORIGINS: Final = 12
FRESH: Final = 24  # hours measured from which on the newest origins say something
MARGIN: Final = 0.99  # the model must be at least 1 % better to be used

Note = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Rolling origins; ``ratio`` = mae_model / mae_seasonal_naive; None where there was nothing to test.

    ``coverage_80``: share of measured hours inside the 80 % interval (of the forecast that is used), over the origins
    that had earlier errors to build an interval from; hours closed by all experience do not count.
    """

    origins: int
    mae_model: float | None
    mae_seasonal_naive: float | None
    mae_four_weeks: float | None
    ratio: float | None
    coverage_80: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """``start``: first forecast hour; one figure per hour in each array; ``low``/``high`` bound 80 %, ``low50``/``high50`` 50 %.

    ``used``: "model" or "seasonal_naive"; ``weights``: share of each candidate; ``notes``: (code, params) of
    ``messages.NOTES``.
    """

    start: datetime
    value: Array
    low: Array
    high: Array
    low50: Array
    high50: Array
    used: str
    backtest: Backtest
    weights: dict[str, float]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Origin:
    at: int
    rows: Array  # candidates, shape (len(NAMES), horizon)
    spread: Array
    truth: Array
    running: Array  # sums of absolute errors per candidate up to each hour, shape (len(NAMES), horizon)
    known: Array  # hours measured up to each hour

    def errors(self, now: int) -> Array | None:
        """Mean absolute error per candidate as seen at hour ``now``; None where hardly anything was measured."""
        last = min(now - self.at, self.truth.size) - 1
        if last < 0 or self.known[last] < min(FRESH, self.truth.size) / 2:
            return None
        return np.asarray(self.running[:, last] / self.known[last], dtype=np.float64)


def forecast(series: HourlySeries, *, horizon: int = 336, calendar: Calendar | None = None) -> Forecast:
    """Forecast the ``horizon`` hours after ``series``. Raises FlowError ``horizon`` or ``too_short``."""
    if not 1 <= horizon <= MAX_HORIZON:
        raise FlowError("horizon", horizon=horizon, limit=MAX_HORIZON)
    measured = len(series) - series.missing
    if len(series) < WEEK or measured < WEEK // 2:
        raise FlowError("too_short", hours=measured)
    values, effects = series.values, DayEffects(series, calendar or Calendar(), horizon=horizon)
    every = [_origin(values, effects, at, horizon) for at in _places(len(series), horizon)]
    rows, spread = candidates(values, effects, len(series), horizon)
    weights = _weights(every, len(series))
    model, naive, test = _backtest(every, values, len(series))
    better = test.ratio is not None and test.ratio <= MARGIN
    value = weights @ rows if better else rows[0]
    errors = Errors(model if better else naive)
    low, low50, high50, high = errors.bounds(value, spread)
    return Forecast(
        start=series.end,
        value=value,
        low=low,
        high=high,
        low50=low50,
        high50=high50,
        used="model" if better else "seasonal_naive",
        backtest=test,
        weights=dict(zip(NAMES, weights.tolist(), strict=True)),
        notes=_notes(series, test, better),
    )


def _window(horizon: int) -> int:
    """Hours after an origin by which it counts as over: two weeks of a longer horizon are enough."""
    return min(horizon, 2 * WEEK)


def _places(hours: int, horizon: int) -> list[int]:
    """Origins, oldest first. The last ones are not over yet: they only help to choose the weights."""
    last = hours - _window(horizon)
    room = last - LEARN
    if room < 0:
        return []
    step = min(STEP, max(room // FEW_ORIGINS, 29))
    over = list(range(last, LEARN - 1, -step))[:ORIGINS][::-1]
    return over + list(range(last + step, hours - FRESH + 1, step))


def _origin(values: Array, effects: DayEffects, at: int, horizon: int) -> _Origin:
    rows, spread = candidates(values, effects, at, horizon)
    truth = np.full(horizon, np.nan)
    part = values[at : at + horizon]
    truth[: part.size] = part
    running = np.cumsum(np.nan_to_num(np.abs(rows - truth)), axis=1)
    return _Origin(at, rows, spread, truth, running, np.cumsum(~np.isnan(truth)).astype(np.float64))


def _weights(origins: Sequence[_Origin], now: int) -> Array:
    """Shares of the candidates after what earlier origins (oldest first) show at hour ``now``; else equal shares."""
    seen = [(errors, origin) for origin in origins if (errors := origin.errors(now)) is not None]
    if not seen:
        return np.full(len(NAMES), 1 / len(NAMES))
    rows = np.array([errors for errors, _ in seen])
    part = np.array([min((now - origin.at) / _window(origin.truth.size), 1.0) for _, origin in seen])
    recent = part * 0.5 ** (np.arange(len(seen))[::-1] / WEIGHT_HALF_LIFE)
    # errors relative to their origin: a busy month must not decide alone
    size = rows.mean(axis=1, keepdims=True)
    mean = recent @ (rows / np.where(size > 0, size, 1.0))
    shares = (np.maximum(mean, 1e-9) / max(float(mean.min()), 1e-9)) ** -SHARP
    return np.asarray(shares / shares.sum(), dtype=np.float64)


def _backtest(every: Sequence[_Origin], values: Array, now: int) -> tuple[Array, Array, Backtest]:
    """Return the scaled errors of model and naive at every origin that is over, and the figures."""
    horizon = every[0].truth.size if every else 0
    origins = [o for o in every if o.at + _window(horizon) <= now and o.errors(now) is not None]
    scaled: dict[str, list[Array]] = {"model": [], "naive": []}
    sums: dict[str, list[Array]] = {"model": [], "naive": [], "four": []}
    inside: dict[str, list[Array]] = {"model": [], "naive": []}
    for number, origin in enumerate(origins):
        over = [i for i in range(number) if origins[i].at + _window(horizon) <= origin.at]
        weights = _weights(origins[:number], origin.at)
        known = ~np.isnan(origin.truth)
        for name, value in (("model", weights @ origin.rows), ("naive", origin.rows[0])):
            size, off = scale(value, origin.spread), origin.truth - value
            open_ = known & ((size > 0) | (off != 0))  # a closed hour is no achievement
            if len(over) >= FEW_ORIGINS // 2:
                bounds = Errors(np.array([scaled[name][i] for i in over])).bounds(value, origin.spread)
                inside[name].append(((origin.truth >= bounds[0]) & (origin.truth <= bounds[3]))[open_])
            scaled[name].append(np.where(size > 0, off / np.where(size > 0, size, 1.0), np.nan))
            sums[name].append(np.abs(off)[known])
        four = repeat(
            weighted_mean(weeks_before(values, origin.at, 4), np.ones(min(4, origin.at // WEEK))), horizon
        )
        sums["four"].append(np.abs(np.where(np.isnan(four), origin.rows[0], four) - origin.truth)[known])
    empty = np.zeros((0, horizon))
    model, naive = (np.array(scaled[name]) if origins else empty for name in ("model", "naive"))
    return model, naive, _figures(sums, inside, len(origins))


def _figures(sums: dict[str, list[Array]], inside: dict[str, list[Array]], origins: int) -> Backtest:
    if not origins:
        return Backtest(0, None, None, None, None, None)
    model, naive, four = (float(np.concatenate(sums[name]).mean()) for name in ("model", "naive", "four"))
    ratio = model / naive if naive > 0 else None
    hits = inside["model" if ratio is not None and ratio <= MARGIN else "naive"]
    covered = np.concatenate(hits) if hits else np.zeros(0)
    coverage = float(covered.mean()) if covered.size else None
    return Backtest(origins, model, naive, four, ratio, coverage)


def _notes(series: HourlySeries, test: Backtest, better: bool) -> tuple[Note, ...]:
    notes: list[Note] = []
    weeks = len(series) // WEEK
    if not test.origins:
        notes += [("short_history", {"weeks": weeks}), ("no_backtest", {})]
    elif test.origins < FEW_ORIGINS:
        notes.append(("few_origins", {"origins": test.origins}))
    if test.origins and not better:
        notes.append(("naive_better", {}))
    if series.missing:
        share = f"{100 * series.missing / len(series):.1f}".replace(".", ",")
        notes.append(("gaps", {"missing": series.missing, "share": share}))
    tail = np.flatnonzero(~np.isnan(series.values))
    if tail.size and len(series) - int(tail[-1]) > WEEK:
        notes.append(("stale", {"last": f"{series.times()[int(tail[-1])]:%d/%m/%Y %H:00}"}))
    return tuple(notes)
