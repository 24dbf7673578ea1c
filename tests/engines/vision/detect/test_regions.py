"""A small detector on regions: few squares, learned heights, standing people kept, cost bounded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from khcn.engines.vision.detect.backend import Outputs, RunOptions, loader_for
from khcn.engines.vision.detect.cards import Decoder, ModelCard
from khcn.engines.vision.detect.cover import CoverSettings, covered
from khcn.engines.vision.detect.heights import Heights
from khcn.engines.vision.detect.regions import RegionDetector, RegionSettings
from khcn.engines.vision.detect.store import ModelEntry
from khcn.engines.vision.types import Detections, Floats, Frame, Hints, Size

SOURCE = Size(1200, 900)
CARD = ModelCard("fake", "fake", "MIT", Decoder.SSD, (Size(60, 60),), person=1, regions=True)


class Sees:
    """A network that finds bright upright rectangles when they are of a fair size in its input of 60 x 60."""

    size = Size(60, 60)

    def __init__(self) -> None:
        self.seen: list[float] = []

    def infer(self, image: np.ndarray) -> Outputs:
        mask = image[:, :, 1] > 200
        rows = []
        columns = np.flatnonzero(mask.any(axis=0))
        for part in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1) if len(columns) else []:
            lines = np.flatnonzero(mask[:, part].any(axis=1))
            for run_of in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1):
                tall = run_of[-1] + 1 - run_of[0]
                self.seen.append(tall)
                if 9 <= tall <= 45:
                    box = [part[0] / 60, run_of[0] / 60, (part[-1] + 1) / 60, (run_of[-1] + 1) / 60]
                    rows.append([0, 1, 0.9, *box])
        return {"o": np.array(rows or [[-1] + [0] * 6], np.float32)[None, None]}


def scene(t: float, *people: tuple[float, float, float]) -> Frame:
    """People as x of the middle, row of the feet and height in source pixels; half as big in the picture."""
    image = np.full((450, 600, 3), 40, np.uint8)
    for x, foot, height in people:
        left, right = round((x - height / 6) / 2), round((x + height / 6) / 2)
        image[max(0, round((foot - height) / 2)) : round(foot / 2), max(0, left) : right] = 255
    return Frame(t, image, SOURCE)


def boxes_of(*people: tuple[float, float, float]) -> Floats:
    return np.array([[x - h / 6, foot - h, x + h / 6, foot] for x, foot, h in people], np.float32).reshape(
        -1, 4
    )


def run(detector: RegionDetector, frames: list[Frame]) -> list[Detections]:
    """Track by handing in what was found last."""
    out, tracked = [], np.zeros((0, 4), np.float32)
    for each in frames:
        found = detector.detect(each, Hints(tracked=tracked))
        out.append(found)
        tracked = found.boxes
    return out


@pytest.mark.parametrize("height", [60, 120, 380])
def test_walkers_of_any_height_are_found_and_looked_at_in_a_good_size(height: int) -> None:
    network = Sees()
    detector = RegionDetector(CARD, network)
    frames = [scene(n / 5) for n in range(20)]
    frames += [scene(4 + n / 5, (200 + 15 * n, 800, height)) for n in range(30)]
    found = run(detector, frames)
    assert not any(len(each) for each in found[:20])
    for number, each in enumerate(found[28:], 8):
        assert len(each) == 1, number
        np.testing.assert_allclose(
            each.boxes[0], boxes_of((200 + 15 * number, 800, height))[0], atol=0.06 * height
        )
    shares = np.array(network.seen[-15:]) / 60
    assert 0.2 < np.median(shares) < 0.5


def test_who_stands_still_is_kept_by_the_tracker() -> None:
    detector = RegionDetector(CARD, Sees())
    frames = [scene(n / 5) for n in range(10)]
    frames += [scene(2 + n / 5, (min(300 + 20 * n, 600), 700, 150)) for n in range(80)]
    found = run(detector, frames)
    assert all(len(each) == 1 for each in found[-60:])


def test_who_stood_there_from_the_start_is_found_by_the_sweep() -> None:
    detector = RegionDetector(CARD, Sees())
    people = ((300, 400, 150), (900, 850, 150))
    found = run(detector, [scene(n / 5, *people) for n in range(130)])
    assert len(found[-1]) == 2


def test_an_empty_scene_costs_a_look_now_and_then() -> None:
    detector = RegionDetector(CARD, Sees())
    run(detector, [scene(n / 5) for n in range(10)])
    before = detector.looked
    run(detector, [scene(2 + n / 5) for n in range(100)])
    assert detector.looked - before <= 22, "one square of the sweep a second"


def test_a_crowd_costs_no_more_than_the_cap_and_all_are_seen_in_turn() -> None:
    detector = RegionDetector(CARD, Sees(), settings=RegionSettings(most=3, sweep_s=1e9))
    people = tuple((100 + 110 * n, 300 + 250 * (n % 3), 70) for n in range(10))
    detector.detect(scene(0.0), Hints())
    found = []
    for n in range(1, 8):
        before = detector.looked
        found.append(detector.detect(scene(n / 5, *people), Hints(tracked=boxes_of(*people))))
        assert detector.looked - before <= 3
    seen = {round(float(x)) for each in found for x in (each.boxes[:, 0] + each.boxes[:, 2]) / 2}
    assert all(any(abs(x - want) < 12 for x in seen) for want, _, _ in people)


def test_a_crowd_gets_larger_squares_before_people_take_turns() -> None:
    detector = RegionDetector(CARD, Sees(), settings=RegionSettings(most=8, sweep_s=1e9))
    people = tuple((90.0 + 125 * (n % 9), 170.0 + 160 * (n // 9), 80.0) for n in range(45))
    detector.detect(scene(0.0), Hints())
    before = detector.looked
    found = detector.detect(scene(0.2, *people), Hints(tracked=boxes_of(*people)))
    assert detector.looked - before <= 8 and len(found) >= 30


def test_a_flag_is_looked_at_less_and_less() -> None:
    detector = RegionDetector(CARD, Sees(), settings=RegionSettings(sweep_s=1e9))
    counts = []
    for n in range(120):
        frame = scene(n / 10)
        frame.image[100:140, 300:330] = 40 + 60 * (n % 2)  # moves, shows nobody
        before = detector.looked
        detector.detect(frame, Hints())
        counts.append(detector.looked - before)
    assert sum(counts[60:]) <= 10


def test_people_beside_each_other_are_not_cut_or_counted_twice() -> None:
    detector = RegionDetector(CARD, Sees())
    row = [(120.0 + 90 * n, 700.0, 150.0) for n in range(11)]
    moved = [[(x + 6 * n, foot, tall) for x, foot, tall in row] for n in range(12)]
    found = run(
        detector, [scene(n / 5) for n in range(5)] + [scene(1 + n / 5, *each) for n, each in enumerate(moved)]
    )
    assert len(found[-1]) == 11


def test_working_size_is_the_source_up_to_a_limit() -> None:
    detector = RegionDetector(CARD, Sees())
    assert detector.working_size(Size(768, 576)) == Size(768, 576)
    assert detector.working_size(Size(3840, 2160)) == Size(1920, 1080)


def test_people_very_near_are_seen_among_grey_and_without_it() -> None:
    network = Sees()
    detector = RegionDetector(CARD, network)
    frames = [scene(n / 5) for n in range(5)] + [
        scene(1 + n / 5, (200 + 20 * n, 880, 800)) for n in range(20)
    ]
    found = run(detector, frames)
    assert [len(each) for each in found[12:]] == [1] * 13
    np.testing.assert_allclose(found[-1].boxes[0], boxes_of((580, 880, 800))[0], atol=60)


@given(
    people=st.lists(
        st.tuples(st.floats(0, 1200), st.floats(20, 900), st.floats(20, 800)), min_size=1, max_size=14
    )
)
@settings(max_examples=40, deadline=None)
def test_every_person_is_in_a_square_moved_into_the_picture(people: list[tuple[float, float, float]]) -> None:
    boxes = np.clip(boxes_of(*people), 0, [1200, 900, 1200, 900]).astype(np.float32)
    heights = np.array([tall for _, _, tall in people], np.float32)
    squares = covered(boxes, heights, SOURCE, CoverSettings())
    members = sorted(member for square in squares for member in square.members)
    assert members == list(range(len(people)))
    for square in squares:
        for low, high, limit in ((square.x1, square.x2, 1200), (square.y1, square.y2, 900)):
            if high - low <= limit:
                assert -0.01 <= low < high <= limit + 0.01
            else:  # nearer than three heights: around the picture's middle
                assert low + high == pytest.approx(limit)
        for member in square.members:
            x1, y1, x2, y2 = boxes[member].tolist()
            assert square.x1 <= x1 + 1 and square.y1 <= y1 + 1 and square.x2 >= x2 - 1 and square.y2 >= y2 - 1


def test_heights_follow_the_rows_and_forgive_wrong_boxes() -> None:
    heights, rng = Heights(), np.random.default_rng(2)
    assert heights.at(500) is None
    for _ in range(60):
        feet = rng.uniform(200, 850, 4)
        people = [(300 * n + 150.0, foot, 40 + 0.2 * foot) for n, foot in enumerate(feet)]
        boxes = boxes_of(*people)
        if rng.uniform() < 0.2:
            boxes[0, 1] += 60  # half a person
        heights.learn(Detections(boxes, np.full(4, 0.9, np.float32)), SOURCE)
    for foot in (250, 500, 800):
        assert heights.at(foot) == pytest.approx(40 + 0.2 * foot, rel=0.1)


@pytest.mark.parametrize(
    ("row", "anchor"),
    [  # middle y, middle x, height, width as TensorFlow's generator makes them for 300 x 300
        (0, (7.895, 7.895, 30.0, 30.0)),
        (1, (7.895, 7.895, 42.426, 84.853)),
        (2, (7.895, 7.895, 84.853, 42.426)),
        (3, (7.895, 23.684, 30.0, 30.0)),
        (1083, (15.0, 15.0, 105.0, 105.0)),
        (1914, (150.0, 150.0, 164.545, 493.635)),
    ],
)
def test_anchors_are_those_the_network_was_trained_with(row: int, anchor: tuple[float, ...]) -> None:
    from khcn.engines.vision.detect.ssdlite import anchors

    made = anchors(Size(300, 300))
    assert made.shape == (1917, 4)
    np.testing.assert_allclose(made[row], anchor, atol=0.1)


def test_the_packaged_network_runs_and_sees_nobody_on_a_wall(packaged: ModelEntry) -> None:
    network = loader_for("openvino")(packaged.card, packaged.main, RunOptions(Size(300, 300)))
    outputs = network.infer(np.full((300, 300, 3), 128, np.uint8))
    assert outputs["encodings"].shape == (1, 1917, 4) and outputs["scores"].shape == (1, 1917)
    assert outputs["scores"].min() >= 0 and outputs["scores"].max() < 0.3
