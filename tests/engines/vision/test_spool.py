"""Minutes between box and centre: nothing lost, nothing counted twice, whatever breaks."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from khcn.engines.vision import spool as spools
from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.spool import Ack, Batch, Forwarder, RejectedError, Spool

pytestmark = pytest.mark.nodb


def minute(at: int, **more: Any) -> dict[str, Any]:
    return {"camera": "c", "start": at, "gates": [{"id": "Cửa 1", "in": at, "out": 0}], **more}


class Centre:
    """Writes by natural key, like the real one; ``broken`` says how it fails."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, int], dict[str, Any]] = {}
        self.batches: list[Batch] = []
        self.broken: str = ""

    def __call__(self, batch: Batch) -> Ack:
        self.batches.append(batch)
        if self.broken == "network":
            raise ConnectionError("http://box:mat-khau@centre/api down")
        if self.broken == "poison" and any(one.get("bad") for one in batch.minutes):
            raise RejectedError("bad minute")
        for one in batch.minutes:
            self.held[one["camera"], one["start"]] = one
        if self.broken == "answer lost":
            raise TimeoutError("no answer")
        return Ack(batch.last)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drive(forwarder: Forwarder, clock: Clock, until: float) -> None:
    while clock.now < until:
        clock.now += max(0.01, forwarder.step())


def test_all_arrives_and_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    centre, clock = Centre(), Clock()
    first = Spool(tmp_path)
    for at in range(5):
        assert first.append(minute(at))
    drive(Forwarder(first, centre, clock), clock, 1)
    first.close()
    second = Spool(tmp_path)
    assert (second.instance, second.last, second.acked) == (first.instance, 5, 5)
    second.append(minute(5))
    drive(Forwarder(second, centre, clock), clock, 10)
    assert sorted(at for _, at in centre.held) == list(range(6))
    assert second.status()["queued"] == 0 and centre.batches[-1].last == 6


def test_an_hour_without_network(tmp_path: Path) -> None:
    centre, clock, box = Centre(), Clock(), Spool(tmp_path)
    forwarder = Forwarder(box, centre, clock, random.Random(1), most=50)
    centre.broken = "network"
    for at in range(60):
        box.append(minute(at))
        drive(forwarder, clock, (at + 1) * 60.0)
    assert centre.held == {} and len(centre.batches) < 90  # patient, not a flood
    assert forwarder.status()["fails"] > 10 and "mat-khau" not in json.dumps(forwarder.status())
    centre.broken = ""
    drive(forwarder, clock, 3600 + 130)
    assert sorted(at for _, at in centre.held) == list(range(60)) and box.status()["queued"] == 0


def test_a_lost_answer_means_the_same_batch_again(tmp_path: Path) -> None:
    centre, clock, box = Centre(), Clock(), Spool(tmp_path)
    forwarder = Forwarder(box, centre, clock)
    box.append(minute(0))
    centre.broken = "answer lost"
    forwarder.step()
    box.append(minute(1))
    forwarder.step()
    centre.broken = ""
    drive(forwarder, clock, 20)
    assert centre.batches[0] == centre.batches[1] == centre.batches[2]
    assert centre.held == {("c", 0): minute(0), ("c", 1): minute(1)}


def test_one_poisonous_minute_stops_nothing(tmp_path: Path) -> None:
    centre, clock, box = Centre(), Clock(), Spool(tmp_path)
    for at in range(40):
        box.append(minute(at, bad=at == 17))
    centre.broken = "poison"
    drive(Forwarder(box, centre, clock), clock, 30)
    assert sorted(at for _, at in centre.held) == [at for at in range(40) if at != 17]
    assert box.notes.rejected == 1
    assert json.loads((tmp_path / "rejected.jsonl").read_text())["m"] == minute(17, bad=True)


