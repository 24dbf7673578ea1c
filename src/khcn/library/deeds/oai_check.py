"""``khcn library oai-check``: ask our own OAI-PMH what the public validator asks, before it is registered anywhere."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.library.exports.oai import base_url
from khcn.library.exports.oai_check import oai_check


def _add(parser: ArgumentParser) -> None:
    """Take no options of its own."""


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    found = oai_check(now=timezone.now())
    bad = [one for one in found if not one.good]
    if options["json"]:
        report = {"base_url": base_url(), "compliant": not bad, "checks": [asdict(one) for one in found]}
        out.write(json.dumps(report, ensure_ascii=False))
    for one in bad:
        err.write(f"{one.name}: {one.detail}")
    (err if options["json"] else out).write(
        _("%(address)s: đã kiểm tra %(checked)s điểm của OAI-PMH 2.0, %(faults)s điểm chưa đạt.")
        % {"address": base_url(), "checked": len(found), "faults": len(bad)}
    )
    if bad:
        raise SystemExit(1)


DEED = Deed("oai-check", "ask our own OAI-PMH what the public validator asks", _add, _run)
