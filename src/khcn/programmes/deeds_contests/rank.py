"""``khcn contests rank CONTEST --json``: the frozen ranking with every score behind it."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.deeds import Deed, Out
from khcn.core.errors import NotFoundError
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.selectors.contests_ranking import contest_by_name, rank_document


def _add(parser: ArgumentParser) -> None:
    parser.add_argument("contest", help="address key or number of the contest")
    parser.add_argument(
        "--names", action="store_true", help="print names of teams and jurors before the result is public"
    )


def _run(options: Mapping[str, Any], out: Out, err: Out) -> None:
    programme = contest_by_name(options["contest"])
    if programme is None:
        raise NotFoundError(_("Không có cuộc thi nào tên “%(name)s”.") % {"name": options["contest"][:80]})
    document = rank_document(programme, names=options["names"])
    if document is None:
        raise ProgrammeError(
            _("Điểm của cuộc thi này chưa được chốt nên chưa có xếp hạng."), code="not-frozen"
        )
    if options["json"]:
        out.write(json.dumps(document, ensure_ascii=False))
    else:
        for row in document["ranking"]:
            out.write(
                "\t".join(
                    [str(row["rank"] or "–"), row["entry"], row["result"] or "", row.get("team", "")]
                ).rstrip()
            )
    if not document["intact"]:
        raise ProgrammeError(
            _("Điểm đã chốt không còn nguyên vẹn: mã kiểm tra không khớp."), code="not-intact"
        )


DEED = Deed("rank", "the ranking of a contest with every score behind it", _add, _run)