@pytest.mark.parametrize("damage", ["half line", "garbage", "zeros", "flipped"])
def test_a_damaged_tail_is_repaired(tmp_path: Path, damage: str) -> None:
    box = Spool(tmp_path)
    for at in range(3):
        box.append(minute(at))
    box.close()
    segment = next(tmp_path.glob("0*.jsonl"))
    whole = segment.read_bytes()
    tail = {"half line": b'{"n":4,"c":1,"m":{"cam', "garbage": b"\xff\xfe{{\n", "zeros": b"\0" * 512}
    segment.write_bytes(whole + tail[damage] if damage in tail else whole[:-20] + b"9" + whole[-19:])
    again = Spool(tmp_path)
    kept = 2 if damage == "flipped" else 3
    assert again.last == kept and again.notes.repaired_bytes > 0
    again.append(minute(9))
    batch = again.batch()
    assert batch is not None and [one["start"] for one in batch.minutes] == [*range(kept), 9]


def test_damage_in_the_middle_costs_that_line_only(tmp_path: Path) -> None:
    box = Spool(tmp_path)
    for at in range(5):
        box.append(minute(at))
    box.close()
    segment = next(tmp_path.glob("0*.jsonl"))
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join([*lines[:2], b"#" * 30 + b"\n", *lines[3:]]))
    again = Spool(tmp_path)
    batch = again.batch()
    assert batch is not None and [one["start"] for one in batch.minutes] == [0, 1, 3, 4] and batch.last == 5


def test_kill_minus_nine_in_the_middle_of_writing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from khcn.engines.vision.spool import Spool\n"
        "box = Spool(Path(sys.argv[1])); at = 0\n"
        "while True:\n    box.append({'camera': 'c', 'start': at}); print(at, flush=True); at += 1\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    while int(child.stdout.readline()) < 30:
        pass
    os.kill(child.pid, signal.SIGKILL)
    said = [int(line) for line in child.stdout.read().split()] or [30]
    child.wait()
    box = Spool(tmp_path)
    batch = box.batch(most=10**6, most_bytes=10**9)
    assert batch is not None
    held = [one["start"] for one in batch.minutes]
    assert held == list(range(len(held))) and len(held) >= said[-1] + 1  # whatever was promised is there


def test_full_disk_waits_in_memory_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Spool(tmp_path, most_waiting=3)
    box.append(minute(0))
    real = os.fsync

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spools.os, "fsync", full)
    assert [box.append(minute(at)) for at in (1, 2, 3, 4)] == [False] * 4
    assert box.status()["disk_error"] and box.status()["in_memory"] == 3 and box.notes.refused == 1
    monkeypatch.setattr(spools.os, "fsync", real)
    assert box.append(minute(5)) is False  # the memory is full too: refused, and counted
    assert box.flush() and box.append(minute(6))
    batch = box.batch()
    assert batch is not None and [one["start"] for one in batch.minutes] == [0, 1, 2, 3, 6]
    assert box.status()["disk_error"] == "" and box.status()["lost"] == 2


def test_the_oldest_stay_when_the_limit_is_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "SEGMENT_BYTES", 1000)
    centre, clock, box = Centre(), Clock(), Spool(tmp_path, most_bytes=4000)
    for at in range(100):
        box.append(minute(at))
    assert box.notes.full and box.size() <= 4200 and box.status()["in_memory"] > 20
    drive(Forwarder(box, centre, clock, most=10), clock, 30)
    assert sorted(at for _, at in centre.held) == list(range(100)) and not box.notes.full


def test_two_processes_cannot_share_a_folder(tmp_path: Path) -> None:
    box = Spool(tmp_path)
    with pytest.raises(SourceError) as caught:
        Spool(tmp_path)
    assert caught.value.code == "spool-in-use"
    box.close()
    Spool(tmp_path).close()


def test_sent_segments_go_but_the_last_hours_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "SEGMENT_BYTES", 500)
    centre, clock, box = Centre(), Clock(), Spool(tmp_path)
    for at in range(100):
        box.append(minute(at))
    drive(Forwarder(box, centre, clock), clock, 5)
    assert len(list(tmp_path.glob("0*.jsonl"))) <= 4
    assert box.recent(5)[-1]["start"] == 99


def test_waits_are_short_and_honest(tmp_path: Path) -> None:
    begun = time.monotonic()
    assert Forwarder(Spool(tmp_path), Centre()).step() == 5.0 and time.monotonic() - begun < 2
