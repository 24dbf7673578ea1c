"""Soiling: the whole site gives slowly less against the model, until rain or a cleaning brings it back at once."""

from itertools import pairwise
from typing import Final

import numpy as np

from khcn.engines.energy.faults.ground import Ground, daily_ratio
from khcn.engines.energy.faults.tell import finding, number
from khcn.engines.energy.types import Finding, FindingKind, Values

_LEAST_DAYS: Final = 18
_LEAST_DROP: Final = 0.045
_MOST_NOISE: Final = 0.08  # a model with more noise from day to day cannot tell
_RECOVERY: Final = 0.03


def find_soiling(ground: Ground) -> list[Finding]:
    """Return slow declines of the site against its model, each up to its recovery."""
    model = ground.site.expected_kwh
    if model is None:
        return []
    clean = np.where(ground.usable, ground.kwh, np.nan)
    known = np.isfinite(clean)
    share = np.where(known, clean, 0).sum(axis=0) / np.maximum(
        (known * ground.power[:, None]).sum(axis=0), 1e-9
    )
    share[~known.any(axis=0)] = np.nan
    ratio = daily_ratio(ground, share, model / ground.power.sum())
    days = np.flatnonzero(np.isfinite(ratio)).astype(np.float64)
    if len(days) < _LEAST_DAYS:
        return []
    values = ratio[np.isfinite(ratio)] / float(np.nanmedian(ratio))
    noise = 1.4826 * float(np.median(np.abs(np.diff(values)))) / np.sqrt(2)
    if noise > _MOST_NOISE:
        return []
    found = []
    edges = [0, *_recoveries(values, noise), len(values)]
    for first, end in pairwise(edges):
        spell = _decline(days[first:end], values[first:end], noise)
        if spell is not None and _everywhere(ground, clean, int(spell[0]), int(days[end - 1])):
            start, clean_level, slope = spell
            last = int(days[end - 1])
            found.append(_tell(ground, (start, last), clean_level, slope))
    return found


def _everywhere(ground: Ground, clean: Values, first: int, last: int) -> bool:
    """Return whether every inverter declines: dust falls on all of them, a fault on one."""
    model = ground.site.expected_kwh
    assert model is not None  # noqa: S101  # find_soiling asked
    drops = []
    for row in range(len(ground.inverters)):
        ratio = daily_ratio(ground, clean[row] / ground.power[row], model / ground.power.sum())[
            first : last + 1
        ]
        ratio = ratio[np.isfinite(ratio)]
        if len(ratio) < 9:
            continue
        third = len(ratio) // 3
        drops.append(1 - float(np.median(ratio[-third:]) / np.median(ratio[:third])))
    return bool(drops) and min(drops) > 0.35 * float(np.median(drops)) > 0


def _recoveries(values: Values, noise: float) -> list[int]:
    """Return where the ratio leaps up for good."""
    least = max(_RECOVERY, 3.0 * noise / np.sqrt(3))
    gain = np.zeros(len(values))
    for index in range(4, len(values) - 3):
        gain[index] = np.median(values[index : index + 5]) - np.median(values[max(0, index - 5) : index])
    out: list[int] = []
    for index in np.argsort(-gain):
        if gain[index] < least:
            break
        if all(abs(index - other) > 8 for other in out):
            out.append(int(index))
    return sorted(out)


def _decline(days: Values, values: Values, noise: float) -> tuple[int, float, float] | None:
    """Return (first day, level before, loss a day) of a level that begins to sink, None when it does not or steps."""
    if len(days) < _LEAST_DAYS:
        return None
    flat = float(np.abs(values - np.median(values)).sum())
    best: tuple[float, int, float, float] | None = None
    for place in range(0, len(days) - _LEAST_DAYS + 3, 2):
        ramp = np.clip(days - days[place], 0, None).astype(float)
        table = np.column_stack([np.ones(len(days)), -ramp])
        weight = np.ones(len(days))
        fit = np.zeros(2)
        for _ in range(6):
            found, *_rest = np.linalg.lstsq(table * weight[:, None], values * weight, rcond=None)
            fit = np.asarray(found, np.float64)
            weight = 1 / np.sqrt(np.maximum(np.abs(values - table @ fit), 0.004))
        cost = float(np.abs(values - table @ fit).sum())
        if best is None or cost < best[0] - 1e-9:
            best = (cost, place, float(fit[0]), float(fit[1]))
    if best is None:
        return None
    cost, place, level, slope = best
    drop = slope * float(days[-1] - days[place])
    if drop < max(_LEAST_DROP, 2.5 * noise) or cost > 0.75 * flat or slope > 0.012:
        return None
    if _step_cost(values) < 0.95 * cost:
        return None  # it fell at once: a fault, not dust
    return int(days[place]), level, slope


def _step_cost(values: Values) -> float:
    costs = [
        float(
            np.abs(values[:k] - np.median(values[:k])).sum()
            + np.abs(values[k:] - np.median(values[k:])).sum()
        )
        for k in range(3, len(values) - 3)
    ]
    return min(costs, default=np.inf)


def _tell(ground: Ground, span: tuple[int, int], level: float, slope: float) -> Finding:
    first, last = span
    inside = (ground.day >= first) & (ground.day <= last) & ground.lit
    places = np.flatnonzero(inside)
    model = ground.site.expected_kwh
    assert model is not None  # noqa: S101  # find_soiling asked
    scale = np.nansum(np.where(np.isfinite(ground.kwh), ground.kwh, 0)) / max(float(np.nansum(model)), 1e-9)
    sunk = slope * (ground.day - first)
    loss = float(np.nansum(np.where(inside, model * scale * sunk, 0)))
    total = np.nan_to_num(ground.kwh).sum(axis=0) / ground.hours
    return finding(
        ground,
        FindingKind.SOILING,
        (int(places[0]), int(places[-1]) + 1),
        list(range(len(ground.inverters))),
        loss=loss,
        lasting=ground.days - last <= 3,
        measured=total,
        expected=np.where(inside, total / np.maximum(level - sunk, 0.3) * level, total),
        percent=number(100 * slope * (last - first)),
    )
