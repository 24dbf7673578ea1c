"""Desk pages of evaluation: what people said, the quiz."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.exports.columns import Column
from khcn.core.exports.tables import table_response
from khcn.programmes.exports.evaluation import quiz_sheet, read_quiz
from khcn.programmes.forms.attendance import FileForm
from khcn.programmes.forms.evaluation import QuestionsForm, quiz_questions, quiz_text
from khcn.programmes.models.evaluation import Quiz, Survey
from khcn.programmes.models.programmes import Programme
from khcn.programmes.permissions import can_run
from khcn.programmes.rules.evaluation import quiz_from
from khcn.programmes.selectors.evaluation import (
    QuestionResult,
    QuizResult,
    SurveyResult,
    quiz_result,
    survey_result,
)
from khcn.programmes.services.evaluation import quiz_open, quiz_write, survey_of, survey_open
from khcn.programmes.views.base import frame, people_of, runnable
from khcn.ui.charts.model import BarItem, Chart, bars
from khcn.ui.deeds import only, sent, told
from khcn.ui.qr import qr_svg


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the results; who runs the programme opens and closes the survey."""
    programme, reach = people_of(request, pk)  # words of few people tell who said them
    runs, now = can_run(reach, programme.unit_id), timezone.now()
    if request.method == "POST":
        only(runs, _("Chỉ người báo cáo của đơn vị tổ chức và chuyên viên đầu mối mở phiếu."))
        found = told(request, lambda: survey_of(actor=request.user, programme=programme, now=now))
        if found is not None:
            opened = request.POST.get("viec") == "mo"
            told(request, lambda: survey_open(actor=request.user, survey=found, opened=opened, now=now))
        return redirect("programmes-desk:evaluation", pk=pk)
    kept = Survey.objects.filter(programme=programme).first()
    held = list(programme.sessions.filter(starts_at__lte=now).order_by("starts_at"))
    chosen = next((one for one in held if str(one.number) == request.GET.get("buoi")), None)
    result = survey_result(kept, chosen) if kept else None
    if result and request.GET.get("tep") == "xlsx":
        return _table(result)
    code = ""
    if kept and runs and held:
        path = reverse("programmes:survey-room", args=[kept.token, held[-1].number])
        code = request.build_absolute_uri(path)
    shown = [(one, _chart(one)) for one in result.questions] if result else []
    context = frame(
        request, programme, survey=kept, result=result, shown=shown, runs=runs, code=code, held=held, chosen=chosen,
        qr=qr_svg(code) if code else "",
    )  # fmt: skip
    return render(request, "programmes/evaluation/results.html", context)


def _chart(one: QuestionResult) -> Chart | None:
    if not one.shown or not one.bars:
        return None
    return bars(
        title=one.question.text, unit=_("Số câu trả lời"), source=_("Phiếu hỏi ý kiến, %(n)s câu trả lời") % {"n": one.count},
        items=[BarItem(label=label, value=n) for label, n in one.bars], label_word=_("Trả lời"), value_word=_("Số người"),
    )  # fmt: skip


def _quiz_chart(result: QuizResult) -> Chart | None:
    if result.before is None or result.after is None:
        return None
    before, after = round(result.before * 100), round(result.after * 100)
    words = {"before": f"{before}\u00a0%", "after": f"{after}\u00a0%"}
    if after > before:
        title = _("Trả lời đúng tăng từ %(before)s lên %(after)s sau khóa học") % words
    elif after < before:
        title = _("Trả lời đúng giảm từ %(before)s còn %(after)s sau khóa học") % words
    else:
        title = _("Trả lời đúng trước và sau khóa học đều là %(after)s") % words
    if result.pairs:
        source = _("Bài kiểm tra, %(n)s người làm cả hai bài") % {"n": result.pairs}
    else:
        source = _("Bài kiểm tra, %(before)s người làm bài trước, %(after)s người làm bài sau") % {
            "before": result.before_count, "after": result.after_count,
        }  # fmt: skip
    items = [
        BarItem(label=_("Trước khóa học"), value=before),
        BarItem(label=_("Sau khóa học"), value=after),
    ]
    return bars(
        title=title, unit=_("% câu trả lời đúng"), source=source, items=items, label_word=_("Bài"),
        value_word=_("% câu trả lời đúng"),
    )  # fmt: skip


def _table(result: SurveyResult) -> HttpResponseBase:
    rows: list[list[Any]] = []
    for one in result.questions:
        rows.append([one.question.text, _("Số câu trả lời"), one.count])
        rows += [[one.question.text, label, n] for label, n in one.bars]
        rows += [[one.question.text, text, None] for text in one.texts]
    columns = [Column(_("Câu hỏi")), Column(_("Trả lời")), Column(_("Số người"))]
    return table_response("xlsx", columns, rows, _("Kết quả phiếu hỏi ý kiến"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quiz(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Set the quiz (typed or as a workbook), open it before and after, and see what was learnt."""
    programme, _reach = runnable(request, pk)
    now, status = timezone.now(), 200
    kept = Quiz.objects.filter(programme=programme).first()
    known = quiz_from(kept.questions) if kept else []
    if request.method != "POST" and request.GET.get("tep") == "xlsx":
        return quiz_sheet(known)
    form, file_form = QuestionsForm(initial={"text": quiz_text(known)}), FileForm()
    if request.method == "POST":
        asked, status = request.POST.get("viec", ""), 422
        if asked == "mo" and kept is not None:
            before, after = "before" in request.POST, "after" in request.POST
            told(
                request,
                lambda: quiz_open(actor=request.user, quiz=kept, before=before, after=after, now=now),
            )
            return redirect("programmes-desk:quiz-desk", pk=pk)
        if asked == "tep":
            file_form = FileForm(request.POST, request.FILES)
            bound: Any = file_form
        else:
            bound = form = QuestionsForm(request.POST)
        if bound.is_valid() and _quiz_kept(request, programme, bound, now):
            return redirect("programmes-desk:quiz-desk", pk=pk)
    result = quiz_result(kept) if kept else None
    context = frame(
        request, programme, form=form, file_form=file_form, kept=kept, result=result,
        chart=_quiz_chart(result) if result else None,
        locked=bool(result and (result.before_count or result.after_count)),
    )  # fmt: skip
    return render(request, "programmes/evaluation/edit.html", context, status=status)


def _quiz_kept(request: HttpRequest, programme: Programme, form: Any, now: datetime) -> bool:
    data = form.cleaned_data

    def write() -> Quiz:
        questions = read_quiz(data["file"]) if "file" in data else quiz_questions(data["text"])
        return quiz_write(actor=request.user, programme=programme, questions=questions, now=now)

    done = sent(form, write) is not None
    if done:
        messages.success(request, _("Đã lưu câu hỏi."))
    return done
