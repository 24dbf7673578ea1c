"""A live test of a device that the centre asked for, as JSON."""

import math
from typing import Any, Final

from khcn.engines.energy.collect.hiding import Hider
from khcn.engines.energy.collect.status import problem
from khcn.engines.energy.devices.protocol import DeviceConfig, Notice, probe
from khcn.engines.energy.types import Sample

TEST_S: Final = 15.0
MOST_POINTS: Final = 300


def trial(device: DeviceConfig, *, now_ms: int, hide: Hider) -> dict[str, Any]:
    """Try ``device`` out and return what was found; never raises. Who asks sees no file of this machine."""
    try:
        found = probe(device, timeout_s=TEST_S, now_ms=now_ms, local_files=False)
    except Exception as error:  # a driver's own fault is a result too
        why = hide(f"{type(error).__name__}: {error}", 200)
        return {
            "ok": False, "identity": {}, "points": [], "raw": {}, "suggestions": [], "took_ms": 0,
            "problems": [problem("collect-failed", {"why": why}, hide)],
        }  # fmt: skip
    return {
        "ok": found.ok,
        "identity": {str(name)[:40]: hide(value, 120) for name, value in found.identity.items()},
        "points": [_point(one) for one in found.points[:MOST_POINTS]],
        "raw": {str(name)[:80]: hide(value) for name, value in list(found.raw.items())[:MOST_POINTS]},
        "problems": [_notice(one, hide) for one in found.problems],
        "suggestions": [_notice(one, hide) for one in found.suggestions],
        "took_ms": found.took_ms,
    }


def _point(one: Sample) -> dict[str, Any]:
    value = one.value if one.value is not None and math.isfinite(one.value) else None
    return {
        "metric": one.metric,
        "t": one.ts_ms,
        "value": value,
        "problem": one.problem,
        "raw": one.raw[:200],
    }


def _notice(one: Notice, hide: Hider) -> dict[str, Any]:
    params = {
        name: value if isinstance(value, int | float | str | bool) else str(value)
        for name, value in one.params.items()
    }
    return problem(one.code, params, hide)
