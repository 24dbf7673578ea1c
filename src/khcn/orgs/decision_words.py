"""Decisions and the history of units in words: rows of pages, the timeline, samples of files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.dates import date_vi
from khcn.core.numbers import number_vi
from khcn.orgs.decisions import DecisionData
from khcn.orgs.enums import SuccessionKind
from khcn.orgs.models import SuccessionDecision, Unit, UnitSuccession
from khcn.orgs.services.units import succession_followers
from khcn.orgs.unit_time import UnitEvent, unit_events
from khcn.ui.parts import Event, State, Tone

OWN_WORDS: Final[Mapping[str, str | Promise]] = {
    "orgs.roles": gettext_lazy("Vai trò chuyển sang đơn vị mới"),
    "orgs.parties": gettext_lazy("Tổ chức, cơ sở chuyển địa bàn"),
    "orgs.children": gettext_lazy("Đơn vị trực thuộc chuyển theo"),
}
SAMPLES: Final[Mapping[str, str]] = {
    "toml": """# Mỗi [[decision]] là một quyết định. Đơn vị được gọi bằng mã địa chỉ (xem danh sách đơn vị).
[[decision]]
number = "12/NQ-HĐND"
date = 2025-06-16
effective = 2025-07-01
note = "Sắp xếp đơn vị"
kind = "merge"            # merge: sáp nhập; split: chia, tách; rename: đổi tên
moves = [
  { from = ["don-vi-a", "don-vi-b"], to = "don-vi-moi" },
  # Chia: nói đơn vị nào nhận việc đang mở và số liệu cũ (default); ends = false khi đơn vị cũ vẫn hoạt động.
  { kind = "split", from = ["don-vi-c"], to = ["don-vi-d", "don-vi-e"], default = "don-vi-d" },
]
units = [
  { key = "don-vi-moi", name = "Tên đơn vị mới", kind = "phong-chuyen-mon", codes = [{ scheme = "gso", code = "00000" }] },
]
# Ngoại lệ: một nhiệm vụ, một người, một việc do đơn vị khác nhận; "-" nghĩa là vai trò kết thúc cùng đơn vị cũ.
exceptions = { "task:II.1.1-a" = "don-vi-e", "person:tendangnhap" = "-" }
""",
    "yaml": """# Mỗi mục của decision là một quyết định. Đơn vị được gọi bằng mã địa chỉ (xem danh sách đơn vị).
decision:
  - number: 12/NQ-HĐND
    date: 2025-06-16
    effective: 2025-07-01
    note: Sắp xếp đơn vị
    kind: merge            # merge: sáp nhập; split: chia, tách; rename: đổi tên
    moves:
      - {from: [don-vi-a, don-vi-b], to: don-vi-moi}
      # Chia: nói đơn vị nào nhận việc đang mở và số liệu cũ (default); ends: false khi đơn vị cũ vẫn hoạt động.
      - {kind: split, from: [don-vi-c], to: [don-vi-d, don-vi-e], default: don-vi-d}
    units:
      - {key: don-vi-moi, name: Tên đơn vị mới, kind: phong-chuyen-mon, codes: [{scheme: gso, code: "00000"}]}
    # Ngoại lệ: một nhiệm vụ, một người, một việc do đơn vị khác nhận; "-" nghĩa là vai trò kết thúc cùng đơn vị cũ.
    exceptions: {"task:II.1.1-a": don-vi-e, "person:tendangnhap": "-"}
