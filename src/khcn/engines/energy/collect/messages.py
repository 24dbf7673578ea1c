"""Sentences about the collector at a site, by code."""

from typing import Final

COLLECTING: Final[dict[str, str]] = {}
