"""The collector's memory on disk: nothing that was promised is lost, whatever breaks."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.energy.collect import outbox, shelf
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.errors import SpoolError
from khcn.engines.energy.types import Sample
from tests.engines.energy.collect.support import NOW, Turned, sample

pytestmark = pytest.mark.nodb


def drained(box: Outbox, most: int = 1000) -> list[Any]:
    found: list[Any] = []
    while (batch := box.batch(most=most)) is not None:
        found += batch.readings
        box.ack(batch.last)
    return found


def test_numbers_have_no_gaps_and_go_on_after_a_restart(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    assert box.append([sample(k) for k in range(5)]) and box.append([sample(5)])
    box.close()
    box = Outbox(tmp_path)
    assert box.append([sample(6)])
    batch = box.batch()
    assert batch is not None and (batch.first, batch.last) == (1, 7)
    assert [row.n for row in batch.readings] == list(range(1, 8))
    assert [row.v for row in batch.readings] == [0, 1, 2, 3, 4, 5, 6]
    box.ack(7)
    box.close()
    box = Outbox(tmp_path)
    assert box.batch() is None and box.append([sample(7)])
    assert box.batch().first == 8  # type: ignore[union-attr]


def test_wire_form_groups_by_series_and_keeps_problems_and_raw(tmp_path: Path) -> None:
    box = Outbox(tmp_path, clock=Turned().clock)
    box.append(
        [
            sample(1),
            sample(1, metric="ac_energy"),
            Sample("inv-1", "ac_power", NOW + 2000, None, "reading-not-implemented", "input 5030: 8000"),
            Sample("inv-1", "ac_power", NOW + 3000, float("nan")),
            Sample("inv-1", "ac_power", NOW + 4000, float("inf"), raw="\0x" + "y" * 900),
        ]
    )
    found = box.batch().as_json()  # type: ignore[union-attr]
    assert (found["first"], found["seq"], found["instance"]) == (1, 5, box.instance)
    power, energy = found["series"]
    assert energy == {"device": "inv-1", "metric": "ac_energy", "t": [NOW + 1000], "v": [1.0], "p": {}}
    assert power["t"] == [NOW + 1000, NOW + 2000, NOW + 3000, NOW + 4000]
    assert power["v"] == [1.0, None, None, None]
    assert power["p"] == {"1": "reading-not-implemented", "2": "not-a-number", "3": "not-a-number"}
    assert power["raw"]["1"] == "input 5030: 8000" and power["raw"]["2"] == "nan"
    assert len(power["raw"]["3"]) <= 500 and "\0" not in power["raw"]["3"]


def test_odd_times_and_texts_never_stop_the_outbox(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    odd = [
        Sample("d" * 500, "m\0\ud800", 2**80, 1.0),
        Sample("", "", -(2**70), -0.0),
        Sample("đ", "điện", 0, 1e308),
        Sample("x", "y", NOW, True),
    ]
    assert box.append(odd)
    rows = drained(box)
    assert len(rows) == 4 and [row.p for row in rows[:3]] == ["clock"] * 3
    assert all(len(row.device) <= 120 for row in rows)


def test_two_processes_cannot_share_a_folder(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    with pytest.raises(SpoolError) as caught:
        Outbox(tmp_path)
    assert caught.value.code == "collect-in-use" and tmp_path.name in str(caught.value)
    box.close()
    Outbox(tmp_path).close()


def test_after_close_nothing_is_promised(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.close()
    assert box.append([sample(1)]) is False
    again = Outbox(tmp_path)
    assert box.append([sample(2)]) is False and box.batch() is None and again.append([sample(3)])
    assert [row.v for row in drained(again)] == [3.0]


def test_threads_share_commits_and_lose_nothing(tmp_path: Path) -> None:
    box = Outbox(tmp_path)

    def write(name: str) -> None:
        for k in range(100):
            assert box.append([sample(k, device=name)])

    threads = [threading.Thread(target=write, args=(f"d{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = drained(box)
    assert [row.n for row in rows] == list(range(1, 801))
    assert all([row.v for row in rows if row.device == f"d{n}"] == list(range(100)) for n in range(8))


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.3])
def test_kill_9_loses_nothing_that_was_promised(tmp_path: Path, pause: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=_env(), text=True
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    threading.Event().wait(pause)
    child.send_signal(signal.SIGKILL)
    said = [int(line) for line in (first + child.stdout.read()).split("\n") if line.endswith("0")]
    child.wait()
    box = Outbox(tmp_path)
    values = [int(row.v) for row in drained(box)]
    assert values == list(range(len(values))) and len(values) >= max(said)
    assert box.status()["gaps"] == [] and box.status()["broken_files"] == 0


_WRITER = """
import sys
from pathlib import Path
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.types import Sample
box, k = Outbox(Path(sys.argv[1])), 0
while True:
    assert box.append([Sample("d", "m", 1_795_000_000_000 + k + n, float(k + n)) for n in range(10)])
    k += 10
    print(k, flush=True)
