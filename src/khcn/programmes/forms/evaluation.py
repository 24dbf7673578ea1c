"""Forms of surveys and quizzes: built from their questions; the editors take plain text, a block a question."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.programmes.errors import ProgrammeError
from khcn.programmes.human import HumanForm
from khcn.programmes.rules.evaluation import Question, QuestionKind, QuizQuestion
from khcn.programmes.services.evaluation_questions import QuestionText

STEPS = (
    ("5", gettext_lazy("5: rất tốt")), ("4", "4"), ("3", "3"), ("2", "2"), ("1", gettext_lazy("1: rất kém")),
)  # fmt: skip


class SurveyForm(forms.Form):
    """The questions of a survey."""

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for one in questions:
            field: forms.Field
            if one.kind == QuestionKind.TEXT:
                field = forms.CharField(
                    label=one.text,
                    required=one.required,
                    max_length=1000,
                    widget=forms.Textarea(attrs={"rows": 3}),
                )
            else:
                pairs = (
                    STEPS
                    if one.kind == QuestionKind.SCALE
                    else [(str(n), text) for n, text in enumerate(one.options)]
                )
                field = forms.ChoiceField(
                    label=one.text, required=one.required, choices=pairs, widget=forms.RadioSelect
                )
            self.fields[f"cau-{one.key}"] = field

    def given(self) -> dict[str, Any]:
        """Return the answers by key."""
        return {one.key: self.cleaned_data.get(f"cau-{one.key}") for one in self.questions}


class RoomSurveyForm(HumanForm, SurveyForm):
    """The same for who has no ticket."""

    client_key = forms.CharField(max_length=40, min_length=8, widget=forms.HiddenInput)


class QuizForm(forms.Form):
    """The questions of a quiz; which answer is right never reaches the page."""

    def __init__(self, *args: Any, questions: Sequence[QuizQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in questions:
            self.fields[f"cau-{one.key}"] = forms.ChoiceField(
                label=one.text, required=False, choices=[(str(n), text) for n, text in enumerate(one.options)],
                widget=forms.RadioSelect,
            )  # fmt: skip

    def given(self) -> dict[str, Any]:
        """Return the answers by key."""
        return {name[4:]: value for name, value in self.cleaned_data.items() if name.startswith("cau-")}


class OneQuestionForm(forms.Form):
    """One question of a survey, in the editor."""

    text = forms.CharField(label=gettext_lazy("Lời hỏi"), max_length=300)
    kind = forms.ChoiceField(label=gettext_lazy("Cách trả lời"), choices=QuestionKind.choices)
    options = forms.CharField(
        label=gettext_lazy("Các ý để chọn, mỗi dòng một ý"), required=False, max_length=2000,
        help_text=gettext_lazy("Chỉ dùng khi cách trả lời là chọn một ý."), widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    required = forms.BooleanField(label=gettext_lazy("Bắt buộc trả lời"), required=False)

    def values(self) -> QuestionText:
        """Return what was entered."""
        return QuestionText(**self.cleaned_data)


class QuestionsForm(forms.Form):
    """Questions as text."""

    text = forms.CharField(
        label=gettext_lazy("Câu hỏi"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 18})
    )


def survey_text(questions: Sequence[Question]) -> str:
    """Return questions as the editor shows them."""
    blocks = []
    for one in questions:
        lines = [one.text] + [f"- {option}" for option in one.options]
        lines += ["(viết)"] if one.kind == QuestionKind.TEXT else []
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def survey_questions(text: str, known: Sequence[Question]) -> list[Question]:
    """Read questions: a block each; lines with "-" are choices, "(viết)" asks for words, else a scale.

    A question whose words did not change keeps its key and whatever its text does not show; the first scale stays the
    one about satisfaction.
    """
    keys = {one.text: one.key for one in known}
    same = {(one.key, one.kind): one for one in known}
    found: list[Question] = []
    for number, block in enumerate(_blocks(text), start=1):
        options = tuple(line[1:].strip() for line in block[1:] if line.startswith("-"))
        words = any(line.casefold() in {"(viết)", "(viet)"} for line in block[1:])
        kind = QuestionKind.CHOICE if options else QuestionKind.TEXT if words else QuestionKind.SCALE
        used = {one.key for one in found}
        key = keys.get(block[0], "")
        if not key and kind == QuestionKind.SCALE and "satisfaction" not in used and number == 1:
            key = "satisfaction"
        serial = number
        while not key or key in used:
            key, serial = f"q{serial}", serial + 100
        old = same.get((key, str(kind)))
        if old is not None:
            found.append(replace(old, text=block[0][:300], options=options))
        else:
            found.append(Question(key, kind, block[0][:300], options, required=kind != QuestionKind.TEXT))
    return found


def quiz_text(questions: Sequence[QuizQuestion]) -> str:
    """Return a quiz as the editor shows it: the right answer begins with "*"."""
    return "\n\n".join(
        "\n".join(
            [one.text, *(("* " if n == one.right else "- ") + text for n, text in enumerate(one.options))]
        )
        for one in questions
    )


def quiz_questions(text: str) -> list[QuizQuestion]:
    """Read a quiz. :raises ProgrammeError: a question without exactly one right answer."""
    found = []
    for number, block in enumerate(_blocks(text), start=1):
        lines = [line for line in block[1:] if line[:1] in "-*"]
        right = [place for place, line in enumerate(lines) if line.startswith("*")]
        if len(right) != 1:
            raise ProgrammeError(
                _("Câu %(n)s cần đúng một phương án có dấu * ở đầu.") % {"n": number}, field="text"
            )
        options = tuple(line[1:].strip()[:300] for line in lines)
        found.append(QuizQuestion(f"q{number}", block[0][:500], options, right[0]))
    return found


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.replace("\x00", "").splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]
