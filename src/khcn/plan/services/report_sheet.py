"""The number form as a sheet that came back: every good row becomes a figure, or nothing does."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.plan.errors import RowFault, RowsError
from khcn.plan.services.reports import Content, FigureInput, ReportFaultsError, Saved, report_save


def report_sheet_take_in(
    *,
    actor: Actor,
    report_id: int,
    revision: int,
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    now: datetime,
) -> Saved:
    """Save the figures of a filled sheet as a draft. ``rows``: number in the sheet, and ``code``, ``value``, ``reason``.

    :raises RowsError: codes twice or unknown, corrections without a reason; nothing was saved.
    :raises khcn.plan.errors.StaleError: the report was written meanwhile.
    """
    figures: dict[str, FigureInput] = {}
    places: dict[str, int] = {}
    faults = []
    for number, row in rows:
        code = str(row.get("code") or "").strip()
        if code in places:
            text = _("Mã %(code)s đã có ở dòng %(first)s. Hãy để mỗi chỉ tiêu một dòng.")
            faults.append(
                RowFault(_where(number), _("Mã chỉ tiêu"), text % {"code": code, "first": places[code]})
            )
            continue
        places[code] = number
        value = row.get("value")
        figures[code] = FigureInput(None if value is None else Decimal(value), str(row.get("reason") or ""))
    if faults:
        raise RowsError(_("Bảng có dòng chưa đúng; chưa lưu gì."), faults)
    try:
        return report_save(
            actor=actor, report_id=report_id, revision=revision, content=Content(figures=figures), now=now
        )
    except ReportFaultsError as error:
        found = [
            RowFault(_where(places[one.where]) if one.where in places else "", one.where, one.message)
            for one in error.problems
        ]
        raise RowsError(_("Bảng có dòng chưa đúng; chưa lưu gì."), found) from error


def _where(number: int) -> str:
    return _("Dòng %(number)s") % {"number": number}
