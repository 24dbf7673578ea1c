"""Boxes: nothing lost and nothing doubled when they are killed, with and without a net, in their own database or far."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.measure.slits import Strip
from khcn.engines.vision.minutes import CameraMinute, GateMinute
from khcn.engines.vision.privacy import SlitFile, SlitStore
from khcn.engines.vision.spool import Ack, Batch, RejectedError, Spool
from khcn.markets.camera_sources import seal_addresses
from khcn.markets.centres import LocalCentre, RemoteCentre, WatchError
from khcn.markets.models import Batch as BatchRow
from khcn.markets.models import Box, Camera, GateHour, MarketDay, SlitScan
from khcn.markets.selectors.box_config import DEFAULT_KEY, counting_wanted
from khcn.markets.services.boxes import box_token_renew
from khcn.markets.watching import Watch, WatchSettings, camera_config
from tests.markets.factories import make_box, make_camera, make_gate, make_layout, make_market

MINUTE = timedelta(minutes=1)
SECRET = "rtsp://xem:mat-khau-cua-camera@127.0.0.1:9/phu"


class Place:
    """A market with a box, a camera and a gate."""

    def __init__(self) -> None:
        self.market = make_market()
        self.box = make_box(unit=self.market.unit)
        self.camera = make_camera(self.market, box=self.box, sealed_sources=seal_addresses([SECRET]))
        self.gate = make_gate(self.camera)
        make_layout(self.camera)

    def batch(self, *counts: int, first: int = 1) -> Batch:
        """Return a batch of minutes of the last hour."""
        start = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=50)
        minutes = tuple(
            CameraMinute(
                self.camera.key, start + n * MINUTE, 60.0, gates=(GateMinute(self.gate.key, count, 0),)
            ).as_json()
            for n, count in enumerate(counts)
        )
        return Batch("a", first, first + len(counts) - 1, minutes)


def visitors() -> int:
    """Return what the derived rows say."""
    return sum(MarketDay.objects.values_list("count_in", flat=True))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_box_that_is_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    place, total = Place(), 180
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "CHILD_DB": str(name),
        "DJANGO_SETTINGS_MODULE": "tests.markets.watch_settings",
    }
    command = [
        sys.executable,
        "-m",
        "tests.markets.watch_child",
        str(tmp_path),
        place.box.key,
        place.camera.key,
        place.gate.key,
    ]
    safe = -1
    for number in range(3):
        child = subprocess.Popen(
            [*command, str(safe + 1), str(total)], stdout=subprocess.PIPE, env=environment, text=True
        )
        assert child.stdout is not None
        for line in child.stdout:
            safe = int(line)
            if number < 2 and safe >= (number + 1) * total // 4:
                child.send_signal(signal.SIGKILL)
                break
        rest = [int(line) for line in child.stdout]  # safe on disk before the kill, told only now
        safe = max([safe, *rest])
        status = child.wait(60)
        assert status == (0 if number == 2 else -signal.SIGKILL)
    expected = sum(1 + n % 5 for n in range(total))
    assert sum(GateHour.objects.values_list("count_in", flat=True)) == expected
    assert sum(GateHour.objects.values_list("measured_s", flat=True)) == total * 60
    from khcn.markets.services.rollups import rollups_refresh

    rollups_refresh(timezone.now())
    assert visitors() == expected
    spool = Spool(tmp_path)
    assert spool.batch() is None
    spool.close()


@pytest.mark.django_db(transaction=True)
def test_the_own_database_as_centre() -> None:
    place = Place()
    centre = LocalCentre(place.box.key)
    found = centre.config("a")
    assert found is not None
    assert found["cameras"][0]["sources"] == [SECRET] or found["cameras"][0]["sources"] == (SECRET,)
    assert centre.config("a") is None  # nothing changed
    assert centre.send(place.batch(1, 2, 3), {"queued": 1}) == Ack(3)
    assert centre.send(place.batch(1, 2, 3), {}) == Ack(3)
    assert visitors() == 6
    place.box.refresh_from_db()
    assert place.box.last_seen_at is not None
    with pytest.raises(WatchError, match="Chưa có máy đếm"):
        LocalCentre("khong-co")


@pytest.mark.django_db(transaction=True)
def test_a_batch_without_form_is_rejected_for_good() -> None:
    place = Place()
    with pytest.raises(RejectedError):
        LocalCentre(place.box.key).send(Batch("x" * 50, 1, 1, place.batch(1).minutes), {})


def strip_file(folder: Path, place: Place) -> SlitFile:
    """Write one piece of a slit-scan as a box does."""
    strip = Strip(place.gate.key, 0.0, 1.0, np.full((60, 8, 3), 90, np.uint8))
    return SlitStore(folder).write(place.camera.key, strip, datetime.now(UTC) - timedelta(minutes=30))


@pytest.mark.django_db(transaction=True)
def test_a_centre_over_http(live_server: Any, tmp_path: Path) -> None:
    place = Place()
    token = box_token_renew(actor=None, box=place.box, now=timezone.now())
    centre = RemoteCentre(live_server.url, token)
    found = centre.config("a")
    assert found is not None
    assert camera_config(found["cameras"][0]).layout.gates[0].id == place.gate.key
    assert centre.config("a") is None
    Camera.objects.update(fps=10)
    assert centre.config("a") is not None
    assert centre.send(place.batch(4, 5), {"queued": 0}) == Ack(2)
    assert centre.send(place.batch(4, 5), {"queued": 0}) == Ack(2)
    assert visitors() == 9
    assert BatchRow.objects.count() == 1
    centre.keep_slit(strip_file(tmp_path, place))
    assert SlitScan.objects.get().gate == place.gate
    with pytest.raises(RejectedError):
        centre.send(Batch("x" * 50, 1, 1, ()), {})
    with pytest.raises(ConnectionError, match="máy khác"):
        centre.config("b")
    with pytest.raises(ConnectionError, match="Khóa của máy đếm"):
        RemoteCentre(live_server.url, "khcnbox_la_la").config("a")
    with pytest.raises(OSError):
        RemoteCentre("http://127.0.0.1:9", token).config("a")


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("http://khcn.example.vn", "t"),
        ("ftp://x", "t"),
        ("https://u:p@x", "t"),
        ("https://x", ""),
        ("https://x", "a b"),
    ],
)
def test_addresses_that_a_token_is_not_sent_to(address: str, token: str) -> None:
    with pytest.raises(WatchError):
        RemoteCentre(address, token)


class Told:
    """A centre that says what it is told to."""

    def __init__(self, config: Mapping[str, Any] | None) -> None:
        self.answer: Mapping[str, Any] | Exception | None = config
        self.batches: list[Batch] = []
        self.slits: list[SlitFile] = []

    def config(self, instance: str) -> Mapping[str, Any] | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def send(self, batch: Batch, status: Mapping[str, Any]) -> Ack:
        self.batches.append(batch)
        return Ack(batch.last)

    def keep_slit(self, slit: SlitFile) -> None:
        self.slits.append(slit)


ITEM = {
    "key": "cam", "name": "Cam", "sources": [SECRET], "model": "", "fps": 5.0, "layout": 1, "drawing": {},
    "frame": [640, 360], "slit_scan_days": 30, "problem": "",
}  # fmt: skip


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Any]:
    """Return a function that starts a watch; everything is stopped at the end."""
    stop, threads = threading.Event(), []

    def start(centre: Told, **settings: Any) -> Watch:
        given = {"folder": tmp_path / "box", "reload_s": 0.05, "health_port": 0, **settings}
        watch = Watch(centre, ModelStore([tmp_path / "models"]), WatchSettings(**given))
        thread = threading.Thread(target=watch.run, args=(stop,))
        thread.start()
        threads.append(thread)
        return watch

    yield start
    stop.set()
    for thread in threads:
        thread.join(30)


def wait_for(condition: Any, seconds: float = 90) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def health(watch: Watch) -> dict[str, Any]:
    """Ask the health endpoint, which answers 503 when a person is needed."""
    wait_for(lambda: watch.health_port)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{watch.health_port}/health", timeout=5) as answer:
            found = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        found = json.loads(error.read())
    assert isinstance(found, dict)
    return found


def test_a_configuration_that_changes_is_taken_over(watching: Any) -> None:
    centre = Told({"cameras": []})
    watch = watching(centre)
    assert health(watch)["cameras_wanted"] == 0
    centre.answer = {
        "cameras": [
            ITEM,
            {**ITEM, "key": "hong", "sources": []},
            {**ITEM, "key": "ve", "drawing": {"gates": [{"id": 1}]}},
        ]
    }
    wait_for(lambda: watch.status()["cameras_wanted"] == 1)
    found = health(watch)
    assert set(found["problems"]) == {"hong", "ve"}
    assert not found["ok"]
    assert "mat-khau-cua-camera" not in json.dumps(found)
    centre.answer = {"cameras": []}
    wait_for(lambda: watch.status()["cameras_wanted"] == 0 and watch.status()["cameras"] == [])


def test_a_box_starts_without_its_centre_from_what_it_was_told_last(watching: Any, tmp_path: Path) -> None:
    def seal(text: str) -> str:
        return text[::-1]

    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "config.sealed").write_text(seal(json.dumps({"cameras": [ITEM]})))
    centre = Told(None)
    centre.answer = ConnectionError("không tới được")
    watch = watching(centre, seal=seal, unseal=seal)
    wait_for(lambda: watch.status()["cameras_wanted"] == 1)
    assert "không tới được" in watch.status()["centre"]
    centre.answer = {"cameras": []}
    wait_for(lambda: watch.status()["cameras_wanted"] == 0)
    assert watch.status()["centre"] == ""
    wait_for(lambda: "[]" in seal((folder / "config.sealed").read_text()))
    assert (folder / "config.sealed").stat().st_mode & 0o077 == 0


def test_minutes_and_slits_that_lay_there_are_handed_over(watching: Any, tmp_path: Path) -> None:
    folder = tmp_path / "box"
    spool = Spool(folder / "minutes")
    spool.append({"camera": "cam", "start": "2026-03-16T01:00:00+00:00", "measured_s": 60})
    spool.close()
    strip = Strip("g", 0.0, 1.0, np.full((60, 8, 3), 90, np.uint8))
    kept = SlitStore(folder / "slit-scans").write("cam", strip, datetime.now(UTC))
    centre = Told({"cameras": []})
    watching(centre)
    wait_for(lambda: centre.batches and centre.slits)
    assert centre.batches[0].last == 1
    wait_for(lambda: not kept.path.exists())


def test_one_folder_has_one_watch(watching: Any, tmp_path: Path) -> None:
    watching(Told({"cameras": []}))
    with pytest.raises(Exception, match="đang được một tiến trình khác dùng"):
        Watch(Told(None), ModelStore([tmp_path]), WatchSettings(folder=tmp_path / "box"))


@pytest.mark.django_db(transaction=True)
def test_up_counts_only_where_there_is_something_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not counting_wanted()
    place = Place()
    assert not counting_wanted()  # another box's camera
    Box.objects.filter(pk=place.box.pk).update(key=DEFAULT_KEY)
    assert counting_wanted()
    Camera.objects.update(active=False)
    assert not counting_wanted()
    Camera.objects.update(active=True)

    def broken(_key: str) -> bool:
        raise DatabaseError("away")

    monkeypatch.setattr("khcn.markets.selectors.box_config.box_has_work", broken)
    assert not counting_wanted()
