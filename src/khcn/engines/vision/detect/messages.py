"""What can be wrong with a model, in sentences."""

from typing import Final

MODELS: Final[dict[str, str]] = {}
