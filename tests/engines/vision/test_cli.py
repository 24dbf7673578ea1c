"""``python -m khcn.engines.vision``: help in Vietnamese, JSON alone on standard output, errors as sentences."""

import json
from pathlib import Path

import pytest

from khcn.engines.vision import __main__ as cli
from khcn.engines.vision import runs
from tests.engines.vision.sources.clips import BlockDetector, clip

pytestmark = pytest.mark.nodb


@pytest.fixture(autouse=True)
def _block(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runs, "detector_for", lambda *args, **more: BlockDetector())
    monkeypatch.setenv("KHCN_DATA_DIR", str(tmp_path))


def test_help_is_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert "Đếm khách" in capsys.readouterr().out


def test_analyse_writes_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip(tmp_path / "a.mp4", seconds=9, fps=10)
    (tmp_path / "l.json").write_text('{"gates": [{"id": "A", "points": [[160, 240], [160, 0]]}]}')
    out = tmp_path / "r.json"
    args = [
        "analyse",
        str(tmp_path / "a.mp4"),
        "--layout",
        str(tmp_path / "l.json"),
        "--fps",
        "2.5",
        "--json",
    ]
    assert cli.main([*args, "--out", str(out)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(out.read_text())
    assert len(printed["crossings"]) == 1 and printed["frames"] == 23
    wanted = {
        "model",
        "frames",
        "seconds_video",
        "seconds_wall",
        "cpu_seconds",
        "peak_rss_mb",
        "crossings",
        "zones",
    }
    assert wanted | {"occupancy", "health"} <= set(printed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "l.json", "r.json"]


def test_probe_and_health(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip(tmp_path / "a.mp4", seconds=9, fps=10)
    assert cli.main(["probe", str(tmp_path / "a.mp4"), "--json"]) == 0
    probed = json.loads(capsys.readouterr().out)
    assert (probed["width"], probed["height"], probed["codec"]) == (320, 240, "h264")
    assert probed["rate_measured"] == pytest.approx(10, abs=0.2)
    assert cli.main(["health", str(tmp_path / "a.mp4"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["active"] == []


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["probe", "concat:a|b"], "address-scheme"),
        (["probe", "/no/such.mp4"], "source-missing"),
        (["probe", "rtsp://u:b1-mat@127.0.0.1:9/x"], "source-unreachable"),
    ],
)
def test_errors_are_sentences_and_documents(
    args: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*args, "--json"]) == 1
    seen = capsys.readouterr()
    assert json.loads(seen.out)["error"] == code and seen.err.strip() and "b1-mat" not in seen.out + seen.err


def test_a_bad_rate_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip(tmp_path / "a.mp4", seconds=1)
    (tmp_path / "l.json").write_text("{}")
    assert (
        cli.main(["analyse", str(tmp_path / "a.mp4"), "--layout", str(tmp_path / "l.json"), "--fps", "0"])
        == 2
    )
    assert "Tham số sai" in capsys.readouterr().err
