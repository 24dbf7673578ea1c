"""Networks run by OpenVINO (IR, ONNX and TensorFlow graphs)."""

import ctypes
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

from khcn.engines.vision.detect.backend import Outputs, RunOptions, why
from khcn.engines.vision.detect.cards import Decoder, ModelCard
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Image, Size


@cache
def core() -> Any:
    """Return the one runtime of this process."""
    return ov.Core()


class OpenVinoNetwork:
    """A compiled network with one inference request."""

    def __init__(self, compiled: Any, size: Size) -> None:
        self._size = size
        self._request = compiled.create_infer_request()
        self._names = [_name(port, number) for number, port in enumerate(compiled.outputs)]

    @property
    def size(self) -> Size:
        """The size that :meth:`infer` expects."""
        return self._size

    def infer(self, image: Image) -> Outputs:
        """Run one BGR picture; the arrays are copies and stay valid."""
        picture = np.ascontiguousarray(image)[None]
        found = self._request.infer({0: picture}, share_inputs=True, share_outputs=True)
        return {name: np.array(found[number]) for number, name in enumerate(self._names)}


def read(file: Path) -> Any:
    """Read a network without compiling it.

    Raises:
        ModelError: the file is broken.
    """
    try:
        return core().read_model(file)
    except RuntimeError as error:
        raise ModelError("model-broken", name=file.name, why=why(error)) from error


def load(card: ModelCard, file: Path, options: RunOptions) -> OpenVinoNetwork:
    """Read, reshape and compile a network for pictures of ``options.size``.

    Raises:
        ModelError: broken file, a size it cannot take, or a device that is not there.
    """
    model = _body(file, options.size) if card.decoder is Decoder.SSDLITE_BODY else read(file)
    try:
        compiled = core().compile_model(
            _prepared(model, card, options.size), options.device, _config(options)
        )
    except RuntimeError as error:
        if options.device.upper().split(".")[0] not in core().available_devices:
            raise ModelError("model-device", name=card.name, device=options.device, why=why(error)) from error
        raise ModelError("model-broken", name=card.name, why=why(error)) from error
    network = OpenVinoNetwork(compiled, options.size)
    del model, compiled
    _give_back()
    return network


def _body(file: Path, size: Size) -> Any:
    """Return the convolutional part of a TensorFlow graph; kept beside the file, as reading a graph takes seconds."""
    from khcn.engines.vision.detect.ssdlite import body  # noqa: PLC0415  # only this network needs it

    kept = file.with_name(f".body-{size.width}x{size.height}.xml")
    if kept.is_file():
        with suppress(ModelError):
            return read(kept)
    model = body(read(file), size)
    with (
        suppress(OSError, RuntimeError),
        tempfile.TemporaryDirectory(prefix=".body-", dir=file.parent) as work,
    ):
        made = Path(work) / kept.name
        ov.save_model(model, made, compress_to_fp16=False)
        for each in (made.with_suffix(".bin"), made):  # the description last: it says that both are there
            each.replace(kept.with_suffix(each.suffix))
    return model


def _give_back() -> None:
    """Return to the system what reading and compiling needed; each camera's process keeps some 20 MB less."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _config(options: RunOptions) -> dict[str, Any]:
    """One thread a network by default, not pinned: several cameras share a box and the system places them."""
    config: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
    if options.device.upper().startswith("CPU"):
        config |= {"INFERENCE_NUM_THREADS": options.threads, "ENABLE_CPU_PINNING": False, "NUM_STREAMS": 1}
    if options.cache:
        config["CACHE_DIR"] = str(options.cache)
    return config


def _prepared(model: Any, card: ModelCard, size: Size) -> Any:
    """Give the network an input of uint8 NHWC BGR; the conversion becomes part of the graph."""
    port = model.input(0)
    nchw = card.layout == "nchw"
    shape = [1, 3, size.height, size.width] if nchw else [1, size.height, size.width, 3]
    if port.partial_shape != ov.PartialShape(shape):
        model.reshape({port: shape})
    steps = PrePostProcessor(model)
    tensor = steps.input(0).tensor()
    tensor.set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    steps.input(0).model().set_layout(ov.Layout("NCHW" if nchw else "NHWC"))
    process = steps.input(0).preprocess()
    if card.colour == "rgb":
        process.convert_color(ColorFormat.RGB)
    if port.element_type != ov.Type.u8:
        process.convert_element_type(ov.Type.f32)
    if card.mean:
        process.mean(list(card.mean))
    if card.scale:
        process.scale(list(card.scale))
    return steps.build()


def _name(port: Any, number: int) -> str:
    names = sorted(port.names)
    return str(names[0]) if names else f"output{number}"
