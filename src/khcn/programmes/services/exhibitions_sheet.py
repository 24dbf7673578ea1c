"""Exhibitors from a filled sheet: all of it, or nothing with what is wrong by row."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.errors import KhcnError
from khcn.core.exports.forms import FilledForm
from khcn.engines.text.fold import fold
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.exhibitions import Exhibitor
from khcn.programmes.models.programmes import Programme
from khcn.programmes.rules.exhibitions import ExhibitorText
from khcn.programmes.services.exhibitions import exhibitor_update, exhibitor_write_in, keeper

MOST: Final = 500


class SheetError(ProgrammeError):
    """A sheet of which nothing was taken in; ``lines`` says what is wrong where."""

    code = "programme-sheet"

    def __init__(self, message: str, lines: list[str]) -> None:
        super().__init__(message, field="file")
        self.lines = lines


@transaction.atomic
def exhibitors_take_in(
    *, actor: Actor, programme: Programme, filled: FilledForm, now: datetime
) -> tuple[int, int]:
    """Take in a sheet; return how many are new and how many changed. The same file again adds nobody.

    :raises SheetError: nothing was taken in. :raises PermissionDeniedError:
    """
    keeper(actor, programme, now)
    lines = [
        _("Dòng %(row)s, cột “%(column)s”: %(message)s")
        % {"row": one.row, "column": one.column, "message": one.message}
        for one in filled.errors
    ]
    if len(filled.rows) > MOST:
        raise SheetError(_("Bảng có hơn %(most)s dòng. Hãy chia nhỏ rồi gửi từng phần.") % {"most": MOST}, [])
    if not filled.rows and not lines:
        raise SheetError(_("Bảng không có dòng nào được điền."), [])
    known = {row.folded_name: row for row in Exhibitor.objects.filter(programme=programme).proven()}
    new = changed = 0
    for row in filled.rows:
        try:
            made = _take(actor, programme, row.values, known, now)
            new, changed = new + made, changed + (not made)
        except KhcnError as error:
            lines.append(_("Dòng %(row)s: %(message)s") % {"row": row.number, "message": error.message})
    if lines:
        raise SheetError(_("Có ô chưa đúng nên chưa ghi gì. Sửa trong Excel rồi gửi lại."), lines)
    return new, changed


def _take(
    actor: Actor, programme: Programme, values: dict[str, Any], known: dict[str, Exhibitor], now: datetime
) -> bool:
    said = {key: str(value or "") for key, value in values.items()}
    text = ExhibitorText(
        said["name"],
        said["kind"],
        said.get("text", ""),
        said.get("website", ""),
        said.get("contact_name", ""),
    )
    held = known.get(fold(text.name.strip()))
    if held is not None:
        exhibitor_update(actor=actor, exhibitor=held, values=text, now=now)
        return False
    row = exhibitor_write_in(
        actor=actor, programme=programme, values=text, address=said.get("address", ""), now=now
    )
    known[row.folded_name] = row
    return True
