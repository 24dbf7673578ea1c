"""Public pages of the self-check: start, one dimension a step, the result, a wish to be called. Nothing needs a script."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.gate import costly
from khcn.programmes.forms.readiness import CallForm, CompareForm, StartForm, StepForm, new_key
from khcn.programmes.models.readiness import Check
from khcn.programmes.rules.readiness import Advice, Dimension, Sheet, open_dimension
from khcn.programmes.selectors.readiness import (
    call_by_token,
    check_by_token,
    earlier_check,
    fitting_programmes,
    wards_of,
)
from khcn.programmes.services.readiness_calls import call_ask, call_withdraw
from khcn.programmes.services.readiness_checks import check_answer, check_finish, check_start
from khcn.programmes.services.readiness_questions import questionnaire_load
from khcn.ui.deeds import secret, sent, told

METHODS: Final = ["GET", "HEAD", "POST"]
WORDS: Final = 6  # links into the library


def _gone(request: HttpRequest) -> HttpResponseBase:
    return secret(render(request, "programmes/readiness/gone.html", status=404))


@costly("programmes.readiness-start", per_minute=30)
@require_http_methods(METHODS)
def start(request: HttpRequest) -> HttpResponseBase:
    """Say what it is, take what somebody likes to say about the enterprise, begin."""
    now, status = timezone.now(), 200
    questionnaire = questionnaire_load(now=now)
    sheet = questionnaire.sheet
    form = StartForm(
        request.POST or None, sheet=sheet, wards=wards_of(sheet, timezone.localdate(now)),
        initial={"client_key": new_key()},
    )  # fmt: skip
    if request.method == "POST":
        status = 422
        if form.is_valid():
            check = sent(
                form,
                lambda: check_start(
                    questionnaire=questionnaire, about=form.about(), client_key=form.cleaned_data["client_key"], now=now
                ),
            )  # fmt: skip
            if check is not None:
                return secret(redirect("readiness:step", token=check.token, step=1))
    context = {"sheet": sheet, "form": form}
    return render(request, "programmes/readiness/start.html", context, status=status)


@costly("programmes.readiness", per_minute=90, noindex=True)
@require_http_methods(METHODS)
def step(request: HttpRequest, token: str, step: int) -> HttpResponseBase:
    """Ask the questions of one dimension; going back keeps what was answered."""
    check = check_by_token(token)
    if check is None or not 1 <= step <= len(check.questionnaire.sheet.dimensions):
        return _gone(request)
    if check.finished_at is not None:
        return secret(redirect("readiness:result", token=token))
    sheet = check.questionnaire.sheet
    dimension = sheet.dimensions[step - 1]
    given = request.POST if request.method == "POST" else None
    form = StepForm(given, dimension=dimension, answers=check.answers)
    if request.method == "POST":
        return _answered(request, check, form, step)
    return _step_page(request, check, form, step)


def _answered(request: HttpRequest, check: Check, form: StepForm, step: int) -> HttpResponseBase:
    if told(request, lambda: check_answer(check=check, given=form.given(), now=timezone.now())) is None:
        return _gone(request)
    if request.POST.get("viec") == "lui" and step > 1:
        return secret(redirect("readiness:step", token=check.token, step=step - 1))
    if not form.is_valid():
        return _step_page(request, check, form, step, status=422)
    return _onward(request, check, step)


def _onward(request: HttpRequest, check: Check, step: int) -> HttpResponseBase:
    """Go to the next step; after the last one count, or go to the step with an open question."""
    sheet, token = check.questionnaire.sheet, check.token
    if step < len(sheet.dimensions):
        return secret(redirect("readiness:step", token=token, step=step + 1))
    if told(request, lambda: check_finish(check=check, now=timezone.now())) is not None:
        return secret(redirect("readiness:result", token=token))
    held = check_by_token(token)
    if held is None:
        return _gone(request)
    place = open_dimension(sheet, held.answers)
    return secret(redirect("readiness:step", token=token, step=step if place is None else place + 1))


def _step_page(
    request: HttpRequest, check: Check, form: StepForm, step: int, *, status: int = 200
) -> HttpResponseBase:
    count = len(check.questionnaire.sheet.dimensions)
    context = {"form": form, "dimension": form.dimension, "step": step, "count": count, "done": step - 1}
    return secret(render(request, "programmes/readiness/step.html", context, status=status))


@costly("programmes.readiness", per_minute=90, noindex=True)
@require_http_methods(METHODS)
def result(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the level, the dimensions, advice and what fits; compare with an earlier check when its link is given."""
    check = check_by_token(token)
    if check is None:
        return _gone(request)
    sheet, today, status = check.questionnaire.sheet, timezone.localdate(), 200
    if check.finished_at is None:
        place = open_dimension(sheet, check.answers) or 0
        return secret(redirect("readiness:step", token=token, step=place + 1))
    earlier, form = None, CompareForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            earlier = earlier_check(form.cleaned_data["link"], check)
            if earlier is None:
                form.add_error(
                    "link", _("Không thấy kết quả nào ở đường dẫn này. Hãy chép lại cả đường dẫn.")
                )
            else:
                status = 200
    parts = [_part(sheet, one, check, earlier) for one in sheet.dimensions]
    audiences, words = _wanted(sheet, check, parts)
    begin = request.build_absolute_uri(reverse("readiness:start"))
    context = {
        "check": check, "sheet": sheet, "level": sheet.level(check.level), "parts": parts, "earlier": earlier, "form": form,
        "change": check.overall - earlier.overall if earlier else None,  # type: ignore[operator]
        "programmes": fitting_programmes(audiences, today), "words": [(one, urlencode({"q": one})) for one in words],
        "library": reverse("library:search"), "link": request.build_absolute_uri(request.path),
        "share": _("Tôi vừa tự chấm mức độ số của chỗ mình làm ăn, mất 5 phút, không cần tài khoản. Mời bạn thử: %(link)s")
        % {"link": begin},
    }  # fmt: skip
    return secret(render(request, "programmes/readiness/result.html", context, status=status))


