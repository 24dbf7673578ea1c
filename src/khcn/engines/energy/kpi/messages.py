"""Sentences about key figures, by code."""

from typing import Final

KPIS: Final[dict[str, str]] = {}
