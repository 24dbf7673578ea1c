"""What a filled roster means: which rows are known people, which are new, what changes, what is wrong. Pure functions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.dates import date_vi
from khcn.engines.text.fold import fold
from khcn.programmes.rules.registrations import Fault

EARLIEST: Final = date(1955, 1, 1)
AHEAD: Final = timedelta(days=366)


class Change(StrEnum):
    """What a row does."""

    NEW = "new"
    JOINS = "joins"  # known from another unit, where the post is over
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row as it was filled in."""

    number: int
    name: str
    position: str
    audience: str
    starts_on: date
    ends_on: date | None = None
    email: str = ""
    phone: str = ""
    party: str = ""  # a school's name, as written

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept until it is applied."""
        plain = asdict(self)
        for key in ("starts_on", "ends_on"):
            plain[key] = plain[key].isoformat() if plain[key] else None
        return plain

    @classmethod
    def of_json(cls, plain: Mapping[str, Any]) -> "RosterRow":
        """Read it back."""
        days = {
            key: date.fromisoformat(plain[key]) if plain[key] else None for key in ("starts_on", "ends_on")
        }
        return cls(**{**plain, **days})


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is on the roster of the unit already."""

    person_id: int
    post_id: int
    name: str
    email: str
    phone: str
    position: str
    audience: str
    party: str
    starts_on: date
    ends_on: date | None
    over: bool = False  # the post has ended
    away: str = ""  # the unit where the person is now, when that is another


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Somebody with this mail address or phone who is not on the roster of the unit. ``unit``: where the post is open."""

    person_id: int
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Line:
    """What one row will do; ``notes`` say it to who looks before it is done."""

    row: RosterRow
    change: Change
    person_id: int | None = None
    post_id: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """What a roster will do, or what is wrong with it. ``left``: known people whom it does not name; they stay."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left: int = 0

    def count(self, change: str) -> int:
        """Return how many rows do this."""
        return sum(1 for one in self.lines if one.change == change)


def plan_roster(
    rows: Sequence[RosterRow],
    known: Sequence[Known],
    elsewhere: Mapping[str, Elsewhere],
    *,
    positions: frozenset[str],
    parties: Mapping[str, str],
    today: date,
) -> Plan:
    """Return what the rows do to the roster of a unit.

    :param elsewhere: people not of this unit by mail address and by phone. :param positions: folded titles known here.
    :param parties: names of schools by their folded name.
    """
    plan = Plan()
    by_name: dict[str, list[Known]] = defaultdict(list)
    owner: dict[str, Known] = {}
    for one in known:
        by_name[fold(one.name)].append(one)
        owner.update({way: one for way in (one.email, one.phone) if way})
    plan.faults += _days(rows, today) + _twice(rows)
    for row in rows:
        if row.party and fold(row.party) not in parties:
            plan.faults.append(
                _fault(row, _("Trường, tổ chức"), _("“%(name)s” chưa có trong sổ tổ chức. Hãy ghi đúng tên trong sổ, hoặc để trống.") % {"name": row.party[:60]})
            )  # fmt: skip
    wrong = {one.where for one in plan.faults}
    taken: set[int] = set()
    for row in rows:
        if _where(row) in wrong:
            continue
        found = _line(row, by_name[fold(row.name)], owner, elsewhere, positions)
        if isinstance(found, Fault):
            plan.faults.append(found)
        elif found.person_id in taken:
            plan.faults.append(
                _fault(
                    row,
                    _("Họ và tên"),
                    _("Dòng này và một dòng trước cùng chỉ một người trong danh sách. Hãy xóa một dòng."),
                )
            )
        else:
            taken |= {found.person_id} if found.person_id else set()
            plan.lines.append(found)
    plan.left = len([one for one in known if not one.over and one.person_id not in taken])
    plan.faults.sort(key=lambda one: [int(part) for part in one.where.split() if part.isdigit()])
    return plan


def _where(row: RosterRow) -> str:
    return _("dòng %(n)s") % {"n": row.number}


def _fault(row: RosterRow, column: str, message: str) -> Fault:
    return Fault(_where(row), column, message)


def _days(rows: Sequence[RosterRow], today: date) -> list[Fault]:
    faults = []
    for row in rows:
        if not EARLIEST <= row.starts_on <= today + AHEAD:
            faults.append(
                _fault(row, _("Từ ngày"), _("Ngày %(day)s không hợp lý. Hãy kiểm tra lại năm.") % {"day": date_vi(row.starts_on)})
            )  # fmt: skip
        if row.ends_on is not None and not row.starts_on <= row.ends_on <= today + 5 * AHEAD:
            faults.append(
                _fault(row, _("Đến ngày"), _("Ngày %(day)s phải sau ngày bắt đầu. Hãy kiểm tra lại.") % {"day": date_vi(row.ends_on)})
            )  # fmt: skip
    return faults


