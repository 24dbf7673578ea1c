"""What a collector says of itself: the status document, its file, its health page, its short form for the centre."""

import resource
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from khcn.engines.energy.collect.clock import LATEST, Clock
from khcn.engines.energy.collect.config import Trouble
from khcn.engines.energy.collect.hiding import Hider
from khcn.engines.energy.collect.lanes import REMEMBER_MS, DeviceState
from khcn.engines.energy.messages import TEMPLATES

_PLACE: Final = ("host", "port", "unit", "topic", "folder", "pattern")
_PART: Final = ("channel", "channels", "fields", "topics", "metric")
WELL: Final = frozenset({"ok", "waiting", "asleep"})


def iso(ms: int | None) -> str | None:
    """Return a time for people and JSON; ``None`` for one that no calendar shows."""
    if ms is None or not 0 <= ms < LATEST * 2:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


class _Known(dict[str, Any]):
    """What a sentence may name; what nobody knows is a question mark."""

    def __missing__(self, name: str) -> str:
        return "?"


def problem(code: str, params: Mapping[str, Any], hide: Hider) -> dict[str, Any]:
    """Return a problem with its sentence."""
    shown = {name: hide(value) if isinstance(value, str) else value for name, value in params.items()}
    text = code
    if code in TEMPLATES:
        with suppress(ValueError, TypeError):
            text = TEMPLATES[code] % _Known(shown)
    return {"code": code, "params": shown, "text": hide(text, 600)}


def device_status(state: DeviceState, clock: Clock, hide: Hider) -> dict[str, Any]:
    """Return how one device fares."""
    now = clock.mono()
    problems = [problem(code, params, hide) for code, params in dict(state.problems).items()]
    if state.flooded_at is not None and now - state.flooded_at < REMEMBER_MS:
        problems.append(
            problem("collect-flood", {"count": state.excess, "limit": round(state.per_minute)}, hide)
        )
    if state.clock_at is not None and now - state.clock_at < REMEMBER_MS:
        problems.append(problem("collect-clock", {}, hide))
    return {
        "key": state.config.key, "driver": state.config.driver, "state": state.state,
        "last_sample": iso(state.last_sample_ms),
        "heard_s_ago": None if state.heard_at is None else round((now - state.heard_at) / 1000),
        "failures": state.failures, "readings": state.readings, "excess": state.excess,
        "identity": dict(state.identity), "problems": problems,
    }  # fmt: skip


def misconfigured(troubles: Iterable[Trouble], hide: Hider) -> list[dict[str, Any]]:
    """Return devices that cannot be collected because of their description."""
    return [
        {"key": one.key, "state": "misconfigured", "problems": [problem(one.code, one.params, hide)]}
        for one in troubles
    ]


def twins(states: Sequence[DeviceState]) -> dict[str, list[tuple[str, str, str]]]:
    """Return key -> [(code, other key, what they share)] of devices that seem to be one."""
    first: dict[tuple[str, str], str] = {}
    found: dict[str, list[tuple[str, str, str]]] = {}
    for state in states:
        for code, mark, about in _marks(state):
            other = first.setdefault((code, mark + about), state.config.key)
            if other != state.config.key:
                found.setdefault(state.config.key, []).append((code, other, mark))
                found.setdefault(other, []).append((code, state.config.key, mark))
    return found


def _marks(state: DeviceState) -> Iterable[tuple[str, str, str]]:
    """Yield (code, what is shown, what else must be the same)."""
    serial = str(state.identity.get("serial") or "").strip()
    if serial.strip("0 -"):
        yield "collect-twin", f"{state.identity.get('manufacturer', '')} {serial}".strip(), ""
    address, options = state.config.address, state.config.options
    place = [str(address[name]).lower() for name in _PLACE if name in address]
    if place:  # one message may speak of several meters: then the options tell them apart
        yield "collect-same-address", " ".join(place), repr([options.get(name) for name in _PART])


def memory_mb() -> float:
    """Return the memory that this process holds now (resident), MB."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return round(pages * resource.getpagesize() / 1e6, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1)


def brief(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a status goes along with every batch: of devices in good health only the essentials."""
    outbox = status["outbox"]
    return {
        "time": status["time"], "up_s": status["up_s"], "memory_mb": status["memory_mb"], "ok": status["ok"],
        "clock": status["clock"], "config": status["config"],
        "outbox": {
            name: outbox[name]
            for name in ("queued", "oldest_s", "in_memory", "full", "disk_error", "lost", "aside", "gaps", "broken_files")
        },
        "devices": [
            {name: one[name] for name in ("key", "state", "last_sample", "failures", "excess", "problems") if name in one}
            for one in status["devices"]
        ],
    }  # fmt: skip
