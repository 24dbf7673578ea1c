"""The questions of a survey one by one: added, changed, moved, removed. Every deed goes through ``survey_write``."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from khcn.core.actors import Actor
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.models.evaluation import Survey
from khcn.programmes.rules.evaluation import SATISFACTION, Question, QuestionKind, questions_from
from khcn.programmes.rules.texts import kept_line
from khcn.programmes.services.evaluation import survey_write

MOST_WORDS: Final = 300
MOST_OPTION: Final = 150


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What a clerk says about one question; ``options``: a line each, of a choice only."""

    text: str
    kind: str
    options: str = ""
    required: bool = True


@transaction.atomic
def question_put(
    *, actor: Actor, survey: Survey, values: QuestionText, now: datetime, key: str = ""
) -> Question:
    """Add a question at the end, or change the one with ``key``; whatever else is kept of it stays.

    :raises PermissionDeniedError: :raises ProgrammeError: with its field; a changed question that was answered.
    """
    known = _questions(survey)
    if values.kind not in QuestionKind.values:
        raise ProgrammeError(_("Hãy chọn cách trả lời trong danh sách."), field="kind")
    text = kept_line(values.text, MOST_WORDS)
    if not text:
        raise ProgrammeError(_("Hãy ghi lời hỏi."), field="text")
    options = tuple(
        dict.fromkeys(kept_line(one, MOST_OPTION) for one in values.options.splitlines() if one.strip())
    )
    if values.kind != QuestionKind.CHOICE:
        options = ()
    elif len(options) < 2:  # a choice is between two
        raise ProgrammeError(_("Hãy ghi ít nhất hai ý để chọn, mỗi ý một dòng."), field="options")
    if key:
        _unanswered(survey)
        place = _place(known, key)
        one = replace(known[place], text=text, kind=values.kind, options=options, required=values.required)
        known[place] = one
    else:
        one = Question(_free_key(survey), values.kind, text, options, values.required)
        known.append(one)
    survey_write(actor=actor, survey=survey, questions=known, now=now)
    return one


@transaction.atomic
def question_move(*, actor: Actor, survey: Survey, key: str, up: bool, now: datetime) -> None:
    """Let a question change places with the one before or after it; at the end of the list nothing happens.

    :raises PermissionDeniedError, ProgrammeError:
    """
    known = _questions(survey)
    place = _place(known, key)
    other = place - 1 if up else place + 1
    if 0 <= other < len(known):
        known[place], known[other] = known[other], known[place]
    survey_write(actor=actor, survey=survey, questions=known, now=now)


@transaction.atomic
def question_remove(*, actor: Actor, survey: Survey, key: str, now: datetime) -> None:
    """Take a question off that nobody has answered yet. :raises PermissionDeniedError, ProgrammeError:"""
    known = _questions(survey)
    place = _place(known, key)
    if key == SATISFACTION:
        raise ProgrammeError(
            _("Báo cáo tính sự hài lòng theo câu này nên không bỏ được. Bạn sửa được lời hỏi.")
        )
    _unanswered(survey)
    del known[place]
    survey_write(actor=actor, survey=survey, questions=known, now=now)


def _questions(survey: Survey) -> list[Question]:
    Survey.objects.select_for_update().get(pk=survey.pk)
    last = survey.versions.order_by("-version").first()
    return questions_from(last.questions) if last else []


def _unanswered(survey: Survey) -> None:
    if survey.answers.exists():
        raise ProgrammeError(
            _(
                "Đã có người trả lời nên không sửa, không bỏ từng câu được. Hãy thêm câu mới, hoặc mở “Soạn cả phiếu dạng chữ” để lập bản mới."
            )
        )


def _place(known: list[Question], key: str) -> int:
    for place, one in enumerate(known):
        if one.key == key:
            return place
    raise ProgrammeError(_("Người khác vừa bỏ câu này. Hãy mở lại trang rồi sửa tiếp."))


def _free_key(survey: Survey) -> str:
    """A key that no version ever used: answers to another question must never be counted with this one's."""
    used = {
        row["key"] for questions in survey.versions.values_list("questions", flat=True) for row in questions
    }
    return next(key for number in range(1, 10_000) if (key := f"q{number}") not in used)
