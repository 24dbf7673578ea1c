"""What can be wrong with a recording or a camera, in sentences."""

from typing import Final

SOURCES: Final[dict[str, str]] = {}