def _part(sheet: Sheet, one: Dimension, check: Check, earlier: Check | None) -> dict[str, Any]:
    points = check.scores.get(one.key)
    before = earlier.scores.get(one.key) if earlier else None
    level = sheet.level_at(points) if points is not None else None
    return {
        "label": one.label, "points": points, "level": level, "before": before,
        "change": points - before if points is not None and before is not None else None,
        "advice": one.advice[level.key] if level else None,
    }  # fmt: skip


def _wanted(sheet: Sheet, check: Check, parts: list[dict[str, Any]]) -> tuple[set[str], list[str]]:
    """Return for whom programmes are looked for and which words for the library, the weakest dimension first."""
    own = {one.audience for one in sheet.kinds if one.key == check.kind and one.audience}
    known = sorted((one for one in parts if one["advice"]), key=lambda one: one["points"])
    advice: list[Advice] = [one["advice"] for one in known]
    words = list(dict.fromkeys(word for one in advice for word in one.words))[:WORDS]
    return own or {who for one in advice for who in one.audiences}, words


@costly("programmes.readiness-call", per_minute=15, noindex=True)
@require_http_methods(METHODS)
def call(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take a name and a number of somebody who wants to be called."""
    check = check_by_token(token)
    if check is None or check.finished_at is None:
        return _gone(request)
    form, status = CallForm(request.POST or None, initial={"client_key": new_key()}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if form.is_robot:
                return secret(redirect("readiness:result", token=token))
            data = form.cleaned_data
            row = sent(
                form,
                lambda: call_ask(
                    check=check, name=data["name"], address=data["address"], wish=data["wish"], agreed=data["agreed"],
                    tells_level=data["tells_level"], client_key=data["client_key"], now=timezone.now(),
                ),
            )  # fmt: skip
            if row is not None:
                return secret(redirect("readiness:called", token=row.token))
    context = {"form": form, "check": check}
    return secret(render(request, "programmes/readiness/call.html", context, status=status))


@costly("programmes.readiness", per_minute=90, noindex=True)
@require_http_methods(METHODS)
def called(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page of a wish to be called: that it was kept, and taking it back."""
    row = call_by_token(token)
    if row is None:
        return _gone(request)
    if request.method == "POST" and request.POST.get("viec") == "rut":
        call_withdraw(call=row, now=timezone.now())
        return secret(redirect("readiness:called", token=token))
    return secret(render(request, "programmes/readiness/called.html", {"call": row}))
