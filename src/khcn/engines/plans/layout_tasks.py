"""From the outline of a plan to its sections and proposed tasks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from khcn.engines.plans.deadlines import find_when
from khcn.engines.plans.layout_leads import Duties, Duty
from khcn.engines.plans.outline import Entry
from khcn.engines.plans.paragraphs import TableRows
from khcn.engines.plans.task_tables import TableTask, read_cell_day, table_tasks
from khcn.engines.plans.types import Anomaly, Level, SectionSpec, TaskSpec
from khcn.engines.plans.unit_names import UnitNames, names_in_heading, normal
from khcn.engines.plans.words import audiences_of, kind_of
from khcn.engines.plans.yaml_file import short_title
from khcn.engines.text.fold import fold

Room = str  # programme, assignment, report, purpose, budget, aside
_ROOMS: Final = tuple(
    (room, re.compile(pattern))
    for room, pattern in (
        ("report", r"che do bao cao|thong tin,? bao cao|^bao cao\b"),
        ("assignment", r"phan cong|to chuc thuc hien|trach nhiem (?:thuc hien|cua)"),
        ("programme", r"noi dung|nhiem vu|giai phap|hoat dong"),
        ("budget", r"kinh phi|du toan|ngan sach"),
        ("purpose", r"muc dich|yeu cau|quan diem|muc tieu|can cu|thuc trang|danh gia|su can thiet"),
        ("aside", r"thoi gian|dia diem|doi tuong va|pham vi"),
    )
)
_INTRO: Final = re.compile(r"(?:nhu sau|sau day|sau|cu the|bao gom|gom|noi dung|cac nhiem vu|nhu)\s*:$")
_DEED: Final = re.compile(
    r"(?:to chuc|ho tro|giup|tham gia|xay dung|trien khai|thuc hien|tang cuong|day manh|phoi hop|huong dan|kiem tra|cu |moi |thiet ke|"
    r"ung dung|dao tao|tap huan|tuyen truyen|van dong|tong hop|tham muu|ra mat|van hanh)"
)
_ONE_DUTY: Final = re.compile(r"^(?:chiu trach nhiem|la (?:don vi |co quan )?(?:dau moi|thuong truc))")
_TWO_EVENTS: Final = re.compile(r"\b(?:cuoc thi|hoi thi)\b[^,;]*(,\s+)(?=(?:cuoc thi|hoi thi)\b)")
MAX_TASKS: Final = 5_000
_SAME_WORDS: Final = 0.75  # share of a row's words that a promise must hold to be the same
_NO_TASKS: Final = frozenset({"", "purpose", "budget", "aside"})


@dataclass(slots=True)
class Gathered:
    """What the walk through an outline collects."""

    sections: list[SectionSpec] = field(default_factory=list)
    tasks: list[TaskSpec] = field(default_factory=list)
    purpose: list[str] = field(default_factory=list)
    requirement: list[str] = field(default_factory=list)
    budget: list[str] = field(default_factory=list)
    reports: list[tuple[str, str]] = field(default_factory=list)  # (section, sentence)
    notes: list[Anomaly] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def room_of(title: str, above: Room) -> Room:
    """What stands under a heading. Inside the promises only the regime of reports is another room."""
    folded = " ".join(fold(title).split())
    if above in ("purpose", "budget", "aside", "report"):
        return above
    if above in ("programme", "assignment"):
        return "report" if re.match(r"(?:che do )?(?:thong tin,? )?bao cao\b", folded) else above
    return next((room for room, pattern in _ROOMS if pattern.search(folded)), "programme")


def walk_assignments(root: Entry) -> Iterator[tuple[list[str], str]]:
    """Yield (names of units in a heading, all text under it) for the headings of the assignment part."""

    def walk(entry: Entry, room: Room) -> Iterator[tuple[list[str], str]]:
        for child in entry.children:
            inside = room_of(child.title, room) if child.is_section else room
            names = names_in_heading(child.title) if child.is_section and inside == "assignment" else []
            if names and child.mark != "part":
                yield names, all_text(child)
            elif child.is_section:
                yield from walk(child, inside)

    yield from walk(root, "")


def all_text(entry: Entry) -> str:
    """Return all sentences below an entry, a line each."""
    return "\n".join([entry.body, *(f"{one.title}\n{all_text(one)}" for one in entry.children)]).strip()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the plan a sentence stands. ``topic``: the headings above it; ``subjects``: units of the heading."""

    ref: str = ""
    room: Room = ""
    topic: str = ""
    subjects: tuple[str, ...] = ()


