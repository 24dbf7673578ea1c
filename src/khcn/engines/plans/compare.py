"""The difference of two versions of a plan: tasks, header, sections and regime, field by field, words marked."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from khcn.engines.plans.types import HeaderSpec, PlanFile, ReportingSpec, SectionSpec, TaskSpec

Side = Literal["same", "old", "new"]
Piece = tuple[Side, str]
_TEXT_FIELDS: Final = frozenset(
    {"title", "text", "title_en", "expected_result", "requirement", "budget_text"}
)
# difflib grows with the square of the words; a text longer than this is shown whole, old and new.
_MAX_WORDS: Final = 2_000


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. ``pieces``: for texts, the words in order, each the same, only old or only new."""

    name: str
    old: Any
    new: Any
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskChange:
    """A task of both versions that is not the same in them."""

    code: str
    title: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What is other in the new version. ``moved``: codes of tasks that only stand in another place."""

    header: tuple[FieldChange, ...] = ()
    sections_added: tuple[SectionSpec, ...] = ()
    sections_removed: tuple[SectionSpec, ...] = ()
    sections_changed: tuple[TaskChange, ...] = ()
    added: tuple[TaskSpec, ...] = ()
    removed: tuple[TaskSpec, ...] = ()
    changed: tuple[TaskChange, ...] = ()
    moved: tuple[str, ...] = ()
    reporting: tuple[FieldChange, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the two versions say the same."""
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def count(self) -> int:
        """How many things differ: tasks, sections and fields of the header and the regime."""
        return sum(len(getattr(self, field.name)) for field in fields(self) if field.name != "moved")


def word_difference(old: str, new: str) -> tuple[Piece, ...]:
    """Return the words of both texts in reading order, marked ``same``, ``old`` or ``new``; blanks stand between pieces.

    >>> word_difference("Tổ chức hai lớp", "Tổ chức ba lớp")
    (('same', 'Tổ chức'), ('old', 'hai'), ('new', 'ba'), ('same', 'lớp'))
    """
    before, after = old.split(), new.split()
    if max(len(before), len(after)) > _MAX_WORDS:
        whole: tuple[Piece, ...] = (("old", old), ("new", new))
        return tuple(piece for piece in whole if piece[1])
    matcher = difflib.SequenceMatcher(None, before, after, False)
    pieces: list[Piece] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(("same", " ".join(after[new_from:new_to])))
            continue
        if old_from < old_to:
            pieces.append(("old", " ".join(before[old_from:old_to])))
        if new_from < new_to:
            pieces.append(("new", " ".join(after[new_from:new_to])))
    return tuple(pieces)


def _changes(old: Any, new: Any, skip: Iterable[str] = ()) -> tuple[FieldChange, ...]:
    """Compare two values of one dataclass field by field."""
    found: list[FieldChange] = []
    skipped = frozenset(skip)
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name in skipped or _plain(before) == _plain(after):
            continue
        pieces = word_difference(before, after) if field.name in _TEXT_FIELDS else ()
        found.append(FieldChange(field.name, before, after, pieces))
    return tuple(found)


def _plain(value: Any) -> Any:
    """Tuples that are sets by meaning compare without order; mappings by content."""
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return sorted(value)
    return dict(value) if hasattr(value, "keys") else value


def compare_tasks(
    old: Sequence[TaskSpec], new: Sequence[TaskSpec]
) -> tuple[tuple[TaskSpec, ...], tuple[TaskSpec, ...], tuple[TaskChange, ...], tuple[str, ...]]:
    """Return (added, removed, changed, moved) tasks, matched by their code."""
    before, after = {task.code: task for task in old}, {task.code: task for task in new}
    added = tuple(task for task in new if task.code not in before)
    removed = tuple(task for task in old if task.code not in after)
    changed = tuple(
        TaskChange(task.code, task.title, found)
        for task in new
        if task.code in before and (found := _changes(before[task.code], task))
    )
    kept_old = [task.code for task in old if task.code in after]
    kept_new = [task.code for task in new if task.code in before]
    return added, removed, changed, _moved(kept_old, kept_new)


def _moved(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """The fewest codes that have to be moved to turn one order into the other."""
    if list(old) == list(new):
        return ()
    matcher = difflib.SequenceMatcher(None, old, new, False)
    stay = {code for block in matcher.get_matching_blocks() for code in new[block.b : block.b + block.size]}
    return tuple(code for code in new if code not in stay)


def compare_sections(
    old: Sequence[SectionSpec], new: Sequence[SectionSpec]
) -> tuple[tuple[SectionSpec, ...], tuple[SectionSpec, ...], tuple[TaskChange, ...]]:
    """Return (added, removed, changed) sections, matched by their ref."""
    before, after = {one.ref: one for one in old}, {one.ref: one for one in new}
    added = tuple(one for one in new if one.ref not in before)
    removed = tuple(one for one in old if one.ref not in after)
    changed = tuple(
        TaskChange(one.ref, one.title, found)
        for one in new
        if one.ref in before and (found := _changes(before[one.ref], one))
    )
    return added, removed, changed


def compare_headers(old: HeaderSpec, new: HeaderSpec) -> tuple[FieldChange, ...]:
    """Return the fields of the header that differ."""
    return _changes(old, new)


def compare_reporting(old: ReportingSpec, new: ReportingSpec) -> tuple[FieldChange, ...]:
    """Return the fields of the reporting regime that differ."""
    return _changes(old, new)


def compare_plans(old: PlanFile, new: PlanFile) -> PlanDifference:
    """Return what ``new`` says otherwise than ``old``. Units, anomalies and vocabularies are not compared."""
    added, removed, changed, moved = compare_tasks(old.tasks, new.tasks)
    sections_added, sections_removed, sections_changed = compare_sections(old.sections, new.sections)
    texts = tuple(
        FieldChange(name, before, after, word_difference(_joined(before), _joined(after)))
        for name in ("purpose", "requirement", "budget_text")
        if (before := getattr(old, name)) != (after := getattr(new, name))
    )
    return PlanDifference(
        header=(*compare_headers(old.header, new.header), *texts),
        sections_added=sections_added,
        sections_removed=sections_removed,
        sections_changed=sections_changed,
        added=added,
        removed=removed,
        changed=changed,
        moved=moved,
        reporting=compare_reporting(old.reporting, new.reporting),
    )


def _joined(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)
