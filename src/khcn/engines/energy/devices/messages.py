"""Sentences about meters, inverters and brokers, by code."""

from typing import Final

DEVICES: Final[dict[str, str]] = {}
