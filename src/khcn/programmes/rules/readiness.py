"""The self-check of digital readiness: what its questionnaire looks like, what is wrong with one, and how answers count.

A questionnaire is data: dimensions of questions with four anchored answers (0 to 3), levels from so many points of a
hundred, advice by dimension and level. Nothing here knows a question by name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.programmes.enums import Audience
from khcn.programmes.rules.attendance import Fault

STEPS: Final = 4  # anchored answers of a question
SKIPPED: Final = -1  # "does not apply": neither points nor possible points
KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST: Final = 12  # dimensions, questions of one, levels, choices, words
LONGEST: Final = 600
LEAST_CELL, MOST_CELL = 5, 50


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the place of an option is its points."""

    key: str
    text: str
    help: str
    weight: int
    may_skip: bool
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do next, which programmes fit (audiences), and words to look for in the library."""

    text: str
    audiences: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One step of the check. ``advice`` by key of level."""

    key: str
    label: str
    weight: int
    questions: tuple[Question, ...]
    advice: Mapping[str, Advice]


@dataclass(frozen=True, slots=True)
class Level:
    """What a score is called from so many points on."""

    key: str
    label: str
    start: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind, size or sector somebody may name."""

    key: str
    label: str
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole questionnaire."""

    title: str
    intro: str
    least_cell: int
    ward_kinds: tuple[str, ...]
    kinds: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    sectors: tuple[Choice, ...]
    levels: tuple[Level, ...]
    dimensions: tuple[Dimension, ...]

    def level_at(self, points: int) -> Level:
        """Return the level of a score."""
        return [one for one in self.levels if one.start <= points][-1]

    def level(self, key: str) -> Level | None:
        """Return the level of a key, if there is one."""
        return next((one for one in self.levels if one.key == key), None)

    def label_of(self, group: str, key: str) -> str:
        """Return what a kind, size or sector is called; the key itself where this version has none."""
        return next((one.label for one in getattr(self, group) if one.key == key), key)


@dataclass(frozen=True, slots=True)
class Scores:
    """Points of a hundred by dimension (``None``: nothing applied), together, and the level."""

    by_dimension: Mapping[str, int | None]
    overall: int
    level: str


def sheet_of(content: Mapping[str, Any]) -> Sheet:
    """Return a questionnaire from valid content (see :func:`faults_of`)."""
    return Sheet(
        content["title"], content["intro"], content["least_cell"], tuple(content["ward_kinds"]),
        _choices(content["kinds"]), _choices(content["sizes"]), _choices(content["sectors"]),
        tuple(Level(one["key"], one["label"], one["from"], one["meaning"]) for one in content["levels"]),
        tuple(_dimension(one) for one in content["dimensions"]),
    )  # fmt: skip


