"""Networks run by ONNX Runtime (ONNX files only)."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from khcn.engines.vision.detect.backend import Outputs, RunOptions, why
from khcn.engines.vision.detect.cards import ModelCard
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Image, Size


class OnnxNetwork:
    """A session of ONNX Runtime with the card's conversion before it."""

    def __init__(self, session: Any, card: ModelCard, size: Size) -> None:
        self._session, self._card, self._size = session, card, size
        self._input = session.get_inputs()[0].name
        self._bytes = session.get_inputs()[0].type == "tensor(uint8)"
        self._names = [output.name for output in session.get_outputs()]
        self._mean = np.array(card.mean, np.float32) if card.mean else None
        self._scale = 1 / np.array(card.scale, np.float32) if card.scale else None

    @property
    def size(self) -> Size:
        """The size that :meth:`infer` expects."""
        return self._size

    def infer(self, image: Image) -> Outputs:
        """Run one BGR picture (height, width, 3) uint8."""
        picture: Any = image[:, :, ::-1] if self._card.colour == "rgb" else image
        if not self._bytes:
            picture = picture.astype(np.float32)
            if self._mean is not None:
                picture -= self._mean
            if self._scale is not None:
                picture *= self._scale
        if self._card.layout == "nchw":
            picture = picture.transpose(2, 0, 1)
        found = self._session.run(self._names, {self._input: np.ascontiguousarray(picture)[None]})
        return dict(zip(self._names, found, strict=True))


def load(card: ModelCard, file: Path, options: RunOptions) -> OnnxNetwork:
    """Open a session on one CPU with ``options.threads`` threads.

    Raises:
        ModelError: not ONNX, broken, another device than CPU, or a fixed input of another size.
    """
    if file.suffix.lower() != ".onnx":
        raise ModelError("model-backend-format", backend="ONNX Runtime", file=file.name)
    if options.device.upper() != "CPU":
        raise ModelError("model-device", name=card.name, device=options.device, why="ONNX Runtime: CPU")
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(file), settings, providers=["CPUExecutionProvider"])
    except (
        Exception
    ) as error:  # ONNX Runtime raises a dozen classes of its own, all meaning: cannot be loaded
        raise ModelError("model-broken", name=card.name, why=why(error)) from error
    shape = session.get_inputs()[0].shape
    height, width = shape[2:4] if card.layout == "nchw" else shape[1:3]
    size = options.size
    if (isinstance(height, int) and height != size.height) or (
        isinstance(width, int) and width != size.width
    ):
        raise ModelError(
            "model-size",
            name=card.name,
            width=size.width,
            height=size.height,
            offered=f"{width} x {height}",
        )
    return OnnxNetwork(session, card, size)