class TaskWriter:
    """Walks the outline once and fills :class:`Gathered`."""

    def __init__(self, duties: Duties, names: UnitNames, year: int) -> None:
        self._duties = duties
        self._names = names
        self._year = year
        self._codes: set[str] = set()
        self.found = Gathered()

    def walk(self, entry: Entry, place: Place) -> None:
        """Take in everything below ``entry``, which is the section at ``place``."""
        promises = list(_promises(entry))
        above = self._texts(promises, place)
        letters = _letters()
        seen: set[str] = set()
        for promise in promises:
            if promise is above.entry:
                continue
            key = " ".join(fold(promise.whole).split()).strip(" .;:")
            if key in seen and len(key) > 20 and place.room not in _NO_TASKS:
                self.found.notes.append(
                    Anomaly("duplicate-bullet", place.ref, promise.whole[:200], found=True)
                )
                continue
            seen.add(key)
            self._promise(promise, _code(promise, place.ref, letters), place, above.duty)
        for table in entry.tables:
            for number, row in enumerate(table_tasks(table.rows), 1):
                self._table_task(row, f"{place.ref}-t{number}" if place.ref else f"t{number}", place)
        for number, child in enumerate((one for one in entry.children if one.is_section), 1):
            self._section(child, place, number)

    def _section(self, child: Entry, place: Place, number: int) -> None:
        ref = self._free(_ref(child, place.ref, number))
        room = room_of(child.title, place.room)
        title = child.title.strip(" .:;")[:500]
        self.found.sections.append(SectionSpec(ref, title, parent=place.ref))
        units = self._units(title) if room == "assignment" else ()
        self.walk(child, Place(ref, room, f"{place.topic} {title}".strip(), units or place.subjects))

    def _units(self, title: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for name in names_in_heading(title) if (key := self._names.one(name))))

    def _free(self, code: str) -> str:
        """Return ``code``, or with a number when the plan uses it twice."""
        free, number = code, 1
        while free in self._codes:
            number += 1
            free = f"{code}_{number}"
        self._codes.add(free)
        return free

    def _texts(self, promises: list["Promise"], place: Place) -> "_Above":
        """Take the one sentence that stands under a heading before everything else; it carries the heading's ref."""
        texts = [one for one in promises if one.mark == "text"]
        if not texts or place.room in _NO_TASKS or place.room == "report" or not place.ref:
            return _Above()
        first = texts[0]
        if _INTRO.search(fold(first.text).strip()):
            return _Above(entry=first)
        if len(texts) > 1 and not (promises[0] is first and len(texts) < len(promises)):
            return _Above()
        # The sentence goes on in the line of its heading: both are the promise, unless the heading names a unit.
        text = first.whole if first.inline and not place.subjects else first.text
        duty = self._duties.read(first.text, place.subjects)
        self._task(_Said(place.ref, text, text, first.line), place, duty)
        return _Above(entry=first, duty=duty)

    def _promise(self, promise: "Promise", code: str, place: Place, above: Duty | None) -> None:
        text = promise.whole
        if place.room == "purpose":
            wanted = "yeu cau" in fold(place.topic).rpartition("muc dich, yeu cau")[2]
            (self.found.requirement if wanted else self.found.purpose).append(promise.text)
        elif place.room == "budget":
            self.found.budget.append(text)
        elif place.room == "report":
            self.found.reports.append((place.ref, text))
        elif place.room not in _NO_TASKS:
            self._deeds(promise, code, place, above)

    def _deeds(self, promise: "Promise", code: str, place: Place, above: Duty | None) -> None:
        text = promise.whole
        duty = self._duties.read(text, place.subjects, above)
        if not (promise.under and text.endswith(":")):
            parts = split_deeds(text)
            if len(parts) > 1:
                self.found.notes.append(Anomaly("split-bullet", code, text[:200], found=True))
            for number, part in enumerate(parts, 1):
                own = f"{code}{number}" if len(parts) > 1 else code
                self._task(
                    _Said(own, text, part, promise.line, f"{number}/{len(parts)}" if len(parts) > 1 else ""),
                    place,
                    duty,
                )
        below = replace(place, topic=f"{place.topic} {text}"[-400:])
        for number, one in enumerate(promise.under, 1):
            inner = self._duties.read(one, place.subjects, duty)
            self._task(_Said(f"{code}.{number}", one, one, promise.line), below, inner)

    def _task(self, said: "_Said", place: Place, duty: Duty) -> None:
        """Add one task."""
        if len(self.found.tasks) >= MAX_TASKS:
            return
        kind = kind_of(self._names.without(said.own)) or kind_of(self._names.without(place.topic))
        level: Level = (
            "report" if kind == "report" else "assignment" if place.room == "assignment" else "programme"
        )
        when = find_when(said.own if len(said.own) > 30 else said.text, self._year)
        code = said.code if said.code == place.ref else self._free(said.code)
        if not kind:
            self.found.unclear.append(code)
        if when.unclear:
            self.found.notes.append(Anomaly("deadline-unclear", code, when.unclear, found=True))
        extra: dict[str, Any] = {"line": said.line, **({"text_split": said.split} if said.split else {})}
        self.found.tasks.append(
            TaskSpec(
                code=code, section=place.ref, title=_capital(short_title(said.own)), text=said.text, level=level, kind=kind,
                audience=audiences_of(said.own) or audiences_of(place.topic), lead=duty.lead, lead_basis=duty.lead_basis,
                cooperating=duty.cooperating, coop_basis=duty.coop_basis, fan_out=duty.fan_out, cadence=when.cadence,
                starts_on=when.starts_on, deadline=when.deadline or date(self._year, 12, 31),
                deadline_basis="explicit" if when.deadline else "plan_year_end", extra=extra,
            )
        )  # fmt: skip

    def _table_task(self, row: TableTask, code: str, place: Place) -> None:
        before = len(self.found.tasks)
        where = replace(place, room=place.room or "assignment")
        self._task(_Said(code, row.text, row.text, 0), where, self._row_duty(row))
        if len(self.found.tasks) > before:
            self.found.tasks[-1] = self._with_row(self.found.tasks[-1], row)

    def annex(self, tables: Sequence[TableRows]) -> None:
        """Take in tables of tasks after the signature: a row says more of a promise of the text, or is one of its own."""
        open_tasks = {
            at: set(normal(f"{task.title} {task.text}").split()) for at, task in enumerate(self.found.tasks)
        }
        rows = [row for table in tables for row in table_tasks(table.rows)]
        for number, row in enumerate(rows, 1):
            words = set(normal(row.text).split())
            shares = {at: len(words & have) / len(words) for at, have in open_tasks.items()}
            best = max(shares, key=lambda at: shares[at], default=None)
            if best is None or shares[best] < _SAME_WORDS:
                self._table_task(row, f"PL-{number}", Place())
                continue
            del open_tasks[best]
            duty, task = self._row_duty(row), replace(self.found.tasks[best], title=row.text[:500])
            if duty.lead:
                task = replace(task, lead=duty.lead, lead_basis=duty.lead_basis)
            if duty.cooperating:
                task = replace(task, cooperating=duty.cooperating, coop_basis=duty.coop_basis)
            self.found.tasks[best] = self._with_row(task, row)

    def _row_duty(self, row: TableTask) -> Duty:
        leads = [key for name in re.split(r"[;\n]", row.lead) for key in self._named(name)]
        partners = [key for name in re.split(r"[;\n]", row.cooperating) for key in self._named(name)]
        lead = leads[0] if leads else ""
        others = tuple(key for key in dict.fromkeys([*leads[1:], *partners]) if key != lead)
        return Duty(lead, "explicit" if lead else "", others, "explicit" if others else "")

    def _with_row(self, task: TaskSpec, row: TableTask) -> TaskSpec:
        """Return the task with what the other columns of its row say."""
        when = find_when(row.when, self._year)
        day = read_cell_day(row.when)
        if day or when.deadline:
            task = replace(
                task, deadline=day or when.deadline, starts_on=when.starts_on, deadline_basis="explicit"
            )
        return replace(
            task, cadence=when.cadence or task.cadence, expected_result=row.result or task.expected_result,
            amount_vnd=row.amount if row.amount is not None else task.amount_vnd,
        )  # fmt: skip

    def _named(self, name: str) -> list[str]:
        key = self._names.one(name)
        return [key] if key else [one.key for one in self._names.find(name)]


