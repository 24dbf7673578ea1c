"""Quiz questions as a workbook: the template down (with what is there), filled, and read back."""

from collections.abc import Sequence
from typing import IO

from django.http import HttpResponse
from django.utils.translation import gettext as _

from khcn.core.exports.filled import filled_template, workbook_response
from khcn.core.exports.forms import FilledForm, FormColumn, read_workbook
from khcn.programmes.rules.attendance import Fault, RowsError
from khcn.programmes.rules.evaluation import QuizQuestion

OPTIONS = ("A", "B", "C", "D", "E", "F")


def quiz_columns() -> list[FormColumn]:
    """Return the columns: the question, up to six answers, the letter of the right one."""
    return [
        FormColumn("text", _("Câu hỏi"), required=True, max_length=500, width=50),
        *(
            FormColumn(letter, _("Phương án %(letter)s") % {"letter": letter}, required=letter in "AB", max_length=300)
            for letter in OPTIONS
        ),
        FormColumn("right", _("Đúng"), "choice", required=True, choices={letter: letter for letter in OPTIONS}, width=8),
    ]  # fmt: skip


def quiz_sheet(questions: Sequence[QuizQuestion]) -> HttpResponse:
    """Return the workbook with the questions that are there."""
    rows = [
        {"text": one.text, "right": OPTIONS[one.right] if one.right < len(OPTIONS) else ""}
        | dict(zip(OPTIONS, one.options, strict=False))
        for one in questions
    ]
    return workbook_response(
        filled_template(quiz_columns(), rows, title=_("Câu hỏi kiểm tra")), _("Câu hỏi kiểm tra")
    )


def read_quiz(file: IO[bytes]) -> list[QuizQuestion]:
    """Return the questions of a filled workbook. :raises WorkbookError: :raises RowsError: with every wrong row."""
    filled: FilledForm = read_workbook(file, quiz_columns())
    faults = [Fault(_("dòng %(n)s") % {"n": one.row}, one.message, one.column) for one in filled.errors]
    found = []
    for number, row in enumerate(filled.rows, start=1):
        held = [letter for letter in OPTIONS if row.values.get(letter)]
        right = str(row.values["right"])
        if right not in held or held != list(OPTIONS[: len(held)]):
            faults.append(
                Fault(
                    _("dòng %(n)s") % {"n": row.number},
                    _("Phương án phải ghi liền từ A, và phương án đúng phải có chữ."),
                )
            )
            continue
        options = tuple(str(row.values[letter]) for letter in held)
        found.append(QuizQuestion(f"q{number}", str(row.values["text"]), options, OPTIONS.index(right)))
    if faults or not found:
        raise RowsError(_("Bảng có dòng chưa đúng nên chưa lưu gì. Hãy sửa rồi gửi lại."), faults)
    return found
