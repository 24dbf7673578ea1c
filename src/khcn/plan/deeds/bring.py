"""``khcn plan import FILE``: take a plan in from YAML, Word or Markdown."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.plan.services.plans_import import plan_import, plan_read


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="plan as .yaml, .docx or .md")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    now = timezone.now()
    path: Path = options["file"]
    plan = plan_read(name=path.name, data=path.read_bytes(), today=timezone.localdate(now))
    result = plan_import(actor=None, plan_file=plan, now=now)
    said = _(
        "Kế hoạch %(plan)s, bản %(version)s: %(tasks)s nhiệm vụ, %(units)s đơn vị, %(work_items)s việc; %(changed)s thay đổi."
    )
    line = said % {**result.as_json(), "plan": result.plan}
    if options["json"]:
        out.write(json.dumps(result.as_json(), ensure_ascii=False))
    (err if options["json"] else out).write(line)
    for one in result.anomalies:
        err.write(f"  {one['where']}: {one['issue']} ({one['handling']})")


DEED = Deed("import", "take a plan in: YAML, Word or Markdown", _add, _run)
