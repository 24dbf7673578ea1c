"""``khcn energy collect``: the collector of a site, day and night."""

import argparse
import contextlib
import logging
import os
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

from khcn.energy.deeds.main import Options

M_ARENA_MAX: Final = -8  # malloc.h
_FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of the deed."""
    parser.add_argument(
        "--config", type=Path, help="devices from this TOML or JSON file instead of the centre"
    )
    parser.add_argument("--centre", default="", help="address of the centre, like https://khcn.example.vn")
    parser.add_argument(
        "--token-file", type=Path, help="file with the collector's key (made on the set-up page)"
    )
    parser.add_argument("--folder", type=Path, help="outbox and status (default: <data>/spool/energy)")
    parser.add_argument("--health-port", type=int, help="GET http://127.0.0.1:PORT/health")
    parser.add_argument(
        "--reload", type=float, default=30.0, help="seconds between questions for changes (30)"
    )
    parser.add_argument("--keep-hours", type=float, default=24.0, help="delivered readings stay so long (24)")
    parser.add_argument("--requeue", action="store_true", help="send what was set aside once more")
    parser.add_argument("--seconds", type=float, help="end after so many seconds (0: never)")


def run(options: Options, err: TextIO) -> tuple[dict[str, Any], str, int]:
    """Collect until SIGTERM. Raises SpoolError, SpecError, OSError."""
    from khcn.engines.energy.collect.centre import Centre  # noqa: PLC0415  # only this deed needs them
    from khcn.engines.energy.collect.config import read_file  # noqa: PLC0415
    from khcn.engines.energy.collect.hiding import HidingFormatter  # noqa: PLC0415
    from khcn.engines.energy.collect.runner import Collector, CollectorSettings  # noqa: PLC0415
    from khcn.engines.energy.errors import SpoolError  # noqa: PLC0415
    from khcn.engines.health import HealthServer  # noqa: PLC0415

    config = read_file(options["config"]) if options["config"] is not None else None
    address = options["centre"] or (config.centre_url if config is not None else "")
    token_file = options["token_file"] or (config.centre_token_file if config is not None else None)
    if config is None and not address:
        raise SpoolError("collect-nothing-to-do")
    if address and token_file is None:
        raise SpoolError("collect-token-file", name="--token-file")
    settings = CollectorSettings(
        options["folder"] or default_folder(),
        reload_s=max(1.0, options["reload"]),
        keep_hours=max(0.0, options["keep_hours"]),
    )
    make = partial(Centre, address, token_file) if address and token_file is not None else None
    collector = Collector(settings, config=config, centre=make)
    _one_heap()
    handler = logging.StreamHandler(err)
    handler.setFormatter(HidingFormatter(_FORMAT, collector.hide))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
    if token_file is not None and token_file.stat().st_mode & 0o077:
        err.write(
            f"Tệp khóa {token_file.name} đang cho người khác đọc. Hãy chạy: chmod 600 {token_file.name}\n"
        )
    if options["requeue"]:
        while collector.outbox.requeue():
            pass
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options["seconds"]:
        timer = threading.Timer(options["seconds"], stop.set)
        timer.daemon = True
        timer.start()
    server = (
        HealthServer(collector.status, port=options["health_port"])
        if options["health_port"] is not None
        else None
    )
    if server is not None:
        err.write(f"health: http://127.0.0.1:{server.port}/health\n")
    try:
        collector.run(stop)
    finally:
        if server is not None:
            server.close()
    status = collector.last_status
    text = f"Đã dừng. Còn {status['outbox']['queued']} số đo chờ gửi."
    return status, text, 0


def _one_heap() -> None:
    """Ask glibc for few heaps: by default each thread brings its own, which costs a small machine tens of MB."""
    import ctypes  # noqa: PLC0415

    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 2)


def default_folder() -> Path:
    """Return the outbox's folder below the data folder (``KHCN_DATA_DIR``)."""
    data = os.environ.get("KHCN_DATA_DIR")
    return (Path(data) if data else Path.home() / ".local" / "share" / "khcn") / "spool" / "energy"
