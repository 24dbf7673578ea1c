"""Real processes, really killed: the centre ends with exactly what the meters gave."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engines.energy.collect.child import START
from tests.engines.energy.collect.support import Meter, StandIn

pytestmark = pytest.mark.nodb
CHILD = Path(__file__).with_name("child.py")
ROOT = Path(__file__).parents[4]
BAD_DAYS = ["ok", "ok", "ok", "500", "cut", "half", "refuse", "html", "503"]


@pytest.fixture
def centre() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.close()


def begin(arguments: list[Any], **more: Any) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], env=env, stdout=subprocess.PIPE, text=True, **more
    )


def wait(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def all_of(meters: list[Meter]) -> dict[tuple[str, str, int], float]:
    return {
        (f"meter-{n}", "ac_energy", START + k * 1000): float(k)
        for n, meter in enumerate(meters)
        for k in range(meter.most)
    }


def test_kill_9_at_random_moments_with_a_centre_that_fails_at_random(tmp_path: Path, centre: StandIn) -> None:
    rng = random.Random(4)
    meters = [Meter(1000), Meter(1000)]
    (tmp_path / "token").write_text(centre.token)
    arguments = [CHILD, tmp_path / "spool", centre.address, tmp_path / "token", *(one.port for one in meters)]
    at_kill = []
    for _ in range(6):
        centre.plan.extend(rng.choice(BAD_DAYS) for _ in range(20))
        child = begin(arguments)
        assert child.stdout is not None and child.stdout.readline() == "begun\n"
        time.sleep(rng.uniform(0.0, 0.35))
        child.send_signal(signal.SIGKILL)
        child.wait()
        at_kill.append(meters[0].taken)
    assert any(0 < taken < 1000 for taken in at_kill), at_kill  # in the middle of the work
    centre.plan.clear()
    child = begin(arguments)
    wait(lambda: all(meter.taken == meter.most for meter in meters))
    wait(lambda: len(centre.held) >= 2000)
    child.terminate()
    begun = time.monotonic()
    assert child.wait(5) == 0 and time.monotonic() - begun < 2
    assert centre.held == all_of(meters)
    status = json.loads((tmp_path / "spool" / "status.json").read_text())
    assert status["outbox"]["lost"] == 0 and status["outbox"]["gaps"] == [] and status["outbox"]["aside"] == 0


def test_the_net_is_pulled_and_the_collector_killed_meanwhile(tmp_path: Path, centre: StandIn) -> None:
    """Everything is read while nothing can be sent; two collectors later all of it is there, once."""
    meters = [Meter(1500)]
    (tmp_path / "token").write_text(centre.token)
    arguments = [CHILD, tmp_path / "spool", centre.address, tmp_path / "token", meters[0].port]
    centre.mode = "refuse"
    child = begin(arguments)
    wait(lambda: meters[0].taken > 600)
    child.kill()
    child.wait()
    child = begin(arguments)
    wait(lambda: meters[0].taken == 1500)
    child.kill()
    child.wait()
    assert not centre.held
    centre.mode = "ok"
    child = begin(arguments)
    wait(lambda: len(centre.held) >= 1500)
    child.terminate()
    assert child.wait(5) == 0 and centre.held == all_of(meters)


def test_two_collectors_cannot_use_one_folder(tmp_path: Path) -> None:
    config = tmp_path / "site.json"
    config.write_text('{"devices": []}')
    command = [
        "-m",
        "khcn.cli",
        "energy",
        "collect",
        "--config",
        config,
        "--folder",
        tmp_path / "spool",
        "--json",
    ]
    first = begin(command, stderr=subprocess.PIPE)
    wait((tmp_path / "spool" / "status.json").exists)
    second = begin(command, stderr=subprocess.PIPE)
    out, err = second.communicate(timeout=30)
    assert second.returncode == 1 and out == "" and "bộ thu thập khác" in err
    first.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    out, _err = first.communicate(timeout=10)
    assert first.returncode == 0 and time.monotonic() - begun < 2
    assert json.loads(out)["outbox"]["lost"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "Chưa có gì để thu thập"),
        (["--centre", "https://khcn.example.vn"], "tệp khóa"),
        (["--centre", "http://khcn.example.vn", "--token-file", "{key}"], "https://"),
        (["--config", "{folder}/none.toml"], "none.toml"),
        (["--config", "{folder}/bad.toml"], "viết sai"),
    ],
)
def test_what_cannot_begin_says_why(tmp_path: Path, options: list[str], words: str) -> None:
    (tmp_path / "key").write_text("khcnco_x")
    (tmp_path / "bad.toml").write_text("devices = [")
    filled = [one.format(folder=tmp_path, key=tmp_path / "key") for one in options]
    command = ["-m", "khcn.cli", "energy", "collect", *filled, "--folder", tmp_path / "spool", "--json"]
    child = begin(command, stderr=subprocess.PIPE)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 1 and out == "" and words in err and "Traceback" not in err
