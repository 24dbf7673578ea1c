"""What can go wrong at a camera, a recording or a model, by code; :mod:`.messages` holds the sentences."""

from typing import Any


class VisionError(Exception):
    """A recording, stream, layout or model that cannot be used. ``code`` and ``params`` choose the sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        from khcn.engines.vision.messages import sentence  # noqa: PLC0415  # messages know every code

        return sentence(self.code, self.params)


class LayoutError(VisionError):
    """Gates and zones that cannot be measured."""


class SourceError(VisionError):
    """A recording or stream that gives no pictures."""


class ModelError(VisionError):
    """A model that is missing, broken, or not what its card says."""
