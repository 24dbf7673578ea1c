"""``khcn library harvest``: read one source or all of them now, in this process."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from khcn.core.deeds import Deed, Out
from khcn.core.errors import KhcnError
from khcn.library.services.harvest_now import RunReport, harvest_now


def _add(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--source", default="", metavar="KEY", help="key of one source (default: all but paused ones)"
    )
    parser.add_argument("--full", action="store_true", help="read everything anew")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    reports = harvest_now(key=options["source"], full=options["full"], now=timezone.now(), told=err.write)
    if options["json"]:
        out.write(json.dumps({"runs": [one.as_json() for one in reports]}, ensure_ascii=False))
    else:
        for one in reports:
            out.write(f"{one.name}: {one.error or one.summary}")
    failed = [one for one in reports if one.error]
    if failed:
        raise KhcnError(_said(failed), code="harvest")


def _said(failed: list[RunReport]) -> str:
    return ngettext(
        "%(count)s nguồn chưa thu thập được: %(names)s.",
        "%(count)s nguồn chưa thu thập được: %(names)s.",
        len(failed),
    ) % {"count": len(failed), "names": ", ".join(one.key for one in failed)}


DEED = Deed("harvest", "read other repositories now", _add, _run)
