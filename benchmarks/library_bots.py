"""A person reads while 32 robots hammer combinations of filters: how much slower are the person's pages?

The real server (``khcn web``) with a corpus of ``--docs`` works. The person opens works, lists and the front page one after
the other. First alone; then beside 32 robots from one address; then beside 32 robots from 32 addresses (``X-Forwarded-For``
of a trusted proxy), each asking for random filters as fast as it gets answers. Peer in the same run: the same with the gate
off (``KHCN_GATE_PERCENT=0``). The person's p95 must stay within ``TIMES`` of the idle one.
"""

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.http_load import quantile
from benchmarks.library_http import KHCN, fetch, server, write_corpus
from benchmarks.runner import figure

ROBOTS: Final = 32
WARM_S: Final = 3.0  # the robots are under way when the person is timed
TIMES: Final = 5.0
FLOOR_MS: Final = (
    40.0  # below this nobody feels a difference: two cores serve 32 robots and the load program too
)
KINDS: Final = ("article", "document", "report", "legal", "learning", "research")


@dataclass
class Seen:
    """What one side met: latencies in ms and the answers by status."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def p95(self) -> float:
        """The latency below which 95 % lie, in ms."""
        return quantile(self.times, 0.95)


def ask(connection: http.client.HTTPConnection, path: str, address: str, seen: Seen) -> None:
    """Ask for one page and note how long it took and what came."""
    before = time.perf_counter()
    try:
        connection.request(
            "GET", path, headers={"X-Forwarded-For": address, "Accept": "text/html", "Accept-Language": "vi"}
        )
        answer = connection.getresponse()
        answer.read()
        seen.statuses[answer.status] += 1
    except (OSError, http.client.HTTPException):
        connection.close()
        seen.statuses[0] += 1
    seen.times.append((time.perf_counter() - before) * 1000)


def read(port: int, pages: Sequence[str], seconds: float) -> Seen:
    """Read as a person does: one page after the other with a short look at each."""
    seen, connection = Seen(), http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    end, at = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        ask(connection, pages[at % len(pages)], "198.51.100.7", seen)
        at += 1
        time.sleep(0.05)
    connection.close()
    return seen


def combination(chance: random.Random) -> str:
    """Return a search with one to six random filters."""
    filters = [("loai", kind) for kind in KINDS] + [("nam", str(year)) for year in range(1990, 2026)]
    filters += [("hieu-luc", one) for one in ("in_force", "expired", "unknown", "not_yet")] + [
        ("ngon-ngu", "vi")
    ]
    chosen = chance.sample(filters, chance.randint(1, 6))
    return "/thu-vien/tim/?" + "&".join(f"{name}={value}" for name, value in chosen)


def hammer(port: int, addresses: int, seconds: float) -> Counter[int]:
    """Be the robots for some seconds; ``addresses``: from how many places they come. Return the answers by status."""
    os.nice(
        10
    )  # robots have machines of their own: what they cost beside the server is no part of the attack
    end, lock, statuses = time.perf_counter() + seconds, threading.Lock(), Counter[int]()

    def robot(number: int) -> None:
        chance, mine = random.Random(number), Seen()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.perf_counter() < end:
            ask(connection, combination(chance), f"203.0.113.{number % addresses + 1}", mine)
        connection.close()
        with lock:
            statuses.update(mine.statuses)

    robots = [threading.Thread(target=robot, args=(number,)) for number in range(ROBOTS)]
    for one in robots:
        one.start()
    for one in robots:
        one.join()
    return statuses


def attacked(port: int, pages: Sequence[str], addresses: int, seconds: float) -> tuple[Seen, Counter[int]]:
    """Return what the person met and what the robots got, side by side in processes of their own."""
    command = [sys.executable, "-m", "benchmarks.library_bots", "--hammer", str(port), str(addresses)]
    robots = subprocess.Popen(
        [*command, "--seconds", str(seconds + WARM_S + 2)], stdout=subprocess.PIPE, text=True
    )
    time.sleep(WARM_S)
    person = read(port, pages, seconds)
    told, _nothing = robots.communicate(timeout=120)
    return person, Counter({int(status): count for status, count in json.loads(told).items()})


def wait_for(port: int) -> None:
    """Wait until the server answers; a busy machine takes minutes to start it."""
    for _ in range(600):
        try:
            fetch(port, "/robots.txt")
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"the server on port {port} did not answer within five minutes")


def measure(count: int, seconds: float, port: int, data: str = "") -> list[dict[str, object]]:
    """Import, serve, attack; return the figures. ``data``: a data folder to keep and use again."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="khcn-bots-") as name:
        folder = Path(name)
        env = {**os.environ, "KHCN_DATA_DIR": data or str(folder / "data"), "KHCN_TRUST_PROXY": "true"}
        env["KHCN_GATE_FREE_NETWORKS"] = "[]"
        write_corpus(folder / "corpus.jsonl", count)
        subprocess.run(
            [*KHCN, "library", "import", str(folder / "corpus.jsonl"), "--publish", "--json"],
            env=env, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        ungated: dict[int, float] = {}
        for percent in ("0", "100"):
            with server([*KHCN, "web", "--port", str(port)], {**env, "KHCN_GATE_PERCENT": percent}, port):
                wait_for(port)
                found = re.findall(r'href="(/thu-vien/[^"]*-\d+/)"', fetch(port, "/thu-vien/moi/"))
                pages = ["/", "/thu-vien/", "/thu-vien/moi/", *dict.fromkeys(found)]
                read(port, pages, 2.0)
                idle = read(port, pages, seconds)
                if percent == "100":
                    rows.append(figure("person alone: p95", idle.p95, "ms"))
                for addresses in (1, ROBOTS):
                    person, robots = attacked(port, pages, addresses, seconds)
                    if percent == "0":
                        ungated[addresses] = person.p95
                        continue
                    rows += told(addresses, idle, person, robots, ungated[addresses], seconds)
    return rows


def told(
    addresses: int, idle: Seen, person: Seen, robots: Counter[int], ungated: float, seconds: float
) -> list[dict[str, object]]:
    """Return the figures of one attack."""
    where = "one address" if addresses == 1 else f"{addresses} addresses"
    limit = max(TIMES * idle.p95, FLOOR_MS)
    failed = sum(count for status, count in person.statuses.items() if status != 200)
    refused = robots[429] + robots[503]
    return [
        figure(f"person beside {ROBOTS} robots from {where}: p95", person.p95, "ms", aim=round(limit, 1),
               ok=person.p95 <= limit, peer="gate off", peer_value=ungated),
        figure(f"... person's pages refused or failed, of {len(person.times)}", failed, "", aim=0, ok=failed == 0),
        figure("... robots' searches answered", robots[200] / (seconds + WARM_S + 2), "/s"),
        figure("... robots' searches refused", refused / (seconds + WARM_S + 2), "/s"),
    ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--data", default="", help="a data folder to keep and use again")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hammer", nargs=2, type=int, metavar=("PORT", "ADDRESSES"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.hammer:
        port, addresses = options.hammer
        print(json.dumps(hammer(port, addresses, options.seconds)))
        return 0
    figures = measure(options.docs, options.seconds, random.Random().randint(20000, 40000), options.data)
    from benchmarks.runner import report

    return report("library_bots", figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
