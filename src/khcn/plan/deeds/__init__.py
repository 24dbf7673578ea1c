"""Deeds of ``khcn plan``: a module here with a ``DEED`` is a subcommand."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


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