"""


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": "src", "OMP_NUM_THREADS": "1"}


# -- a full disk -----------------------------------------------------------------------------------------------


def test_full_disk_waits_in_memory_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk refuses the block of numbers first, as a full one does."""
    turned = Turned()
    box = Outbox(tmp_path, clock=turned.clock, most_waiting=4)
    assert box.append([sample(0)])

    def full(_upto: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(box._shelf, "reserve", full)
    assert [box.append([sample(k)]) for k in (1, 2)] == [False, False]
    assert box.append([sample(k, device="inv-2") for k in (3, 4, 5, 6)]) is False
    status = box.status()
    assert status["disk_error"] == "No space left on device" and status["in_memory"] == 4
    assert status["lost"] == 2 and status["lost_by_device"] == {"inv-2": 2}
    monkeypatch.undo()
    assert box.flush() is False  # the disk is not asked again at once
    turned.on(2)
    assert box.flush() and box.append([sample(7)])
    assert [row.v for row in drained(box)] == [0, 1, 2, 3, 4, 7]
    assert [row[0] for row in box._read("SELECT n FROM reading ORDER BY n", ())] == [1, 2, 3, 4, 5, 6]
    assert box.status()["disk_error"] == ""


def test_a_real_size_limit_keeps_all_and_delivered_readings_make_room(tmp_path: Path) -> None:
    turned = Turned()
    box = Outbox(tmp_path, clock=turned.clock, most_bytes=200_000, keep_hours=1000)
    k = 0
    while box.append([sample(k + n) for n in range(100)]):
        k += 100
        assert k < 100_000
    assert box.status()["full"] and k > 500
    given = [row.v for row in _first(box, 500)]
    turned.on(2)
    assert box.flush()  # the 500 delivered ones went before their time
    assert box.status()["disk_error"] == "" and box.status()["lost"] == 0
    turned.on(2)
    box.append([sample(k + 100)])
    given += [row.v for row in drained(box)]
    while box.status()["in_memory"]:
        turned.on(2)
        box.flush()
        given += [row.v for row in drained(box)]
    assert given == [float(n) for n in range(k + 101)]


def _first(box: Outbox, most: int) -> list[Any]:
    batch = box.batch(most=most)
    assert batch is not None
    box.ack(batch.last)
    return list(batch.readings)


def test_the_operating_system_refuses_to_write(tmp_path: Path) -> None:
    """RLIMIT_FSIZE in a process of its own: real failed writes in the middle of the database's work."""
    found = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path)],
        check=False,
        env=_env(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    promised, refused = (int(word) for word in found.stdout.split())
    assert promised > 0 and refused > 0
    box = Outbox(tmp_path)
    assert [int(row.v) for row in drained(box)] == list(range(promised + refused))


_LIMITED = """
import resource, signal, sys, time
from pathlib import Path
from khcn.engines.energy.collect.outbox import Outbox
from khcn.engines.energy.types import Sample
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
box = Outbox(Path(sys.argv[1]))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
promised = k = 0
def give():
    global k
    safe = box.append([Sample("d", "m", 1_795_000_000_000 + k + n, float(k + n)) for n in range(50)])
    k += 50
    return safe
while give():
    promised = k
refused = k - promised
give()
assert box.status()["disk_error"], box.status()
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert box.flush(now=True), box.status()
print(promised, k - promised)
box.close()
"""


# -- broken files ----------------------------------------------------------------------------------------------


def _filled(folder: Path, count: int, acked: int = 0) -> str:
    box = Outbox(folder)
    for first in range(0, count, 500):
        box.append([sample(k) for k in range(first, min(count, first + 500))])
    box.ack(acked)
    box.close()
    return box.instance


def test_a_file_of_rubbish_is_set_aside(tmp_path: Path) -> None:
    instance = _filled(tmp_path, 10)
    (tmp_path / "outbox.sqlite3").write_bytes(b"rubbish" * 5000)
    box = Outbox(tmp_path)
    assert box.instance == instance and box.batch() is None
    assert box.append([sample(99)])
    batch = box.batch()
    assert batch is not None and batch.first == shelf.BLOCK + 1  # no number is given twice
    status = box.status()
    assert status["broken_files"] == 1 and status["gaps"] == [[1, shelf.BLOCK]] and status["queued"] == 1
    box.close()
    box = Outbox(tmp_path)
    assert box.append([sample(100)]) and [row.n for row in drained(box)] == [shelf.BLOCK + 1, shelf.BLOCK + 2]
    assert box.status()["queued"] == 0


def test_of_a_damaged_file_all_that_can_be_read_is_taken_over(tmp_path: Path) -> None:
    _filled(tmp_path, 5000, acked=1000)
    path = tmp_path / "outbox.sqlite3"
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2 // 4096 * 4096
    damaged[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(bytes(damaged))
    box = Outbox(tmp_path)
    rows = drained(box)
    values = [int(row.v) for row in rows]
    assert values[0] == 1000 and values[-1] == 4999  # before and behind the damage
    assert 3000 < len(values) < 4000 and [row.n for row in rows] == [value + 1 for value in values]
    assert box.status()["broken_files"] == 1 and box.append([sample(5000)])


def test_damage_while_running_is_noticed_and_survived(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.append([sample(k) for k in range(300)])
    assert box._db is not None
    box._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (tmp_path / "outbox.sqlite3").open("r+b") as file:
        file.write(os.urandom(8192))
    for k in range(300, 400):
        assert box.append([sample(k)])
    values = {int(row.v) for row in drained(box)}
    assert set(range(300, 400)) <= values and box.status()["lost"] == 0


def test_a_flipped_bit_in_a_value_is_noticed(tmp_path: Path) -> None:
    _filled(tmp_path, 3)
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as db:
        db.execute("UPDATE reading SET v = 1e9 WHERE n = 2")
    box = Outbox(tmp_path)
    for _ in range(2):
        batch = box.batch()
        assert batch is not None and [row.v for row in batch.readings] == [0, 2] and batch.last == 3
    assert box.status()["bad_rows"] == 1 and box.status()["aside"] == 1
    box.ack(3)
    assert box.batch() is None


def test_a_damaged_cursor_sends_again_and_never_skips(tmp_path: Path) -> None:
    _filled(tmp_path, 10, acked=4)
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as db:
        db.execute("UPDATE cursor SET acked = 9")
    box = Outbox(tmp_path)
    assert [row.n for row in drained(box)] == list(range(1, 11))
    assert box.append([sample(1)]) and box.batch().first == shelf.BLOCK + 1  # type: ignore[union-attr]


def test_a_database_that_is_gone_never_gives_its_numbers_again(tmp_path: Path) -> None:
    _filled(tmp_path, 10)
    for path in tmp_path.glob("outbox.sqlite3*"):
        path.unlink()
    box = Outbox(tmp_path)
    box.append([sample(1)])
    assert box.batch().first == shelf.BLOCK + 1  # type: ignore[union-attr]
    assert box.status()["gaps"] == [[1, shelf.BLOCK]]


def test_a_taking_over_that_breaks_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(tmp_path, 600)
    path = tmp_path / "outbox.sqlite3"
    data = bytearray(path.read_bytes())
    data[-4096:] = os.urandom(4096)
    path.write_bytes(bytes(data))
    real, turned = shelf.Shelf.done_with, Turned()

    def break_off(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf.Shelf, "done_with", break_off)
    box = Outbox(tmp_path, clock=turned.clock)
    assert not box.append([sample(9000)])
    monkeypatch.setattr(shelf.Shelf, "done_with", real)
    turned.on(2)
    assert box.flush()
    rows = drained(box)
    assert rows[0].v == 0 and rows[-1].v == 9000 and len(rows) > 400
    assert len({row.n for row in rows}) == len(rows) and not list(tmp_path.glob("torn-*"))


@pytest.mark.parametrize("seed", range(12))
def test_random_damage_never_stops_it(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    _filled(tmp_path, 2000, acked=rng.choice([0, 700]))
    for name in ("outbox.sqlite3", "outbox.json"):
        path = tmp_path / name
        data = bytearray(path.read_bytes())
        if name.endswith("json") and rng.random() < 0.6:
            continue
        for _ in range(rng.choice([1, 5, 200])):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.choice([len(data), len(data) * 2 // 3])]))
    box = Outbox(tmp_path)
    assert box.append([sample(k) for k in range(5000, 5010)])
    rows = drained(box)
    assert [row.v for row in rows][-10:] == [float(k) for k in range(5000, 5010)]
    true = {(NOW + k * 1000, float(k)) for k in (*range(2000), *range(5000, 5010))}
    assert {(row.ts, row.v) for row in rows} <= true  # a wrong value never leaves
    numbers = [row.n for row in rows]
    assert numbers == sorted(set(numbers))


# -- keeping house ---------------------------------------------------------------------------------------------


def test_delivered_readings_stay_for_some_hours(tmp_path: Path) -> None:
    turned = Turned()
    box = Outbox(tmp_path, clock=turned.clock, keep_hours=2.5)
    for hour in range(5):
        box.append([sample(hour * 10 + k) for k in range(10)])
        turned.on(3600)
    assert box.tidy() == 0  # nothing is acknowledged
    box.ack(35)
    turned.on(1)
    assert box.tidy() == 30 and box.tidy() == 0
    assert box._read("SELECT min(n), max(n) FROM reading", ()) == [(31, 50)]
    assert [row.n for row in drained(box)] == list(range(36, 51))


def test_a_big_backlog_gives_its_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "SPARE_PAGES", 100)
    turned = Turned()
    box = Outbox(tmp_path, clock=turned.clock, keep_hours=1)
    for first in range(0, 30_000, 10_000):
        box.append([sample(first + k) for k in range(10_000)])
    before = box.size()
    box.ack(30_000)
    turned.on(7200)
    while box.tidy():
        pass
    box.append([sample(1)])
    assert box._db is not None
    box._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert box.size() < before / 2


# -- clocks ----------------------------------------------------------------------------------------------------


def test_readings_of_1970_are_put_right_when_the_time_is_known(tmp_path: Path) -> None:
    """A box without a clock of its own starts in 1970, reads for an hour, then NTP sets it."""
    turned = Turned(wall_ms=100_000)
    box = Outbox(tmp_path, clock=turned.clock)
    for _ in range(3):
        box.append([Sample("d", "m", turned.wall_ms, 1.0)])
        turned.on(60)
    turned.set(NOW)
    box.append([Sample("d", "m", turned.wall_ms, 2.0)])
    batch = box.batch(true_base=turned.clock.base())
    assert batch is not None
    assert [row.ts for row in batch.readings] == [NOW - 180_000, NOW - 120_000, NOW - 60_000, NOW]
    assert all(row.p == "" for row in batch.readings)
    turned.set(NOW + 3_600_000)  # whatever the clock does later, a reading stays what it was sent as
    again = box.batch(true_base=turned.clock.base())
    assert again == batch
    box.close()
    later = Outbox(tmp_path, clock=turned.clock)
    assert later.batch(true_base=turned.clock.base()) == batch


def test_without_any_right_clock_readings_are_kept_and_marked(tmp_path: Path) -> None:
    turned = Turned(wall_ms=100_000)
    box = Outbox(tmp_path, clock=turned.clock)
    box.append([Sample("d", "m", turned.wall_ms, 1.0)])
    box.close()
    after = Turned(boot="boot-2")  # the power went: nobody knows any more when that was
    box = Outbox(tmp_path, clock=after.clock)
    batch = box.batch(true_base=after.clock.base())
    assert batch is not None and [(row.ts, row.v, row.p) for row in batch.readings] == [
        (100_000, 1.0, "clock")
    ]


@pytest.mark.parametrize("ts", [0, 86_400_000, 946_684_800_000, NOW + 3 * 86_400_000, 2_208_988_800_000, -5])
def test_a_device_in_1970_2000_or_2040_keeps_its_readings(tmp_path: Path, ts: int) -> None:
    box = Outbox(tmp_path, clock=Turned().clock)
    box.append([sample(1), Sample("d", "m", ts, 7.0)])
    batch = box.batch(true_base=Turned().clock.base())
    assert batch is not None and [row.p for row in batch.readings] == ["", "clock"]
    assert batch.readings[1].ts == ts and batch.readings[1].v == 7.0


def test_old_history_of_a_device_is_no_clock_problem(tmp_path: Path) -> None:
    box = Outbox(tmp_path, clock=Turned().clock)
    box.append([Sample("d", "m", NOW - 5 * 365 * 86_400_000, 7.0)])
    assert box.batch().readings[0].p == ""  # type: ignore[union-attr]


def test_what_the_centre_refused_can_be_sent_once_more(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.append([sample(1), sample(2)])
    batch = box.batch()
    assert batch is not None and box.set_aside(batch, "HTTP 422")
    assert box.batch() is None and box.status()["aside"] == 2
    assert box.requeue() == 2 and box.requeue() == 0
    assert [(row.n, row.v) for row in drained(box)] == [(3, 1.0), (4, 2.0)] and box.status()["aside"] == 0
