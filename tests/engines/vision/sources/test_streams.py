"""Cameras over HTTP and RTSP that work, stall, cut, flood, change and lie."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.reader import Ended, Reader, Resized, Sample
from khcn.engines.vision.sources.spec import camera
from khcn.engines.vision.types import Size
from tests.engines.vision.sources.clips import clip, mpegts, redirects, rtsp, sends, web

pytestmark = pytest.mark.nodb


def watch(address: str, seconds: float, **options: object) -> tuple[list[object], Reader]:
    """Read for some seconds; an error of the source ends the list."""
    found: list[object] = []
    with Reader(camera([address], local=False, **options), lambda size: size) as reader:  # type: ignore[arg-type]
        end = time.monotonic() + seconds + 20
        first = None
        while time.monotonic() < end and (first is None or time.monotonic() - first < seconds):
            try:
                message = reader.next(0.5)
            except SourceError as error:
                found.append(error)
                break
            if isinstance(message, Sample) and first is None:
                first = time.monotonic()
            if message is not None:
                found.append(message)
            if isinstance(message, Ended):
                break
    return found, reader


def moments(found: list[object]) -> list[float]:
    return [one.frame.t for one in found if isinstance(one, Sample)]


def codes(found: list[object]) -> list[str]:
    return [one.code for one in found if isinstance(one, SourceError)]


def test_http_at_its_own_pace() -> None:
    data = mpegts(seconds=5)
    with web({"/live": sends(data, rate=5)}) as base:
        found, _ = watch(f"{base}/live", 8)
    stamps = moments(found)
    assert isinstance(found[-1], Ended) and len(stamps) >= 17
    steps = [b - a for a, b in pairwise(stamps)]
    assert sorted(steps)[len(steps) // 2] == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize("number", ["401", "403", "404"])
def test_digits_of_an_address_are_no_answer(number: str) -> None:
    """Channel 401 is the first stream of a recorder's fourth camera; its end is no wrong password."""
    path = f"/Streaming/Channels/{number}"
    with web({path: sends(mpegts(seconds=2), rate=1)}) as base:
        found, _ = watch(base + path, 8)
    assert moments(found) and isinstance(found[-1], Ended)


def test_http_login_and_its_refusal() -> None:
    with web({"/live": sends(mpegts(seconds=2))}, login="nguoixem:kh0a-bi-mat") as base:
        good, _ = watch(base.replace("http://", "http://nguoixem:kh0a-bi-mat@") + "/live", 3)
        bad, _ = watch(base.replace("http://", "http://nguoixem:sai-roi-nhe@") + "/live", 3)
        gone, _ = watch(base.replace("http://", "http://nguoixem:kh0a-bi-mat@") + "/no", 3)
    assert moments(good) and codes(bad) == ["source-refused"] and codes(gone) == ["source-not-found"]
    assert "sai-roi-nhe" not in str(bad[-1]) and "kh0a-bi-mat" not in str(gone[-1])


def test_a_stream_that_stalls_is_cut_off() -> None:
    with web({"/live": sends(mpegts(seconds=3), then="stall")}) as base:
        found, _ = watch(f"{base}/live", 20, silence_s=2.0)
    assert moments(found) and codes(found) == ["source-hangs"]


def test_a_server_that_says_nothing_at_all() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        found, _ = watch(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/x", 10, open_s=2.0)
    assert codes(found) in (["source-unreachable"], ["source-hangs"], ["source-odd-answer"])


def test_nobody_there() -> None:
    found, _ = watch("http://127.0.0.1:9/live", 5)
    assert codes(found) == ["source-unreachable"]


def test_a_flood_becomes_no_flood() -> None:
    """Minutes of film within a moment: few samples come through, none from the future."""
    data = mpegts(seconds=60, size=(160, 120))
    with web({"/live": sends(data)}) as base:
        begun = time.monotonic()
        found, _ = watch(f"{base}/live", 5)
    stamps = moments(found)
    assert 1 <= len(stamps) <= 40
    assert stamps[-1] <= time.monotonic() and stamps[-1] - stamps[0] <= time.monotonic() - begun
    assert stamps == sorted(set(stamps))


def test_a_change_of_size_in_a_stream() -> None:
    data = mpegts(seconds=2) + mpegts(seconds=2, size=(640, 480))
    with web({"/live": sends(data, rate=4)}) as base:
        found, _ = watch(f"{base}/live", 10)
    assert [one.now for one in found if isinstance(one, Resized)] == [Size(640, 480)]


@pytest.mark.parametrize("aim", ["file:///etc/passwd", "file:{clip}", "concat:{clip}", "{clip}"])
def test_no_redirect_leads_to_a_local_file(tmp_path: Path, aim: str) -> None:
    clip(tmp_path / "secret.ts", seconds=2, form="mpegts")
    where = aim.replace("{clip}", str(tmp_path / "secret.ts"))
    with web({"/live": redirects(where)}) as base:
        found, _ = watch(f"{base}/live", 5)
    assert not moments(found) and codes(found)


def test_no_playlist_of_a_camera_reads_local_files(tmp_path: Path) -> None:
    clip(tmp_path / "secret.ts", seconds=2, form="mpegts")
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{tmp_path}/secret.ts\n#EXT-X-ENDLIST\n"
    with web({"/live.m3u8": sends(text.encode())}) as base:
        found, _ = watch(f"{base}/live.m3u8", 5)
    assert not moments(found)


def test_rtsp_over_tcp() -> None:
    with rtsp(fps=10) as address:
        found, reader = watch(address, 5)
    stamps = moments(found)
    assert len(stamps) >= 18 and reader.info is not None and reader.info.codec == "h264"
    assert stamps[-1] - stamps[2] == pytest.approx((len(stamps) - 3) / 5, abs=0.8)


def test_rtsp_that_falls_silent() -> None:
    with rtsp(fps=10, stop_after=7) as address:
        found, _ = watch(address, 25, silence_s=3.0)
    assert (moments(found) and codes(found) in (["source-hangs"], ["source-unreachable"])) or isinstance(
        found[-1], Ended
    )
