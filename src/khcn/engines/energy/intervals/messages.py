"""Sentences about turning registers into intervals, by code."""

from typing import Final

INTERVALS: Final[dict[str, str]] = {}
