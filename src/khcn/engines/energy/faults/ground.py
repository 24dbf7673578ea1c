"""What every finder stands on: the days, the daylight and what each inverter should have given, from its siblings first."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.series import Mask, series_of
from khcn.engines.energy.faults.site import DeviceKind, DeviceSeries, SiteSeries
from khcn.engines.energy.types import DAY_MS, Millis, Quality, Values

_HOUR: Final = 3_600_000
_LIT: Final = 4.0  # degrees of elevation: production may be expected
_BRIGHT: Final = 12.0  # degrees: production must be expected
_NIGHT: Final = -6.0
_HISTORY_DAYS: Final = 30
_FLOOR: Final = 0.02  # of the power of an inverter: below this nothing is compared


@dataclass(frozen=True, slots=True)
class Ground:
    """The site prepared. Arrays are (inverters x intervals) where they concern inverters.

    ``day``: local day of each interval counted from the first; ``minute``: local minute of the day; ``kwh``: energy of
    each inverter (nan: unknown); ``power``: kW that counts as the size of each; ``usable``: intervals that finders may
    compare (others were explained by an earlier finder); ``expected``: kWh that siblings (or else the model) say;
    ``by``: "siblings", "model" or "" for each inverter.
    """

    site: SiteSeries
    inverters: tuple[DeviceSeries, ...]
    meter: DeviceSeries | None
    day: NDArray[np.int64]
    minute: Values
    lit: Mask
    bright: Mask
    night: Mask
    kwh: Values
    measured: NDArray[np.bool_]
    power: Values
    usable: NDArray[np.bool_]
    expected: Values = field(default_factory=lambda: np.zeros((0, 0)))
    by: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Number of local days."""
        return int(self.day[-1]) + 1 if len(self.day) else 0

    @property
    def hours(self) -> float:
        """Hours in an interval."""
        return self.site.step_ms / _HOUR

    def end_of(self, index: int) -> int:
        """Return the end of an interval in ms."""
        return int(self.site.ms[index]) + self.site.step_ms

    def without(self, masks: NDArray[np.bool_]) -> "Ground":
        """Return the ground with more intervals explained, and what is expected worked out again."""
        return with_expected(replace(self, usable=self.usable & ~masks))


def ground_of(site: SiteSeries) -> Ground | None:
    """Prepare a site; None when there is nothing to look at."""
    inverters = tuple(one for one in site.devices if one.kind == DeviceKind.INVERTER)
    count = len(site.ms)
    if not inverters or count < 96 or any(len(one.kwh) != count for one in site.devices):
        return None
    kwh = np.vstack([_known(one) for one in inverters])
    measured = np.vstack([(one.flags & Quality.MEASURED) > 0 for one in inverters])
    meter = next((one for one in site.devices if one.kind == DeviceKind.METER), None)
    day, minute = local_days(site.ms, site.zone)
    hours = site.step_ms / _HOUR
    power = np.array([_size(one, row, hours) for one, row in zip(inverters, kwh, strict=True)])
    lit, bright, night = _light(site, kwh, power)
    ground = Ground(
        site, inverters, meter, day, minute, lit, bright, night, kwh, measured, power, np.isfinite(kwh)
    )  # fmt: skip
    return with_expected(ground)