def _twice(rows: Sequence[RosterRow]) -> list[Fault]:
    """Return rows that cannot be told apart from one before, or share a mail address or phone with one."""
    faults: list[Fault] = []
    ways: dict[str, RosterRow] = {}
    names: dict[str, list[RosterRow]] = defaultdict(list)
    for row in rows:
        clash = next((ways[way] for way in (row.email, row.phone) if way in ways), None)
        if clash is not None:
            column = _("Thư điện tử") if row.email and ways.get(row.email) is clash else _("Điện thoại")
            faults.append(
                _fault(
                    row,
                    column,
                    _("Trùng với dòng %(n)s. Mỗi người một địa chỉ; hãy sửa hoặc xóa một dòng.")
                    % {"n": clash.number},
                )
            )
        else:
            same = next(
                (one for one in names[fold(row.name)] if not (_reachable(one) and _reachable(row))), None
            )
            if same is not None:
                faults.append(
                    _fault(row, _("Họ và tên"), _("Trùng tên với dòng %(n)s. Nếu là hai người khác nhau, hãy ghi thư điện tử hoặc điện thoại của cả hai; nếu là một, hãy xóa một dòng.") % {"n": same.number})
                )  # fmt: skip
        names[fold(row.name)].append(row)
        ways.update({way: row for way in (row.email, row.phone) if way and way not in ways})
    return faults


def _reachable(row: RosterRow | Known) -> bool:
    return bool(row.email or row.phone)


def _line(  # noqa: PLR0911  # one return for each case reads best
    row: RosterRow, candidates: Sequence[Known], owner: Mapping[str, Known], elsewhere: Mapping[str, Elsewhere],
    positions: frozenset[str],
) -> Line | Fault:  # fmt: skip
    for column, way in ((_("Thư điện tử"), row.email), (_("Điện thoại"), row.phone)):
        held = owner.get(way) if way else None
        if held is not None:
            if fold(held.name) != fold(row.name):
                return _fault(
                    row,
                    column,
                    _(
                        "Địa chỉ này đang là của “%(name)s” trong danh sách. Nếu là cùng một người, hãy sửa tên ở trang của người đó."
                    )
                    % {"name": held.name},
                )
            return _against(row, held, positions)
        other = elsewhere.get(way) if way else None
        if other is not None:
            return _from_elsewhere(row, column, other, positions)
    if not candidates:
        return Line(row, Change.NEW, notes=_new_title(row, positions))
    maybe = [one for one in candidates if not (_reachable(one) and _reachable(row))]
    if len(maybe) == 1 and len(candidates) == 1:
        return _against(row, maybe[0], positions)
    if maybe:
        return _fault(
            row,
            _("Họ và tên"),
            _("Trong danh sách có %(n)s người cùng tên. Hãy ghi thư điện tử hoặc điện thoại để biết là ai.")
            % {"n": len(candidates)},
        )
    note = _("Cùng tên với người đã có nhưng khác thư, điện thoại: được ghi là người mới.")
    return Line(row, Change.NEW, notes=(note, *_new_title(row, positions)))


def _from_elsewhere(row: RosterRow, column: str, other: Elsewhere, positions: frozenset[str]) -> Line | Fault:
    if other.unit:
        return _fault(
            row,
            column,
            _(
                "Người có địa chỉ này còn trong danh sách của %(unit)s. Hãy nhờ đơn vị đó ghi ngày kết thúc, hoặc nhờ đơn vị đầu mối chuyển."
            )
            % {"unit": other.unit},
        )
    if fold(other.name) != fold(row.name):
        return _fault(
            row,
            column,
            _(
                "Địa chỉ này đã dùng cho một người tên khác. Hãy kiểm tra lại địa chỉ, hoặc nhờ đơn vị đầu mối."
            ),
        )
    note = _("Đã có hồ sơ từ đơn vị cũ: kết quả bồi dưỡng trước đây đi theo.")
    return Line(row, Change.JOINS, other.person_id, None, (note, *_new_title(row, positions)))


def _new_title(row: RosterRow, positions: frozenset[str]) -> tuple[str, ...]:
    if fold(row.position) in positions:
        return ()
    return (_("Chức danh mới: %(title)s.") % {"title": row.position},)


def _against(row: RosterRow, held: Known, positions: frozenset[str]) -> Line | Fault:
    """Compare a row with who is known; an empty cell takes nothing away."""
    line = _compared(row, held, positions)
    if held.away and line.change != Change.SAME:
        return _fault(
            row,
            _("Họ và tên"),
            _("Người này đã chuyển sang %(unit)s. Hãy bỏ dòng này, hoặc nhờ đơn vị đầu mối chuyển lại.")
            % {"unit": held.away},
        )
    return line


def _compared(row: RosterRow, held: Known, positions: frozenset[str]) -> Line:
    if held.over and held.ends_on is not None and row.starts_on > held.ends_on:
        note = _("Trở lại đơn vị: kết quả bồi dưỡng trước đây vẫn còn.")
        return Line(row, Change.JOINS, held.person_id, None, (note, *_new_title(row, positions)))
    notes = []
    loose = {_("Chức danh"), _("Trường, tổ chức")}  # as written is not worth a change
    for label, old, new in (
        (_("Họ và tên"), held.name, row.name),
        (_("Chức danh"), held.position, row.position),
        (_("Thư điện tử"), held.email, row.email),
        (_("Điện thoại"), held.phone, row.phone),
        (_("Trường, tổ chức"), held.party, row.party),
        (_("Từ ngày"), date_vi(held.starts_on), date_vi(row.starts_on)),
        (_("Đến ngày"), date_vi(held.ends_on), date_vi(row.ends_on)),
    ):
        same = old == new or (label in loose and fold(old) == fold(new))
        if new and not same:
            notes.append(
                _("%(label)s: %(old)s thành %(new)s.") % {"label": label, "old": old or "–", "new": new}
            )
    if row.audience != held.audience:
        notes.append(_("Đổi nhóm cán bộ, giáo viên."))
    change = Change.CHANGED if notes else Change.SAME
    return Line(row, change, held.person_id, held.post_id, (*notes, *_new_title(row, positions)))
