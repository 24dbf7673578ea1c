"""What changed between two versions of a lesson, in words that a teacher reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from khcn.core.numbers import money_vi
from khcn.programmes.rules.curricula import Content


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that changed: the lines that went and the lines that came."""

    label: str
    removed: list[str]
    added: list[str]


def differences(old: Content, new: Content) -> list[Difference]:
    """Return what changed, part by part; nothing for two equal contents."""
    found = []
    for label, before, after in _parts(old, new):
        removed, added = _lines(before, after)
        if removed or added:
            found.append(Difference(label, removed, added))
    return found


def _parts(old: Content, new: Content) -> list[tuple[str, list[str], list[str]]]:
    pairs = zip(_shown(old), _shown(new), strict=True)
    return [(label, before, after) for (label, before), (_label, after) in pairs]


def _shown(one: Content) -> list[tuple[str, list[str]]]:
    return [
        (_("Tên bài"), [one.title]),
        (_("Tóm tắt"), [one.summary] if one.summary else []),
        (_("Mục tiêu"), one.objective_lines),
        (_("Môn"), [one.subject_label] if one.subject else []),
        (_("Người học"), [one.for_whom] if one.for_whom else []),
        (_("Dành cho"), one.audience_labels),
        (_("Thời lượng"), [_("%(n)s phút") % {"n": one.minutes}] if one.minutes else []),
        (_("Các bước"), steps_lines(one)),
        (_("Thiết bị"), equipment_lines(one)),
        (_("Lưu ý an toàn"), [line for line in one.safety.splitlines() if line.strip()]),
        (_("Ghi công"), [one.credits] if one.credits else []),
        (_("Giấy phép"), [one.licence_label]),
        (_("Tài liệu thư viện"), [work.title for work in one.materials]),
    ]


def steps_lines(one: Content) -> list[str]:
    """Return the steps as lines of text."""
    lines = []
    for step in one.steps:
        parts = [_("%(n)s phút") % {"n": step.minutes}]
        parts += [_("Giáo viên: %(text)s") % {"text": step.teacher}] if step.teacher else []
        parts += [_("Học sinh: %(text)s") % {"text": step.pupils}] if step.pupils else []
        parts += [_("Đáp án, ghi chú: %(text)s") % {"text": step.answer}] if step.answer else []
        lines.append(". ".join(part.rstrip(".") for part in parts))
    return lines


def equipment_lines(one: Content) -> list[str]:
    """Return the equipment as lines of text."""
    return [
        _("%(name)s: %(quantity)s %(unit)s, %(price)s")
        % {"name": item.name, "quantity": item.quantity, "unit": item.unit, "price": money_vi(item.price)}
        + (f" ({', '.join(item.hazard_labels)})" if item.hazards else "")
        for item in one.equipment
    ]


def _lines(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    removed: list[str] = []
    added: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag != "equal":
            removed += before[i1:i2]
            added += after[j1:j2]
    return removed, added
