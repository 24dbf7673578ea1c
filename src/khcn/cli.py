"""The ``khcn`` command: every management command of the product, from any folder."""

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command. Bad settings are reported in one line each, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    arguments = ["khcn", *(sys.argv[1:] if argv is None else argv)]
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        if arguments[1:2] == ["markets"]:
            _count(arguments[2:])
        if arguments[1:2] == ["energy"]:
            _reckon(arguments[2:])
        if arguments[1:2] == ["document"]:
            _judge(arguments[2:])
        from django.core.management import execute_from_command_line  # noqa: PLC0415  # after the settings are named

        execute_from_command_line(arguments)
    except ValidationError as error:
        for fault in error.errors():
            name = "KHCN_" + "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{name}: {fault['msg']} (giá trị: {fault['input']!r})\n")
        sys.exit(2)


def _count(arguments: Sequence[str]) -> None:
    """Run a deed of the vision and flow engines and leave, without loading the web site; return for any other."""
    from khcn.markets.counting import DEEDS  # noqa: PLC0415  # only for this command
    from khcn.markets.counting import main as counting  # noqa: PLC0415

    if arguments and arguments[0] in DEEDS:
        from khcn.config.env import Env  # noqa: PLC0415

        sys.exit(counting(arguments, data_dir=Env().data_dir))


def _reckon(arguments: Sequence[str]) -> None:
    """Run a deed of the energy engine and leave, without loading the web site; return for any other."""
    from khcn.energy.deeds.main import DEEDS  # noqa: PLC0415  # only for this command
    from khcn.energy.deeds.main import main as reckoning  # noqa: PLC0415

    if arguments and arguments[0] in DEEDS:
        sys.exit(reckoning(arguments))


def _judge(arguments: Sequence[str]) -> None:
    """Run a deed of the document engine and leave, without loading the web site; return for any other."""
    from khcn.core.papers.command import DEEDS  # noqa: PLC0415  # only for this command
    from khcn.core.papers.command import main as judging  # noqa: PLC0415

    if arguments and arguments[0] in DEEDS:
        sys.exit(judging(arguments))


if __name__ == "__main__":
    main()
