"""``khcn markets ...``: one JSON document on standard output, sentences on standard error, no database where none is needed."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from khcn.engines.vision.detect.store import PACKAGED, default_store
from khcn.engines.vision.errors import VisionError
from khcn.markets import counting
from khcn.markets.models import MarketDay
from tests.markets.factories import make_box

LAYOUT = {
    "gates": [{"id": "A", "points": [[320, 40], [320, 340]], "direction": "in"}],
    "zones": [{"id": "K1", "polygon": [[100, 60], [540, 60], [540, 330], [100, 330]]}],
}


def packaged() -> bool:
    """Whether this machine has the packaged model (``make setup`` brings it)."""
    try:
        default_store(None).get(PACKAGED)
    except VisionError:
        return False
    return True


def run(folder: Path, *arguments: str, data: str = "data") -> subprocess.CompletedProcess[str]:
    """Run ``khcn`` in a process of its own, in a folder that is not the checkout."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KHCN_")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    environment["KHCN_DATA_DIR"] = str(folder / data)
    return subprocess.run(
        [sys.executable, "-m", "khcn.cli", "markets", *arguments],
        capture_output=True, text=True, cwd=folder, env=environment, check=False, timeout=300,
    )  # fmt: skip


def test_models_are_listed_without_a_data_folder(tmp_path: Path) -> None:
    done = run(tmp_path, "models", "list", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["models"]
    names = {model["name"] for model in found}
    assert {"packaged", "person-detection-retail-0013"} <= names
    assert not (tmp_path / "data").exists()


def test_no_django_is_loaded_for_counting(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['khcn', 'markets', 'models', 'list']\n"
        "from khcn.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'django' not in sys.modules, 'django'"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("analyse", "la.mp4", "--layout", "khong.json"), "Không đọc được bản vẽ"),
        (("analyse", "la.mp4", "--layout", "ve.json", "--out", "khong/co/x.json"), "Không có thư mục"),
        (("analyse", "la.mp4", "--layout", "ve.json", "--fps", "0"), "--fps"),
        (("analyse", "la.mp4", "--layout", "ve.json", "--size", "to"), "--size"),
        (("analyse", "la.mp4", "--layout", "ve.json", "--model", "la"), "Chưa có mô hình"),
        (("evaluate", "la.mp4", "--truth", "gt.txt", "--layout", "ve.json"), "gt.txt"),
        (("forecast", "--input", "khong.csv"), "khong.csv"),
        (("models", "add", "khong", "--name", "n"), "khong"),
        (("models", "check", "khong"), "Chưa có mô hình"),
        (("models", "fetch", "khong"), "khong"),
    ],
)  # fmt: skip
def test_failures_say_what_to_do(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    (tmp_path / "ve.json").write_text(json.dumps(LAYOUT))
    done = run(tmp_path, *arguments, "--json")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_wrong_options_end_with_two(tmp_path: Path) -> None:
    assert run(tmp_path, "analyse", "la.mp4").returncode == 2


def test_a_forecast_is_one_document(tmp_path: Path) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    rows = ["t,count"]
    for number in range(24 * 7 * 8):
        moment = start + timedelta(hours=number)
        rows.append(f"{moment:%Y-%m-%d %H:%M},{(moment.hour - 3) ** 2 if 6 <= moment.hour < 18 else 0}")
    (tmp_path / "gio.csv").write_text("\n".join(rows))
    done = run(tmp_path, "forecast", "--input", "gio.csv", "--horizon", "48", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["points"]) == found["horizon"] == 48
    assert {"mae_seasonal_naive", "coverage_80"} <= set(found["backtest"])
    point = found["points"][20]
    assert point["low"] <= point["value"] <= point["high"]


@pytest.mark.skipif(not packaged(), reason="no packaged model here; run make setup")
def test_a_recording_is_analysed_and_written(tmp_path: Path) -> None:
    from tests.engines.vision.sources.clips import clip

    video, out = tmp_path / "phim.mp4", tmp_path / "kq.json"
    clip(video, seconds=3.0, size=(640, 360))
    (tmp_path / "ve.json").write_text(json.dumps(LAYOUT))
    (tmp_path / "gt.txt").write_text(
        "".join(f"{frame},1,{200 + frame},90,40,120,1,-1,-1,-1\n" for frame in range(1, 31))
    )
    done = run(
        tmp_path, "analyse", "phim.mp4", "--layout", "ve.json", "--fps", "5", "--out", "kq.json", "--json"
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == json.loads(out.read_text())
    assert {
        "model", "frames", "seconds_video", "seconds_wall", "cpu_seconds", "peak_rss_mb", "crossings", "zones",
        "occupancy", "health",
    } <= set(found)  # fmt: skip
    assert found["model"] == PACKAGED
    assert [path.name for path in tmp_path.glob("kq*")] == ["kq.json"]
    again = run(tmp_path, "evaluate", "phim.mp4", "--truth", "gt.txt", "--layout", "ve.json", "--json")
    assert again.returncode == 0, again.stderr
    assert set(json.loads(again.stdout)) == {
        "model", "hota", "mota", "idf1", "id_switches", "crossings", "occupancy_mae",
    }  # fmt: skip


class FakeResult:
    """What a run gives back."""

    def as_json(self) -> dict[str, Any]:
        return {"model": "gia", "frames": 1, "seconds_video": 1.0, "crossings": [], "zones": [], "health": []}


def test_progress_is_kept_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def fake(*_args: Any, state: Path | None, **_more: Any) -> FakeResult:
        asked.append(state)
        return FakeResult()

    monkeypatch.setattr("khcn.engines.vision.runs.run_analyse", fake)
    (tmp_path / "ve.json").write_text(json.dumps(LAYOUT))
    base = ["analyse", "x.mp4", "--layout", str(tmp_path / "ve.json")]
    out, kept = tmp_path / "kq.json", tmp_path / "tiep"
    assert counting.main(base, data_dir=tmp_path) == 0
    assert counting.main([*base, "--out", str(out)], data_dir=tmp_path) == 0
    kept.write_text("x")
    assert counting.main([*base, "--out", str(out), "--resume", str(kept)], data_dir=tmp_path) == 0
    assert kept.exists()
    assert counting.main([*base, "--resume", str(kept), "--restart"], data_dir=tmp_path) == 0
    assert not kept.exists()
    assert asked == [None, out.with_name("kq.json.dang-do"), kept, kept]


def test_the_bar_stays_off_a_pipe() -> None:
    stream = StringIO()
    bar = counting.Bar(stream)
    bar(1, 10)
    bar.close()
    assert stream.getvalue() == ""


@pytest.mark.django_db
def test_the_management_command_offers_the_same() -> None:
    out = StringIO()
    call_command("markets", "models", "list", "--json", stdout=out)
    assert json.loads(out.getvalue())["models"]


@pytest.mark.django_db(transaction=True)
def test_watch_names_a_box_that_is_missing_and_ends_by_itself() -> None:
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("markets", "watch", "--box", "khong-co", stderr=err)
    assert caught.value.code == 1
    assert "Chưa có máy đếm" in err.getvalue()
    with pytest.raises(SystemExit):
        call_command("markets", "watch", "--centre", "https://x.example", stderr=err)
    assert "--token-file" in err.getvalue()
    box, out = make_box(), StringIO()
    call_command("markets", "watch", "--box", box.key, "--seconds", "0.5", "--json", stdout=out, stderr=err)
    found = json.loads(out.getvalue())
    assert (found["ok"], found["cameras_wanted"]) == (True, 0)
    box.refresh_from_db()
    assert box.last_seen_at is not None
    assert not MarketDay.objects.exists()
