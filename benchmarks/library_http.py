"""Pages over HTTP: a search at 50,000 documents with two readers, and 32 readers of home, work and search page.

The peer in the same run is the same server with an application that answers "ok" at once: the limit of the server
and of the load program on this machine.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.corpus import documents, sample_queries
from benchmarks.http_load import Load, load
from benchmarks.runner import figure

KHCN = [sys.executable, "-m", "khcn.cli"]
LIMIT_MS = 60.0
LIMIT_MB = 250.0


def write_corpus(path: Path, count: int) -> list[str]:
    """Write ``count`` documents as JSON lines; return queries of two to four words from them."""
    with path.open("w") as out:
        for row in documents(count):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return sample_queries(200)


@contextmanager
def server(command: list[str], env: dict[str, str], port: int) -> Iterator[int]:
    """Run a server until the block ends; yield its process id."""
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).read()
                break
            except OSError:
                time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def private_mb(root: int) -> float:
    """Return the private memory of the largest process below ``root``, in MB."""
    family = {root}
    for _ in range(3):
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
                if parent in family:
                    family.add(int(entry.name))
    sizes = []
    for process in family:
        try:
            text = (Path("/proc") / str(process) / "smaps_rollup").read_text()
        except OSError:
            continue
        sizes.append(sum(int(kb) for kb in re.findall(r"^Private_\w+:\s+(\d+)", text, re.MULTILINE)) / 1024)
    return max(sizes, default=0.0)


def floor(port: int, folder: Path, workers: int) -> Load:
    """Measure the server with an application that does nothing."""
    (folder / "empty_app.py").write_text(
        "def application(environ, start):\n"
        "    start('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '2')])\n    return [b'ok']\n"
    )
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [
        sys.executable,
        "-m",
        "granian",
        "empty_app:application",
        "--interface",
        "wsgi",
        "--port",
        str(port),
    ]
    with server([*command, "--workers", str(workers), "--blocking-threads", "4"], env, port):
        return load(port, ["/"], readers=32, seconds=4)


def measure(count: int, seconds: float, port: int) -> list[dict[str, object]]:
    """Import, serve and load; return the figures."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="khcn-bench-") as name:
        folder = Path(name)
        env = {**os.environ, "KHCN_DATA_DIR": str(folder / "data")}
        queries = write_corpus(folder / "corpus.jsonl", count)
        start = time.monotonic()
        done = subprocess.run(
            [*KHCN, "library", "import", str(folder / "corpus.jsonl"), "--publish", "--json"],
            env=env, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        took = time.monotonic() - start
        imported = json.loads(done.stdout)["imported"]
        rows.append(figure(f"import of {count} documents, whole command", imported / took, "docs/s"))
        empty = floor(port, folder, 2)
        with server([*KHCN, "web", "--port", str(port)], env, port) as pid:
            searches = [f"/thu-vien/tim/?q={urllib.parse.quote(query)}" for query in queries]
            two = load(port, searches, readers=2, seconds=seconds)
            rows.append(figure("search page, 2 readers: p50", two.p50_ms, "ms"))
            rows.append(
                figure(
                    "search page, 2 readers: p95", two.p95_ms, "ms", aim=LIMIT_MS, ok=two.p95_ms <= LIMIT_MS
                )
            )
            pages = re.findall(r'href="(/thu-vien/[^"]*-\d+/)"', fetch(port, searches[0]))
            pages = pages or ["/"]
            for label, paths in (("home page", ["/"]), ("work page", pages), ("search page", searches)):
                busy = load(port, paths, readers=32, seconds=seconds)
                peer = {"peer": "empty application, same server"}
                rows.append(
                    figure(
                        f"{label}, 32 readers", busy.per_second, "req/s", **peer, peer_value=empty.per_second
                    )
                )
                rows.append(
                    figure(f"{label}, 32 readers: p95", busy.p95_ms, "ms", **peer, peer_value=empty.p95_ms)
                )
                if busy.errors:
                    rows.append(figure(f"{label}: failed requests", busy.errors, "", aim=0, ok=False))
            memory = private_mb(pid)
            rows.append(
                figure("private memory of a web process", memory, "MB", aim=LIMIT_MB, ok=memory <= LIMIT_MB)
            )
    return rows


def fetch(port: int, path: str) -> str:
    """Return one page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return str(answer.read().decode())


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", type=int, default=50_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    figures = measure(options.docs, options.seconds, random.Random().randint(20000, 40000))
    if options.json:
        print(json.dumps({"name": "library pages over HTTP", "figures": figures}, ensure_ascii=False))
        return 0
    for row in figures:
        print(f"{row['figure']:<50} {row['value']:>10.1f} {row['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
