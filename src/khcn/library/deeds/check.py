"""``khcn library check``: read every original and compare its hash."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.library.services.fixity import fixity_check_all


def _add(parser: ArgumentParser) -> None:
    """Take no options of its own."""


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    report = fixity_check_all(actor=None, now=timezone.now())
    if options["json"]:
        out.write(json.dumps(report.as_json(), ensure_ascii=False))
    for row in report.faults:
        err.write(f"{row.sha256}: {row.get_state_display()}")
    (err if options["json"] else out).write(
        _("Đã kiểm tra %(checked)s tệp gốc, %(faults)s tệp có lỗi.")
        % {"checked": report.checked, "faults": len(report.faults)}
    )
    if report.faults:
        raise SystemExit(1)


DEED = Deed("check", "read every original and compare its hash", _add, _run)
