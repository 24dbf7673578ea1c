"""``khcn energy kpi | availability | faults | plan | sunspec | simulate | collect``: deeds that need no database.

``khcn`` runs them without loading the web site; the management command of the same name offers the same deeds. With
``--json`` standard output holds exactly one document; everything else goes to standard error, and a failure ends with
a sentence and a status of 1. A deed is a module of this folder with ``add(parser)`` (options) and ``run(options, err)``,
which returns ``(document, text, exit status)``.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from khcn.engines.energy.errors import EnergyError

# deed -> what it is for; its module has the same name
DEEDS: Final[dict[str, str]] = {
    "kpi": "energy, irradiation, performance ratio and completeness of a file, in all and by day",
    "availability": "availability and energy lost by day; outages told from communication gaps",
    "faults": "stale, interpolated, clipped and outlying rows, and time shifts, of one series",
    "plan": "yield, savings, payback and CO2 of a roof",
    "sunspec": "discover and read a SunSpec device",
    "simulate": "run a whole site of simulated devices",
    "collect": "collect the readings of a site's devices and send them to the centre",
}
Options = Mapping[str, Any]


def add_deeds(deeds: Any) -> None:
    """Add the parsers of all deeds to ``deeds`` (what ``add_subparsers`` returned)."""
    for name, text in DEEDS.items():
        parser = deeds.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        _module(name).add(parser)


def run_deed(options: Options, *, out: TextIO, err: TextIO) -> int:
    """Run the deed that ``options`` name; return the exit status."""
    try:
        document, text, status = _module(options["deed"]).run(options, err)
    except EnergyError as error:
        err.write(f"{error}\n")
        return 1
    except OSError as error:
        name = error.filename or "tệp"
        err.write(f"Không đọc hoặc ghi được {name}: {error.strerror}. Hãy kiểm tra đường dẫn và quyền.\n")
        return 1
    except ModuleNotFoundError as error:
        err.write(
            f"Máy này chưa cài phần năng lượng (thiếu {error.name}). Hãy cài khcn[energy] rồi chạy lại.\n"
        )
        return 1
    except KeyboardInterrupt:
        err.write("\nĐã dừng.\n")
        return 130
    out.write((json.dumps(document, ensure_ascii=False, allow_nan=False) if options["json"] else text) + "\n")
    out.flush()
    return int(status)


def add_table(parser: argparse.ArgumentParser) -> None:
    """Add the options of a deed that reads one table: ``--input`` and ``--spec``."""
    parser.add_argument(
        "--input", required=True, type=Path, metavar="FILE", help="CSV or XLSX file of samples"
    )
    parser.add_argument(
        "--spec", required=True, type=Path, metavar="SPEC.json", help="which column means what"
    )


def read_json(path: Path) -> dict[str, Any]:
    """Read a SPEC or MAP file: one JSON object. Raises SpecError (codes ``spec-json``, ``spec-object``), OSError."""
    from khcn.engines.energy.errors import SpecError  # noqa: PLC0415

    try:
        found = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # brackets within brackets, thousands deep
        raise SpecError("spec-json", name=path.name) from error
    if not isinstance(found, dict):
        raise SpecError("spec-object", name=path.name)
    return found


def main(argv: Sequence[str]) -> int:
    """Run ``khcn energy <deed> ...`` without Django; ``argv`` begins with the deed."""
    parser = argparse.ArgumentParser(prog="khcn energy")
    deeds = parser.add_subparsers(dest="deed", required=True)
    name = argv[0]
    one = deeds.add_parser(name, help=DEEDS[name])
    one.add_argument("--json", action="store_true", help="print one JSON document")
    _module(name).add(one)
    return run_deed(vars(parser.parse_args(argv)), out=sys.stdout, err=sys.stderr)


def _module(name: str) -> Any:
    return importlib.import_module(f"khcn.energy.deeds.{name}")
