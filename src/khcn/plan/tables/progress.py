"""Work items in words: lines of lists, the page of one, and the text to paste into a message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khcn.core.calendar.rules import WorkingCalendar
from khcn.core.dates import date_vi
from khcn.core.numbers import size_vi
from khcn.orgs.models import Unit
from khcn.plan.enums import EvidenceKind, ItemState, PercentRule
from khcn.plan.models import ProgressNote, UnitReport, WorkItem
from khcn.plan.rules.progress import Standing, standing_of, working_days_late, working_days_left
from khcn.plan.selectors.progress import Tally
from khcn.plan.selectors.progress_item import EvidenceLine
from khcn.plan.selectors.progress_own import Asked
from khcn.ui.formats import format_number
from khcn.ui.parts import Event, State, Tab, Tone

TONES: dict[str, Tone] = {ItemState.TODO: "neutral", ItemState.DOING: "info", ItemState.DONE: "good"}


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item as a list shows it."""

    item: WorkItem
    url: str
    state: State
    due: str
    plan: str
    unit: str
    waiting: bool  # for the head's confirmation


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One proof as the page shows it."""

    pk: int
    title: str
    kind: str
    url: str
    detail: str
    removable: bool
    gone: bool


def item_state(item: WorkItem, standing: Standing) -> State:
    """Return the state of an item as one word with its shape; late speaks before everything."""
    if standing == Standing.LATE:
        return State(label=_("Quá hạn"), tone="bad")
    if standing == Standing.SOON:
        return State(label=_("Sắp đến hạn"), tone="watch")
    if standing == Standing.DONE_LATE:
        return State(label=_("Hoàn thành trễ"), tone="watch")
    return State(label=str(item.get_state_display()), tone=TONES.get(item.state, "neutral"))


def due_words(item: WorkItem, standing: Standing, on: date, calendar: WorkingCalendar) -> str:
    """Return the last day as people think of it."""
    if item.state == ItemState.DONE:
        return (
            _("Hoàn thành ngày %(day)s") % {"day": date_vi(item.done_on)}
            if item.done_on
            else _("Đã hoàn thành")
        )
    if item.due is None:
        return _("Kế hoạch không nêu hạn")
    words = {"day": date_vi(item.due)}
    if standing == Standing.LATE:
        return late_words(item.due, on, calendar) + " " + _("(hạn %(day)s)") % words
    if item.due == on:
        return _("Hạn hôm nay, %(day)s") % words
    if standing == Standing.SOON:
        days = working_days_left(item.due, on, calendar)
        if days:
            return ngettext(
                "Còn %(days)s ngày làm việc (hạn %(day)s)", "Còn %(days)s ngày làm việc (hạn %(day)s)", days
            ) % (words | {"days": days})
    return _("Hạn %(day)s") % words


def late_words(due: date, on: date, calendar: WorkingCalendar) -> str:
    """Return how late something is, in working days."""
    days = working_days_late(due, on, calendar)
    if not days:
        return _("Quá hạn, chưa sang ngày làm việc mới")
    text = ngettext("Trễ %(days)s ngày làm việc", "Trễ %(days)s ngày làm việc", days)
    return text % {"days": format_number(days)}


def item_line(item: WorkItem, on: date, soon: date, calendar: WorkingCalendar) -> ItemLine:
    """Return one item as a list shows it."""
    standing = standing_of(item.state, item.due, item.done_on, on, soon)
    return ItemLine(
        item=item,
        url=reverse("plan-desk:progress-item", args=[item.pk]),
        state=item_state(item, standing),
        due=due_words(item, standing, on, calendar),
        plan=str(item.plan),
        unit=item.unit_name or item.unit.label,
        waiting=item.state == ItemState.DONE and item.confirmed_at is None,
    )


def item_lines(items: Iterable[WorkItem], on: date, soon: date, calendar: WorkingCalendar) -> list[ItemLine]:
    """Return items as a list shows them."""
    return [item_line(item, on, soon, calendar) for item in items]


def standing_words() -> dict[str, str]:
    """Return the words of the filters of a list."""
    return {
        "": _("Tất cả"), "tre": _("Quá hạn"), "sap-den-han": _("Sắp đến hạn"), "chua": _("Chưa thực hiện"),
        "dang": _("Đang thực hiện"), "mo": _("Chưa xong"), "trong-han": _("Chưa xong, còn hạn"), "xong": _("Đã xong"),
        "xong-dung-han": _("Xong đúng hạn"), "xong-tre": _("Xong trễ"), "cho-xac-nhan": _("Chờ xác nhận"),
        "da-dong": _("Không còn hoặc đã bàn giao"),
    }  # fmt: skip


def own_tabs(asked: Asked, tally: Tally) -> list[Tab]:
    """Return the tabs of the own list; other filters stay."""
    counts = {"": tally.items, "tre": tally.late, "mo": tally.open, "xong": tally.done}
    words = standing_words()
    return [
        Tab(
            label=words[key],
            url="?" + query_of(asked, standing=key),
            current=asked.standing == key,
            count=count,
        )
        for key, count in counts.items()
    ]


def query_of(asked: Asked, *, standing: str | None = None) -> str:
    """Return the filters as the query of an address; ``standing``: another tab."""
    values = {
        "ke-hoach": asked.plan,
        "don-vi": asked.unit,
        "muc": asked.section,
        "ma": asked.code,
        "tim": asked.text,
        "tinh-trang": asked.standing if standing is None else standing,
    }
    return urlencode({key: value for key, value in values.items() if value not in (None, "")})


def own_lead(tally: Tally) -> str:
    """Return the sentence at the head of the own list."""
    if not tally.items:
        return ""
    if tally.late:
        text = ngettext(
            "%(late)s việc quá hạn trong %(open)s việc chưa xong.", "%(late)s việc quá hạn trong %(open)s việc chưa xong.",
            tally.late,
        )  # fmt: skip
        return text % {"late": tally.late, "open": tally.open}
    if tally.open:
        return _("Không có việc quá hạn; %(open)s việc chưa xong.") % {"open": tally.open}
    return _("Mọi việc đã xong.")


def note_events(notes: Sequence[ProgressNote]) -> list[Event]:
    """Return the timeline of an item."""
    return [
        Event(
            when=note.at,
            what=note.text or _("%(state)s, %(percent)s %%") % {"state": note.get_state_display(), "percent": note.percent},
            detail=_note_detail(note),
            who=", ".join(part for part in (str(note.by) if note.by else _("hệ thống"), note.unit_name) if part),
            tone=TONES.get(note.state, "neutral"),
        )
        for note in notes
    ]  # fmt: skip


def _note_detail(note: ProgressNote) -> str:
    parts = (
        [_("%(state)s, %(percent)s %%") % {"state": note.get_state_display(), "percent": note.percent}]
        if note.text
        else []
    )
    if note.difficulties:
        parts.append(_("Khó khăn, kiến nghị: %(text)s") % {"text": note.difficulties})
    return ". ".join(parts)


def proof_lines(rows: Sequence[EvidenceLine]) -> list[ProofLine]:
    """Return the proofs of an item."""
    return [_proof(line) for line in rows]


def _proof(line: EvidenceLine) -> ProofLine:
    row, url, detail = line.row, "", [line.row.unit.label]
    if row.kind == EvidenceKind.FILE:
        url = reverse("plan-desk:progress-file", args=[row.pk])
        detail.append(size_vi(row.size or 0))
    elif row.kind == EvidenceKind.LINK:
        url = row.link
    elif row.kind == EvidenceKind.SESSION:
        people = ngettext("%(count)s người dự", "%(count)s người dự", row.people or 0)
        detail += [date_vi(row.held_on), people % {"count": format_number(row.people)}]
    elif line.resolved is not None:
        url = line.resolved.address
    detail.append(_("gửi ngày %(day)s") % {"day": date_vi(row.added_at)})
    return ProofLine(
        row.pk, row.title, str(row.get_kind_display()), url, " · ".join(part for part in detail if part),
        line.removable, row.kind == EvidenceKind.RECORD and line.resolved is None,
    )  # fmt: skip


def _names(units: Sequence[Unit], most: int = 8) -> str:
    names = ", ".join(unit.label for unit in units[:most])
    more = len(units) - most
    if more <= 0:
        return names
    text = ngettext("%(names)s và %(more)s đơn vị khác", "%(names)s và %(more)s đơn vị khác", more)
    return text % {"names": names, "more": more}


def item_facts(item: WorkItem, cooperating: Sequence[Unit]) -> list[tuple[str, object]]:
    """Return what the plan says about an item, besides its words."""
    task = item.task
    kinds = item.plan.kinds if isinstance(item.plan.kinds, dict) else {}
    target = ""
    if task.percent_rule == PercentRule.INDICATOR and task.target is not None:
        target = (
            f"{format_number(task.target)} ({task.target_indicator})"
            if task.target_indicator
            else format_number(task.target)
        )
    rows = [
        (_("Kế hoạch"), str(item.plan)),
        (_("Mục"), str(task.section) if task.section else ""),
        (_("Loại việc"), kinds.get(task.kind, "")),
        (_("Đơn vị làm"), item.unit_name or item.unit.name),
        (_("Chủ trì nhiệm vụ"), task.lead.name if task.lead and task.lead_id != item.unit_id else ""),
        (_("Căn cứ giao chủ trì"), str(task.get_lead_basis_display())),
        (_("Đơn vị phối hợp"), _names(cooperating)),
        (_("Kết quả dự kiến"), task.expected_result),
        (_("Hạn"), item.due),
        (_("Bắt đầu thực tế"), item.started_on),
        (_("Cách tính phần trăm"), str(task.get_percent_rule_display())),
        (_("Chỉ tiêu"), target),
    ]
    return [(term, value) for term, value in rows if value]


def message_text(item: WorkItem, line: ItemLine, address: str) -> str:
    """Return a text to paste into a chat: what, whose, how far, until when, where."""
    rows = [
        f"{item.code} {item.task.title}",
        _("Đơn vị: %(unit)s") % {"unit": line.unit},
        _("Tiến độ: %(state)s, %(percent)s %%. %(due)s.")
        % {"state": str(item.get_state_display()).lower(), "percent": item.percent, "due": line.due},
    ]
    if item.result:
        rows.append(_("Kết quả: %(text)s") % {"text": _cut(item.result)})
    if item.difficulties:
        rows.append(_("Khó khăn, kiến nghị: %(text)s") % {"text": _cut(item.difficulties)})
    return "\n".join([*rows, _("Xem và cập nhật: %(address)s") % {"address": address}])


def _cut(text: str, most: int = 300) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def report_address(report: UnitReport | None) -> str:
    """Return where the unit's report is written; empty while there is none, or no such page."""
    if report is None:
        return ""
    return reverse("plan-desk:report", args=[report.pk])
