"""Many teams of one school from a filled list: all of them, or nothing with the errors by row and column."""

from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.core.exports.forms import FilledForm, FilledRow
from khcn.engines.text.fold import fold
from khcn.programmes.enums import MemberPart
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.entries import Team
from khcn.programmes.services.entries_teams import Person, TeamWish, team_create

MOST_TEAMS: Final = 60


class SheetError(ProgrammeError):
    """A list that was not taken in. ``faults``: sentences that name row and column."""

    code = "programme-sheet"

    def __init__(self, message: str, lines: list[str] | None = None) -> None:
        super().__init__(message, field="file")
        self.lines = lines or []


@transaction.atomic
def teams_take_in(*, actor: Actor, team: Team, filled: FilledForm, now: datetime) -> list[Team]:
    """Register the teams of a list under the contact of ``team``; the same list again changes nothing.

    Rows that leave the team empty (merged cells) belong to the team above. :raises SheetError: nothing was taken in.
    """
    lines = [_("Dòng %(row)s, cột “%(column)s”: %(why)s") % {"row": one.row, "column": one.column, "why": one.message} for one in filled.errors]  # fmt: skip
    groups = _grouped(filled.rows, lines)
    if not groups and not lines:
        raise SheetError(_("Bảng không có dòng nào được điền. Mỗi dòng ghi một người."))
    if len(groups) > MOST_TEAMS:
        raise SheetError(_("Bảng có hơn %(most)s đội. Hãy chia thành nhiều bảng.") % {"most": MOST_TEAMS})
    made = []
    for name, rows in groups.values():
        try:
            with transaction.atomic():
                made.append(_take(actor, team, name, rows, now))
        except ProgrammeError as error:
            lines.append(_("Đội “%(team)s” (từ dòng %(row)s): %(why)s") % {"team": name, "row": rows[0].number, "why": error.message})  # fmt: skip
    if lines:
        raise SheetError(_("Có chỗ chưa đúng nên chưa ghi đội nào. Hãy sửa trong bảng rồi gửi lại."), lines)
    return made


def _grouped(rows: list[FilledRow], lines: list[str]) -> dict[str, tuple[str, list[FilledRow]]]:
    groups: dict[str, tuple[str, list[FilledRow]]] = {}
    name = ""
    for row in rows:
        name = str(row.values.get("team") or name).strip()
        if not name:
            lines.append(_("Dòng %(row)s: chưa ghi tên đội.") % {"row": row.number})
            continue
        groups.setdefault(fold(name), (name, []))[1].append(row)
    return groups


def _take(actor: Actor, team: Team, name: str, rows: list[FilledRow], now: datetime) -> Team:
    content = [sorted((key, str(value)) for key, value in row.values.items()) for row in rows]
    key = sha256(f"{team.pk}|{fold(name)}|{content}".encode("utf-8", "replace")).hexdigest()[:34]
    wish = TeamWish(
        name, team.organisation, team.contact_name, team.contact_address, f"xlsx{key}", tuple(_person(row) for row in rows)
    )  # fmt: skip
    return team_create(actor=actor, programme=team.programme, wish=wish, now=now, proven=True)


def _person(row: FilledRow) -> Person:
    values = row.values
    year = values.get("birth_year")
    return Person(
        name=str(values.get("name") or ""), birth_year=_year(year),
        part=str(values.get("part") or MemberPart.MEMBER), class_name=str(values.get("class_name") or ""),
        sex=str(values.get("sex") or ""), guardian_name=str(values.get("guardian_name") or ""), agreed=True,
    )  # fmt: skip


def _year(value: object) -> int | None:
    text = str(value or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ProgrammeError(
            _("Năm sinh “%(text)s” chưa đúng. Hãy ghi bốn chữ số, ví dụ 2011.") % {"text": text[:20]}
        )
    return int(text)
