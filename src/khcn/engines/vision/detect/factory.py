"""From a name to a detector that runs."""

from pathlib import Path

from khcn.engines.vision.detect.backend import RunOptions, loader_for
from khcn.engines.vision.detect.cards import ModelCard
from khcn.engines.vision.detect.regions import RegionDetector
from khcn.engines.vision.detect.store import ModelEntry, ModelStore
from khcn.engines.vision.detect.whole import WholeFrameDetector
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Size


def make_detector(
    store: ModelStore,
    name: str | None,
    *,
    size: Size | None = None,
    threads: int = 1,
    device: str = "CPU",
    backend: str | None = None,
    cache: Path | None = None,
) -> WholeFrameDetector | RegionDetector:
    """Load a model of the store for one camera; ``name`` None: the packaged one.

    ``size``: network input, one of the card's sizes. ``backend``: "openvino" or "onnxruntime" (default: the model's).

    Raises:
        ModelError: the model is missing or broken, the size is not offered, or what runs it is not installed.
    """
    entry = store.default(name)
    options = RunOptions(chosen_size(entry.card, size), threads, device, cache)
    network = loader_for(backend or entry.backend)(entry.card, _present(entry), options)
    kind = RegionDetector if entry.card.regions else WholeFrameDetector
    return kind(entry.card, network, name=entry.name)


def chosen_size(card: ModelCard, size: Size | None) -> Size:
    """Return the input size to use. Raises ModelError when ``size`` is not one of the card's."""
    found = card.size_for(size)
    if found is None:
        offered = ", ".join(f"{each.width} x {each.height}" for each in card.sizes)
        raise ModelError(
            "model-size",
            name=card.name,
            width=size.width if size else 0,
            height=size.height if size else 0,
            offered=offered,
        )
    return found


def _present(entry: ModelEntry) -> Path:
    """Return the main file when all files are there (checksums are looked at by ``models check``)."""
    for file in entry.files:
        path = entry.folder / file.path
        if not path.is_file() or path.stat().st_size != file.size:
            raise ModelError("model-changed", name=entry.name, file=path.name)
    return entry.main
