"""The API of the library at 50,000 works: a list of fifty over HTTP and in the process, beside an empty endpoint.

The peer over HTTP is an endpoint of the same server in the same run that answers at once (``/api/v1/``): what remains is
the work of the list itself.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

from benchmarks.http_load import load
from benchmarks.library_http import KHCN, fetch, server, write_corpus
from benchmarks.runner import figure

LISTS = {
    "newest 50": "/api/v1/library/works?limit=50",
    "by title, 50": "/api/v1/library/works?order=title&limit=50",
    "changed last, 50": "/api/v1/library/works?order=updated&limit=50",
    "of one kind, 50": "/api/v1/library/works?kind=legal&limit=50",
}
DEEP = 40  # pages of 200 before the page that is timed
_IN_PROCESS = """
import json, time
from django.test import Client
client = Client(HTTP_HOST="127.0.0.1")
paths, rounds = json.loads(PATHS), ROUNDS
out = {}
for name, path in paths.items():
    client.get(path)
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = client.get(path)
        took.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, answer.content
    out[name] = sorted(took)
print("FIGURES" + json.dumps(out))
"""


def measure(count: int, seconds: float, port: int) -> list[dict[str, object]]:
    """Import, serve and load; return the figures."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="khcn-bench-") as name:
        folder = Path(name)
        env = {
            **os.environ,
            "KHCN_DATA_DIR": str(folder / "data"),
            "KHCN_API_LIMIT_ADDRESS": "0",
            "KHCN_GATE_PERCENT": "0",
        }
        queries = write_corpus(folder / "corpus.jsonl", count)
        subprocess.run(
            [*KHCN, "library", "import", str(folder / "corpus.jsonl"), "--publish", "--json"],
            env=env, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        rows += in_process(env)
        with server([*KHCN, "web", "--port", str(port)], env, port):
            rows += over_http(port, seconds, queries)
    return rows


def over_http(port: int, seconds: float, queries: list[str]) -> list[dict[str, object]]:
    """Load the lists with two readers; the empty endpoint of the same server is the peer."""
    rows = []
    empty = load(port, ["/api/v1/"], readers=2, seconds=seconds)
    peer = {"peer": "empty endpoint, same server", "peer_value": empty.p95_ms}
    deep = "/api/v1/library/works?limit=200"
    for _ in range(DEEP):
        cursor = json.loads(fetch(port, deep))["next"]
        if not cursor:
            break
        deep = f"/api/v1/library/works?limit=200&cursor={urllib.parse.quote(cursor)}"
    searches = [f"/api/v1/library/search?q={urllib.parse.quote(query)}" for query in queries]
    asked = {
        **{name: [path] for name, path in LISTS.items()},
        f"200 after {DEEP} pages": [deep],
        "search": searches,
    }
    for name, paths in asked.items():
        seen = load(port, paths, readers=2, seconds=seconds)
        rows.append(figure(f"API {name}, 2 readers: p95", seen.p95_ms, "ms", **peer))
        if seen.errors:
            rows.append(figure(f"API {name}: failed requests", seen.errors, "", aim=0, ok=False))
    return rows


def in_process(env: dict[str, str], rounds: int = 40) -> list[dict[str, object]]:
    """Time the lists without a server: what the handler, its queries and the writing of JSON cost."""
    paths = {**LISTS, "empty": "/api/v1/"}
    code = _IN_PROCESS.replace("PATHS", repr(json.dumps(paths))).replace("ROUNDS", str(rounds))
    done = subprocess.run(
        [*KHCN, "shell", "-c", code], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    took = json.loads(done.stdout.partition("FIGURES")[2])
    empty = _p95(took.pop("empty"))
    return [
        figure(
            f"API {name}, in process: p95",
            _p95(times),
            "ms",
            peer="empty endpoint, in process",
            peer_value=empty,
        )
        for name, times in took.items()
    ]


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def run(count: int = 50_000, seconds: float = 6.0) -> list[dict[str, object]]:
    """Return the figures."""
    return measure(count, seconds, random.Random().randint(20000, 40000))


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    start = time.monotonic()
    figures = run(options.docs, options.seconds)
    if options.json:
        print(json.dumps({"name": "library API", "figures": figures}, ensure_ascii=False))
        return 0
    for row in figures:
        peer = f"   ({row['peer']}: {row['peer_value']:.1f})" if row["peer"] else ""
        print(f"{row['figure']:<50} {row['value']:>10.1f} {row['unit']}{peer}")
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