""",
}


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One line of a decision for a page."""

    kind: str
    sources: tuple[Unit, ...]
    target: Unit
    is_default: bool
    ends: bool
    is_split: bool


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision for a page."""

    decision: SuccessionDecision
    state: State
    moves: tuple[MoveRow, ...]
    closing: int
    opening: int


def decision_rows(rows: Iterable[SuccessionDecision], today: date) -> list[DecisionRow]:
    """Return decisions as pages show them; their ``moves`` are fetched beforehand."""
    return [_row(row, today) for row in rows]


def _row(row: SuccessionDecision, today: date) -> DecisionRow:
    if row.handed_over_at is not None:
        state = State(label=_("Đã bàn giao"), tone="good")
    elif row.effective_on > today:
        state = State(label=_("Chờ đến ngày hiệu lực"), tone="info")
    else:
        state = State(label=_("Đang bàn giao"), tone="watch")
    together: dict[tuple[str, int, bool, bool], list[UnitSuccession]] = {}
    several = {move.predecessor_id for move in row.moves.all()}
    for move in row.moves.all():
        together.setdefault(
            (move.kind, move.successor_id, move.is_default, move.predecessor_ends), []
        ).append(move)
    moves = tuple(
        MoveRow(
            str(SuccessionKind(kind).label), tuple(move.predecessor for move in same), same[0].successor,
            is_default, ends, kind == SuccessionKind.SPLIT,
        )
        for (kind, _pk, is_default, ends), same in together.items()
    )  # fmt: skip
    ends = {move.predecessor_id for move in row.moves.all() if move.predecessor_ends}
    begins = {move.successor_id for move in row.moves.all() if move.successor.valid_from == row.effective_on}
    return DecisionRow(row, state, moves, len(ends & several), len(begins))


def outcome_rows(row: SuccessionDecision) -> list[tuple[str, str]]:
    """Return what was handed over, in words with numbers."""
    words = dict(OWN_WORDS)
    for follower in succession_followers.all():
        words |= follower.words
    return [(str(words.get(name, name)), number_vi(count)) for name, count in row.outcome.items() if count]


def draft_table(draft: DecisionData) -> list[dict[str, object]]:
    """Return the moves of a decision that is being entered, with the value that leaves one out."""
    keys = {key for edge in draft.edges for key in (edge.source, edge.target)}
    names = dict(Unit.objects.filter(key__in=keys).values_list("key", "name"))
    names |= {unit.key: unit.name for unit in draft.units}
    return [
        {
            "kind": SuccessionKind(edge.kind).label,
            "source": names.get(edge.source, edge.source),
            "target": names.get(edge.target, edge.target),
            "default": edge.default,
            "lives_on": not edge.ends,
            "drop": f"bo:{edge.source}>{edge.target}",
        }
        for edge in draft.edges
    ]


def unit_timeline(unit: Unit) -> list[Event]:
    """Return a unit's life for the timeline component, oldest first."""
    return [_event(event) for event in unit_events(unit)]


def _event(event: UnitEvent) -> Event:
    other = event.other.name if event.other else ""
    words: dict[str, tuple[str, Tone]] = {
        "opened": (_("Bắt đầu hoạt động"), "good"),
        "ended": (_("Không còn hoạt động"), "bad"),
        "code": (
            _("Mang mã %(code)s (%(scheme)s)") % {"code": event.code, "scheme": event.scheme},
            "neutral",
        ),
        "code_ended": (
            _("Mã %(code)s (%(scheme)s) hết hiệu lực") % {"code": event.code, "scheme": event.scheme},
            "neutral",
        ),
        "from": (_("Tiếp nhận từ %(other)s") % {"other": other}, "info"),
        "to": (_("Bàn giao cho %(other)s") % {"other": other}, "watch"),
        "split_off": (_("Tách ra %(other)s") % {"other": other}, "info"),
    }
    what, tone = words[event.kind]
    return Event(when=event.on, what=what, detail=_detail(event.move), tone=tone)


def _detail(move: UnitSuccession | None) -> str:
    if move is None:
        return ""
    kind = SuccessionKind(move.kind).label
    number = move.decision_number
    if move.decision_date:
        number = _("%(number)s ngày %(day)s") % {"number": number, "day": date_vi(move.decision_date)}
    return f"{kind}: {number}. {move.note}".strip()
