"""How a stored channel is told to the interval engine: its kind, limits and rating, and when the sun is expected."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from khcn.energy.enums import DeviceKind, MeterRole
from khcn.energy.models.devices import Channel, Device
from khcn.energy.models.sites import Site
from khcn.engines.energy.devices.sun import sun_path
from khcn.engines.energy.metrics import Meaning, metric_of
from khcn.engines.energy.types import DAY_MS, STEP_MS, ChannelKind, Millis, Values
from khcn.engines.energy.types import Channel as EngineChannel

HOUR_S: Final = 3_600.0
STALE_S: Final = {Meaning.PRODUCTION: 2 * HOUR_S, Meaning.ARRAY: 2 * HOUR_S, Meaning.WEATHER: 3 * HOUR_S}
ENERGY_KINDS: Final = frozenset({ChannelKind.COUNTER, ChannelKind.DAILY_COUNTER, ChannelKind.POWER})
SUN_MEANINGS: Final = frozenset({Meaning.PRODUCTION, Meaning.ARRAY})
_BLOCK_MS: Final = 32 * DAY_MS
_USUAL_PLACE: Final = (10.8, 106.7)  # only for the shape of a gap, when a site has no coordinates


def engine_channel(channel: Channel, device: Device, site: Site) -> EngineChannel:
    """Return what the engine must know of a channel. The rating limits energies and powers, not voltages."""
    metric = metric_of(channel.metric)
    rated = float(device.rated_kw) if device.rated_kw is not None else None
    sampled = metric.kind in {ChannelKind.POWER, ChannelKind.GAUGE}
    return EngineChannel(
        key=f"{device.key}:{channel.metric}",
        kind=metric.kind,
        zone=site.zone,
        resolution=channel.resolution,
        modulus=channel.modulus,
        rated_kw=rated if metric.kind in ENERGY_KINDS else None,
        lowest=channel.lowest if channel.lowest is not None else metric.lowest,
        highest=channel.highest if channel.highest is not None else metric.highest,
        stale_after_s=STALE_S.get(metric.meaning) if sampled else None,
    )


def is_energy(metric: str) -> bool:
    """Return whether the intervals of a metric are kWh (else means or last values)."""
    return metric_of(metric).kind in ENERGY_KINDS


def follows_the_sun(channel: Channel, device: Device) -> bool:
    """Return whether a channel can only say something by day."""
    if metric_of(channel.metric).meaning in SUN_MEANINGS or channel.metric in {"poa_irradiance", "ghi"}:
        return True
    return device.kind == DeviceKind.METER and device.role == MeterRole.PRODUCTION


@lru_cache(maxsize=512)
def _sun_block(block: int, latitude: float, longitude: float) -> Values:
    """Return the weights of a block of days: every channel of a site asks for the same nights. Not to be written to."""
    weights = _sun_weights(
        np.arange(block * _BLOCK_MS, (block + 1) * _BLOCK_MS, STEP_MS, dtype=np.int64), latitude, longitude
    )
    weights.setflags(write=False)
    return weights


def _sun_weights(starts: Millis, latitude: float, longitude: float) -> Values:
    elevation = sun_path(starts + STEP_MS // 2, latitude, longitude).elevation
    return np.asarray(np.maximum(np.sin(np.radians(elevation)), 0.0) ** 1.2, np.float64)


def sun_profile(site: Site) -> Callable[[int, int], Values]:
    """Return weights of intervals by how high the sun stands: 0 at night."""
    place = _USUAL_PLACE
    if site.latitude is not None and site.longitude is not None:
        place = (float(site.latitude), float(site.longitude))

    def profile(start_ms: int, end_ms: int) -> Values:
        first, last = start_ms // _BLOCK_MS, max(end_ms - 1, start_ms) // _BLOCK_MS
        if start_ms % STEP_MS:  # off the grid of intervals
            return _sun_weights(np.arange(start_ms, end_ms, STEP_MS, dtype=np.int64), *place)
        blocks = [_sun_block(block, *place) for block in range(first, last + 1)]
        weights = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        offset = (start_ms - first * _BLOCK_MS) // STEP_MS
        return weights[offset : offset + max(0, -(-(end_ms - start_ms) // STEP_MS))]

    return profile
