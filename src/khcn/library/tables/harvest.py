"""What the desk shows of harvesting: states with their tone, runs and questions in words."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.library.harvest_enums import DECIDABLE, OPEN_RUNS, Every, ItemProblem, RunState, SourceState
from khcn.library.models import HarvestItem, HarvestRun, HarvestSource
from khcn.library.rules import people_names
from khcn.library.services.harvest_sources import PreviewLine
from khcn.ui.formats import format_datetime
from khcn.ui.parts import State, Tone

SOURCE_TONES: dict[str, Tone] = {
    SourceState.ACTIVE: "good",
    SourceState.PAUSED: "neutral",
    SourceState.FAILING: "bad",
    SourceState.ASKING: "watch",
}
RUN_TONES: dict[str, Tone] = {
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "info",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.STOPPED: "watch",
}
_TO_DO = {
    ItemProblem.BROKEN: gettext_lazy(
        "Biểu ghi được nhận lại khi nguồn sửa. Các tài liệu khác không bị ảnh hưởng."
    ),
    ItemProblem.DUPLICATE: gettext_lazy(
        "Thư viện đã có tài liệu này nên không đăng hai lần. Nếu thật ra là hai tài liệu khác nhau, hãy lấy về."
    ),
    ItemProblem.EDITED: gettext_lazy(
        "Bản mô tả đã được sửa ở đây, nay nguồn cũng đổi. Bản ở đây được giữ cho đến khi bạn chọn."
    ),
    ItemProblem.CLOSED: gettext_lazy(
        "Thủ thư đã trả lại, tạm dừng hoặc rút tài liệu này, nay nguồn có bản mới. Bản mới chưa được dùng."
    ),
    ItemProblem.GONE_EDITED: gettext_lazy(
        "Nguồn đã xoá, nhưng tài liệu đã được sửa ở đây nên chưa rút. Hãy chọn rút hay giữ."
    ),
    ItemProblem.SENSITIVE: gettext_lazy("Mở tài liệu, đọc chỗ được đánh dấu rồi cho phép đăng hoặc trả lại."),
}
_FOLLOW = {
    ItemProblem.DUPLICATE: gettext_lazy("Vẫn lấy về"),
    ItemProblem.EDITED: gettext_lazy("Dùng bản của nguồn"),
    ItemProblem.CLOSED: gettext_lazy("Dùng bản mới của nguồn"),
    ItemProblem.GONE_EDITED: gettext_lazy("Rút theo nguồn"),
}
_KEEP = {
    ItemProblem.DUPLICATE: gettext_lazy("Đúng là trùng"),
    ItemProblem.EDITED: gettext_lazy("Giữ bản ở đây"),
    ItemProblem.CLOSED: gettext_lazy("Để nguyên"),
    ItemProblem.GONE_EDITED: gettext_lazy("Giữ lại"),
}


@dataclass(frozen=True)
class Question:
    """One record that a librarian should look at, with what to do."""

    item: HarvestItem
    label: str
    to_do: str
    follow: str = ""
    keep: str = ""
    ours: str = ""
    theirs: str = ""


@dataclass(frozen=True)
class SourceLine:
    """One source in the list."""

    source: Any
    state: State
    schedule: str
    running: bool


def source_state(source: HarvestSource) -> State:
    """Return the state in words and tone."""
    return State(label=str(source.get_state_display()), tone=SOURCE_TONES[source.state])


def run_state(run: HarvestRun) -> State:
    """Return the state in words and tone."""
    if run.state == RunState.STOPPED and run.enough:
        return State(label=_("Còn tiếp lần sau"), tone="info")
    return State(label=str(run.get_state_display()), tone=RUN_TONES[run.state])


def source_line(source: Any) -> SourceLine:
    """Return a source of ``selectors.harvest.sources_for`` as a line of the list."""
    return SourceLine(source, source_state(source), schedule_text(source), source.last_run_state in OPEN_RUNS)


def schedule_text(source: HarvestSource) -> str:
    """Return how often, and when next."""
    known = str(source.every_hours) in Every.values
    often = (
        str(Every(str(source.every_hours)).label)
        if known
        else _("%(hours)s giờ") % {"hours": source.every_hours}
    )
    if source.at_hour is not None and source.every_hours >= 24:
        often = _("%(often)s, từ %(hour)s giờ") % {"often": often, "hour": source.at_hour}
    if source.next_run_at is None or source.state in {SourceState.PAUSED, SourceState.ASKING}:
        return often
    when = format_datetime(timezone.localtime(source.next_run_at))
    return _("%(often)s; lần tới %(when)s") % {"often": often, "when": when}


def question(item: HarvestItem) -> Question:
    """Return a record with its problem in words."""
    problem = ItemProblem(item.problem)
    held = item.held or {}
    return Question(
        item=item,
        label=str(problem.label),
        to_do=item.message or str(_TO_DO.get(problem, "")),
        follow=str(_FOLLOW[problem]) if problem in DECIDABLE else "",
        keep=str(_KEEP[problem]) if problem in DECIDABLE else "",
        ours=item.work.title if item.work and problem == ItemProblem.EDITED else "",
        theirs=str(held.get("title", ""))[:300] if problem == ItemProblem.EDITED else "",
    )


def preview_meta(line: PreviewLine) -> str:
    """Return creators, year and kind of a previewed record on one line."""
    if line.draft is None:
        return ""
    fields = line.draft.fields
    names = people_names(fields.get("creators") or [])
    parts = [
        "; ".join(names[:3]),
        str(fields.get("issued_year") or ""),
        str(line.draft.legal.get("number") or ""),
    ]
    return " · ".join(part for part in parts if part)
