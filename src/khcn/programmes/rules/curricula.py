"""What a lesson says, as one value: cleaned, judged, written to JSON and read back. A version keeps exactly this."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.exports.columns import clean_text
from khcn.engines.text.fold import nfc
from khcn.programmes.enums import Audience
from khcn.programmes.enums_curricula import Hazard, Licence, Subject
from khcn.programmes.errors import ProgrammeError

MOST_STEPS: Final = 30
MOST_ITEMS: Final = 60
MOST_MATERIALS: Final = 30
MOST_MINUTES: Final = 24 * 60
MOST_QUANTITY: Final = 10_000
MOST_PRICE: Final = 1_000_000_000
MOST_AGE: Final = 99
MOST_GRADE: Final = 12
LONGEST: Final = {
    "title": 200, "summary": 500, "objectives": 4000, "safety": 4000, "credits": 500,
}  # fmt: skip
LONGEST_STEP: Final = 4000


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``answer``: what only the teacher reads."""

    minutes: int
    teacher: str
    pupils: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of equipment for a class; ``price`` in whole dong for one."""

    name: str
    unit: str
    quantity: int
    price: int
    hazards: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """What it costs for a class."""
        return self.quantity * self.price

    @property
    def hazard_labels(self) -> list[str]:
        """What it may do, in words."""
        return [str(Hazard(one).label) for one in self.hazards]


@dataclass(frozen=True, slots=True)
class LinkedWork:
    """A work of the library by reference, with its title when it was chosen."""

    record: str
    title: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a lesson says."""

    title: str = ""
    summary: str = ""
    objectives: str = ""
    subject: str = ""
    age_from: int | None = None
    age_to: int | None = None
    grade_from: int | None = None
    grade_to: int | None = None
    audiences: tuple[str, ...] = ()
    minutes: int | None = None
    steps: tuple[Step, ...] = ()
    equipment: tuple[Item, ...] = ()
    safety: str = ""
    credits: str = ""
    licence: str = Licence.BY
    materials: tuple[LinkedWork, ...] = ()

    @property
    def cost(self) -> int:
        """What the equipment of one class costs."""
        return sum(one.cost for one in self.equipment)

    @property
    def hazards(self) -> list[str]:
        """Every hazard mark of its equipment, once each, in the order of the list."""
        held = {mark for one in self.equipment for mark in one.hazards}
        return [one.value for one in Hazard if one.value in held]

    @property
    def hazard_labels(self) -> list[str]:
        """The hazards in words."""
        return [str(Hazard(one).label) for one in self.hazards]

    @property
    def objective_lines(self) -> list[str]:
        """The objectives, one a line."""
        return [line.strip(" -•") for line in self.objectives.splitlines() if line.strip(" -•")]

    @property
    def subject_label(self) -> str:
        """The subject in words."""
        return str(Subject(self.subject).label) if self.subject else ""

    @property
    def licence_label(self) -> str:
        """The licence in words."""
        return str(Licence(self.licence).label) if self.licence in Licence.values else self.licence

    @property
    def audience_labels(self) -> list[str]:
        """For whom, in words."""
        return [str(Audience(one).label) for one in self.audiences]

    @property
    def for_whom(self) -> str:
        """Grades and ages in words: "Lớp 6–8, 11–14 tuổi"."""
        parts = []
        if self.grade_from is not None:
            parts.append(_("Lớp %(span)s") % {"span": _span(self.grade_from, self.grade_to)})
        if self.age_from is not None:
            parts.append(_("%(span)s tuổi") % {"span": _span(self.age_from, self.age_to)})
        return ", ".join(parts)


def _span(first: int, last: int | None) -> str:
    return str(first) if last is None or last == first else f"{first}–{last}"


def cleaned(text: str, most: int, *, field: str, label: str, lines: bool = False) -> str:
    """Return text as it is kept: composed letters, no control signs. Raises ProgrammeError when it is too long."""
    plain = nfc(clean_text(text or "")).strip()
    plain = plain if lines else " ".join(plain.split())
    if len(plain) > most:
        raise ProgrammeError(
            _("“%(label)s” dài %(long)s ký tự, nhiều nhất %(most)s. Hãy rút gọn.")
            % {"label": label, "long": len(plain), "most": most},
            field=field,
        )
    return plain