def _choices(rows: Sequence[Mapping[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(one["key"], one["label"], one.get("audience", "")) for one in rows)


def _dimension(row: Mapping[str, Any]) -> Dimension:
    questions = tuple(
        Question(one["key"], one["text"], one.get("help", ""), one["weight"], one["may_skip"], tuple(one["options"]))
        for one in row["questions"]
    )  # fmt: skip
    advice = {
        level: Advice(one["text"], tuple(one["audiences"]), tuple(one["words"]))
        for level, one in row["advice"].items()
    }
    return Dimension(row["key"], row["label"], row["weight"], questions, advice)


def answer_counts(question: Question, value: Any) -> bool:
    """Whether a value is an answer to a question."""
    if type(value) is not int:
        return False
    return 0 <= value < STEPS or (value == SKIPPED and question.may_skip)


def open_dimension(sheet: Sheet, answers: Mapping[str, Any]) -> int | None:
    """Return the place of the first dimension with a question that is not answered, ``None`` when all are."""
    for place, one in enumerate(sheet.dimensions):
        if not all(answer_counts(question, answers.get(question.key)) for question in one.questions):
            return place
    return None


def scores_of(sheet: Sheet, answers: Mapping[str, int]) -> Scores | None:
    """Return the scores of complete answers; ``None`` when nothing applied at all."""
    found = {one.key: _points(one, answers) for one in sheet.dimensions}
    counted = [(found[one.key], one.weight) for one in sheet.dimensions]
    weight = sum(weight for points, weight in counted if points is not None)
    if not weight:
        return None
    overall = _rounded(sum(points * weight for points, weight in counted if points is not None), weight)
    return Scores(found, overall, sheet.level_at(overall).key)


def _points(dimension: Dimension, answers: Mapping[str, int]) -> int | None:
    given = [(answers[one.key], one.weight) for one in dimension.questions if answers[one.key] != SKIPPED]
    most = sum(weight for _value, weight in given) * (STEPS - 1)
    return _rounded(100 * sum(value * weight for value, weight in given), most) if most else None


def _rounded(total: int, by: int) -> int:
    """Return ``total / by``, halves up."""
    return (2 * total + by) // (2 * by)


# What is wrong with content


def faults_of(content: Any) -> list[Fault]:
    """Return what is wrong with the content of a questionnaire, each naming its place; empty: it is good."""
    reader = _Reader()
    if not isinstance(content, dict):
        return [Fault(_("đầu tệp"), _("Tệp phải là một đối tượng JSON có title, levels, dimensions."))]
    reader.whole(content)
    return reader.faults


class _Reader:
    """Walks through content once and notes what is wrong."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.questions: set[str] = set()

    def bad(self, where: str, sentence: str) -> None:
        self.faults.append(Fault(where, sentence))

    def whole(self, content: dict[str, Any]) -> None:
        head = _("phần đầu")
        self.text(content, "title", head)
        self.text(content, "intro", head)
        self.number(content, "least_cell", head, LEAST_CELL, MOST_CELL)
        for one in self.rows(content, "ward_kinds", head, least=0):
            if not isinstance(one, str) or not KEY.fullmatch(one):
                self.bad(head, _("Mục ward_kinds chỉ ghi mã loại đơn vị, ví dụ uy-ban-phuong."))
        for name, label in (("kinds", _("loại hình")), ("sizes", _("quy mô")), ("sectors", _("ngành nghề"))):
            for one in self.keyed(content, name, head, label):
                self.text(one[1], "label", one[0])
                if not _is_audience(one[1].get("audience", "public")):
                    self.bad(one[0], _("Mục audience không có trong danh sách đối tượng."))
        levels = self._levels(content, head)
        for where, row in self.keyed(content, "dimensions", head, _("nhóm")):
            self._dimension(where, row, levels)

    def _levels(self, content: dict[str, Any], head: str) -> list[str]:
        found, before = [], -1
        for where, row in self.keyed(content, "levels", head, _("mức")):
            self.text(row, "label", where)
            self.text(row, "meaning", where)
            if self.number(row, "from", where, 0, 100):
                if before < 0 and row["from"] != 0:
                    self.bad(where, _("Mức đầu tiên phải bắt đầu từ 0 điểm."))
                if row["from"] <= before:
                    self.bad(where, _("Điểm bắt đầu phải lớn hơn điểm của mức trước."))
                before = row["from"]
            found.append(str(row.get("key")))
        return found

    def _dimension(self, where: str, row: dict[str, Any], levels: Sequence[str]) -> None:
        self.text(row, "label", where)
        self.number(row, "weight", where, 1, 10)
        for at, one in self.keyed(row, "questions", where, _("câu")):
            self._question(f"{where}, {at}", one)
        advice = row.get("advice")
        if not isinstance(advice, dict) or set(advice) != set(levels):
            self.bad(
                where,
                _("Mục advice phải có đúng một lời khuyên cho mỗi mức: %(levels)s.")
                % {"levels": ", ".join(levels)},
            )
            return
        for level, one in advice.items():
            self._advice(_("%(where)s, lời khuyên cho mức %(level)s") % {"where": where, "level": level}, one)

    def _question(self, where: str, row: dict[str, Any]) -> None:
        self.text(row, "text", where)
        self.text(row, "help", where, required=False)
        self.number(row, "weight", where, 1, 10)
        if not isinstance(row.get("may_skip"), bool):
            self.bad(where, _("Mục may_skip phải là true hoặc false: có cho chọn Không áp dụng hay không."))
        options = row.get("options")
        if not isinstance(options, list) or len(options) != STEPS:
            self.bad(where, _("Phải có đúng 4 phương án, xếp từ thấp đến cao."))
        elif not all(_is_text(one) for one in options) or len(set(options)) != STEPS:
            self.bad(where, _("Mỗi phương án phải có chữ, không quá 600 ký tự, không trùng nhau."))
        if (key := str(row.get("key"))) in self.questions:
            self.bad(where, _("Mã câu %(key)s đã dùng ở nhóm khác.") % {"key": key[:40]})
        self.questions.add(key)

    def _advice(self, where: str, row: Any) -> None:
        if not isinstance(row, dict):
            self.bad(where, _("Phải có text, audiences, words."))
            return
        self.text(row, "text", where)
        for one in self.rows(row, "audiences", where, least=0):
            if not _is_audience(one):
                self.bad(where, _("Mục audiences có đối tượng không nằm trong danh sách."))
        if not all(_is_text(one) for one in self.rows(row, "words", where, least=0)):
            self.bad(where, _("Mục words chỉ ghi các từ để tìm trong thư viện."))

    def text(self, row: dict[str, Any], name: str, where: str, *, required: bool = True) -> None:
        value = row.get(name, "")
        if not (_is_text(value) or (not required and value == "")):
            self.bad(where, _("Mục %(name)s phải có chữ, không quá 600 ký tự.") % {"name": name})

    def number(self, row: dict[str, Any], name: str, where: str, least: int, most: int) -> bool:
        value = row.get(name)
        if type(value) is int and least <= value <= most:
            return True
        words = {"name": name, "least": least, "most": most}
        self.bad(where, _("Mục %(name)s phải là số nguyên từ %(least)s đến %(most)s.") % words)
        return False

    def rows(self, row: dict[str, Any], name: str, where: str, *, least: int = 1) -> list[Any]:
        value = row.get(name)
        if isinstance(value, list) and least <= len(value) <= MOST:
            return value
        words = {"name": name, "least": least, "most": MOST}
        self.bad(where, _("Mục %(name)s phải là danh sách từ %(least)s đến %(most)s phần.") % words)
        return []

    def keyed(
        self, row: dict[str, Any], name: str, where: str, label: str
    ) -> list[tuple[str, dict[str, Any]]]:
        found, keys = [], set()
        for number, one in enumerate(self.rows(row, name, where), start=1):
            at = _("%(label)s %(number)s") % {"label": label, "number": number}
            if not isinstance(one, dict):
                self.bad(at, _("Phải là một đối tượng JSON."))
                continue
            key = one.get("key")
            if not isinstance(key, str) or not KEY.fullmatch(key) or key in keys:
                self.bad(at, _("Mục key phải gồm chữ thường không dấu, số, dấu gạch, và không trùng."))
            elif isinstance(key, str):
                keys.add(key)
            found.append((at, one))
        return found


def _is_audience(value: Any) -> bool:
    return isinstance(value, str) and value in Audience.values


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= LONGEST and value.isprintable()
