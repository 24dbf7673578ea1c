"""Which time it is at a site: a small computer without a clock of its own wakes up in 1970 and jumps when it has a net.

The machine's monotonic clock never jumps within one boot. The *base* (wall clock less monotonic clock) therefore says
when the wall clock was set: readings stored under an older base of the same boot can be put right once the right base
is known. Times are ms since 1970 UTC.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

EARLIEST: Final = 1_262_304_000_000  # 2010-01-01: before it no reading of ours was taken
BUILT: Final = (
    1_735_689_600_000  # 2025-01-01: before it this program did not exist, so an own clock there is wrong
)
LATEST: Final = 2_145_916_800_000  # 2038-01-01
AHEAD_MS: Final = 24 * 3_600_000  # a reading may be so far ahead of the own clock (zones, slow clocks)
JUMP_MS: Final = 1_000  # a change of the base by more: somebody set the clock
SKEW_MS: Final = 120_000  # off by more against the centre: said to people
SETTLE_MS: Final = (
    300_000  # so long a clock that is off may still be put right (NTP steps it soon after the net is there)
)


def _boottime_ms() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _boot() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return ""


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clocks; tests bring their own. ``boot`` names the boot within which ``mono`` runs."""

    wall: Callable[[], int] = _wall_ms
    mono: Callable[[], int] = _boottime_ms
    boot: str = ""

    @classmethod
    def of_machine(cls) -> "Clock":
        """Return the real ones."""
        return cls(boot=_boot())

    def base(self) -> int:
        """Return wall less monotonic."""
        return self.wall() - self.mono()


def plausible(ms: int) -> bool:
    """Return whether an own clock may be right."""
    return BUILT <= ms < LATEST


def off_clock(ts_ms: int, stored_ms: int) -> bool:
    """Return whether a reading's time cannot be (its device, or this machine, was in 1970 or in 2040)."""
    if not EARLIEST <= ts_ms < LATEST:
        return True
    return plausible(stored_ms) and ts_ms > stored_ms + AHEAD_MS


def date_of(header: str | None) -> int | None:
    """Return the time of an HTTP ``Date`` header, ``None`` when it has none or nonsense."""
    if not header:
        return None
    try:
        found = int(parsedate_to_datetime(header).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if plausible(found) else None


class ClockWatch:
    """Compares the own clock with the centre's. Safe in several threads."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._guard = Lock()
        self._centre_base: int | None = None
        self._first_seen: int | None = None

    def heard(self, date: str | None) -> None:
        """Take the ``Date`` of an answer that just came."""
        said = date_of(date)
        if said is None:
            return
        with self._guard:
            # the header has whole seconds, cut off: on the average half a second is missing
            self._centre_base = said + 500 - self.clock.mono()
            if self._first_seen is None:
                self._first_seen = self.clock.mono()

    @property
    def checked(self) -> bool:
        """Whether the centre has said what time it is."""
        return self._centre_base is not None

    def skew_ms(self) -> int | None:
        """Return by how much the own clock is ahead of the centre's."""
        with self._guard:
            return None if self._centre_base is None else self.clock.base() - self._centre_base

    def _credible(self) -> bool:
        """Whether the own clock may be right (a day off against the centre's cannot)."""
        skew = self.skew_ms()
        return plausible(self.clock.wall()) and (skew is None or abs(skew) < AHEAD_MS)

    def true_base(self) -> int | None:
        """Return the base to believe: the own clock's if it can be right, else the centre's, else ``None``."""
        if self._credible():
            return self.clock.base()
        with self._guard:
            return self._centre_base

    def unsettled(self) -> bool:
        """Return whether sending should wait a little: the own clock is off and may yet be put right."""
        skew = self.skew_ms()
        if skew is None or abs(skew) <= SKEW_MS or not self._credible():
            return False
        with self._guard:
            return self._first_seen is not None and self.clock.mono() - self._first_seen < SETTLE_MS

    def status(self) -> dict[str, Any]:
        """Return what people are told."""
        skew = self.skew_ms()
        wrong = not plausible(self.clock.wall()) or (skew is not None and abs(skew) > SKEW_MS)
        return {"skew_s": None if skew is None else round(skew / 1000, 1), "wrong": wrong}