@dataclass(frozen=True, slots=True)
class _Said:
    """A task's words. ``own``: the part of ``text`` that is this task's (title, kind, deadline); ``split``: "1/3"."""

    code: str
    text: str
    own: str
    line: int
    split: str = ""


@dataclass(slots=True)
class _Above:
    """The sentence right under a heading: ``entry`` is done with, ``duty`` is what its list inherits."""

    entry: "Promise | None" = None
    duty: Duty | None = None


@dataclass(eq=False, slots=True)
class Promise:
    """One sentence or list item under a heading. ``under``: its own sub-items."""

    mark: str
    text: str
    whole: str
    label: str = ""
    inline: bool = False
    under: list[str] = field(default_factory=list)
    line: int = 0


def _promises(entry: Entry) -> Iterator[Promise]:
    if entry.body:
        yield Promise("text", entry.body, entry.whole, inline=True, line=entry.line)
    for child in entry.children:
        if not child.is_section and len(child.title.strip(" .;:-")) > 3:
            under = [one.whole for one in child.children if len(one.whole) > 3]
            yield Promise(child.mark, child.title, child.whole, child.label, False, under, child.line)


def _ref(child: Entry, ref: str, number: int) -> str:
    if child.mark == "part":
        return child.label
    if child.mark == "number":
        part = ref.partition(".")[0]
        return f"{part}.{child.label}" if part and not part.isdigit() else child.label
    own = child.label or str(number)
    return f"{ref}.{own}" if ref else own


def _letters() -> Iterator[str]:
    """a, b, c ... z, aa, ab ..."""
    first = ""
    while True:
        for code in range(ord("a"), ord("z") + 1):
            yield first + chr(code)
        first = chr(ord(first or "`") + 1)


def _code(promise: Promise, ref: str, letters: Iterator[str]) -> str:
    if promise.mark == "number":
        return _ref(Entry("number", promise.label), ref, 0)
    own = next(letters)
    return f"{ref}-{own}" if ref else own


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def split_deeds(text: str) -> list[str]:
    """Part a sentence that promises deeds of different kinds; one deed said in several clauses stays one."""
    if _ONE_DUTY.match(fold(text)):
        return [text]
    parts: list[str] = []
    for clause in re.split(r";\s+", text):
        kind = kind_of(clause)
        if parts and not (kind and _DEED.match(fold(clause)) and kind != kind_of(parts[-1])):
            parts[-1] = f"{parts[-1]}; {clause}"
        else:
            parts.append(clause)
    found: list[str] = []
    for part in parts:
        match = _TWO_EVENTS.search(fold(part))
        found += [part[: match.start(1)], f"Tổ chức {part[match.end(1) :]}"] if match else [part]
    return found if len(found) > 1 else [text]
