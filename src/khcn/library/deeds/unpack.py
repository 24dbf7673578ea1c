"""``khcn library unpack FOLDER``: a pack into an empty library."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.library.imports.bar import ProgressBar
from khcn.library.search.changes import index_drain
from khcn.library.services.unpacking import library_unpack


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="a pack made by `khcn library pack`")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    bar = ProgressBar()
    try:
        report = library_unpack(actor=None, source=Path(options["folder"]), now=timezone.now(), told=bar)
        index_drain()
    finally:
        bar.close()
    if options["json"]:
        out.write(json.dumps(report.as_json(), ensure_ascii=False))
    (err if options["json"] else out).write(
        _("Đã nhập %(works)s tài liệu, %(files)s tệp gốc; tạo %(people)s tài khoản khóa, %(units)s đơn vị.")
        % {
            "works": report.rows.get("work", 0),
            "files": report.files,
            "people": len(report.people),
            "units": len(report.units),
        }
    )


DEED = Deed("unpack", "bring a pack into an empty library", _add, _run)
