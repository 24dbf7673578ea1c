"""The collector of a site: its memory, and what its outbox and delivery carry, beside the bare minimum for each.

Peers: SQLite ``executemany`` of the same rows with the same durability, without sums, numbers or clocks; the same
requests prepared beforehand and posted to the same stand-in centre. All on this machine, centre included.
"""

import argparse
import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.runner import print_figures

START, MOST_MB, END_S = 1_795_000_000_000, 80, 2.0
DEVICES, GATEWAYS, METRICS, BACKLOG = 20, 5, 60, 100_000
ROOT = Path(__file__).parents[2]


def rows(count: int, first: int = 0) -> list[Any]:
    """Return readings of one site: sixty metrics a second."""
    from khcn.engines.energy.types import Sample

    return [
        Sample("inv-1", f"metric_{k % METRICS:02d}", START + k // METRICS * 1000, k * 0.1)
        for k in range(first, first + count)
    ]


def outbox_speed(folder: Path, each: int, total: int) -> tuple[float, float]:
    """Return readings/s into the outbox and into a bare table, ``each`` a commit."""
    from khcn.engines.energy.collect.outbox import Outbox

    parts = [rows(each, first) for first in range(0, total, each)]
    box = Outbox(folder / f"box-{each}")
    begun = time.perf_counter()
    for part in parts:
        if not box.append(part):
            raise AssertionError(box.status())
    mine = time.perf_counter() - begun
    box.close()
    db = sqlite3.connect(folder / f"bare-{each}.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE r (n INTEGER PRIMARY KEY, device TEXT, metric TEXT, ts INTEGER, v REAL)")
    begun = time.perf_counter()
    for part in parts:
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO r (device, metric, ts, v) VALUES (?,?,?,?)",
            [(s.device, s.metric, s.ts_ms, s.value) for s in part],
        )
        db.execute("COMMIT")
    bare = time.perf_counter() - begun
    db.close()
    return total / mine, total / bare


