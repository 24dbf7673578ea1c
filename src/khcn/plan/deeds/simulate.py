"""``khcn plan simulate --units 168 --years 5 --seed 7``: fill an empty installation with a made-up city."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.plan.simulation import City
from khcn.plan.simulation.run import simulate


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("--units", type=int, default=168, help="reporting units")
    parser.add_argument("--years", type=int, default=5, help="yearly plans, two half-year reports each")
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same city")
    parser.add_argument("--last-year", type=int, help="the last of the years; this year if left out")
    parser.add_argument("--force", action="store_true", help="even where there is real data")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    now = timezone.now()
    last = options["last_year"] or timezone.localdate(now).year
    city = City(options["units"], options["years"], options["seed"], last)
    done = simulate(city=city, now=now, force=options["force"], say=err.write)
    if options["json"]:
        out.write(json.dumps(done, ensure_ascii=False))
        return
    said = _(
        "%(plans)s kế hoạch, %(work_items)s việc, %(reports)s báo cáo, %(money_entries)s bút toán; thêm %(changed)s năm trong %(seconds)s giây."
    )
    out.write(said % done)


DEED = Deed("simulate", "fill an empty installation with a made-up city", _add, _run)
