"""A filled attendance list (from paper): all of it, or nothing with the errors by row."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.exports.forms import FilledForm
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.programmes import Session
from khcn.programmes.rules.attendance import Fault, Presence, RowsError, Source, ticket_in
from khcn.programmes.selectors.attendance import expected
from khcn.programmes.services.attendance import attendance_mark_many, may_mark, walk_in_now


@transaction.atomic
def attendance_sheet_take_in(
    *, actor: Actor, session: Session, filled: FilledForm, now: datetime
) -> tuple[int, int]:
    """Return how many marks changed and how many guests are new; the same file again changes nothing.

    :raises PermissionDeniedError: :raises RowsError: with every wrong row; nothing was taken in then.
    """
    may_mark(actor, session, now)
    faults = [Fault(_("dòng %(n)s") % {"n": one.row}, one.message, one.column) for one in filled.errors]
    people = {one.ticket: one.pk for one in expected(session)}
    states: dict[int, str] = {}
    guests: list[tuple[str, str]] = []
    for row in filled.rows:
        ticket, state = ticket_in(str(row.values.get("ticket") or "")), str(row.values.get("state") or "")
        if not ticket:
            if state == Presence.PRESENT:
                name = str(row.values["name"])
                guests.append((sha256(f"{row.number}|{name}".encode()).hexdigest()[:32], name))
        elif ticket not in people:
            faults.append(
                Fault(_("dòng %(n)s") % {"n": row.number}, _("Mã vé không có trong danh sách buổi này."))
            )
        elif state and states.setdefault(people[ticket], state) != state:
            faults.append(Fault(_("dòng %(n)s") % {"n": row.number}, _("Người này có hai dòng khác nhau.")))
    if faults:
        raise RowsError(_("Có dòng chưa đúng nên chưa ghi gì. Hãy sửa rồi gửi lại."), faults)
    if not states and not guests:
        raise ProgrammeError(_("Bảng chưa có dòng nào được điểm danh."), field="file")
    changed = attendance_mark_many(actor=actor, session=session, states=states, now=now, source=Source.PAPER)
    new = sum(
        walk_in_now(actor=actor, session=session, key=key, now=now, at=now, source=Source.PAPER, name=name)[1]
        for key, name in guests
    )
    return changed, new
