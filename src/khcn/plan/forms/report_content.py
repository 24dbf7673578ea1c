"""The report form as it comes back from a phone: numbers of either convention, texts, what the form had shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from khcn.core.numbers import NumberFormatError
from khcn.plan.rules.checking import Problem
from khcn.plan.rules.numbers import read_figure
from khcn.plan.selectors.report_form import ReportPage
from khcn.plan.services.reports import Content, FigureInput


@dataclass(slots=True)
class Posted:
    """What was sent. ``figures``/``texts``/``reasons`` as typed; ``content`` where it could be read."""

    revision: int
    figures: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    content: Content = field(default_factory=Content)
    confirmed: bool = False


def read_posted(data: Mapping[str, str], page: ReportPage) -> Posted:
    """Read what was sent for the fields that the form has; nothing else is looked at."""
    posted = Posted(_revision(data.get("ban", "")), confirmed=data.get("da-doc") == "1")
    figures: dict[str, FigureInput] = {}
    for one in page.figures:
        if one.control not in data:
            continue
        typed, reason = data[one.control], data.get(f"r-{one.code}", one.reason)
        posted.figures[one.code], posted.reasons[one.code] = typed[:200], reason[:500]
        try:
            value = read_figure(typed, decimals=one.decimals)
        except NumberFormatError as error:
            posted.problems.append(Problem(one.code, error.message))
            continue
        seen = data.get(f"c-{one.code}")
        figures[one.code] = FigureInput(value, reason, _number(seen), has_seen=seen is not None)
    for text in page.texts:
        if text.control in data:
            posted.texts[text.pk] = data[text.control]
    posted.content = Content(figures, dict(posted.texts))
    return posted


def _revision(text: str) -> int:
    """Return the revision that the form showed; -1, which none is, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _number(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def show_posted(page: ReportPage, posted: Posted) -> None:
    """Put what was typed back into the page, so that nothing is lost."""
    for one in page.figures:
        if one.code in posted.figures:
            one.typed, one.reason = posted.figures[one.code], posted.reasons[one.code]
    for text in page.texts:
        text.text = posted.texts.get(text.pk, text.text)


def show_problems(page: ReportPage, problems: list[Problem]) -> list[tuple[str, str, bool]]:
    """Put problems beside their fields; return (id of the control or "", sentence, is it only a warning) in order."""
    figures = {one.code: one for one in page.figures}
    texts = {f"text-{one.pk}": one for one in page.texts}
    links = []
    for problem in problems:
        figure, text = figures.get(problem.where), texts.get(problem.where)
        if figure is not None:
            (figure.warnings if problem.warning else figure.errors).append(problem.message)
            named = (
                problem.message if figure.title in problem.message else f"{figure.title}: {problem.message}"
            )
            links.append((f"id-{figure.control}", named, problem.warning))
        elif text is not None:
            text.errors.append(problem.message)
            links.append((f"id-{text.control}", f"{text.title}: {problem.message}", problem.warning))
        else:
            links.append(("", problem.message, problem.warning))
    return links


def stale_problem(message: str) -> Problem:
    """Return the refusal of a write as a problem of the whole report."""
    return Problem("", message or _("Báo cáo vừa có người khác lưu."))
