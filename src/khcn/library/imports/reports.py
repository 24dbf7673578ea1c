"""What an import tells the one who started it: the JSON of the contract, and what goes beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Progress = Callable[[int, int, str], None]
"""Called with (done, total, what)."""


@dataclass(slots=True)
class ImportReport:
    """Counts of works, the places that failed, and for files the fate of each.

    ``failed`` holds ``{"line", "error"}`` or ``{"file", "error"}``; ``warnings`` the same with ``"warning"``.
    """

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: list[dict[str, Any]] = field(default_factory=list)
    items: list[dict[str, Any]] | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False

    @property
    def useless(self) -> bool:
        """Whether the import as a whole failed: it had to stop, or something failed and nothing is held."""
        return self.stopped or (bool(self.failed) and not (self.imported or self.updated or self.unchanged))

    def add(self, other: "ImportReport") -> None:
        """Take in the report of another path of the same run."""
        self.imported += other.imported
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.failed += other.failed
        self.warnings += other.warnings
        self.stopped = self.stopped or other.stopped
        if other.items is not None:
            self.items = [*(self.items or []), *other.items]

    def as_json(self) -> dict[str, Any]:
        """Return the document that ``--json`` prints; ``warnings`` only when there are any."""
        document: dict[str, Any] = {
            "imported": self.imported,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
        }
        if self.items is not None:
            document["items"] = self.items
        if self.warnings:
            document["warnings"] = self.warnings
        return document
