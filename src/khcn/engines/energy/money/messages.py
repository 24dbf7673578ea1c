"""Sentences about prices and bills, by code."""

from typing import Final

MONEY: Final[dict[str, str]] = {}
