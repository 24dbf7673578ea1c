"""Sentences about planning a roof, by code."""

from typing import Final

PLANNING: Final[dict[str, str]] = {}
