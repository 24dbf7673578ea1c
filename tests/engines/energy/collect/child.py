"""A collector in a process of its own, for tests that kill it: ``child.py FOLDER CENTRE TOKEN_FILE PORT [PORT...]``.

Its devices are the test's meters (see ``support.Meter``): a reading is taken only after the sink has returned.
"""

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from khcn.engines.energy.collect.centre import Centre
from khcn.engines.energy.collect.config import parse
from khcn.engines.energy.collect.runner import Collector, CollectorSettings
from khcn.engines.energy.devices.protocol import DeviceConfig, Pace, register_driver
from khcn.engines.energy.types import Sample

START = 1_795_000_000_000


class Metered:
    """Takes what the meter gives, and says so when it is safe."""

    pushes = True
    pace = Pace()

    def __init__(self, config: DeviceConfig) -> None:
        self.config, self.closed = config, False

    def poll(self, now_ms: int) -> list[Sample]:
        return []

    def listen(self, sink: Callable[[list[Sample]], None], clock: Callable[[], int]) -> None:
        threading.Thread(target=self._talk, args=(sink,), daemon=True).start()

    def _talk(self, sink: Callable[[list[Sample]], None]) -> None:
        with socket.create_connection(("127.0.0.1", self.config.address["port"])) as connection:
            file = connection.makefile("rw")
            while not self.closed:
                file.write("?\n")
                file.flush()
                k = int(file.readline())
                if k < 0:
                    time.sleep(0.05)
                    continue
                try:
                    sink([Sample(self.config.key, "ac_energy", START + k * 1000, float(k))])
                except Exception:
                    time.sleep(0.05)
                    continue
                file.write(f"+{k}\n")
                file.flush()
                file.readline()

    def state(self) -> str:
        return ""

    def close(self) -> None:
        self.closed = True


class Kind:
    def make(self, config: DeviceConfig) -> Metered:
        return Metered(config)

    def probe(self, config: DeviceConfig, *, timeout_s: float, now_ms: int) -> Any:
        raise NotImplementedError


def main() -> None:
    folder, address, token, *ports = sys.argv[1:]
    register_driver("metered", Kind())
    devices = [
        {"key": f"meter-{n}", "driver": "metered", "address": {"host": "127.0.0.1", "port": int(port)},
         "options": {"most_per_minute": 10**9}}
        for n, port in enumerate(ports)
    ]  # fmt: skip
    quick = {"first_wait_s": 0.05, "longest_wait_s": 0.2, "rest_s": 0.05, "most": 300}
    collector = Collector(
        CollectorSettings(Path(folder), status_s=0.5, delivery=quick),
        config=parse({"devices": devices}),
        centre=partial(Centre, address, Path(token), timeout_s=2),
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    collector.run(stop)


if __name__ == "__main__":
    main()
