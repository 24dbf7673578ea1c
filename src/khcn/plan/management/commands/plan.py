"""``khcn plan import | status | simulate ...``: one module of :mod:`khcn.plan.deeds` a deed; see ``docs/contract.md``."""

from khcn.core.deeds import DeedCommand
from khcn.core.errors import KhcnError
from khcn.plan import deeds
from khcn.plan.errors import RowsError


class Command(DeedCommand):
    """The plan from the command line."""

    help = "import | status | ...: plans and how they stand"
    package = deeds

    def lines_of(self, error: KhcnError) -> list[str]:
        """Return each faulty row that the sentence does not name."""
        if not isinstance(error, RowsError):
            return []
        more = [one for one in error.faults if one.message not in error.message]
        return [f"{one.where} {one.item}: {one.message}".lstrip(" :") for one in more]
