"""``khcn library pack FOLDER``: the whole library as BagIt bags."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.library.imports.bar import ProgressBar
from khcn.library.services.packing import library_pack


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a folder that does not exist yet")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    bar = ProgressBar()
    try:
        report = library_pack(actor=None, target=Path(options["folder"]), now=timezone.now(), told=bar)
    finally:
        bar.close()
    if options["json"]:
        out.write(json.dumps(report.as_json(), ensure_ascii=False))
    for fault in report.faults:
        err.write(f"{fault['sha256']}: {fault['why']}")
    (err if options["json"] else out).write(
        _("Đã đóng gói %(works)s tài liệu, %(files)s tệp gốc vào %(bags)s túi; %(faults)s tệp có lỗi.")
        % {
            "works": report.rows["work"],
            "files": report.files,
            "bags": len(report.bags),
            "faults": len(report.faults),
        }
    )
    if report.faults:
        raise SystemExit(1)


DEED = Deed("pack", "write the whole library into BagIt bags", _add, _run)
