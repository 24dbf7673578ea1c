"""Tiny networks that behave as detectors: dark pictures show nobody, bright ones the people written into them.

The one input is averaged; ``output = bias + gain * mean`` shows at once whether size, colour order and scale of the
input arrive as the card says.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset8 as ops

PERSON = [0.0, 1.0, 0.9, 0.25, 0.25, 0.5, 0.75]  # picture, label, score, x1 y1 x2 y2
OTHER = [0.0, 2.0, 0.8, 0.5, 0.5, 0.75, 1.0]
END = [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def save_ssd(
    folder: Path,
    name: str,
    *,
    size: tuple[int, int] = (64, 32),
    channel: int | None = None,
    shape: object = None,
) -> Path:
    """Write an IR of OMZ's kind: (1, 1, 3, 7), the score of PERSON is 0.9 times the mean of the input over 255."""
    width, height = size
    picture = ops.parameter(shape or [1, 3, height, width], np.float32, name="data")
    seen = picture if channel is None else ops.gather(picture, np.int64([channel]), np.int64(1))
    mean = ops.reduce_mean(seen, np.int64([0, 1, 2, 3]), keep_dims=True)
    bias = np.array([PERSON, OTHER, END], np.float32)[None, None]
    gain = np.zeros_like(bias)
    gain[0, 0, 0, 2] = 0.9 / 255
    bias[0, 0, 0, 2] = 0
    out = ops.add(ops.multiply(mean, ops.constant(gain)), ops.constant(bias))
    out.output(0).get_tensor().set_names({"detection_out"})
    return _save(ov.Model([ops.result(out)], [picture], name), folder, name)


def save_boxes(folder: Path, name: str) -> Path:
    """Write an IR with "boxes" (2, 5) in input pixels and "labels" (2,)."""
    picture = ops.parameter([1, 3, 32, 64], np.float32, name="image")
    mean = ops.reduce_mean(picture, np.int64([0, 1, 2, 3]), keep_dims=False)
    rows = np.array([[8, 4, 16, 28, 0.8], [0, 0, 4, 8, 0.7]], np.float32)
    boxes = ops.add(ops.multiply(mean, ops.constant(np.zeros((2, 5), np.float32))), ops.constant(rows))
    labels = ops.constant(np.array([0, 1], np.int64))
    boxes.output(0).get_tensor().set_names({"boxes"})
    labels.output(0).get_tensor().set_names({"labels"})
    return _save(ov.Model([ops.result(boxes), ops.result(labels)], [picture], name), folder, name)


def save_other(folder: Path, name: str, output: Sequence[int], *, inputs: int = 1) -> Path:
    """Write an IR whose output has a shape of no detector, or that has several inputs."""
    pictures = [ops.parameter([1, 3, 32, 64], np.float32, name=f"in{n}") for n in range(inputs)]
    total = ops.reduce_mean(pictures[0], np.int64([0, 1, 2, 3]), keep_dims=False)
    for each in pictures[1:]:
        total = ops.add(total, ops.reduce_mean(each, np.int64([0, 1, 2, 3]), keep_dims=False))
    out = ops.add(ops.constant(np.zeros(tuple(output), np.float32)), total)
    return _save(ov.Model([ops.result(out)], pictures, name), folder, name)


def _save(model: ov.Model, folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.xml"
    ov.save_model(model, path, compress_to_fp16=False)
    return path


# -- ONNX, written byte by byte: the project does not depend on the onnx package ---------------------------------


def yolox_rows(classes: int = 80) -> np.ndarray:
    """Return raw rows of a 32 x 32 input (21 cells): one person of 8 x 16 pixels in the middle of cell (1, 1)."""
    rows = np.zeros((1, 21, 5 + classes), np.float32)
    rows[0, :, 4] = 0.0
    rows[0, 5, :4] = [0.5, 0.5, np.log(1.0), np.log(2.0)]  # stride 8: middle (12, 12), 8 x 16
    rows[0, 5, 5] = 1.0
    return rows


def save_yolox(path: Path, *, classes: int = 80, licence: str = "", side: int = 32) -> Path:
    """Write an ONNX of YOLOX's kind; objectness of the one person = mean of the input over 255."""
    bias = yolox_rows(classes)
    gain = np.zeros_like(bias)
    gain[0, 5, 4] = 1 / 255
    nodes = [
        _node("ReduceMean", ["images"], ["mean"], {"axes": [1, 2, 3], "keepdims": 0}),
        _node("Mul", ["mean", "gain"], ["scaled"]),
        _node("Add", ["scaled", "bias"], ["output"]),
    ]
    graph = b"".join(_bytes(1, node) for node in nodes)
    graph += _bytes(2, b"tiny") + _bytes(5, _tensor("gain", gain)) + _bytes(5, _tensor("bias", bias))
    graph += _bytes(11, _value("images", (1, 3, side, side))) + _bytes(12, _value("output", bias.shape))
    model = _int(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, b"") + _int(2, 13))
    if licence:
        model += _bytes(14, _bytes(1, b"license") + _bytes(2, licence.encode()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    return path


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _node(kind: str, inputs: list[str], outputs: list[str], attributes: dict | None = None) -> bytes:
    out = b"".join(_bytes(1, each.encode()) for each in inputs) + b"".join(
        _bytes(2, each.encode()) for each in outputs
    )
    out += _bytes(4, kind.encode())
    for name, value in (attributes or {}).items():
        body = _bytes(1, name.encode())
        if isinstance(value, list):
            body += b"".join(_int(8, each) for each in value) + _int(20, 7)
        else:
            body += _int(3, value) + _int(20, 2)
        out += _bytes(5, body)
    return out


def _tensor(name: str, array: np.ndarray) -> bytes:
    dims = b"".join(_int(1, side) for side in array.shape)
    return dims + _int(2, 1) + _bytes(8, name.encode()) + _bytes(9, array.astype("<f4").tobytes())


def _value(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(_bytes(1, _int(1, side)) for side in shape)
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _int(1, 1) + _bytes(2, dims)))


def picture(width: int, height: int, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """Return a picture of one colour (blue, green, red)."""
    return np.full((height, width, 3), colour, np.uint8)