def content_clean(content: Content) -> Content:
    """Return the content as it is kept. Raises ProgrammeError: for what no draft may hold."""
    texts: dict[str, Any] = {
        name: cleaned(
            getattr(content, name),
            LONGEST[name],
            field=name,
            label=label,
            lines=name in {"objectives", "safety"},
        )
        for name, label in _TEXT_LABELS().items()
    }
    if not texts["title"]:
        raise ProgrammeError(_("Hãy ghi tên bài."), field="title")
    if content.subject and content.subject not in Subject.values:
        raise ProgrammeError(_("Hãy chọn môn trong danh sách."), field="subject")
    if content.licence not in Licence.values:
        raise ProgrammeError(_("Hãy chọn giấy phép trong danh sách."), field="licence")
    if unknown := set(content.audiences) - set(Audience.values):
        raise ProgrammeError(_("Không có đối tượng “%(one)s”.") % {"one": min(unknown)}, field="audiences")
    _numbers(content)
    return replace(
        content,
        **texts,
        audiences=tuple(one for one in Audience.values if one in set(content.audiences)),
        steps=_steps(content.steps),
        equipment=_equipment(content.equipment),
        materials=_materials(content.materials),
    )


def _TEXT_LABELS() -> dict[str, str]:  # a table whose words follow the language
    return {
        "title": _("Tên bài"), "summary": _("Tóm tắt"), "objectives": _("Mục tiêu"), "safety": _("Lưu ý an toàn"),
        "credits": _("Ghi công"),
    }  # fmt: skip


def _numbers(content: Content) -> None:
    if content.minutes is not None and not 1 <= content.minutes <= MOST_MINUTES:
        raise ProgrammeError(
            _("Thời lượng phải từ 1 đến %(most)s phút.") % {"most": MOST_MINUTES}, field="minutes"
        )
    for first, last, most, words in (
        ("age_from", "age_to", MOST_AGE, _("Tuổi phải từ 0 đến %(most)s, số sau không nhỏ hơn số trước.")),
        (
            "grade_from",
            "grade_to",
            MOST_GRADE,
            _("Lớp phải từ 1 đến %(most)s, số sau không nhỏ hơn số trước."),
        ),
    ):
        low, high = getattr(content, first), getattr(content, last)
        least = 1 if first == "grade_from" else 0
        if any(one is not None and not least <= one <= most for one in (low, high)) or (
            low is not None and high is not None and high < low
        ):
            raise ProgrammeError(words % {"most": most}, field=last)
        if low is None and high is not None:
            raise ProgrammeError(_("Hãy ghi cả số đầu."), field=first)


def _steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    if len(steps) > MOST_STEPS:
        raise ProgrammeError(
            _("Nhiều nhất %(most)s bước. Hãy gộp bớt.") % {"most": MOST_STEPS}, field="steps"
        )
    kept = []
    for number, one in enumerate(steps, start=1):
        label = _("Bước %(number)s") % {"number": number}
        if not 0 <= one.minutes <= MOST_MINUTES:
            raise ProgrammeError(_("%(step)s: số phút không hợp lý.") % {"step": label}, field="steps")
        words = [
            cleaned(text, LONGEST_STEP, field="steps", label=label, lines=True)
            for text in (one.teacher, one.pupils, one.answer)
        ]
        if not (words[0] or words[1]):
            raise ProgrammeError(
                _("%(step)s: hãy ghi giáo viên làm gì hoặc học sinh làm gì.") % {"step": label}, field="steps"
            )
        kept.append(Step(one.minutes, *words))
    return tuple(kept)


