"""``khcn plan status --plan 82/KH-UBND --on 2021-06-03``: how every unit stands on a day."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import DateFormatError, date_vi, parse_date
from khcn.core.deeds import Deed, Out
from khcn.core.errors import NotFoundError
from khcn.plan.models import Plan
from khcn.plan.selectors.plans import current_version, plan_named
from khcn.plan.selectors.plans_status import plan_status


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except DateFormatError as error:
        raise ArgumentTypeError(error.message) from error


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("--plan", required=True, help="number of the plan (82/KH-UBND) or its key")
    parser.add_argument(
        "--on", type=_day, metavar="DAY", help="day to look at, 2021-06-03 or 3/6/2021; today if left out"
    )


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    plan = plan_named(options["plan"])
    version = current_version(plan) if plan else None
    if plan is None or version is None:
        known = ", ".join(str(one) for one in Plan.objects.order_by("-year", "full_number")[:10]) or _(
            "chưa có kế hoạch nào"
        )
        raise NotFoundError(
            _("Không có kế hoạch “%(plan)s”. Các kế hoạch đang có: %(known)s.")
            % {"plan": options["plan"], "known": known}
        )
    status = plan_status(version, options["on"] or timezone.localdate())
    found = status.as_json()
    if options["json"]:
        out.write(json.dumps(found, ensure_ascii=False))
        return
    out.write(
        _("Kế hoạch %(plan)s ngày %(on)s: %(work_items)s việc, xong %(done)s, trễ %(late)s")
        % {**found, "on": date_vi(status.on)}
    )
    for line in status.lines:
        out.write(
            _("  %(name)s: %(items)s việc, xong %(done)s, trễ %(late)s")
            % {"name": line.name, "items": line.items, "done": line.done, "late": line.late}
        )


DEED = Deed("status", "how every unit stands on a day", _add, _run)
