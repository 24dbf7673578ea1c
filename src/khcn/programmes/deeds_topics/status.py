"""``khcn topics status --json``: every topic with its money, milestones, next step, products and figures."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import local_date, parse_date
from khcn.core.deeds import Deed, Out
from khcn.core.errors import NotFoundError
from khcn.core.numbers import money_vi
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.selectors.topics_status import status_document


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("--topic", default="", metavar="KEY", help="only the topic with this address key")
    parser.add_argument("--year", type=int, default=None, help="only topics of this year")
    parser.add_argument(
        "--on", default="", metavar="DAY", help="delays and figures as of this day (today when left out)"
    )


def _run(options: Mapping[str, Any], out: Out, _err: Out) -> None:
    today = local_date(timezone.now())
    if options["on"]:
        try:
            today = parse_date(options["on"])
        except ValueError:
            raise ProgrammeError(
                _("“%(day)s” không phải là ngày. Hãy ghi như 2026-05-20.") % {"day": options["on"][:30]}
            ) from None
    document = status_document(today=today, reader=None, key=options["topic"], year=options["year"])
    if document is None:
        raise NotFoundError(_("Không có đề tài nào có mã “%(key)s”.") % {"key": options["topic"][:80]})
    if options["json"]:
        out.write(json.dumps(document, ensure_ascii=False))
        return
    for row in document["topics"]:
        step = row["next"]
        out.write(
            "\t".join(
                [row["key"], str(row["year"]), row["state_text"], row["title"], money_vi(row["contract_vnd"]),
                 money_vi(row["paid_vnd"]), str(row["overdue_days"]), f"{step['text']} ({step['who_text']})"]
            )
        )  # fmt: skip
    sums = document["sums"]
    words = {"n": sums["topics"], "value": money_vi(sums["contract_vnd"]), "paid": money_vi(sums["paid_vnd"])}
    out.write(_("%(n)s đề tài; hợp đồng %(value)s; đã thanh toán %(paid)s.") % words)


DEED = Deed("status", "every topic with its money, milestones, next step, products and figures", _add, _run)
