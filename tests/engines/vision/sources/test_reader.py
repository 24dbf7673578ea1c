"""Recordings through the reader process: good ones, broken ones, and ones that try something."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khcn.engines.vision.errors import SourceError
from khcn.engines.vision.sources.reader import Ended, Reader, Resized, Sample, SourceInfo
from khcn.engines.vision.sources.spec import SourceSpec, camera, recording
from khcn.engines.vision.types import Size
from tests.engines.vision.sources.clips import clip, mpegts, picture, sound_only

pytestmark = pytest.mark.nodb


def same(size: Size) -> Size:
    return size


def read(spec: SourceSpec, size_for: Callable[[Size], Size] = same, **more: float) -> list[object]:
    found: list[object] = []
    with Reader(spec, size_for, **more) as reader:
        while not found or not isinstance(found[-1], Ended):
            message = reader.next(30)
            assert message is not None
            found.append(message)
        found.append(reader.cost)
    return found


def times(found: list[object]) -> list[float]:
    return [round(one.frame.t, 3) for one in found if isinstance(one, Sample)]


@pytest.mark.parametrize(
    ("codec", "name"), [("libx264", "a.mp4"), ("libx264", "b.mkv"), ("mpeg4", "c.avi"), ("mjpeg", "d.avi")]
)
def test_a_good_clip(tmp_path: Path, codec: str, name: str) -> None:
    clip(tmp_path / name, seconds=4, fps=10, codec=codec)
    found = read(recording(tmp_path / name, fps=5), lambda s: Size(160, 120))
    info, samples = found[0], [one for one in found if isinstance(one, Sample)]
    assert isinstance(info, SourceInfo) and info.size == Size(320, 240) and not info.audio
    assert times(found) == pytest.approx([at / 5 for at in range(20)], abs=0.002)
    assert {one.frame.image.shape for one in samples} == {(120, 160, 3)} and samples[0].frame.source == Size(
        320, 240
    )
    wanted = picture(2.0, 320, 240)[::2, ::2].astype(int)
    assert np.abs(samples[10].frame.image.astype(int) - wanted).mean() < 12  # BGR, right way up, right moment


def test_frame_numbers_are_those_of_the_source(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=3, fps=10, options={"preset": "veryfast", "tune": "film", "bf": "3"})
    found = read(recording(tmp_path / "a.mp4", fps=2, idle=False))
    assert [one.frame.index for one in found if isinstance(one, Sample)] == [0, 5, 10, 15, 20, 25]


def test_variable_rate_and_a_pause(tmp_path: Path) -> None:
    stamps = [0, 0.04, 0.3, 0.32, 0.35, 0.9, 3.9, 4.0, 4.2]
    clip(tmp_path / "a.mkv", times=stamps)
    assert times(read(recording(tmp_path / "a.mkv", fps=60))) == pytest.approx(stamps, abs=0.002)


def test_sound_beside_the_picture_is_no_matter(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=1, audio=True)
    found = read(recording(tmp_path / "a.mp4"))
    assert isinstance(found[0], SourceInfo) and found[0].audio and len(times(found)) == 5


def broken(tmp_path: Path, what: str) -> Path:
    path = tmp_path / f"{what}.mp4"
    if what == "empty":
        path.write_bytes(b"")
    elif what == "text":
        path.write_text("xin chào " * 500)
    elif what == "noise":
        path.write_bytes(os.urandom(200_000))
    elif what == "sound":
        sound_only(path)
    elif what == "headless":  # cut off before the index was written
        clip(path, seconds=3)
        path.write_bytes(path.read_bytes()[:20_000])
    elif what == "zero-frames":
        whole = mpegts(seconds=1)
        path.write_bytes(whole[: 188 * 3])
    elif what == "playlist":
        path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    elif what == "concat":
        clip(tmp_path / "other.ts", seconds=1, form="mpegts")
        path.write_text(f"ffconcat version 1.0\nfile {tmp_path / 'other.ts'}\n")
    return path


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        ("empty", {"source-not-video", "source-empty", "source-ended"}),
        ("text", {"source-not-video", "source-format"}),
        ("noise", {"source-not-video", "source-format", "source-empty", "source-corrupt"}),
        ("sound", {"source-no-picture"}),
        ("headless", {"source-not-video"}),
        ("zero-frames", {"source-empty", "source-not-video", "source-no-picture"}),
        ("playlist", {"source-format", "source-not-video"}),
        ("concat", {"source-format", "source-not-video"}),
    ],
)
def test_a_broken_clip_is_named_in_a_sentence(tmp_path: Path, what: str, codes: set[str]) -> None:
    path = broken(tmp_path, what)
    with pytest.raises(SourceError) as caught:
        read(recording(path))
    assert caught.value.code in codes
    assert what in str(caught.value)  # the name of the file, in a Vietnamese sentence
    assert str(tmp_path) not in str(caught.value)


def test_a_clip_cut_short_gives_what_it_has(tmp_path: Path) -> None:
    data = mpegts(seconds=6)
    (tmp_path / "a.ts").write_bytes(data[: len(data) // 2])
    found = read(recording(tmp_path / "a.ts"))
    assert 8 <= len(times(found)) <= 18


def test_damage_in_the_middle_is_survived(tmp_path: Path) -> None:
    data = bytearray(mpegts(seconds=6))
    data[len(data) // 3 : len(data) // 3 + 30_000] = os.urandom(30_000)
    (tmp_path / "a.ts").write_bytes(data)
    found = read(recording(tmp_path / "a.ts"))
    assert times(found)[-1] > 5 and times(found) == sorted(set(times(found)))


def test_timestamps_that_start_again(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(mpegts(seconds=3) + mpegts(seconds=3))
    seen = times(read(recording(tmp_path / "a.ts", fps=10)))
    assert seen == sorted(set(seen)) and 50 <= len(seen) <= 61 and seen[-1] < 8


def test_a_change_of_size_is_told_and_asked_about(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(mpegts(seconds=3) + mpegts(seconds=3, size=(640, 480)))
    asked: list[Size] = []

    def size_for(size: Size) -> Size:
        asked.append(size)
        return Size(size.width // 2, size.height // 2)

    found = read(recording(tmp_path / "a.ts"), size_for)
    changes = [one for one in found if isinstance(one, Resized)]
    assert asked == [Size(320, 240), Size(640, 480)]
    assert [(one.was, one.now) for one in changes] == [(Size(320, 240), Size(640, 480))]
    shapes = [one.frame.image.shape[:2] for one in found if isinstance(one, Sample)]
    assert shapes[0] == (120, 160) and shapes[-1] == (240, 320)


def test_going_on_in_the_middle_takes_the_same_frames(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=70, fps=5, size=(160, 120))
    whole = read(recording(tmp_path / "a.mp4", fps=2.5, idle=False))
    rest = read(recording(tmp_path / "a.mp4", fps=2.5, idle=False), start=times(whole)[125], origin=0.0)
    warm = [one for one in rest if isinstance(one, Sample) and one.warm]
    new = [one for one in rest if isinstance(one, Sample) and not one.warm]
    assert [round(one.frame.t, 3) for one in new] == times(whole)[126:]
    assert 10 < len(warm) < 90  # some seconds to warm up, not all from the start


def test_keyframes_alone_while_nothing_moves_and_nothing_is_missed(tmp_path: Path) -> None:
    def came(t: float) -> bool:
        return 44.6 <= t < 47  # between two keyframes

    clip(tmp_path / "a.mp4", seconds=60, fps=5, size=(320, 240), gop=10, walker=came, noise=0)
    found = [one for one in read(recording(tmp_path / "a.mp4", fps=5)) if isinstance(one, Sample)]
    quiet = [one.frame.t for one in found if one.quiet]
    full = [round(one.frame.t, 1) for one in found if not one.quiet]
    assert len(quiet) > 8 and len(found) < 250
    assert all(
        round(44.6 + at / 5, 1) in full for at in range(12)
    )  # every frame with somebody in it was seen
    stamps = [one.frame.t for one in found]
    assert stamps == sorted(set(stamps))


def test_a_reader_that_hangs_is_killed() -> None:
    begun = time.monotonic()
    with (
        Reader(camera(["test://x?hang=0.5&fps=10"], silence_s=1.5), same) as reader,
        pytest.raises(SourceError) as caught,
    ):
        while True:
            reader.next(0.5)
    assert caught.value.code == "source-hangs" and time.monotonic() - begun < 30
    with pytest.raises(ProcessLookupError):
        os.kill(reader.pid, 0)


def test_a_reader_that_is_killed_says_so() -> None:
    with Reader(camera(["test://x?fps=10"]), same) as reader:
        while not isinstance(reader.next(10), Sample):
            pass
        os.kill(reader.pid, 11)
        with pytest.raises(SourceError) as caught:
            while True:
                reader.next(5)
    assert caught.value.code == "source-crashed"


def test_a_clip_that_eats_memory_is_stopped(tmp_path: Path) -> None:
    clip(tmp_path / "big.mp4", times=[0, 0.1], size=(3840, 2160))
    with pytest.raises(SourceError) as caught:
        read(replace(recording(tmp_path / "big.mp4"), memory_mb=190))
    assert caught.value.code in {"source-limits", "source-crashed", "source-failed", "source-empty"}


def test_no_credential_stands_in_the_command_line() -> None:
    with Reader(camera(["rtsp://admin:s3cr3t@127.0.0.1:9/x"]), same) as reader:
        line = (
            Path(f"/proc/{reader.pid}/cmdline").read_bytes()
            + Path(f"/proc/{reader.pid}/environ").read_bytes()
        )
        assert b"s3cr3t" not in line
        with pytest.raises(SourceError) as caught:
            while True:
                reader.next(5)
    assert "s3cr3t" not in str(caught.value) + repr(caught.value) + str(caught.value.params)


def test_a_slow_owner_gets_every_frame_of_a_recording(tmp_path: Path) -> None:
    clip(tmp_path / "a.mp4", seconds=4, fps=10)
    with Reader(recording(tmp_path / "a.mp4", fps=10), same) as reader:
        seen = 0
        while not isinstance(message := reader.next(10), Ended):
            seen += isinstance(message, Sample)
            time.sleep(0.005)
    assert seen == 40 and reader.cost.dropped == 0 and 20 < reader.cost.peak_mb < 200


def test_an_in_memory_clip_helper_is_a_real_clip() -> None:
    sink = io.BytesIO()
    clip(sink, seconds=1, form="mpegts")
    assert sink.getvalue()[0] == 0x47
