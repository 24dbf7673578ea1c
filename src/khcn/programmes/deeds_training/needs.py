"""``khcn training needs --unit U --json``: what every person of a unit has to learn, and what is held until when."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from khcn.core.dates import parse_date
from khcn.core.deeds import Deed, Out
from khcn.core.errors import NotFoundError
from khcn.programmes.enums_training import NeedState
from khcn.programmes.selectors.training_needs import needs_document, unit_named


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("--unit", required=True, help="key, code, number or name of the unit")
    parser.add_argument("--on", default="", help="the day, 2026-12-31 or 31/12/2026 (default: today)")


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    day = parse_date(options["on"]) if options["on"] else timezone.localdate()
    unit = unit_named(options["unit"], day)
    if unit is None:
        raise NotFoundError(
            _("Không có đơn vị nào có mã hoặc tên “%(name)s”. Hãy xem mã ở trang Đơn vị.") % {"name": options["unit"][:80]},
            code="no-such-unit",
        )  # fmt: skip
    document = needs_document(unit, day)
    if options["json"]:
        out.write(json.dumps(document, ensure_ascii=False))
        return
    for person in document["people"]:
        for topic in person["topics"]:
            state = str(NeedState(topic["state"]).label)
            end = topic["until"] or topic["due"] or ""
            out.write(
                "\t".join(
                    [
                        person["name"],
                        person["position"],
                        topic["code"],
                        state,
                        end,
                        str(topic["days"] if topic["days"] is not None else ""),
                    ]
                )
            )
    counts = document["counts"]
    out.write(
        _(
            "%(people)s người, %(required)s yêu cầu: %(held)s còn hiệu lực, %(expiring)s sắp hết hạn, %(expired)s hết hạn, %(missing)s chưa có."
        )
        % counts
    )


DEED = Deed("needs", "what the people of a unit have to learn, and what they hold until when", _add, _run)
