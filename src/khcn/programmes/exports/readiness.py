"""The figures of self-checks as a file: the same lines as on the page, hidden ones hidden."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.rules.readiness import Sheet
from khcn.programmes.selectors.readiness import Line


def lines_file(kind: str, lines: Sequence[Line], sheet: Sheet, *, first: str, title: str) -> HttpResponseBase:
    """Return one table."""
    heads = [first, _("Số lượt được tính"), _("Điểm chung"), *(one.label for one in sheet.dimensions)]
    hidden = _("Ít lượt, không hiện")

    def cells() -> Iterable[list[Any]]:
        for one in lines:
            if one.count is None:
                yield [one.label, hidden, *([None] * (len(heads) - 2))]
            else:
                yield [one.label, one.count, one.overall, *one.means]

    return table_response(kind, [Column(head) for head in heads], cells(), title)
