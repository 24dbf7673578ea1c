"""A camera that is always wanted: connect, read, and connect again, ever more patiently, for as long as it takes."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.address import Address
from khcn.engines.vision.sources.reader import (
    Cost,
    Ended,
    Message,
    Reader,
    Resized,
    Sample,
    SizeFor,
    SourceInfo,
)
from khcn.engines.vision.sources.spec import SourceSpec

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
STEADY_S = 30.0  # a connection that lived this long was a good one: the next wait is short again


class Reading(Protocol):
    """A reader process, or a stand-in for one in a test."""

    cost: Cost

    def next(self, timeout: float | None = None) -> Message | None:
        """Return the next message or ``None``. Raises SourceError."""
        ...

    def may_idle(self, allowed: bool) -> None:
        """Allow keyframes only."""
        ...

    def close(self) -> None:
        """Kill the child."""
        ...


@dataclass(frozen=True, slots=True)
class Connected:
    """Pictures will come."""

    info: SourceInfo
    address: Address


@dataclass(frozen=True, slots=True)
class Lost:
    """No pictures: ``code`` and ``message`` say why (without secrets); the next try comes in ``wait_s`` seconds."""

    code: str
    message: str
    wait_s: float


Event = Connected | Lost | Sample | Resized


def _open(spec: SourceSpec, size_for: SizeFor, address: Address) -> Reading:
    return Reader(spec, size_for, address=address)


class LiveSource:
    """One camera's stream. ``t`` of its frames: monotonic seconds at which they were taken.

    The first address is preferred (the sub-stream); when it gives no picture the next one is tried.
    """

    def __init__(
        self,
        spec: SourceSpec,
        size_for: SizeFor,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        opener: Callable[[SourceSpec, SizeFor, Address], Reading] = _open,
        rng: random.Random | None = None,
    ) -> None:
        self.spec, self._size_for, self._monotonic, self._opener = spec, size_for, monotonic, opener
        self._rng = rng or random.Random()  # noqa: S311  # spreads retries, guards nothing
        self._reader: Reading | None = None
        self._at = 0  # which address
        self._fails = 0
        self._next_try = float("-inf")
        self._since: float | None = None  # of the first picture of this connection
        self._last_t = float("-inf")
        self.connections = 0
        self.spent = Cost()  # of readers that are gone

    @property
    def streaming(self) -> bool:
        """Whether pictures are coming."""
        return self._since is not None

    @property
    def cost(self) -> Cost:
        """Return what all readers have cost so far."""
        now = self._reader.cost if self._reader is not None else Cost()
        return Cost(
            self.spent.cpu_s + now.cpu_s,
            max(self.spent.peak_mb, now.peak_mb),
            self.spent.dropped + now.dropped,
            self.spent.errors + now.errors,
            self.spent.repairs + now.repairs,
            self.spent.packets + now.packets,
            now.seconds,
            now.idle,
        )

    def poll(self, timeout: float = 1.0) -> Event | None:
        """Return what happened next, or ``None``; never raises for what is wrong with the camera."""
        if self._reader is None and not self._connect():
            return None
        assert self._reader is not None  # noqa: S101  # _connect made it
        try:
            message = self._reader.next(timeout)
        except SourceError as error:
            return self._lose(error.code, str(error))
        if isinstance(message, Ended):
            name = self.spec.addresses[self._at].shown
            return self._lose("source-ended", str(SourceError("source-ended", name=name)))
        if isinstance(message, SourceInfo):
            return Connected(message, self.spec.addresses[self._at])
        if isinstance(message, Sample):
            return self._take(message)
        return message

    @property
    def waiting_s(self) -> float:
        """Return the seconds until the next try (0 while connected)."""
        return 0.0 if self._reader is not None else max(0.0, self._next_try - self._monotonic())

    def may_idle(self, allowed: bool) -> None:
        """Allow or forbid keyframes only while nothing moves."""
        if self._reader is not None:
            self._reader.may_idle(allowed)

    def close(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            cost = self.cost
            self._reader.close()
            self._reader, self._since, self.spent = None, None, cost

    def _connect(self) -> bool:
        if self._monotonic() < self._next_try:
            return False
        self._reader = self._opener(self.spec, self._size_for, self.spec.addresses[self._at])
        self.connections += 1
        return True

    def _take(self, sample: Sample) -> Event | None:
        if self._since is None:
            self._since = self._monotonic()
        if sample.frame.t <= self._last_t:  # the same moment again after a reconnect
            return None
        self._last_t = sample.frame.t
        return sample

    def _lose(self, code: str, message: str) -> Lost:
        now = self._monotonic()
        lived = now - self._since if self._since is not None else 0.0
        had_pictures = self._since is not None
        self.close()
        self._fails = 0 if lived >= STEADY_S else self._fails + 1
        # Where there never was a picture the next address is tried; after pictures the preferred one comes first.
        self._at = 0 if had_pictures else (self._at + 1) % len(self.spec.addresses)
        wait = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(10, max(0, self._fails - 1)))
        wait *= 0.5 + 0.5 * self._rng.random()
        self._next_try = now + wait
        return Lost(code, message, wait)
