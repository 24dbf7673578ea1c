"""Survey a site: every kind of fault, each once, with start, end, loss and evidence.

Finders work from the plain to the subtle, and what one explains the next do not see again: silences and stops, clocks,
readings that cannot be right, limits, shadows, and only then an inverter that is weaker than its siblings, and dust.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from khcn.engines.energy.faults.clock import find_clocks
from khcn.engines.energy.faults.ground import Ground, ground_of
from khcn.engines.energy.faults.outage import find_outages
from khcn.engines.energy.faults.readings import find_bad_readings, find_clipping
from khcn.engines.energy.faults.shading import find_shading
from khcn.engines.energy.faults.siblings import find_underperformance
from khcn.engines.energy.faults.site import DeviceKind, SiteSeries
from khcn.engines.energy.faults.soiling import find_soiling
from khcn.engines.energy.types import DAY_MS, Finding, FindingKind

_SAME_WITHIN_MS: Final = 4 * DAY_MS
_YIELD: Final = 0.8  # kWh a kWp gives for a kWh/m2; only the shape matters


def survey(site: SiteSeries) -> list[Finding]:
    """Return the faults of ``site``, oldest first.

    The same fault seen again on a later day has the same :func:`identity` or at least :func:`is_same`; its ``end_ms``,
    loss and evidence grow. ``params["ongoing"]`` is True (and ``code`` ends in ``-ongoing``) when it lasts up to the
    last data.
    """
    ground = ground_of(_with_model(site))
    if ground is None:
        return []
    found, spoiled = find_clocks(ground)
    ground = ground.without(spoiled)
    outages, explained = find_outages(_rested(ground, spoiled))
    found += [one for one in outages if not _covered(one, found)]
    ground = ground.without(explained)
    readings, bad, held = find_bad_readings(ground)
    found += readings
    ground = ground.without(bad)
    found += find_clipping(ground, held)
    # a limit makes an inverter look weak at noon, and its siblings strong
    ground = ground.without(np.tile(held.any(axis=0), (len(ground.inverters), 1)))
    shading, shaded = find_shading(ground)
    found += shading
    ground = ground.without(shaded)
    soiling = find_soiling(ground)
    found += soiling
    found += [one for one in find_underperformance(ground) if not _dust(ground, one, soiling)]
    return sorted(found, key=lambda one: (one.start_ms, one.kind, one.devices))


def identity(finding: Finding) -> str:
    """Return a key under which the app keeps ``finding``: kind, devices, start. It does not change while a fault lasts."""
    return f"{finding.kind.value}:{','.join(finding.devices)}:{finding.start_ms}"


def is_same(one: Finding, other: Finding) -> bool:
    """Return whether two findings of different surveys are one fault: same kind and devices, and they meet in time.

    Starts worked out from days may move by some days as history grows; then :func:`identity` differs and this holds.
    """
    if one.kind != other.kind or one.devices != other.devices:
        return False
    near = abs(one.start_ms - other.start_ms) <= _SAME_WITHIN_MS
    return near or (one.start_ms < other.end_ms and other.start_ms < one.end_ms)


def _with_model(site: SiteSeries) -> SiteSeries:
    """Take the pyranometer for the model where there is no other."""
    if site.expected_kwh is not None:
        return site
    sun = next((one for one in site.devices if one.kind == DeviceKind.PYRANOMETER), None)
    if sun is None or len(sun.kwh) != len(site.ms):
        return site
    size = sum(one.kwp or one.rated_kw or 0.0 for one in site.devices if one.kind == DeviceKind.INVERTER)
    if size <= 0:
        return site
    return replace(site, expected_kwh=sun.kwh / 1000 * size * _YIELD * site.step_ms / 3_600_000)


def _rested(ground: Ground, spoiled: NDArray[np.bool_]) -> Ground:
    """Hide intervals of wrong clocks: a day at the wrong hour looks like an outage."""
    return replace(ground, kwh=np.where(spoiled & np.isfinite(ground.kwh), ground.expected, ground.kwh))


def _covered(outage: Finding, clocks: list[Finding]) -> bool:
    return any(
        set(outage.devices) <= set(one.devices) and one.start_ms <= outage.start_ms < one.end_ms
        for one in clocks
        if one.kind in (FindingKind.TIME_SHIFT, FindingKind.PHASE_SHIFT)
    )


def _dust(ground: Ground, weak: Finding, soiling: list[Finding]) -> bool:
    """Return whether an underperformance against the model is the dust already told."""
    if not weak.code.startswith("fault-underperformance-model"):
        return False
    return any(one.start_ms < weak.end_ms and weak.start_ms < one.end_ms for one in soiling)
