"""Threads that talk to devices: one for each place on the net, so that a device in trouble keeps nobody else waiting.

Devices behind one host and port (inverters behind one gateway) share a thread: many take only one client at a time.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final

from khcn.engines.energy.collect.clock import Clock, off_clock
from khcn.engines.energy.collect.hiding import Hider
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.devices.protocol import DeviceConfig, Driver, make_driver
from khcn.engines.energy.devices.sun import is_night
from khcn.engines.energy.errors import DeviceError, EnergyError, SpoolError
from khcn.engines.energy.types import DAY_MS, Sample

logger = logging.getLogger(__name__)

PER_MINUTE: Final = 6_000  # readings a pushed device may send; ``options["most_per_minute"]`` overrules
REMEMBER_MS: Final = 300_000  # a flood or a wrong clock is shown so long after its last sign
HELD_MS: Final = 5_000
REREADS: Final = frozenset(
    {"files"}
)  # drivers that can give what they gave once more, until they are asked again
PIECE: Final = 2_000  # readings stored at once: a small machine has little memory
SILENT_MS: Final = 15 * 60_000
Job = Callable[[], None]


class TokenBucket:
    """Lets ``per_minute`` readings pass, and half a minute's worth at once."""

    def __init__(self, per_minute: float, mono: Callable[[], int]) -> None:
        self._rate, self._most, self._mono = per_minute / 60_000, max(per_minute / 2, 1.0), mono
        self._held, self._at = self._most, mono()

    def take(self, wanted: int) -> int:
        """Return how many of ``wanted`` may pass now."""
        now = self._mono()
        self._held = min(self._most, self._held + max(0, now - self._at) * self._rate)
        self._at = now
        given = min(wanted, int(self._held))
        self._held -= given
        return given


@dataclass(slots=True)
class DeviceState:
    """How one device fares. ``problems``: code -> values of its sentence; times are ms of the monotonic clock."""

    config: DeviceConfig
    state: str = "waiting"
    failures: int = 0
    readings: int = 0
    excess: int = 0
    last_sample_ms: int | None = None  # wall clock, as the sample says
    heard_at: int | None = None
    begun_at: int = 0
    not_before: int = 0  # after it hung: its neighbours first
    flooded_at: int | None = None
    clock_at: int | None = None
    problems: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)

    @property
    def per_minute(self) -> float:
        """How many readings a minute it may push."""
        given = self.config.options.get("most_per_minute")
        usable = isinstance(given, int | float) and not isinstance(given, bool) and given > 0
        return float(given) if usable and given is not None else PER_MINUTE

    def only(self, state: str, code: str = "", **params: Any) -> None:
        """Take over a state with its one problem (floods and clocks are kept apart)."""
        self.state = state
        self.problems = {code: params} if code else {}


@dataclass(slots=True)
class Surroundings:
    """What every lane needs. ``speed``: how much faster than the world the clocks run (tests)."""

    outbox: Outbox
    clock: Clock
    hide: Hider
    place: tuple[float, float]
    speed: float = 1.0


@dataclass(slots=True)
class _Member:
    state: DeviceState
    bucket: TokenBucket
    driver: Driver | None = None
    due: int = 0  # monotonic ms
    identified_at: int | None = None
    held: bool = False


