"""Raw outputs become boxes in input pixels."""

import numpy as np
import pytest

from khcn.engines.vision.detect.cards import Decoder, ModelCard
from khcn.engines.vision.detect.decode import decode, iou, suppress
from khcn.engines.vision.types import Size
from tests.engines.vision.detect.builders import END, OTHER, PERSON, yolox_rows


def card(decoder: Decoder, person: int | None) -> ModelCard:
    return ModelCard("m", "m", "MIT", decoder, (Size(64, 32),), person=person)


@pytest.mark.parametrize(("person", "count"), [(1, 1), (2, 1), (None, 2), (7, 0)])
def test_ssd_keeps_the_class_and_stops_at_the_end(person: int | None, count: int) -> None:
    after = [0.0, 1.0, 0.99, 0, 0, 1, 1]  # behind the end: left over from another picture
    rows = np.array([PERSON, OTHER, END, after], np.float32)[None, None]
    found = decode({"detection_out": rows}, card(Decoder.SSD, person), Size(64, 32), least=0.1)
    assert len(found) == count
    if person == 1:
        assert found.boxes.tolist() == [[16, 8, 32, 24]] and found.scores[0] == np.float32(0.9)


def test_least_score_counts() -> None:
    rows = np.array([PERSON, OTHER], np.float32)[None, None]
    assert len(decode({"o": rows}, card(Decoder.SSD, None), Size(64, 32), least=0.85)) == 1


def test_values_that_are_no_boxes_are_dropped() -> None:
    rows = np.array(
        [
            [0, 1, np.nan, 0, 0, 1, 1],
            [0, 1, 0.9, 0.5, 0.5, 0.5, 0.9],
            [0, 1, 0.9, 0.9, 0.1, 0.2, 0.9],
            [0, 1, 0.9, np.nan, 0, 1, 1],
            [0, 1, 5.0, -3, -3, 9, 9],
        ],
        np.float32,
    )
    found = decode({"o": rows[None, None]}, card(Decoder.SSD, 1), Size(64, 32), least=0.1)
    assert found.boxes.tolist() == [[0, 0, 64, 32]] and found.scores.tolist() == [1.0]


def test_yolox_cells_become_pixels() -> None:
    rows = yolox_rows()
    rows[0, 5, 4] = 0.8
    found = decode({"output": rows}, card(Decoder.YOLOX, 0), Size(32, 32), least=0.1)
    np.testing.assert_allclose(found.boxes, [[8, 4, 16, 20]], atol=1e-4)
    assert found.scores.tolist() == [np.float32(0.8)]
    assert len(decode({"output": rows}, card(Decoder.YOLOX, 3), Size(32, 32), least=0.1)) == 0


def test_yolox_rows_of_larger_strides_come_last() -> None:
    rows = np.zeros((1, 21, 85), np.float32)
    rows[0, 20, :6] = [0.5, 0.5, 0, 0, 1, 1]  # the one cell of stride 32
    found = decode({"output": rows}, card(Decoder.YOLOX, 0), Size(32, 32), least=0.1)
    assert found.boxes.tolist() == [[0, 0, 32, 32]]


def test_yolox_suppresses_what_overlaps() -> None:
    rows = yolox_rows()
    rows[0, 5, 4], rows[0, 6] = 0.8, rows[0, 5]
    rows[0, 6, :5] = [-0.4, 0.5, 0, np.log(2), 0.6]  # nearly the same box from the next cell
    assert decode({"output": rows}, card(Decoder.YOLOX, 0), Size(32, 32), least=0.1).scores.tolist() == [
        np.float32(0.8)
    ]


def test_tensorflow_boxes_turn_from_yx_to_xy() -> None:
    outputs = {
        "detection_boxes:0": np.array([[[0.25, 0.5, 1.0, 0.75], [0, 0, 1, 1]]], np.float32),
        "detection_scores:0": np.array([[0.7, 0.9]], np.float32),
        "detection_classes:0": np.array([[1, 3]], np.float32),
        "num_detections:0": np.array([2], np.float32),
    }
    found = decode(outputs, card(Decoder.TF_SSD, 1), Size(64, 32), least=0.1)
    assert found.boxes.tolist() == [[32, 8, 48, 32]]


def test_boxes_and_labels() -> None:
    outputs = {
        "boxes": np.array([[8, 4, 16, 28, 0.8], [0, 0, 4, 8, 0.7]], np.float32),
        "labels": np.array([0, 1], np.int64),
    }
    assert decode(outputs, card(Decoder.BOXES, 1), Size(64, 32), least=0.1).boxes.tolist() == [[0, 0, 4, 8]]
    assert len(decode(outputs, card(Decoder.BOXES, None), Size(64, 32), least=0.1)) == 2


def test_suppression_agrees_with_its_definition() -> None:
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 80, (60, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(5, 40, (60, 2))], axis=1).astype(np.float32)
    scores = rng.uniform(size=60).astype(np.float32)
    kept: list[int] = []
    for number in np.argsort(-scores):
        if all(iou(boxes[[number]], boxes[[other]])[0, 0] <= 0.4 for other in kept):
            kept.append(int(number))
    assert suppress(boxes, scores, 0.4).tolist() == kept
