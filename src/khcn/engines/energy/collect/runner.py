"""The collector of a site: reads its devices day and night, keeps every reading on disk, brings them to the centre."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from khcn.engines.energy.collect.centre import Centre, LaterError
from khcn.engines.energy.collect.clock import Clock, ClockWatch
from khcn.engines.energy.collect.config import CollectorConfig, ConfigCache, TestRequest, parse
from khcn.engines.energy.collect.delivery import Delivery
from khcn.engines.energy.collect.hiding import Hider, secrets_in
from khcn.engines.energy.collect.lanes import DeviceState, Lane, Surroundings, lane_of
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.collect.shelf import replace_json
from khcn.engines.energy.collect.status import (
    WELL,
    brief,
    device_status,
    iso,
    memory_mb,
    misconfigured,
    problem,
    twins,
)
from khcn.engines.energy.collect.trials import trial
from khcn.engines.energy.devices.protocol import DeviceConfig, Pace
from khcn.engines.energy.errors import EnergyError

logger = logging.getLogger(__name__)

MOST_GIVEN_UP: Final = 3  # hanging threads of one lane; then the lane waits until one of them ends
END_S: Final = 1.2  # what threads get to end


@dataclass(frozen=True, slots=True)
class CollectorSettings:
    """How a collector runs. ``stuck_s``: a question that takes longer is given up; ``speed``: see ``Surroundings``."""

    folder: Path
    reload_s: float = 30.0
    status_s: float = 15.0
    stuck_s: float = 120.0
    speed: float = 1.0
    most_bytes: int = 512 << 20
    keep_hours: float = 24.0
    delivery: Mapping[str, Any] = field(default_factory=dict)


class Collector:
    """Runs until told to stop. With a centre and no ``config`` the devices come from the centre.

    Raises:
        SpoolError: another process uses the folder.
    """

    def __init__(
        self, settings: CollectorSettings, *, config: CollectorConfig | None = None,
        centre: Callable[[ClockWatch], Centre] | None = None, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.clock = settings, clock or Clock.of_machine()
        self.hide = Hider()
        self.outbox = Outbox(
            settings.folder, clock=self.clock, most_bytes=settings.most_bytes, keep_hours=settings.keep_hours
        )
        self.watch = ClockWatch(self.clock)
        self.centre = centre(self.watch) if centre is not None else None
        self._fixed, self._cache = config, ConfigCache(settings.folder)
        self._etag = ""
        self._config = CollectorConfig()
        self._config_problem, self._config_from = "", "none"
        self._lanes: dict[str, Lane] = {}
        self._states: dict[str, DeviceState] = {}
        self._given_up: dict[str, list[Lane]] = {}
        self._tests_done: set[str] = set()
        self._guard = threading.RLock()
        self._stop = threading.Event()
        self._begun = self.clock.mono()
        self.last_status: dict[str, Any] = {}
        self.delivery: Delivery | None = None
        if self.centre is not None:
            self.hide.know([self.centre.token])
            self.delivery = Delivery(
                self.outbox, self.centre, self.watch, status=lambda: brief(self.status()), hide=self.hide,
                **settings.delivery,
            )  # fmt: skip

    # -- life --------------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop``. Ends within two seconds: what is not delivered waits on disk."""
        self._stop = stop
        threads = [threading.Thread(target=self._tend, name="config", daemon=True)]
        if self.delivery is not None:
            threads.append(threading.Thread(target=self._deliver, name="delivery", daemon=True))
        if self._fixed is not None:
            self._config_from = "file"
            self.take_over(self._fixed)
        else:
            self._begin_from_cache()
        for thread in threads:
            thread.start()
        last_status = None
        while not stop.is_set():
            self._watch_over()
            now = self.clock.mono()
            if last_status is None or now - last_status >= self.settings.status_s * 1000:
                last_status = now
                self._write_status()
            stop.wait(1.0 / self.settings.speed if self.settings.speed > 1 else 1.0)
        self._end()

    def _end(self) -> None:
        with self._guard:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.end()
        until = time.monotonic() + END_S
        for lane in lanes:
            lane.join(until - time.monotonic())
        self.outbox.flush(now=True)
        self._write_status()
        self.outbox.close()

    def _deliver(self) -> None:
        delivery = self.delivery
        while delivery is not None and not self._stop.is_set():
            try:
                wait = delivery.step()
            except Exception:  # the outbox keeps everything; the thread must live
                logger.exception("delivery: unexpected")
                wait = 5.0
            if wait:
                self._stop.wait(wait / self.settings.speed)

    # -- configuration -----------------------------------------------------------------------------------------

    def _begin_from_cache(self) -> None:
        """Go on at once with what the centre said last; the tending thread asks it what is new."""
        kept = self._cache.load()
        if kept is not None:
            with suppress(EnergyError):
                self._config_from = "cache"
                self.take_over(parse(kept[0]), tests=False)
                self._etag = kept[1]

    def _tend(self) -> None:
        """Ask the centre for changes, every so often. With devices from a file, only for live tests."""
        while self.centre is not None and not self._stop.is_set():
            try:
                document, self._etag = self.centre.config(self.outbox.instance, self._etag)
                self._config_problem = ""
                if document is not None:
                    self._changed(document)
                elif self._config_from == "cache":
                    self._config_from = "centre"
            except LaterError as error:
                self._config_problem = self.hide(error)
            except EnergyError as error:
                self._config_problem = self.hide(error)
                self._etag = ""
            except Exception as error:  # the next round tries again
                logger.exception("config: unexpected")
                self._config_problem = self.hide(f"{type(error).__name__}: {error}")
            self._stop.wait(self.settings.reload_s / self.settings.speed)

    def _changed(self, document: Mapping[str, Any]) -> None:
        config = parse(document)
        if self._fixed is None:
            self._config_from = "centre"
            self.take_over(config)
            self._cache.save({**document, "tests": []}, self._etag)
        else:
            self._begin_tests(config.tests)

    def take_over(self, config: CollectorConfig, *, tests: bool = True) -> None:
        """Run what ``config`` says: lanes whose devices changed are begun anew, the others go on undisturbed."""
        for device in config.devices:
            self.hide.know(secrets_in(device.address) | secrets_in(device.options))
        with self._guard:
            place_changed = config.place != self._config.place
            self._config = config
            wanted: dict[str, list[DeviceConfig]] = {}
            for device in config.devices:
                wanted.setdefault(lane_of(device), []).append(device)
            for name, lane in list(self._lanes.items()):
                if place_changed or [one.config for one in lane.states] != wanted.get(name):
                    del self._lanes[name]
                    lane.end()
                    self._given_up.setdefault(name, []).append(lane)
            for name, devices in wanted.items():
                if name not in self._lanes:
                    self._begin(name, [self._fresh(device) for device in devices])
            keys = {device.key for device in config.devices}
            self._states = {key: state for key, state in self._states.items() if key in keys}
        if tests:
            self._begin_tests(config.tests)

    def _fresh(self, device: DeviceConfig) -> DeviceState:
        before = self._states.get(device.key)
        state = DeviceState(device)
        if before is not None:
            state.readings, state.excess = before.readings, before.excess
            state.last_sample_ms, state.heard_at = before.last_sample_ms, before.heard_at
        self._states[device.key] = state
        return state

    def _begin(self, name: str, states: list[DeviceState]) -> None:
        around = Surroundings(self.outbox, self.clock, self.hide, self._config.place, self.settings.speed)
        lane = self._lanes[name] = Lane(name, states, around)
        lane.start()

    # -- watching over -----------------------------------------------------------------------------------------

    def _watch_over(self) -> None:
        """Give up questions that hang, begin lanes anew that died, mark devices that seem to be one."""
        self.outbox.flush()
        limit = self.settings.stuck_s * 1000
        with self._guard:
            for name, gone in list(self._given_up.items()):
                self._given_up[name] = [lane for lane in gone if lane.alive()]
            for name, lane in list(self._lanes.items()):
                busy = lane.busy
                stuck = busy is not None and self.clock.mono() - busy[1] > limit
                if stuck and busy is not None:
                    seconds = (self.clock.mono() - busy[1]) // 1000
                    busy[0].failures += 1
                    pause = Pace(retry_s=self.settings.stuck_s).wait_s(busy[0].failures)
                    busy[0].not_before = self.clock.mono() + int(pause * 1000)
                    busy[0].only("stuck", "collect-stuck", seconds=seconds)
                if (stuck or not lane.alive()) and len(self._given_up.get(name, ())) < MOST_GIVEN_UP:
                    logger.error("lane %s: %s, begun anew", name, "hangs" if stuck else "ended")
                    lane.end()
                    self._given_up.setdefault(name, []).append(lane)
                    self._begin(name, list(lane.states))

    def _begin_tests(self, tests: tuple[TestRequest, ...]) -> None:
        centre = self.centre
        for test in tests:
            if centre is None or test.id in self._tests_done:
                continue
            self._tests_done.add(test.id)
            self.hide.know(secrets_in(test.device.address) | secrets_in(test.device.options))

            def job(test: TestRequest = test, centre: Centre = centre) -> None:
                result = trial(test.device, now_ms=self.clock.wall(), hide=self.hide)
                self._report(centre, test, {"instance": self.outbox.instance, "id": test.id, **result})

            lane = self._lanes.get(lane_of(test.device))
            if lane is not None and test.device.driver != "mqtt":
                lane.do(job)
            else:
                threading.Thread(target=job, name=f"test {test.id}", daemon=True).start()

    def _report(self, centre: Centre, test: TestRequest, result: Mapping[str, Any]) -> None:
        def tell() -> None:
            for wait in (1, 2, 5, 10, 30, 60):
                if centre.report_test(test.id, result) or self._stop.wait(wait / self.settings.speed):
                    return
            self._tests_done.discard(test.id)  # the centre asks again while it has no answer

        threading.Thread(target=tell, name=f"tell {test.id}", daemon=True).start()

    # -- status ------------------------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Return how things are: numbers, states and sentences, no secret."""
        with self._guard:
            states, troubles = list(self._states.values()), self._config.troubles
        devices = [device_status(state, self.clock, self.hide) for state in states]
        double = twins(states)
        for one in devices:
            for code, other, identity in double.get(one["key"], ()):
                one["problems"].append(problem(code, {"other": other, "identity": identity}, self.hide))
        devices += misconfigured(troubles, self.hide)
        outbox = self.outbox.status()
        delivery = self.delivery.report() if self.delivery is not None else None
        clock = self.watch.status()
        well = all(
            one["state"] in WELL and not one["problems"] for one in devices if one["state"] != "asleep"
        )
        disk = not outbox["disk_error"] and not outbox["lost"]
        known = self._config_from == "file" or not self._config_problem
        return {
            "ok": bool(well and disk and known and not clock["wrong"] and (delivery is None or not delivery["error"])),
            "time": iso(self.clock.wall()), "up_s": round((self.clock.mono() - self._begun) / 1000),
            "memory_mb": memory_mb(), "collector": self._config.key, "clock": clock,
            "config": {"from": self._config_from, "problem": self._config_problem},
            "outbox": outbox, "delivery": delivery, "devices": devices,
        }  # fmt: skip

    def _write_status(self) -> None:
        self.last_status = self.status()
        with suppress(OSError):  # a full disk: the health page and the centre still hear it
            replace_json(self.settings.folder / "status.json", self.last_status, mode=0o644)
