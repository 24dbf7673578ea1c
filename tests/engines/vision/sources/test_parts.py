"""The small parts of the reader process: the outbox, and the judgement that nothing moves."""

import json
import os
import threading

import numpy as np
import pytest

from khcn.engines.vision.sources.quiet import Stillness, cells, moved
from khcn.engines.vision.sources.wire import LENGTHS, Outbox
from tests.engines.vision.sources.clips import picture

pytestmark = pytest.mark.nodb


def test_a_slow_reader_gets_the_newest_frames_and_every_other_message() -> None:
    read, write = os.pipe()
    out = Outbox(write, 3)
    out.send({"k": "frame", "i": -1}, b"x" * 1_000_000, frame=True)  # fills the pipe: nobody reads yet
    for at in range(20):
        out.send({"k": "frame", "i": at}, b"y" * 1000, frame=True)
    out.send({"k": "stat"})
    got: list[dict[str, object]] = []

    def drain() -> None:
        with os.fdopen(read, "rb") as pipe:
            while not got or got[-1]["k"] != "stat":
                head, load = LENGTHS.unpack(pipe.read(LENGTHS.size))
                got.append(json.loads(pipe.read(head)))
                pipe.read(load)

    thread = threading.Thread(target=drain)
    thread.start()
    thread.join(10)
    frames = [one["i"] for one in got if one["k"] == "frame"]
    assert frames[-3:] == [17, 18, 19] and len(frames) <= 4 and out.dropped == 21 - len(frames)
    os.close(write)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("noise", False),
        ("brighter", False),
        ("lamp", True),
        ("walker", True),
        ("far walker", True),
        ("cloud", False),
    ],
)
def test_what_counts_as_movement(what: str, answer: bool) -> None:
    before = picture(1.0, 640, 360, walker=False)
    after = picture(2.0, 640, 360, walker=False).astype(np.int16)
    if what == "brighter":
        after += 5
    elif what == "lamp":
        after += 40
    elif what == "walker":
        after = picture(3.0, 640, 360).astype(np.int16)
    elif what == "far walker":
        after[100:130, 200:209] += 70
    elif what == "cloud":
        after = (after * 0.96).astype(np.int16)
    assert moved(cells(before), cells(np.clip(after, 0, 255).astype(np.uint8))) is answer


def test_still_only_after_a_while_and_not_with_somebody_slow() -> None:
    still = Stillness(after=20)
    seen = [still.see(t / 2, cells(picture(t / 2, 320, 180, walker=False))) for t in range(80)]
    assert seen.index(True) == pytest.approx(40, abs=4) and all(seen[45:])
    slow = Stillness(after=20)
    for t in range(120):
        image = picture(0, 320, 180, walker=False)
        x = 100 + t // 4  # half a pixel a second
        image[60:120, x : x + 12] = 240
        assert not slow.see(t / 2, cells(image)) or t > 200
