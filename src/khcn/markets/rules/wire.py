"""The minute as a box sends it, read with suspicion: every number has a limit, and what cannot be true is refused.

The form is that of :meth:`khcn.engines.vision.minutes.CameraMinute.as_json`.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from khcn.markets.rules.packing import STAY_BINS, centi, health_mask

MOST_CROSSINGS: Final = 6000  # a hundred people a second through one gate
MOST_PEOPLE: Final = 5000  # in one picture
MOST_PARTS: Final = 64  # gates or zones of one camera
MOST_CELLS: Final = 32 * 18
_CELL = re.compile(r"(\d{1,2}),(\d{1,2})")
_KEY_LENGTH = 60


class BadMinuteError(ValueError):
    """A minute that cannot be true or cannot be read; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class GateCount:
    """Crossings of one gate in the minute."""

    key: str
    count_in: int
    count_out: int


@dataclass(frozen=True, slots=True)
class ZonePresence:
    """Presence in one zone in the minute."""

    key: str
    person_cs: int
    entries: int
    peak: int
    stays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WireMinute:
    """One camera's minute, checked. ``start``: UTC, whole minute; ``health``: bits of ``packing.HEALTH_BITS``."""

    camera: str
    start: datetime
    measured_cs: int
    person_cs: int
    peak: int
    layout: int
    gates: tuple[GateCount, ...]
    zones: tuple[ZonePresence, ...]
    heat: Mapping[str, float]
    health: int

    @property
    def hour(self) -> datetime:
        """The hour that the minute lies in."""
        return self.start.replace(minute=0)


def read_minute(raw: Any) -> WireMinute:
    """Check one minute. Raises BadMinuteError ("form", "time", "value")."""
    if not isinstance(raw, Mapping):
        raise BadMinuteError("form")
    try:
        measured = _seconds(raw.get("measured_s", 0), 60.5)
        minute = WireMinute(
            camera=_key(raw["camera"]),
            start=_start(raw["start"]),
            measured_cs=min(6000, measured),
            person_cs=_seconds(raw.get("person_s", 0), 61.0 * MOST_PEOPLE),
            peak=_count(raw.get("peak", 0), MOST_PEOPLE),
            layout=_count(raw.get("layout", 0), 1_000_000),
            gates=tuple(_gate(item) for item in _parts(raw.get("gates"))),
            zones=tuple(_zone(item) for item in _parts(raw.get("zones"))),
            heat=_heat(raw.get("heat") or {}),
            health=health_mask(list(raw.get("health") or ())[:16]),
        )
    except BadMinuteError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadMinuteError("form") from error
    if minute.measured_cs == 0 and (minute.person_cs or any(g.count_in or g.count_out for g in minute.gates)):
        raise BadMinuteError("value")  # counted while nothing was measured
    return minute


def _key(raw: Any) -> str:
    if not isinstance(raw, str) or not 0 < len(raw) <= _KEY_LENGTH:
        raise BadMinuteError("form")
    return raw


def _start(raw: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise BadMinuteError("time") from error
    if moment.tzinfo is None or moment.second or moment.microsecond:
        raise BadMinuteError("time")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise BadMinuteError("time") from error


def _seconds(raw: Any, most: float) -> int:
    value = float(raw)
    if not math.isfinite(value) or not 0 <= value <= most:
        raise BadMinuteError("value")
    return centi(value)


def _count(raw: Any, most: int) -> int:
    if isinstance(raw, bool) or int(raw) != raw or not 0 <= raw <= most:
        raise BadMinuteError("value")
    return int(raw)


def _parts(raw: Any) -> Sequence[Mapping[str, Any]]:
    parts = raw or ()
    if not isinstance(parts, Sequence) or isinstance(parts, str) or len(parts) > MOST_PARTS:
        raise BadMinuteError("form")
    return parts


def _gate(item: Mapping[str, Any]) -> GateCount:
    return GateCount(
        _key(item["id"]), _count(item["in"], MOST_CROSSINGS), _count(item["out"], MOST_CROSSINGS)
    )


def _zone(item: Mapping[str, Any]) -> ZonePresence:
    stays = tuple(_count(value, MOST_CROSSINGS) for value in item.get("stays") or ())
    if len(stays) > STAY_BINS:
        raise BadMinuteError("form")
    return ZonePresence(
        _key(item["id"]),
        _seconds(item.get("person_s", 0), 61.0 * MOST_PEOPLE),
        _count(item.get("entries", 0), MOST_CROSSINGS),
        _count(item.get("peak", 0), MOST_PEOPLE),
        stays,
    )


def _heat(raw: Mapping[str, Any]) -> dict[str, float]:
    if len(raw) > MOST_CELLS:
        raise BadMinuteError("value")
    found: dict[str, float] = {}
    for cell, seconds in raw.items():
        match = _CELL.fullmatch(cell)
        if match is None or int(match[1]) >= 32 or int(match[2]) >= 18:
            raise BadMinuteError("value")
        found[f"{int(match[1])},{int(match[2])}"] = _seconds(seconds, 61.0 * MOST_PEOPLE) / 100
    return found
