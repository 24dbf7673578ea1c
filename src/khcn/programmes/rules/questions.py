"""Questions that a programme asks besides name and audience, some only when another was answered so.

A list of ``{key, label, kind, required, choices, show_if: {key: value}, audience: [...]}``; kinds ``text | choice |
many | yesno | number``. Without JavaScript all are shown with their condition in words; what does not apply is never
checked and never kept.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from khcn.core.numbers import NumberFormatError, parse_number
from khcn.programmes.enums import Audience
from khcn.programmes.errors import ProgrammeError
from khcn.programmes.rules.texts import plain_line

KINDS: Final = ("text", "choice", "many", "yesno", "number")
MOST: Final = 20
MOST_CHOICES: Final = 30
MOST_TEXT: Final = 1000
YES, NO = "yes", "no"
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")


class AnswerError(ProgrammeError):
    """An answer that will not do; ``field`` is ``q_<key>`` of the form."""

    code = "programme-answer"


def questions_clean(rows: Any) -> list[dict[str, Any]]:
    """Return questions as they are kept. :raises ProgrammeError: says which one is wrong and how to put it right."""
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ProgrammeError(_("Có nhiều nhất %(most)s câu hỏi.") % {"most": MOST}, field="questions")
    kept: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        try:
            kept.append(_question(row, kept))
        except ProgrammeError as error:
            words = {"n": number, "why": error.message}
            raise ProgrammeError(_("Câu %(n)s: %(why)s") % words, field=f"q{number}") from None
    return kept


def _question(row: Any, before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise ProgrammeError(_("không đọc được câu hỏi này."))
    key, label = str(row.get("key", "")), plain_line(str(row.get("label", "")))[:300]
    if not _KEY.fullmatch(key) or any(one["key"] == key for one in before):
        raise ProgrammeError(_("mã câu hỏi phải là chữ thường không dấu, không trùng câu khác."))
    if not label:
        raise ProgrammeError(_("hãy ghi nội dung câu hỏi."))
    kind = row.get("kind")
    if kind not in KINDS:
        raise ProgrammeError(_("hãy chọn kiểu trả lời."))
    made: dict[str, Any] = {"key": key, "label": label, "kind": kind, "required": bool(row.get("required"))}
    if kind in {"choice", "many"}:
        choices = list(dict.fromkeys(plain_line(str(one))[:150] for one in row.get("choices") or ()))
        choices = [one for one in choices if one]
        if not 2 <= len(choices) <= MOST_CHOICES:
            raise ProgrammeError(_("hãy ghi từ 2 đến 30 lựa chọn, mỗi dòng một lựa chọn."))
        made["choices"] = choices
    if row.get("show_if"):
        made["show_if"] = _condition(row["show_if"], before)
    if audience := [one for one in row.get("audience") or () if one in Audience.values]:
        made["audience"] = audience
    return made


def _condition(given: Any, before: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise ProgrammeError(_("điều kiện chưa đúng."))
    made = {}
    for key, value in given.items():
        asked = next((one for one in before if one["key"] == key), None)
        if asked is None or asked["kind"] not in {"choice", "many", "yesno"}:
            raise ProgrammeError(_("điều kiện phải dựa vào một câu chọn đứng trước."))
        if value not in (asked.get("choices") or (YES, NO)):
            raise ProgrammeError(_("điều kiện phải là một lựa chọn của câu đứng trước."))
        made[str(key)] = str(value)
    return made


def applies(question: Mapping[str, Any], answers: Mapping[str, Any], audience: str) -> bool:
    """Whether a question is for this person, given what was answered before it."""
    if question.get("audience") and audience not in question["audience"]:
        return False
    for key, wanted in (question.get("show_if") or {}).items():
        given = answers.get(key)
        if wanted not in (given if isinstance(given, list) else [given]):
            return False
    return True


def answers_clean(
    questions: Sequence[Mapping[str, Any]], given: Mapping[str, Any], audience: str, *, lenient: bool = False
) -> dict[str, Any]:
    """Return the answers that apply, checked. ``lenient``: required ones may be missing (lists, people added by hand).

    :raises AnswerError: with the field of the question.
    """
    kept: dict[str, Any] = {}
    for question in questions:
        if not applies(question, kept, audience):
            continue
        key = question["key"]
        value = _answer(question, given.get(key))
        if value in (None, "", []):
            if question.get("required") and not lenient:
                raise AnswerError(
                    _("Hãy trả lời câu “%(label)s”.") % {"label": question["label"]}, field=f"q_{key}"
                )
            continue
        kept[key] = value
    return kept


def _answer(question: Mapping[str, Any], value: Any) -> Any:
    if value is None or (isinstance(value, str | list | tuple) and not value):
        return None
    kind, name = question["kind"], f"q_{question['key']}"
    if kind == "many":
        picked = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
        if not set(picked) <= set(question["choices"]):
            raise AnswerError(_("Hãy chọn trong danh sách."), field=name)
        return [one for one in question["choices"] if one in picked]
    text = plain_line(str(value)) if kind != "text" else str(value).replace("\x00", "").strip()
    if kind == "yesno" and text not in (YES, NO):
        raise AnswerError(_("Hãy chọn Có hoặc Không."), field=name)
    if kind == "choice" and text not in question["choices"]:
        raise AnswerError(_("Hãy chọn trong danh sách."), field=name)
    if kind == "number":
        return _number(text, name)
    if len(text) > MOST_TEXT:
        raise AnswerError(_("Câu trả lời dài quá %(most)s ký tự.") % {"most": MOST_TEXT}, field=name)
    return text


def _number(text: str, name: str) -> str:
    try:
        return str(parse_number(text))
    except NumberFormatError as error:
        raise AnswerError(error.message, field=name) from error


def condition_words(question: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> str:
    """Return when a question is to be answered, in words; empty for always."""
    parts = []
    if question.get("audience"):
        names = ", ".join(str(Audience(one).label) for one in question["audience"])
        parts.append(_("Chỉ dành cho: %(names)s.") % {"names": names})
    labels = {one["key"]: one["label"] for one in questions}
    for key, value in (question.get("show_if") or {}).items():
        words = {"label": labels.get(key, key), "value": {YES: _("Có"), NO: _("Không")}.get(value, value)}
        parts.append(_("Chỉ trả lời khi câu “%(label)s” chọn “%(value)s”.") % words)
    return " ".join(parts)


def answer_words(value: Any) -> str:
    """Return an answer as people read it."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return {YES: _("Có"), NO: _("Không")}.get(str(value), str(value))
