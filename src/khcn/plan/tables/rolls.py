"""Tables and lines of the pages of consolidated reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from khcn.core.numbers import number_vi
from khcn.engines.plans.consolidate import change
from khcn.plan.enums import RollState
from khcn.plan.models import Consolidation
from khcn.plan.permissions import Reach, can_consolidate, can_publish_consolidated, can_read_report
from khcn.plan.roll_words import (
    MISSING,
    aggregate_words,
    change_words,
    day_words,
    share_words,
    shown,
    value_words,
)
from khcn.plan.selectors.rolls import Changed
from khcn.ui.parts import Column, Event, State, Table, Tone

_TONES: dict[str, Tone] = {
    RollState.DRAFT: "neutral",
    RollState.SUBMITTED: "info",
    RollState.HEAD_APPROVED: "info",
    RollState.APPROVED: "watch",
    RollState.ISSUED: "good",
    RollState.REPLACED: "neutral",
}


def roll_state(roll: Consolidation) -> State:
    """Return the state in words."""
    return State(label=str(RollState(roll.state).label), tone=_TONES[roll.state])


def totals_tables(content: Mapping[str, Any], pk: int | None) -> list[Table]:
    """Return the totals, a table for each group of the form; each title leads to its unit rows when ``pk`` is given.

    Indicators that nobody gave a figure for, now or before, stand apart: see :func:`silent_table`.
    """
    rows = [row for row in content.get("indicators", []) if _said(row)]
    groups = list(dict.fromkeys(row["group"] for row in rows))
    return [
        _totals_table(content, group, [row for row in rows if row["group"] == group], pk) for group in groups
    ]


def silent_table(content: Mapping[str, Any], pk: int | None) -> Table | None:
    """Return the indicators that no unit gave a figure for; ``None`` when there is none."""
    rows = [row for row in content.get("indicators", []) if not _said(row)]
    if not rows:
        return None
    words = _("%(count)s chỉ tiêu chưa đơn vị nào có số") % {"count": number_vi(len(rows))}
    return _totals_table({**content, "previous": None}, words, rows, pk)


def _said(row: Mapping[str, Any]) -> bool:
    return bool(row["units"]) or any(row[name] is not None for name in ("value", "previous", "target"))


def _totals_table(
    content: Mapping[str, Any], group: str, rows: Sequence[Mapping[str, Any]], pk: int | None
) -> Table:
    previous = content.get("previous")
    targets = any(row["target"] is not None for row in rows)
    columns = [
        Column(label=_("Chỉ tiêu")),
        Column(label=_("Tổng"), numeric=True),
        Column(label=_("Đơn vị tính")),
        Column(label=_("Số đơn vị"), numeric=True),
        Column(label=_("Dòng ghi nhận"), numeric=True),
    ]
    if previous:
        columns += [Column(label=_("Kỳ trước"), numeric=True), Column(label=_("Tăng, giảm"), numeric=True)]
    if targets:
        columns += [Column(label=_("Kế hoạch"), numeric=True), Column(label=_("Đạt"), numeric=True)]
    lines = []
    for row in rows:
        title: object = row["title"]
        if pk is not None:
            address = reverse("plan-desk:roll-figure", args=[pk, row["code"]])
            title = format_html('<a href="{}">{}</a>', address, row["title"])
        line = [title, value_words(row), row["unit"], row["units"], number_vi(row["source_rows"])]
        if previous:
            line += [shown(row["previous"], row["decimals"]), change_words(row)]
        if targets:
            line += [shown(row["target"], row["decimals"]), share_words(row)]
        lines.append(line)
    return Table(
        caption=group or _("Kết quả theo chỉ tiêu"), hide_caption=not group, columns=columns, rows=lines, sticky=True
    )  # fmt: skip


def unit_table(content: Mapping[str, Any], row: Mapping[str, Any], pk: int, reach: Reach) -> Table:
    """Return the unit rows behind a total: each unit leads to its report, each count to the recorded rows."""
    entries = {entry["unit"]: entry for entry in content["rows"].get(row["code"], [])}
    decimals = row["decimals"]
    lines = []
    for unit in content["units"]:
        entry = entries.get(unit["id"])
        name: object = unit["name"]
        if unit["report"] and can_read_report(reach, unit["id"]):
            name = format_html(
                '<a href="{}">{}</a>', reverse("plan-desk:report", args=[unit["report"]]), unit["name"]
            )
        count: object = MISSING
        if entry and entry["sources"]:
            address = f"{reverse('plan-desk:roll-figure', args=[pk, row['code']])}?don-vi={unit['id']}#nguon"
            count = format_html('<a href="{}">{}</a>', address, number_vi(len(entry["sources"])))
        note = "; ".join(text for text in (entry["reason"], entry["note"]) if text) if entry else ""
        lines.append(
            [
                name,
                shown(entry["value"], decimals) if entry else MISSING,
                shown(entry["computed"], decimals) if entry else MISSING,
                count,
                note,
            ]
        )
    return Table(
        caption=_("Số liệu của từng đơn vị"),
        hide_caption=True,
        columns=[
            Column(label=_("Đơn vị")),
            Column(label=_("Số báo cáo"), numeric=True),
            Column(label=_("Hệ thống ghi nhận"), numeric=True),
            Column(label=_("Dòng ghi nhận"), numeric=True),
            Column(label=_("Lý do sửa, ghi chú")),
        ],
        rows=lines,
        foot=[aggregate_words(row), value_words(row), "", number_vi(row["source_rows"]), ""],
        sticky=True,
    )


def tasks_table(content: Mapping[str, Any]) -> Table | None:
    """Return the tasks of the plan with their work by state."""
    tasks = content.get("tasks", [])
    if not tasks:
        return None
    return Table(
        caption=_("Tiến độ từng nhiệm vụ"),
        hide_caption=True,
        columns=[
            Column(label=_("Nhiệm vụ")),
            Column(label=_("Hạn")),
            Column(label=_("Số việc"), numeric=True),
            Column(label=_("Xong"), numeric=True),
            Column(label=_("Đang làm"), numeric=True),
            Column(label=_("Chưa làm"), numeric=True),
            Column(label=_("Quá hạn"), numeric=True),
        ],
        rows=[
            [
                format_html(
                    '<a href="{}?ma={}">{} {}</a>', reverse("plan-desk:progress-items"), task["code"], task["code"],
                    task["title"],
                )
                if task["units"]
                else f"{task['code']} {task['title']}",
                day_words(task["deadline"]), task["units"], task["done"], task["doing"], task["todo"], task["late"],
            ]
            for task in tasks
        ],
    )  # fmt: skip


def differences_table(found: Sequence[Changed], reach: Reach) -> Table:
    """Return what changed since a report was computed."""
    lines = []
    for one in found:
        name: object = one.unit
        if one.report_id and can_read_report(reach, one.unit_id):
            name = format_html(
                '<a href="{}">{}</a>', reverse("plan-desk:report", args=[one.report_id]), one.unit
            )
        before, after = one.difference.before, one.difference.after
        delta = change(after, before)
        sign = "" if delta is None or delta <= 0 else "+"
        lines.append(
            [
                name, one.title, shown(before, one.decimals), shown(after, one.decimals),
                MISSING if delta is None else sign + shown(delta, one.decimals), one.at,
            ]
        )  # fmt: skip
    return Table(
        caption=_("Số liệu khác với báo cáo"),
        hide_caption=True,
        columns=[
            Column(label=_("Đơn vị")),
            Column(label=_("Chỉ tiêu")),
            Column(label=_("Trong báo cáo"), numeric=True),
            Column(label=_("Hiện nay"), numeric=True),
            Column(label=_("Chênh lệch"), numeric=True),
            Column(label=_("Đơn vị sửa lúc")),
        ],
        rows=lines,
        sticky=True,
    )


def way_of(roll: Consolidation) -> list[Event]:
    """Return the way of a report through the offices, as far as it went."""

    def name(person: Any) -> str:
        return str(person.get_full_name() or person.get_username()) if person else ""

    events = [
        Event(when=roll.created_at, what=_("Bắt đầu tổng hợp"), who=name(roll.drafted_by), detail=roll.reason)
    ]
    if roll.computed_at:
        events.append(Event(when=roll.computed_at, what=_("Số liệu tính lần cuối")))
    if roll.submitted_by and roll.state != RollState.DRAFT:
        events.append(Event(when="", what=_("Đã trình"), who=name(roll.submitted_by)))
    if roll.passed_by:
        events.append(Event(when="", what=_("Lãnh đạo đơn vị đầu mối đã xem"), who=name(roll.passed_by)))
    if roll.approved_at:
        events.append(
            Event(
                when=roll.approved_at, what=_("Lãnh đạo phê duyệt"), who=name(roll.approved_by), tone="good"
            )
        )
    if roll.issued_at:
        events.append(Event(when=roll.issued_at, what=_("Phát hành, số liệu đóng băng"), tone="good"))
    return events


@dataclass(frozen=True)
class Doing:
    """What a person may do with a report now."""

    draft: bool = False
    move: str = ""
    move_label: str = ""
    may_return: bool = False
    replace: bool = False
    publish: bool = False
    unpublish: bool = False


def doing(roll: Consolidation, reach: Reach) -> Doing:
    """Tell what the person may do; own drafts are passed and approved by others."""
    own = reach.user_id in (roll.drafted_by_id, roll.submitted_by_id)
    state = roll.state
    if state == RollState.DRAFT and can_consolidate(reach):
        return Doing(draft=True, move="trinh", move_label=_("Trình lãnh đạo đơn vị đầu mối"))
    if state == RollState.SUBMITTED and reach.focal_head and not own:
        return Doing(move="chuyen", move_label=_("Chuyển lãnh đạo phê duyệt"), may_return=True)
    if state == RollState.HEAD_APPROVED and reach.leader and not own:
        return Doing(move="duyet", move_label=_("Phê duyệt"), may_return=True)
    if state == RollState.APPROVED and reach.clerk:
        return Doing(may_return=True)
    issued = state in (RollState.ISSUED, RollState.REPLACED)
    may_publish = issued and can_publish_consolidated(reach)
    return Doing(
        replace=state == RollState.ISSUED and can_consolidate(reach),
        publish=may_publish and roll.published_at is None,
        unpublish=may_publish and roll.published_at is not None,
    )
