"""Rules of surveys and quizzes: the shape of questions, checking of answers, small numbers that must not show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.engines.text.fold import nfc
from khcn.programmes.errors import ProgrammeError

LEAST: Final = 5  # fewer answers show neither shares nor words: people could be recognised
MOST_QUESTIONS: Final = 30
MOST_OPTIONS: Final = 8
MOST_TEXT: Final = 1000


class QuestionKind(TextChoices):
    """How a question is answered."""

    SCALE = "scale", gettext_lazy("Thang 1 đến 5")
    CHOICE = "choice", gettext_lazy("Chọn một ý")
    TEXT = "text", gettext_lazy("Viết bằng lời")


class QuizPhase(TextChoices):
    """When a quiz is answered."""

    BEFORE = "before", gettext_lazy("Trước khóa học")
    AFTER = "after", gettext_lazy("Sau khóa học")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a survey. ``key`` stays the same from version to version; "satisfaction" feeds the reports."""

    key: str
    kind: str
    text: str
    options: tuple[str, ...] = ()
    required: bool = True

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "key": self.key, "kind": self.kind, "text": self.text, "options": list(self.options),
            "required": self.required,
        }  # fmt: skip


SATISFACTION: Final = "satisfaction"


def default_questions() -> list[Question]:
    """Return the survey that every programme begins with: four questions, one minute."""
    return [
        Question(SATISFACTION, QuestionKind.SCALE, _("Nhìn chung, bạn hài lòng đến mức nào?")),
        Question("useful", QuestionKind.SCALE, _("Nội dung có ích cho công việc, học tập của bạn đến mức nào?")),
        Question(
            "pace", QuestionKind.CHOICE, _("Tốc độ trình bày thế nào?"), (_("Chậm"), _("Vừa phải"), _("Nhanh"))
        ),
        Question("wish", QuestionKind.TEXT, _("Bạn mong lần sau thay đổi điều gì?"), required=False),
    ]  # fmt: skip


def questions_from(kept: Sequence[Mapping[str, Any]]) -> list[Question]:
    """Return kept questions."""
    return [
        Question(row["key"], row["kind"], row["text"], tuple(row.get("options", ())), bool(row.get("required")))
        for row in kept
    ]  # fmt: skip


def checked_questions(rows: Sequence[Question]) -> list[Question]:
    """Return questions that may be asked. :raises ProgrammeError: what is wrong with which."""
    if not rows:
        raise ProgrammeError(_("Phiếu cần ít nhất một câu hỏi."))
    if len(rows) > MOST_QUESTIONS:
        raise ProgrammeError(_("Phiếu có quá %(most)s câu. Hãy bớt lại.") % {"most": MOST_QUESTIONS})
    if len({row.key for row in rows}) < len(rows):
        raise ProgrammeError(_("Có hai câu trùng nhau. Hãy mở lại trang và sửa từ đầu."))
    for number, row in enumerate(rows, start=1):
        if not row.text.strip():
            raise ProgrammeError(_("Câu %(n)s chưa có lời hỏi.") % {"n": number})
        if row.kind == QuestionKind.CHOICE and not 2 <= len(row.options) <= MOST_OPTIONS:
            raise ProgrammeError(
                _("Câu %(n)s cần từ 2 đến %(most)s ý để chọn, mỗi ý một dòng.")
                % {"n": number, "most": MOST_OPTIONS}
            )
        if row.key == SATISFACTION and row.kind != QuestionKind.SCALE:
            raise ProgrammeError(_("Câu về sự hài lòng phải là thang 1 đến 5: báo cáo tính theo câu này."))
    return list(rows)


def checked_answers(questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as they are kept: a number 1 to 5, the place of a choice, words. Others are dropped.

    :raises ProgrammeError: with the question's field ("cau-KEY").
    """
    kept: dict[str, Any] = {}
    for question in questions:
        text = nfc(str(given.get(question.key) or "").replace("\x00", "")).strip()
        field = f"cau-{question.key}"
        if not text:
            if question.required:
                raise ProgrammeError(_("Hãy trả lời câu này."), field=field)
            continue
        if question.kind == QuestionKind.TEXT:
            kept[question.key] = text[:MOST_TEXT]
            continue
        low, high = (1, 5) if question.kind == QuestionKind.SCALE else (0, len(question.options) - 1)
        if not (text.isascii() and text.isdigit() and len(text) < 3 and low <= int(text) <= high):
            raise ProgrammeError(_("Hãy chọn một trong các ý đã cho."), field=field)
        kept[question.key] = int(text)
    return kept


def may_show(count: int) -> bool:
    """Whether a breakdown of ``count`` answers may show."""
    return count >= LEAST


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """One question of a quiz; ``right`` is the place of the right answer among the options."""

    key: str
    text: str
    options: tuple[str, ...]
    right: int

    def plain(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {"key": self.key, "text": self.text, "options": list(self.options), "right": self.right}


def quiz_from(kept: Sequence[Mapping[str, Any]]) -> list[QuizQuestion]:
    """Return kept questions."""
    return [QuizQuestion(row["key"], row["text"], tuple(row["options"]), int(row["right"])) for row in kept]


def checked_quiz(rows: Sequence[QuizQuestion]) -> list[QuizQuestion]:
    """Return questions that may be asked. :raises ProgrammeError:"""
    if len(rows) > MOST_QUESTIONS:
        raise ProgrammeError(_("Bài có quá %(most)s câu. Hãy bớt lại.") % {"most": MOST_QUESTIONS})
    for number, row in enumerate(rows, start=1):
        if not row.text.strip():
            raise ProgrammeError(_("Câu %(n)s chưa có lời hỏi.") % {"n": number})
        if not 2 <= len(row.options) <= MOST_OPTIONS:
            raise ProgrammeError(
                _("Câu %(n)s cần từ 2 đến %(most)s phương án.") % {"n": number, "most": MOST_OPTIONS}
            )
        if not 0 <= row.right < len(row.options):
            raise ProgrammeError(_("Câu %(n)s chưa chỉ ra phương án đúng.") % {"n": number})
    return list(rows)


def graded(questions: Sequence[QuizQuestion], given: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    """Return the answers as kept and how many are right; an unanswered question is not right."""
    kept: dict[str, int] = {}
    for question in questions:
        text = str(given.get(question.key) or "").strip()
        if text.isascii() and text.isdigit() and len(text) < 3 and int(text) < len(question.options):
            kept[question.key] = int(text)
    return kept, sum(kept.get(question.key) == question.right for question in questions)
