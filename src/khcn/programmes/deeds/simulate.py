"""``khcn programmes simulate --seed 7 --json``: a made-up year of a district, its indicators beside direct counts."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.programmes.simulation import Year
from khcn.programmes.simulation.run import simulate


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same year")
    parser.add_argument("--year", type=int, default=2025, help="the year that is simulated")
    parser.add_argument("--sessions", type=int, default=600)
    parser.add_argument("--registrations", type=int, default=20_000)
    parser.add_argument("--contests", type=int, default=6)
    parser.add_argument("--force", action="store_true", help="even where there is real data")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    names = ("seed", "year", "sessions", "registrations", "contests")
    done = simulate(
        size=Year(**{name: options[name] for name in names}), force=options["force"], say=err.write
    )
    if options["json"]:
        out.write(json.dumps(done, ensure_ascii=False, sort_keys=True))
    else:
        for key, one in done["indicators"].items():
            sign = "=" if one["equal"] else "≠"
            out.write(f"{key:<28} {one['value']!s:>14} {sign} {one['direct']!s}")
        out.write(_("%(programmes)s chương trình mô phỏng.") % {"programmes": done["programmes"]})
    if not done["equal"]:
        err.write(_("Có chỉ tiêu không khớp với số đếm trực tiếp."))
        sys.exit(1)


DEED = Deed("simulate", "a made-up year: every indicator beside a direct count", _add, _run)