def delivery_speed(folder: Path) -> tuple[float, float, float]:
    """Return readings/s from outbox to centre, readings/s of prepared requests, bytes of a reading in the outbox."""
    from tests.engines.energy.collect.support import StandIn

    from khcn.engines.energy.collect.centre import Centre
    from khcn.engines.energy.collect.clock import ClockWatch
    from khcn.engines.energy.collect.delivery import MOST, Delivery
    from khcn.engines.energy.collect.outbox import Outbox

    centre = StandIn()
    (folder / "token").write_text(centre.token)
    box = Outbox(folder / "deliver")
    for first in range(0, BACKLOG, 10_000):
        box.append(rows(10_000, first))
    size = box.size() / BACKLOG
    prepared = []
    acked = box.acked
    while (batch := box.batch()) is not None:
        body = {**batch.as_json(), "sent_at": "2026-01-01T00:00:00+00:00", "status": {}}
        prepared.append(gzip.compress(json.dumps(body).encode(), 5))
        box.acked = batch.last
    box.acked = acked
    watch = ClockWatch(box.clock)
    delivery = Delivery(box, Centre(centre.address, folder / "token", watch), watch)
    begun = time.perf_counter()
    while box.queued():
        delivery.step()
    mine = time.perf_counter() - begun
    if len(centre.held) != BACKLOG or delivery.totals.batches != -(-BACKLOG // MOST):
        raise AssertionError(delivery.report())
    centre.held.clear()
    begun = time.perf_counter()
    for data in prepared:
        request = urllib.request.Request(
            f"{centre.address}/api/v1/energy/batches",
            data=data,
            headers={"Authorization": f"Bearer {centre.token}", "Content-Encoding": "gzip"},
        )
        with urllib.request.urlopen(request) as answer:
            answer.read()
    bare = time.perf_counter() - begun
    box.close()
    centre.close()
    return BACKLOG / mine, BACKLOG / bare, size


def whole_site(folder: Path, seconds: float) -> dict[str, float]:
    """Run the command with Modbus and MQTT devices and a backlog to deliver; return peak memory, CPU, time to end."""
    from tests.engines.energy.collect.support import StandIn
    from tests.engines.energy.collect.wires import BrokerThread, Publisher, free_port

    from khcn.engines.energy.collect.outbox import Outbox
    from khcn.engines.energy.devices.modbus.simulator import ModbusSimulator, TemplateDevice
    from khcn.engines.energy.devices.modbus.template import find_template

    box = Outbox(folder / "site")
    for first in range(0, BACKLOG, 10_000):
        box.append(rows(10_000, first))
    box.close()
    centre, broker = StandIn(), BrokerThread(free_port()).start()
    (folder / "token").write_text(centre.token)
    template = find_template("sma")
    share = range(1, DEVICES // GATEWAYS + 1)
    publisher = Publisher(broker.port)
    with ExitStack() as stack:
        ports = [
            stack.enter_context(
                ModbusSimulator(
                    TemplateDevice(
                        template,
                        lambda: {"ac_power": 41.25, "ac_energy": 1e5},
                        unit=unit,
                        serial=f"{at}{unit}",
                    )
                    for unit in share
                )
            ).port
            for at in range(GATEWAYS)
        ]
        devices = [
            {"key": f"inv-{port}-{unit}", "driver": "modbus", "template": "sma", "poll_s": 1,
             "address": {"host": "127.0.0.1", "port": port, "unit": unit}}
            for port in ports
            for unit in share
        ] + [
            {"key": f"meter-{n}", "driver": "mqtt", "template": "json", "options": {"fields": {"import_energy": "kwh"}},
             "address": {"host": "127.0.0.1", "port": broker.port, "topic": f"site/meter-{n}"}}
            for n in range(DEVICES)
        ]  # fmt: skip
        (folder / "site.json").write_text(json.dumps({"devices": devices}))
        child = subprocess.Popen(
            [sys.executable, "-m", "khcn.cli", "energy", "collect", "--config", str(folder / "site.json"), "--centre",
             centre.address, "--token-file", str(folder / "token"), "--folder", str(folder / "site"), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for n in range(DEVICES):
                publisher.say(f"site/meter-{n}", {"kwh": time.monotonic()})
            time.sleep(0.5)
        peak = _status(child.pid, "VmHWM") / 1000
        ticks = sum(
            int(part) for part in Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        )
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        out, _err = child.communicate(timeout=20)
        ended = time.monotonic() - begun
    publisher.close()
    broker.stop()
    status = json.loads(out)
    heard = [one for one in status["devices"] if one["readings"]]
    if (
        child.returncode
        or len(heard) != 2 * DEVICES
        or status["outbox"]["lost"]
        or len(centre.held) < BACKLOG
    ):
        raise AssertionError(
            {**status, "devices": [(one["key"], one["state"], one["readings"]) for one in status["devices"]]}
        )
    live = sum(one["readings"] for one in status["devices"])
    centre.close()
    return {
        "mb": peak,
        "cpu": ticks / os.sysconf("SC_CLK_TCK") / seconds * 100,
        "end": ended,
        "rate": live / seconds,
    }


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(name)


def measure(folder: Path) -> list[dict[str, Any]]:
    """Return the figures."""
    small, bare_small = outbox_speed(folder, METRICS, 30_000)
    large, bare_large = outbox_speed(folder, 5_000, 100_000)
    sent, bare_sent, size = delivery_speed(folder)
    site = whole_site(folder, 20)
    need = 157 * METRICS / 60
    return [
        {"figure": f"peak memory, {DEVICES} Modbus and {DEVICES} MQTT devices, backlog of {BACKLOG}", "value": site["mb"],
         "unit": "MB", "aim": MOST_MB, "peer": "", "peer_value": None, "ok": site["mb"] <= MOST_MB},
        {"figure": f"CPU of it with the backlog ({site['rate']:.0f} readings/s live)", "value": site["cpu"], "unit": "%",
         "aim": None, "peer": "", "peer_value": None, "ok": None},
        {"figure": "SIGTERM to the end", "value": site["end"], "unit": "s", "aim": END_S, "peer": "", "peer_value": None,
         "ok": site["end"] < END_S},
        {"figure": f"outbox, {METRICS} readings a commit", "value": small, "unit": "/s", "aim": need,
         "peer": "bare SQLite, synchronous FULL", "peer_value": bare_small, "ok": small >= need},
        {"figure": "outbox, 5000 readings a commit", "value": large, "unit": "/s", "aim": need,
         "peer": "bare SQLite, synchronous FULL", "peer_value": bare_large, "ok": large >= need},
        {"figure": "delivery to a centre on this machine", "value": sent, "unit": "/s", "aim": need,
         "peer": "the same requests, prepared", "peer_value": bare_sent, "ok": sent >= need},
        {"figure": "a week without a net is caught up in (60 metrics a minute)", "value": 7 * 1440 * METRICS / sent, "unit": "s",
         "aim": None, "peer": "", "peer_value": None, "ok": None},
        {"figure": "bytes of a reading in the outbox", "value": size, "unit": "B", "aim": None, "peer": "", "peer_value": None,
         "ok": None},
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Run and print; ``--json``: one document as the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="khcn-bench-") as folder:
        figures = measure(Path(folder))
    if options.json:
        print(json.dumps({"name": "Collector of a site", "figures": figures}, ensure_ascii=False))
    else:
        print_figures(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
