"""What the plan refuses, with a sentence for the person. Refused rights: :class:`khcn.core.errors.PermissionDeniedError`."""

from collections.abc import Sequence
from dataclasses import dataclass

from khcn.core.errors import KhcnError


class PlanError(KhcnError):
    """Base of what the app ``plan`` refuses; ``code`` names the case."""

    code = "plan"
    status = 422


class StaleError(PlanError):
    """Somebody else was quicker: the thing is no longer as it was shown."""

    code = "stale"
    status = 409


@dataclass(frozen=True, slots=True)
class RowFault:
    """One wrong cell or line of what was handed in. ``where``: row or line as people count, ``item``: its column."""

    where: str
    item: str
    message: str


class RowsError(PlanError):
    """A file or list that cannot be taken in; nothing of it was. ``faults`` names row and field of everything wrong."""

    code = "rows"

    def __init__(self, message: str, faults: Sequence[RowFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)
