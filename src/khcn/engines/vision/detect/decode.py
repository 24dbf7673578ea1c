"""Raw outputs of networks become boxes: one function for each way in which detectors speak.

All return boxes (n, 4) as x1 y1 x2 y2 in pixels of the network's input, and scores (n,).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from khcn.engines.vision.detect.cards import Decoder, ModelCard
from khcn.engines.vision.types import Detections, Floats, Size

STRIDES = (8, 16, 32)
MOST = 300  # boxes kept in a frame: more people than any model here separates
OVERLAP = 0.5  # of two boxes of one person in non-maximum suppression
Outputs = Mapping[str, NDArray[Any]]


def decode(outputs: Outputs, card: ModelCard, size: Size, *, least: float) -> Detections:
    """Return the people of one picture with scores of at least ``least``, in pixels of the input of ``size``."""
    match card.decoder:
        case Decoder.SSD:
            boxes, scores = _ssd(outputs, card.person, size, least)
        case Decoder.YOLOX:
            boxes, scores = _yolox(outputs, card.person, size, least)
        case Decoder.TF_SSD:
            boxes, scores = _tf_ssd(outputs, card.person, size, least)
        case Decoder.BOXES:
            boxes, scores = _boxes(outputs, card.person, least)
        case Decoder.SSDLITE_BODY:
            from khcn.engines.vision.detect.ssdlite import boxes_of  # noqa: PLC0415  # only this network needs it

            boxes, scores = boxes_of(outputs, size, least)
    return _sane(boxes, scores, size)


def _ssd(outputs: Outputs, person: int | None, size: Size, least: float) -> tuple[Floats, Floats]:
    rows = next(iter(outputs.values())).reshape(-1, 7)
    ends = np.flatnonzero(rows[:, 0] < 0)  # the list ends at a row for picture -1
    if len(ends):
        rows = rows[: ends[0]]
    keep = rows[:, 2] >= least
    if person is not None:
        keep &= np.rint(rows[:, 1]) == person
    return _scaled(rows[keep, 3:7], size), rows[keep, 2]


def _tf_ssd(outputs: Outputs, person: int | None, size: Size, least: float) -> tuple[Floats, Floats]:
    by_part = tf_parts(outputs)
    boxes, scores = by_part["boxes"].reshape(-1, 4), by_part["scores"].ravel()
    keep = scores >= least
    if person is not None:
        keep &= np.rint(by_part["classes"].ravel()) == person
    return _scaled(boxes[keep][:, [1, 0, 3, 2]], size), scores[keep]


def tf_parts(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Tell TensorFlow's outputs apart by the words in their names; empty where they are not these."""
    found = {}
    for part in ("boxes", "scores", "classes"):
        named = [value for name, value in outputs.items() if f"detection_{part}" in name]
        if len(named) != 1:
            return {}
        found[part] = named[0]
    return found


def _boxes(outputs: Outputs, person: int | None, least: float) -> tuple[Floats, Floats]:
    rows = next(value for value in outputs.values() if value.ndim >= 2 and value.shape[-1] == 5).reshape(
        -1, 5
    )
    keep = rows[:, 4] >= least
    labels = [value for value in outputs.values() if value.size == len(rows) and value.shape[-1] != 5]
    if person is not None and labels:
        keep &= np.rint(labels[0].ravel()) == person
    return rows[keep, :4], rows[keep, 4]


@lru_cache(maxsize=8)
def yolox_grid(size: Size) -> tuple[Floats, Floats]:
    """Return the corner (n, 2) and the stride (n, 1) of every cell, in the order of the network's rows."""
    corners, steps = [], []
    for stride in STRIDES:
        rows, columns = size.height // stride, size.width // stride
        ys, xs = np.mgrid[:rows, :columns]
        corners.append(np.stack([xs.ravel(), ys.ravel()], axis=1))
        steps.append(np.full((rows * columns, 1), stride))
    return np.concatenate(corners).astype(np.float32), np.concatenate(steps).astype(np.float32)


def _yolox(outputs: Outputs, person: int | None, size: Size, least: float) -> tuple[Floats, Floats]:
    rows = next(iter(outputs.values()))
    rows = rows.reshape(-1, rows.shape[-1])
    classes = rows[:, 5:] if person is None else rows[:, 5 + person : 6 + person]
    scores = rows[:, 4] * classes.max(axis=1)
    keep = np.flatnonzero(scores >= least)
    corners, steps = yolox_grid(size)
    middle = (rows[keep, :2] + corners[keep]) * steps[keep]
    half = np.exp(np.minimum(rows[keep, 2:4], 10)) * steps[keep] / 2
    boxes = np.concatenate([middle - half, middle + half], axis=1)
    chosen = suppress(boxes, scores[keep], OVERLAP)
    return boxes[chosen], scores[keep][chosen]


def suppress(boxes: Floats, scores: Floats, overlap: float) -> NDArray[np.intp]:
    """Return the indices kept by greedy non-maximum suppression, best first."""
    order = np.argsort(-scores, kind="stable")[:MOST]
    if len(order) < 2:
        return order
    shared = iou(boxes[order], boxes[order])
    alive = np.ones(len(order), bool)
    for number in range(len(order)):
        if alive[number]:
            alive[number + 1 :] &= shared[number, number + 1 :] <= overlap
    return order[alive]


def iou(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union of all pairs, (n, m)."""
    meet, areas, others = intersections(first, second)
    found: Floats = meet / np.maximum(areas[:, None] + others[None, :] - meet, 1e-6)
    return found


def intersections(first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the shared areas of all pairs (n, m), and the areas of both lists."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0)
    areas = np.prod(np.maximum(first[:, 2:] - first[:, :2], 0), axis=1)
    others = np.prod(np.maximum(second[:, 2:] - second[:, :2], 0), axis=1)
    return sides[..., 0] * sides[..., 1], areas, others


def _scaled(boxes: Floats, size: Size) -> Floats:
    return boxes * np.array([size.width, size.height, size.width, size.height], np.float32)


def _sane(boxes: Floats, scores: Floats, size: Size) -> Detections:
    """Cut boxes to the picture and drop those without an area or with values that are no numbers."""
    boxes = np.clip(np.asarray(boxes, np.float32).reshape(-1, 4), 0, [size.width, size.height] * 2)
    boxes = boxes.astype(np.float32)
    good = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]) & np.isfinite(scores)
    scores = np.clip(np.asarray(scores, np.float32), 0, 1)
    return Detections(boxes[good], scores[good])
