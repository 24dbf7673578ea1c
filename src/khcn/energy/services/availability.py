"""Availability of a site's days: produced over produced and lost; outages told from communication gaps by the engine."""

import logging
from dataclasses import dataclass
from datetime import date

import numpy as np

from khcn.energy.models import Device, Site
from khcn.energy.selectors.flows import Flows, Series
from khcn.engines.energy.types import STEP_MS, Quality, Values

logger = logging.getLogger("khcn.energy")
_AN_HOUR = 4


@dataclass(frozen=True, slots=True)
class Available:
    """One day: share of the possible energy that was produced (None: nothing to judge), and what was lost, kWh."""

    availability: float | None
    lost_kwh: float | None


def available_days(site: Site, flows: Flows, expected: Values | None) -> dict[date, Available]:
    """Return the availability of each day of ``flows``; empty where nothing can be judged.

    What an inverter's counter tells about a gap later is known energy, never a loss: the engine sees the counter.
    """
    from khcn.engines.energy.errors import EnergyError  # noqa: PLC0415
    from khcn.engines.energy.kpi.outages.plant import Plant  # noqa: PLC0415
    from khcn.engines.energy.kpi.outages.run import availability_of  # noqa: PLC0415

    if flows.production is None or not flows.by_device:
        return {}
    keys = dict(Device.objects.filter(pk__in=flows.by_device).values_list("pk", "key"))
    grid = flows.grid
    names = tuple(keys[pk] for pk in flows.by_device)
    plant = Plant(
        ms=grid.start_ms + np.arange(grid.size, dtype=np.int64) * STEP_MS,
        meter_kw=None,
        meter_kwh=_counter(flows.production),
        inverters=np.stack([_seen_kw(one) for one in flows.by_device.values()], axis=1),
        names=names,
        expected_kw=expected * _AN_HOUR if expected is not None else None,
    )
    try:
        found = availability_of(plant, zone=site.zone)
    except EnergyError:
        return {}
    except (ValueError, IndexError, ZeroDivisionError):
        logger.exception("availability of site %s failed", site.key)
        return {}
    return {
        date.fromisoformat(day.date): Available(day.availability, round(day.energy_lost_kwh, 4))
        for day in found.days
    }


def _seen_kw(series: Series) -> Values:
    """Return the power that was really seen: what only a counter told afterwards is silence."""
    seen = (series.flags & int(Quality.MEASURED) != 0) & (series.flags & int(Quality.INTERPOLATED) == 0)
    return np.where(seen, series.values * _AN_HOUR, np.nan)


def _counter(series: Series) -> Values:
    """Return a cumulative register of what is known; within a gap it is not read, after it it has gone on."""
    known = np.isfinite(series.values)
    total = np.cumsum(np.where(known, series.values, 0.0))
    seen = known & (series.flags & int(Quality.INTERPOLATED) == 0)
    return np.where(seen, total, np.nan)
