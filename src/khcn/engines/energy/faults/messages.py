"""Sentences about faults found, by code."""

from typing import Final

FINDINGS: Final[dict[str, str]] = {}
