"""``khcn library import PATH...``: see ``docs/library-import.md``."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.library.imports.bar import ProgressBar
from khcn.library.services.imports import library_import


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files, folders, ZIP or JSONL files")
    parser.add_argument("--publish", action="store_true", help="make the works public at once")
    parser.add_argument("--collection", default="", help="name or key of a collection for all works")
    parser.add_argument("--unit", default="", help="key or name of the owning unit")
    parser.add_argument("--workers", type=int, default=0, help="files read at once (default: one per core)")
    parser.add_argument("--no-ocr", action="store_true", help="leave scanned pages without text")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    bar = ProgressBar()
    try:
        report = library_import(
            actor=None,
            paths=[Path(path) for path in options["paths"]],
            publish=options["publish"],
            now=timezone.now(),
            unit=options["unit"],
            collection=options["collection"],
            workers=options["workers"],
            ocr=not options["no_ocr"],
            progress=bar,
            say=err.write,
        )
    finally:
        bar.close()
    if options["json"]:
        out.write(json.dumps(report.as_json(), ensure_ascii=False))
    for problem in report.failed:
        place = problem.get("file") or _("dòng %(line)s") % {"line": problem.get("line")}
        err.write(f"{place}: {problem['error']}")
    counts = _(
        "Nhập mới %(imported)s, cập nhật %(updated)s, không đổi %(unchanged)s, lỗi %(failed)s; %(seconds)s giây."
    ) % {
        "imported": report.imported,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "failed": len(report.failed),
        "seconds": f"{report.seconds:.1f}".replace(".", ","),
    }
    (err if options["json"] else out).write(counts)
    if report.useless:
        raise SystemExit(1)


DEED = Deed("import", "bring in files, folders, ZIP or JSONL", _add, _run)