def _equipment(items: Sequence[Item]) -> tuple[Item, ...]:
    if len(items) > MOST_ITEMS:
        raise ProgrammeError(
            _("Nhiều nhất %(most)s dòng thiết bị. Hãy gộp bớt.") % {"most": MOST_ITEMS}, field="equipment"
        )
    kept = []
    for number, one in enumerate(items, start=1):
        label = _("Thiết bị dòng %(number)s") % {"number": number}
        name = cleaned(one.name, 200, field="equipment", label=label)
        unit = cleaned(one.unit, 30, field="equipment", label=label)
        if not name or not unit:
            raise ProgrammeError(
                _("%(row)s: hãy ghi tên và đơn vị tính.") % {"row": label}, field="equipment"
            )
        if not 1 <= one.quantity <= MOST_QUANTITY:
            raise ProgrammeError(
                _("%(row)s: số lượng phải từ 1 đến %(most)s.") % {"row": label, "most": MOST_QUANTITY},
                field="equipment",
            )
        if not 0 <= one.price <= MOST_PRICE:
            raise ProgrammeError(_("%(row)s: đơn giá không hợp lý.") % {"row": label}, field="equipment")
        if set(one.hazards) - set(Hazard.values):
            raise ProgrammeError(
                _("%(row)s: hãy chọn dấu hiệu nguy hiểm trong danh sách.") % {"row": label}, field="equipment"
            )
        marks = tuple(mark for mark in Hazard.values if mark in set(one.hazards))
        kept.append(Item(name, unit, one.quantity, one.price, marks))
    return tuple(kept)


def _materials(works: Sequence[LinkedWork]) -> tuple[LinkedWork, ...]:
    held = {one.record: one for one in works}
    if len(held) > MOST_MATERIALS:
        raise ProgrammeError(
            _("Nhiều nhất %(most)s tài liệu thư viện cho một bài.") % {"most": MOST_MATERIALS},
            field="materials",
        )
    return tuple(LinkedWork(one.record[:120], one.title[:300]) for one in held.values())


def content_complete(content: Content) -> None:
    """Judge whether a lesson can go to review. Raises ProgrammeError: with the first thing that is missing."""
    wanted: tuple[tuple[bool, str, str], ...] = (
        (bool(content.summary), "summary", _("Hãy ghi tóm tắt bài học.")),
        (bool(content.objective_lines), "objectives", _("Hãy ghi ít nhất một mục tiêu.")),
        (bool(content.subject), "subject", _("Hãy chọn môn.")),
        (
            content.age_from is not None or content.grade_from is not None,
            "grade_from",
            _("Hãy ghi lớp hoặc tuổi của người học."),
        ),
        (bool(content.audiences), "audiences", _("Hãy chọn bài dành cho ai.")),
        (content.minutes is not None, "minutes", _("Hãy ghi thời lượng.")),
        (
            bool(content.steps),
            "steps",
            _("Bài chưa có bước nào. Hãy mở “Các bước” và ghi ít nhất một bước."),
        ),
        (
            bool(content.safety) or not content.hazards,
            "safety",
            _("Thiết bị có dấu hiệu nguy hiểm (%(marks)s). Hãy ghi lưu ý an toàn trước khi gửi duyệt.")
            % {"marks": ", ".join(content.hazard_labels)},
        ),
    )
    for holds, field, sentence in wanted:
        if not holds:
            raise ProgrammeError(sentence, field=field)
    total = sum(one.minutes for one in content.steps)
    if total > (content.minutes or 0):
        raise ProgrammeError(
            _("Các bước dài tổng cộng %(total)s phút, hơn thời lượng %(minutes)s phút. Hãy sửa cho khớp.")
            % {"total": total, "minutes": content.minutes},
            field="minutes",
        )


def content_json(content: Content) -> dict[str, Any]:
    """Return the content as plain JSON."""
    plain = asdict(content)
    plain["audiences"] = list(content.audiences)
    plain["licence"] = str(content.licence)
    for name in ("steps", "equipment", "materials"):
        plain[name] = [
            {key: list(value) if isinstance(value, tuple) else value for key, value in one.items()}
            for one in plain[name]
        ]
    return plain


def content_of(plain: Mapping[str, Any] | None) -> Content:
    """Read content back from JSON; what is missing is empty."""
    held = dict(plain or {})
    held["audiences"] = tuple(held.get("audiences", ()))
    held["steps"] = tuple(Step(**one) for one in held.get("steps", ()))
    held["equipment"] = tuple(
        Item(**{**one, "hazards": tuple(one.get("hazards", ()))}) for one in held.get("equipment", ())
    )
    held["materials"] = tuple(LinkedWork(**one) for one in held.get("materials", ()))
    return Content(**held)
