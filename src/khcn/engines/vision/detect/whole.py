"""A detector that looks at the whole picture at once."""

import numpy as np

from khcn.engines.vision.detect.backend import Network
from khcn.engines.vision.detect.cards import Fit, ModelCard
from khcn.engines.vision.detect.decode import decode
from khcn.engines.vision.detect.pictures import inside, letterboxed, resize
from khcn.engines.vision.types import Detections, Frame, Hints, Image, Size

LEAST = 0.1  # weaker boxes are noise to any tracker


class WholeFrameDetector:
    """Runs a network on every frame. Boxes come back in source pixels, down to ``least`` (0.1)."""

    def __init__(self, card: ModelCard, network: Network, *, name: str = "", least: float = LEAST) -> None:
        self.card, self._network, self._name = card, network, name or card.name
        self._least = min(least, card.thresholds.low)

    @property
    def name(self) -> str:
        """The model's name as it was added."""
        return self._name

    def working_size(self, source: Size) -> Size:
        """Return the network's input size, or the part of it that a picture keeping its shape fills."""
        size = self._network.size
        return inside(source, size) if self.card.fit is Fit.LETTERBOX else size

    def detect(self, frame: Frame, hints: Hints) -> Detections:
        """Return the people in the frame."""
        size = self._network.size
        wanted = self.working_size(frame.source)
        found = decode(
            self._network.infer(self._fitted(frame.image, wanted)), self.card, size, least=self._least
        )
        scale = np.array(
            [frame.source.width / wanted.width, frame.source.height / wanted.height] * 2, np.float32
        )
        boxes = np.clip(found.boxes * scale, 0, [frame.source.width, frame.source.height] * 2)
        return Detections(boxes.astype(np.float32), found.scores)

    def _fitted(self, image: Image, wanted: Size) -> Image:
        if image.shape[:2] != (wanted.height, wanted.width):
            image = resize(image, wanted)
        return letterboxed(image, self._network.size)
