"""``khcn plan import | status | simulate ...``: one module of :mod:`khcn.plan.deeds` a deed; see ``docs/contract.md``."""

import importlib
import pkgutil
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready
from khcn.plan import deeds
from khcn.plan.deeds import Deed
from khcn.plan.errors import RowsError


def found_deeds() -> dict[str, Deed]:
    """Return the deeds by name: every module of the package that has one."""
    modules = (
        importlib.import_module(f"{deeds.__name__}.{one.name}")
        for one in pkgutil.iter_modules(deeds.__path__)
    )
    return {deed.name: deed for module in modules if (deed := getattr(module, "DEED", None)) is not None}


class Command(BaseCommand):
    """The plan from the command line."""

    help = "import | status | ...: plans and how they stand"
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        subparsers = parser.add_subparsers(dest="deed", required=True)
        for name, deed in sorted(found_deeds().items()):
            own = subparsers.add_parser(name, help=deed.help)
            deed.add(own)
            own.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people goes to standard error, each fault on a line of its own, exit code 2."""
        deed = found_deeds()[options["deed"]]
        try:
            ensure_ready()
            deed.run(options, self.stdout, self.stderr)
        except RowsError as error:
            more = [one for one in error.faults if one.message not in error.message]
            self._fail(error.message, [f"{one.where} {one.item}: {one.message}".lstrip(" :") for one in more])
        except KhcnError as error:
            self._fail(error.message)
        except OSError as error:
            self._fail(
                _("Không đọc hoặc ghi được %(file)s: %(why)s. Hãy kiểm tra đường dẫn và quyền đọc.")
                % {"file": error.filename, "why": error.strerror}
            )

    def _fail(self, message: str, lines: list[str] | None = None) -> None:
        for line in [message, *(lines or [])]:
            self.stderr.write(line, self.style.NOTICE)
        raise SystemExit(2)
