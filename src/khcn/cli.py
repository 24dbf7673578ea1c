"""The ``khcn`` command: every management command of the product, from any folder."""

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command. Bad settings are reported in one line each, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khcn.config.settings")
    arguments = ["khcn", *(sys.argv[1:] if argv is None else argv)]
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # after the settings are named
    from pydantic import ValidationError  # noqa: PLC0415

    try:
        execute_from_command_line(arguments)
    except ValidationError as error:
        for fault in error.errors():
            name = "KHCN_" + "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{name}: {fault['msg']} (giá trị: {fault['input']!r})\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
