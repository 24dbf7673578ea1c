"""What stops a report from being handed in, and what only deserves a second look: pure rules over its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.numbers import number_vi
from khcn.plan.enums import Compare


@dataclass(frozen=True, slots=True)
class Row:
    """One figure as the form asks for it. ``computed``: what recorded activity says, ``None`` when nothing does."""

    code: str
    title: str
    value: Decimal | None
    computed: Decimal | None = None
    reason: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class TextRow:
    """One heading as the form asks for it."""

    heading_id: int
    title: str
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """``left`` stands in the relation ``compare`` to ``right``: the code of another figure, or a number."""

    left: str
    compare: str
    right: str
    message: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong. ``where``: a figure's code, ``text-<id>`` for a heading, "" for the whole report."""

    where: str
    message: str
    warning: bool = False


_BROKEN_BY_FIGURE: Final = {
    Compare.AT_MOST.value: gettext_lazy(
        "“%(left)s” là %(value)s, không được lớn hơn “%(right)s” là %(bound)s."
    ),
    Compare.AT_LEAST.value: gettext_lazy(
        "“%(left)s” là %(value)s, không được nhỏ hơn “%(right)s” là %(bound)s."
    ),
    Compare.EQUAL.value: gettext_lazy("“%(left)s” là %(value)s, phải bằng “%(right)s” là %(bound)s."),
}
_BROKEN_BY_NUMBER: Final = {
    Compare.AT_MOST.value: gettext_lazy("“%(left)s” là %(value)s, không được lớn hơn %(bound)s."),
    Compare.AT_LEAST.value: gettext_lazy("“%(left)s” là %(value)s, không được nhỏ hơn %(bound)s."),
    Compare.EQUAL.value: gettext_lazy("“%(left)s” là %(value)s, phải bằng %(bound)s."),
}


def holds(left: Decimal, compare: str, right: Decimal) -> bool:
    """Return whether a relation holds."""
    if compare == Compare.AT_MOST:
        return left <= right
    if compare == Compare.AT_LEAST:
        return left >= right
    return left == right


def correction_problems(rows: Sequence[Row]) -> list[Problem]:
    """Return what is wrong with corrections: a figure that differs from the recorded one needs a reason."""
    return [
        Problem(
            row.code,
            _(
                "Hệ thống ghi nhận %(computed)s. Hãy ghi lý do vì sao báo cáo %(value)s, hoặc để lại số đã ghi nhận."
            )
            % {"computed": number_vi(row.computed), "value": number_vi(row.value)},
        )
        for row in rows
        if row.computed is not None
        and row.value is not None
        and row.value != row.computed
        and not row.reason.strip()
    ]


def report_problems(rows: Sequence[Row], texts: Sequence[TextRow], rules: Sequence[Rule]) -> list[Problem]:
    """Return everything wrong with a report, in the order of its form: figures, relations, texts."""
    problems = correction_problems(rows)
    for row in rows:
        if row.value is None and row.required:
            problems.append(Problem(row.code, _("Phải có số này. Nếu không có hoạt động nào, hãy ghi 0.")))
        elif row.value is None and row.computed is not None and not row.reason.strip():
            problems.append(
                Problem(
                    row.code,
                    _(
                        "Hệ thống ghi nhận %(computed)s mà ô này để trống. Hãy điền số, hoặc ghi lý do để trống."
                    )
                    % {"computed": number_vi(row.computed)},
                )
            )
        if row.value is not None and row.value < 0:
            problems.append(Problem(row.code, _("Số này không thể âm. Hãy kiểm tra lại.")))
    by_code = {row.code: row for row in rows}
    problems += [found for rule in rules if (found := _broken(rule, by_code)) is not None]
    problems += [
        Problem(f"text-{one.heading_id}", _("Phải viết mục này. Nếu không có gì, hãy viết “Không có”."))
        for one in texts
        if one.required and not one.text.strip()
    ]
    return problems


def _broken(rule: Rule, by_code: Mapping[str, Row]) -> Problem | None:
    """Return the problem of a broken rule; a rule with a missing figure says nothing."""
    left, right = by_code.get(rule.left), by_code.get(rule.right)
    if left is None or left.value is None:
        return None
    if right is None:
        bound, name = _number(rule.right), ""
    else:
        bound, name = right.value, right.title
    if bound is None or holds(left.value, rule.compare, bound):
        return None
    words = {
        "left": left.title, "value": number_vi(left.value), "right": name, "bound": number_vi(bound)
    }  # fmt: skip
    sentence = _BROKEN_BY_FIGURE[rule.compare] if name else _BROKEN_BY_NUMBER[rule.compare]
    text = rule.message or str(sentence) % words
    return Problem(rule.left, text, rule.warning)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
