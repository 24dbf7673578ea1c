"""The packaged SSDLite: only its convolutional body runs; anchors, decoding and suppression are here.

TensorFlow's graph resizes pictures in a loop and suppresses boxes in another; both cost more than the network itself.
Without them the body takes pictures of any size, and several pictures need no second copy of the weights.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset8 as ops

from khcn.engines.vision.detect.decode import OVERLAP, suppress
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Floats, Size

PICTURE = "Preprocessor/map/TensorArrayStack/TensorArrayGatherV3"  # after TensorFlow's own resizing
ENCODINGS, SCORES = "Squeeze", "Postprocessor/convert_scores"
TRAINED = 300  # side of the input the anchors were made for, pixels
SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)  # of TRAINED, one a layer
RATIOS = (1.0, 2.0, 0.5, 3.0, 1 / 3)
STEPS = (0.1, 0.1, 0.2, 0.2)  # encodings: y, x, height, width


def body(model: Any, size: Size) -> Any:
    """Return the convolutional part of the graph for one RGB picture (1, height, width, 3) of ``size``.

    Outputs: "encodings" (1, anchors, 4) and "scores" (1, anchors), from 0 to 1.

    Raises:
        ModelError: the graph is not this detector.
    """
    nodes = {node.get_friendly_name(): node for node in model.get_ops()}
    try:
        picture, encodings, scores = (nodes[name] for name in (PICTURE, ENCODINGS, SCORES))
    except KeyError as error:
        raise ModelError("model-not-card", name="packaged", why=f"{error}") from error
    entry = ops.parameter([1, size.height, size.width, 3], np.float32, name="picture")
    picture.output(0).replace(entry.output(0))
    person = ops.gather(scores, np.int64(1), np.int64(2))
    ends = [encodings.output(0), person.output(0)]
    for end, name in zip(ends, ("encodings", "scores"), strict=True):
        end.get_tensor().set_names({name})
    return ov.Model([ops.result(end) for end in ends], [entry], "ssdlite-body")


@lru_cache(maxsize=8)
def anchors(size: Size) -> Floats:
    """Return middle and sides (anchors, 4) as y, x, height, width in pixels of an input of ``size``."""
    rows: list[NDArray[np.float64]] = []
    height, width = size.height, size.width
    for layer in range(6):
        step = 16 if layer == 0 else 2 ** (layer + 4)
        down, across = -(-height // step), -(-width // step)
        sides = np.array(_shapes(layer)) * TRAINED
        ys = (np.arange(down) + 0.5) * (height / down)
        xs = (np.arange(across) + 0.5) * (width / across)
        middle = np.stack(np.meshgrid(ys, xs, indexing="ij"), axis=-1).reshape(-1, 1, 2)
        spread = np.broadcast_to(middle, (len(middle), len(sides), 2))
        shapes = np.broadcast_to(sides[None], (len(middle), len(sides), 2))
        rows.append(np.concatenate([spread, shapes], axis=2).reshape(-1, 4))
    return np.concatenate(rows).astype(np.float32)


def _shapes(layer: int) -> list[tuple[float, float]]:
    """Return height and width of a layer's anchors, as a share of TRAINED."""
    if layer == 0:
        return [(0.1, 0.1), *(_shape(SCALES[0], ratio) for ratio in (2.0, 0.5))]
    between = float(np.sqrt(SCALES[layer] * SCALES[layer + 1]))
    return [*(_shape(SCALES[layer], ratio) for ratio in RATIOS), (between, between)]


def _shape(scale: float, ratio: float) -> tuple[float, float]:
    root = float(np.sqrt(ratio))
    return scale / root, scale * root


def boxes_of(
    outputs: Mapping[str, NDArray[Any]], size: Size, least: float, overlap: float = OVERLAP
) -> tuple[Floats, Floats]:
    """Return boxes (n, 4) in input pixels and scores of the people in one picture, best first."""
    scores = outputs["scores"].ravel()
    keep = np.flatnonzero(scores >= least)
    at, code = anchors(size)[keep], outputs["encodings"].reshape(-1, 4)[keep] * np.array(STEPS, np.float32)
    middle = at[:, :2] + code[:, :2] * at[:, 2:]
    half = at[:, 2:] * np.exp(np.clip(code[:, 2:], -10, 10)) / 2
    corners = np.concatenate([middle - half, middle + half], axis=1)[:, [1, 0, 3, 2]]
    chosen = suppress(corners, scores[keep], overlap)
    return corners[chosen], scores[keep][chosen]