class Lane:
    """One thread and the devices that it serves."""

    def __init__(self, name: str, states: Sequence[DeviceState], around: Surroundings) -> None:
        self.name, self.states, self._around = name, tuple(states), around
        self._stop, self._wake = threading.Event(), threading.Event()
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        now = around.clock.mono()
        self._members = [
            _Member(one, TokenBucket(one.per_minute, around.clock.mono), due=one.not_before) for one in states
        ]
        for member in self._members:
            member.state.begun_at = now
        self.busy: tuple[DeviceState, int] | None = None  # which device is being asked, since when
        self._thread = threading.Thread(target=self._run, name=f"lane {name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def alive(self) -> bool:
        """Return whether its thread still runs."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Ask it to end; it closes its drivers itself."""
        self._stop.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; return whether it came."""
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def do(self, job: Job) -> None:
        """Have a job done between two questions (a live test needs the device for itself)."""
        self._jobs.put(job)
        self._wake.set()

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._work_off()
                member = min(self._members, key=lambda one: one.due)
                wait = member.due - self._around.clock.mono()
                if wait > 0:
                    self._wake.wait(wait / 1000 / self._around.speed)
                    self._wake.clear()
                    continue
                self._serve(member)
        finally:
            for member in self._members:
                self._drop(member)

    def _work_off(self) -> None:
        while not self._stop.is_set():
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return
            for member in self._members:
                if member.driver is not None and not member.driver.pushes:
                    self._drop(member)
            try:
                job()
            except Exception:  # a job reports by itself; the lane goes on
                logger.exception("lane %s: a job failed", self.name)

    def _serve(self, member: _Member) -> None:
        """Ask a device once (or look after one that pushes) and say when it is its turn again."""
        self.busy = (member.state, self._around.clock.mono())
        try:
            driver = member.driver or self._connect(member)
            if member.held and not self._around.outbox.flush():
                member.due = self._around.clock.mono() + HELD_MS
            elif driver.pushes:
                self._look_after(member, driver)
            else:
                self._ask(member, driver)
        except Exception as error:  # one device's trouble never ends the lane
            self._failed(member, error)
        finally:
            self.busy = None

    def _ask(self, member: _Member, driver: Driver) -> None:
        state, outbox = member.state, self._around.outbox
        samples = driver.poll(self._around.clock.wall())
        lost = outbox.notes.refused[state.config.key]
        # such a driver takes the next question for a receipt: none before all of this is on disk
        member.held = not self._kept(member, samples) and state.config.driver in REREADS
        state.failures = 0
        state.only("ok")
        self._notice(member, driver)
        self._next(member, driver)
        if member.held and outbox.notes.refused[state.config.key] > lost:
            self._drop(member)  # what found no room is read once more

    def _connect(self, member: _Member) -> Driver:
        member.driver = driver = make_driver(member.state.config)
        if driver.pushes:
            driver.listen(self._sink(member), self._around.clock.wall)
        return driver

    def _kept(self, member: _Member, samples: Sequence[Sample]) -> bool:
        """Store samples; return whether they are safe."""
        state, now = member.state, self._around.clock
        safe = True
        for first in range(0, len(samples), PIECE):
            safe = self._around.outbox.append(samples[first : first + PIECE]) and safe
        if samples:
            state.readings += len(samples)
            state.heard_at = now.mono()
            newest = max(sample.ts_ms for sample in samples)
            state.last_sample_ms = newest
            if off_clock(newest, now.wall()):
                state.clock_at = now.mono()
        return safe

    def _sink(self, member: _Member) -> Callable[[list[Sample]], None]:
        def sink(samples: list[Sample]) -> None:
            passed = member.bucket.take(len(samples))
            if passed < len(samples):
                member.state.excess += len(samples) - passed
                member.state.flooded_at = self._around.clock.mono()
            if passed and not self._kept(member, samples[:passed]):
                raise SpoolError("collect-waiting", why=self._around.outbox.notes.disk_error or "đầy")

        return sink

    def _look_after(self, member: _Member, driver: Driver) -> None:
        """See to a device that pushes: is it connected, does it say anything."""
        state, now = member.state, self._around.clock.mono()
        code = driver.state()
        quiet = now - (state.heard_at if state.heard_at is not None else state.begun_at)
        silent_after = max(SILENT_MS, 3 * 1000 * driver.pace.every_s)
        if code:
            state.only("failing", code, **_where(state.config))
        elif quiet > silent_after:
            state.only("silent", "collect-silent", minutes=quiet // 60_000)
        else:
            state.only("ok" if state.heard_at is not None else "waiting")
        self._notice(member, driver)
        member.due = now + 2_000

    def _notice(self, member: _Member, driver: Driver) -> None:
        """Ask who the device is, when it first answers and once a day: two of one identity are one too many."""
        asked, now = member.identified_at, self._around.clock.mono()
        ask = getattr(driver, "identity", None)
        if ask is None or (asked is not None and now - asked < DAY_MS):
            return
        member.identified_at = now
        try:
            found = ask() if callable(ask) else ask
        except DeviceError:  # it need not tell
            return
        if isinstance(found, Mapping):
            member.state.identity = {str(name): str(value)[:80] for name, value in found.items()}

    def _failed(self, member: _Member, error: Exception) -> None:
        state, clock = member.state, self._around.clock
        state.failures += 1
        night = is_night(clock.wall(), *self._around.place) if _is_time(clock.wall()) else False
        pace = member.driver.pace if member.driver is not None else None
        if pace is not None and pace.sleeps and night and isinstance(error, DeviceError):
            state.only("asleep", "collect-asleep")
        elif isinstance(error, EnergyError):
            state.only("failing", error.code, **{name: _plain(value) for name, value in error.params.items()})
        else:
            logger.exception("device %s: its driver failed", state.config.key)
            state.only(
                "failing", "collect-failed", why=self._around.hide(f"{type(error).__name__}: {error}", 200)
            )
        if state.failures in {1, 10} or state.failures % 100 == 0:
            logger.warning(
                "device %s: %s (%d times)", state.config.key, self._around.hide(error), state.failures
            )
        wait = pace.wait_s(state.failures, night=night) if pace is not None else 60.0
        if not isinstance(error, DeviceError):
            self._drop(member)
        member.due = clock.mono() + int(wait * 1000)

    def _next(self, member: _Member, driver: Driver) -> None:
        """The next turn is at the next whole multiple of the pace by the wall clock: no drift, quarters have readings."""
        every = max(1, int(driver.pace.every_s * 1000))
        member.due = self._around.clock.mono() + every - self._around.clock.wall() % every

    def _drop(self, member: _Member) -> None:
        driver, member.driver = member.driver, None
        if driver is not None:
            try:
                driver.close()
            except Exception as error:  # it is given up anyway
                logger.warning("device %s: closing: %s", member.state.config.key, self._around.hide(error))


def _where(config: DeviceConfig) -> dict[str, Any]:
    """Return what sentences about a connection may name."""
    address = config.address
    return {"host": str(address.get("host", "?")), "port": str(address.get("port", "")), "topic": str(address.get("topic", "")),
            "reason": "?"}  # fmt: skip


def _is_time(ms: int) -> bool:
    return not off_clock(ms, ms)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool) else str(value)


def lane_of(config: DeviceConfig) -> str:
    """Return the name of the lane that serves a device: its place on the net, or its own."""
    host, port = config.address.get("host"), config.address.get("port")
    if host and config.driver != "mqtt":
        return f"{str(host).lower()}:{port or ''}"
    return f"={config.key}"
