"""A name becomes a detector: both runtimes see the picture as the card says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from khcn.engines.vision.detect.add import models_add
from khcn.engines.vision.detect.backend import RunOptions, loader_for
from khcn.engines.vision.detect.cards import known_cards
from khcn.engines.vision.detect.factory import make_detector
from khcn.engines.vision.detect.probe import Answers
from khcn.engines.vision.detect.store import ModelStore
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Detector, Frame, Hints, Size
from tests.engines.vision.detect.builders import picture, save_ssd, save_yolox

SOURCE = Size(640, 320)


def look(detector: Detector, image: np.ndarray, source: Size = SOURCE) -> list[list[float]]:
    found = detector.detect(Frame(0.0, image, source), Hints())
    return [
        [*box, round(score, 3)]
        for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True)
    ]


@pytest.fixture
def ssd(store: ModelStore, tmp_path: Path) -> ModelStore:
    models_add(store, save_ssd(tmp_path / "in", "s", channel=0), "s", Answers(person=1))
    return store


@pytest.fixture
def yolox(store: ModelStore, tmp_path: Path) -> ModelStore:
    models_add(store, save_yolox(tmp_path / "y.onnx"), "y")
    return store


def test_boxes_come_back_in_source_pixels(ssd: ModelStore) -> None:
    detector = make_detector(ssd, "s")
    assert detector.name == "s" and detector.working_size(SOURCE) == Size(64, 32)
    assert look(detector, picture(64, 32)) == [[160, 80, 320, 240, 0.9]]
    assert look(detector, picture(64, 32, (0, 0, 0))) == []


def test_any_picture_size_will_do(ssd: ModelStore) -> None:
    detector = make_detector(ssd, "s")
    for size in ((640, 320), (64, 32), (37, 91), (1, 1)):
        assert look(detector, picture(*size)) == [[160, 80, 320, 240, 0.9]]


@pytest.mark.parametrize(("colour", "first"), [("bgr", 200), ("rgb", 50)])
def test_colour_order_is_the_cards(store: ModelStore, tmp_path: Path, colour: str, first: int) -> None:
    path = save_ssd(tmp_path / "in", "s", channel=0)
    models_add(store, path, "s", Answers(person=1, colour=colour))
    found = look(make_detector(store, "s"), picture(64, 32, (200, 100, 50)))
    assert found[0][4] == pytest.approx(0.9 * first / 255, abs=0.01)


def test_mean_and_scale_are_the_cards(store: ModelStore, tmp_path: Path) -> None:
    path = save_ssd(tmp_path / "in", "s", channel=0)
    models_add(store, path, "s", Answers(person=1, mean=(55.0,) * 3, scale=(2.0,) * 3))
    found = look(make_detector(store, "s"), picture(64, 32, (255, 255, 255)))
    assert found[0][4] == pytest.approx(0.9 * 100 / 255, abs=0.01)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_yolox_keeps_the_shape_of_the_picture(yolox: ModelStore, backend: str) -> None:
    detector = make_detector(yolox, "y", backend=backend)
    assert detector.working_size(SOURCE) == Size(32, 16)
    found = look(detector, picture(32, 16))
    grey = (16 * 255 + 16 * 114) / 32  # half of the input is padding
    assert found == [[160, 80, 320, 320, pytest.approx(grey / 255, abs=0.002)]]


def test_both_runtimes_agree(yolox: ModelStore) -> None:
    image = np.random.default_rng(3).integers(0, 255, (32, 32, 3), np.uint8)
    found = [
        look(make_detector(yolox, "y", backend=each), image, Size(32, 32))
        for each in ("openvino", "onnxruntime")
    ]
    np.testing.assert_allclose(found[0], found[1], atol=1e-3)


def test_a_known_card_offers_its_sizes(store: ModelStore, tmp_path: Path) -> None:
    path = save_ssd(tmp_path / "in", "x", size=(544, 320))
    models_add(store, path, "retail-0013")
    detector = make_detector(store, "retail-0013", size=Size(672, 384))
    assert detector.working_size(SOURCE) == Size(672, 384)
    assert look(detector, picture(672, 384)) == [[160, 80, 320, 240, 0.9]]
    with pytest.raises(ModelError, match="544 x 320, 672 x 384, 960 x 544"):
        make_detector(store, "retail-0013", size=Size(100, 100))


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"backend": "tensorflow"}, "model-backend"),
        ({"backend": "onnxruntime"}, "model-backend-format"),
        ({"device": "NPU"}, "model-device"),
        ({"size": Size(32, 32)}, "model-size"),
    ],
)
def test_what_cannot_run_says_why(ssd: ModelStore, options: dict, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        make_detector(ssd, "s", **options)
    assert caught.value.code == code and str(caught.value).endswith(".")


def test_a_fixed_onnx_says_its_size(tmp_path: Path) -> None:
    card = replace(known_cards()["yolox-nano"], sizes=(Size(64, 64),))
    with pytest.raises(ModelError, match="32 x 32"):
        loader_for("onnxruntime")(card, save_yolox(tmp_path / "m.onnx"), RunOptions(Size(64, 64)))


def test_a_file_cut_after_it_was_added(ssd: ModelStore) -> None:
    entry = ssd.get("s")
    entry.main.write_text(entry.main.read_text()[:100])
    with pytest.raises(ModelError) as caught:
        make_detector(ssd, "s")
    assert caught.value.code == "model-changed"


def test_outputs_stay_as_they_were_when_the_next_picture_comes(ssd: ModelStore) -> None:
    entry = ssd.get("s")
    network = loader_for("openvino")(entry.card, entry.main, RunOptions(Size(64, 32)))
    first = network.infer(picture(64, 32))
    before = {name: value.copy() for name, value in first.items()}
    network.infer(picture(64, 32, (0, 0, 0)))
    for name, value in first.items():
        np.testing.assert_array_equal(value, before[name])