def local_days(ms: Millis, zone: str) -> tuple[NDArray[np.int64], Values]:
    """Return the local day (from 0) and the local minute of each interval."""
    hours, place = np.unique(ms // _HOUR, return_inverse=True)
    tz = ZoneInfo(zone)
    offsets = np.array(
        [datetime.fromtimestamp(int(h) * 3600, UTC).astimezone(tz).utcoffset().total_seconds() for h in hours]  # type: ignore[union-attr]  # an aware time has an offset
    )
    local = ms + (offsets[place] * 1000).astype(np.int64)
    day = local // DAY_MS
    return day - day[0], (local % DAY_MS) / 60_000.0


def _known(one: DeviceSeries) -> Values:
    bad = (one.flags & Quality.OUT_OF_RANGE) > 0
    values = np.asarray(one.kwh, np.float64).copy()
    values[bad & ((one.flags & Quality.MEASURED) == 0)] = np.nan
    return values


def _size(one: DeviceSeries, kwh: Values, hours: float) -> float:
    """Return the kW that the inverter is worth: modules first, else what it reaches, else its rating."""
    if one.kwp:
        return one.kwp
    known = kwh[np.isfinite(kwh)]
    reached = float(np.quantile(known, 0.995)) / hours if len(known) else 0.0
    return one.rated_kw or reached or 1.0


def _light(site: SiteSeries, kwh: Values, power: Values) -> tuple[Mask, Mask, Mask]:
    elevation = site.sun_elevation
    if elevation is None and site.latitude is not None and site.longitude is not None:
        elevation = sun_elevation(site.ms + site.step_ms // 2, site.latitude, site.longitude)
    if elevation is not None:
        high = np.asarray(elevation, np.float64)
        return _mask(high > _LIT), _mask(high > _BRIGHT), _mask(high < _NIGHT)
    known = np.isfinite(kwh)
    share = np.where(known, kwh, 0).sum(axis=0) / np.maximum((known * power[:, None]).sum(axis=0), 1e-9)
    learnt = series_of(site.ms, share, np.asarray(known.any(axis=0), bool), step_ms=site.step_ms)
    lit = np.zeros(len(site.ms), bool)
    lit[learnt.rows] = learnt.daylight
    wide: NDArray[np.int64] = np.convolve(lit.astype(np.int64), np.ones(9, np.int64), "same")
    return lit, np.asarray(wide == 9, bool), np.asarray(wide == 0, bool)


def _mask(values: object) -> Mask:
    return np.asarray(values, bool)


def sun_elevation(ms: Millis, latitude: float, longitude: float) -> Values:
    """Return the sun's elevation in degrees at each time (pvlib; heavy import, worker only)."""
    import pandas as pd  # noqa: PLC0415
    from pvlib import solarposition  # noqa: PLC0415

    times = pd.to_datetime(ms, unit="ms", utc=True)
    return np.asarray(solarposition.ephemeris(times, latitude, longitude)["elevation"], np.float64)


def with_expected(ground: Ground) -> Ground:
    """Work out what each inverter should give: the usual ratio to its siblings, or to the model where it has none."""
    count = len(ground.inverters)
    expected = np.full(ground.kwh.shape, np.nan)
    by = []
    shares = np.where(ground.usable, ground.kwh, np.nan) / ground.power[:, None]
    turn = _turns(ground)
    for index in range(count):
        others = np.delete(shares / turn, index, axis=0)
        some = _mask(np.isfinite(others).any(axis=0))
        enough = count > 1 and some[ground.bright].mean() > 0.2
        if enough:
            reference = _middle(others) * turn[index]
            by.append("siblings")
        elif ground.site.expected_kwh is not None:
            reference = ground.site.expected_kwh / ground.power.sum()
            by.append("model")
        else:
            by.append("")
            continue
        ratio = usual_ratio(ground, shares[index], reference)
        expected[index] = reference * ratio * ground.power[index]
        model = ground.site.expected_kwh
        if model is not None and by[-1] == "siblings":  # while no sibling speaks, the model does
            gap = ~np.isfinite(expected[index])
            scale = usual_ratio(ground, shares[index], model / ground.power.sum())
            expected[index][gap] = (model * scale * ground.power[index] / ground.power.sum())[gap]
    return replace(ground, expected=expected, by=tuple(by))


def _turns(ground: Ground) -> Values:
    """Return what each roof's direction gives it beside its siblings, day by day (inverters x intervals; about 1).

    In winter a roof that faces north falls behind one that faces south by weeks of a tenth: a season, no fault.
    """
    usual = [one.usual_kwh for one in ground.inverters]
    size = len(ground.site.ms)
    yields = np.ones((len(usual), ground.days))
    for index, series in enumerate(usual):
        if series is None or len(series) != size or not np.isfinite(series).all():
            return np.ones(ground.kwh.shape)
        yields[index] = np.bincount(ground.day, series, ground.days) / ground.power[index]
    first, last = ground.day[0], ground.day[-1]  # days that may be cut: as the day beside them
    for cut, beside in ((first, first + 1), (last, last - 1)):
        yields[:, cut] = yields[:, min(max(beside, 0), ground.days - 1)]
    mean = yields.mean(axis=0)
    if (mean <= 0).any() or (yields <= 0).any():
        return np.ones(ground.kwh.shape)
    return np.asarray((yields / mean)[:, ground.day], np.float64)


def _middle(rows: Values) -> Values:
    out = np.full(rows.shape[1], np.nan)
    some = np.isfinite(rows).any(axis=0)
    out[some] = np.nanmedian(rows[:, some], axis=0)
    return out


def usual_ratio(ground: Ground, share: Values, reference: Values) -> float:
    """Return the ratio of daily sums that was usual in the first good days (1.0 when there are too few)."""
    ratios = daily_ratio(ground, share, reference)
    good = ratios[np.isfinite(ratios)][:_HISTORY_DAYS]
    return float(np.median(good)) if len(good) >= 5 else 1.0


def daily_ratio(ground: Ground, share: Values, reference: Values, least: float = 0.4) -> Values:
    """Return for each day the ratio of sums over bright intervals where both are known, nan for poor days."""
    use = np.isfinite(share) & np.isfinite(reference) & ground.bright
    top = np.bincount(ground.day[use], share[use], ground.days)
    bottom = np.bincount(ground.day[use], reference[use], ground.days)
    known = np.bincount(ground.day[use], minlength=ground.days)
    should = np.bincount(ground.day[ground.bright], minlength=ground.days)
    floor = _FLOOR * ground.hours * np.maximum(known, 1)
    good = (known >= least * np.maximum(should, 1)) & (bottom > floor) & (known > 0)
    out = np.full(ground.days, np.nan)
    out[good] = top[good] / bottom[good]
    return out


def smooth_runs(bad: Sequence[bool] | Mask, gap: int) -> list[tuple[int, int]]:
    """Return runs (first, past the last) of True, joined across up to ``gap`` False."""
    out: list[tuple[int, int]] = []
    for index in np.flatnonzero(np.asarray(bad, bool)):
        if out and index - out[-1][1] <= gap:
            out[-1] = (out[-1][0], int(index) + 1)
        else:
            out.append((int(index), int(index) + 1))
    return out
