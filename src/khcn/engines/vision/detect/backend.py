"""The small Protocol behind which networks run, and the choice of what runs them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from khcn.engines.vision.detect.cards import ModelCard
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Image, Size

OPENVINO, ONNXRUNTIME = "openvino", "onnxruntime"
BACKENDS = (OPENVINO, ONNXRUNTIME)
Outputs = dict[str, NDArray[Any]]


class Network(Protocol):
    """A loaded network. One instance belongs to one thread."""

    @property
    def size(self) -> Size:
        """The size that :meth:`infer` expects."""
        ...

    def infer(self, image: Image) -> Outputs:
        """Run one BGR picture (height, width, 3) uint8 of :attr:`size`; return the raw outputs by name."""
        ...


class Loader(Protocol):
    """Loads a network from its main file."""

    def __call__(self, card: ModelCard, file: Path, options: "RunOptions") -> Network: ...


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run: input size, threads, device, and a folder for compiled networks (none by default)."""

    size: Size
    threads: int = 1
    device: str = "CPU"
    cache: Path | None = None


def loader_for(backend: str) -> Loader:
    """Return the loader called ``backend``.

    Raises:
        ModelError: the library is not installed, or there is no such backend.
    """
    try:
        if backend == OPENVINO:
            from khcn.engines.vision.detect.openvino_backend import load  # noqa: PLC0415  # optional extra

            return load
        if backend == ONNXRUNTIME:
            from khcn.engines.vision.detect.onnx_backend import load as load_onnx  # noqa: PLC0415  # optional extra

            return load_onnx
    except ImportError as error:
        raise ModelError("model-backend", backend=backend) from error
    raise ModelError("model-backend", backend=backend)


def why(error: BaseException) -> str:
    """Return the last telling line of a library's error, short enough for a sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__)[:160]
