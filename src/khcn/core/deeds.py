"""Commands made of deeds: ``khcn plan status``, ``khcn library import``. One module of a package is one subcommand.

A room makes a package ``deeds`` (each module with a ``DEED``) and a management command that subclasses
:class:`DeedCommand`. So areas of a room add subcommands without touching one another's files.
"""

import importlib
import pkgutil
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from khcn.core.errors import KhcnError
from khcn.core.prepare import ensure_ready


class Out(Protocol):
    """Where a deed writes: Django's wrapped standard output or error."""

    def write(self, msg: str = "", /) -> Any:
        """Write one line."""


@dataclass(frozen=True)
class Deed:
    """One subcommand. ``add`` takes its own options (``--json`` is there for all); ``run(options, out, err)``."""

    name: str
    help: str
    add: Callable[[ArgumentParser], None]
    run: Callable[[Mapping[str, Any], Out, Out], None]


def found_deeds(package: ModuleType) -> dict[str, Deed]:
    """Return the deeds by name: every module of the package that has one."""
    modules = (
        importlib.import_module(f"{package.__name__}.{one.name}")
        for one in pkgutil.iter_modules(package.__path__)
    )
    return {deed.name: deed for module in modules if (deed := getattr(module, "DEED", None)) is not None}


class DeedCommand(BaseCommand):
    """A command whose subcommands are the deeds of ``package``; a fault ends it with exit code ``fails_with``."""

    package: ModuleType
    fails_with: int = 2
    requires_system_checks: list[str] = []  # the checks cost half a second; `khcn doctor` runs them

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the deed and its options."""
        subparsers = parser.add_subparsers(dest="deed", required=True)
        for name, deed in sorted(found_deeds(self.package).items()):
            own = subparsers.add_parser(name, help=deed.help)
            deed.add(own)
            own.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one deed; an error for people goes to standard error, each fault on a line of its own."""
        deed = found_deeds(self.package)[options["deed"]]
        try:
            ensure_ready()
            deed.run(options, self.stdout, self.stderr)
        except KhcnError as error:
            self.fail(error.message, self.lines_of(error))
        except OSError as error:
            self.fail(
                _("Không đọc hoặc ghi được %(file)s: %(why)s. Hãy kiểm tra đường dẫn và quyền đọc.")
                % {"file": error.filename, "why": error.strerror}
            )

    def lines_of(self, error: KhcnError) -> list[str]:
        """Return what an error says besides its sentence, a line each; a room's own errors may have such lines."""
        return []

    def fail(self, message: str, lines: list[str] | None = None) -> None:
        """Say what went wrong and end the command."""
        for line in [message, *(lines or [])]:
            self.stderr.write(line, self.style.NOTICE)
        raise SystemExit(self.fails_with)
