"""The buttons of a work on the desk: each is one service call."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.library.forms.works import ReasonForm, ScheduleForm
from khcn.library.models import Work
from khcn.library.services import review
from khcn.library.views.desk import desk_work

Service = Callable[..., Any]
PLAIN: dict[str, tuple[Service, Any]] = {
    "gui-duyet": (
        review.work_submit,
        gettext_lazy("Đã gửi duyệt. Thủ thư sẽ xem và đăng, hoặc trả lại kèm góp ý."),
    ),
    "dang": (review.work_publish, gettext_lazy("Đã đăng. Người đọc tìm thấy tài liệu trong vài giây.")),
    "duyet": (review.work_approve, gettext_lazy("Đã duyệt. Tài liệu chờ ở hộp “Chờ đăng”.")),
    "dang-lai": (review.work_restore, gettext_lazy("Đã đăng lại.")),
}
WITH_REASON: dict[str, tuple[Service, Any]] = {
    "tra-lai": (review.work_return, gettext_lazy("Đã trả lại. Người gửi thấy góp ý trên bàn làm việc.")),
    "tam-dung": (review.work_freeze, gettext_lazy("Đã tạm dừng. Người đọc thấy lý do tại địa chỉ cũ.")),
    "rut": (review.work_withdraw, gettext_lazy("Đã rút. Địa chỉ cũ giữ lại một dòng giải thích.")),
    "cho-phep": (review.work_clear_sensitive, gettext_lazy("Đã ghi nhận: tài liệu được phép đăng.")),
}


@login_required
@require_POST
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Take one step with a work, and say what became of it."""
    work = desk_work(request, pk)
    try:
        done = _take(request, work, step, timezone.now())
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        messages.error(request, error.message)
    else:
        if done:
            messages.success(request, str(done))
    return redirect("library-desk:work", pk=pk)


def _take(request: HttpRequest, work: Work, step: str, now: datetime) -> Any:
    """Call the service of a step; return the sentence that says it is done, or None when the form was wrong."""
    if step in PLAIN:
        service, sentence = PLAIN[step]
        service(actor=request.user, work=work, now=now)
        return sentence
    if step in WITH_REASON:
        service, sentence = WITH_REASON[step]
        form = ReasonForm(request.POST)
        reason = form.cleaned_data["reason"] if form.is_valid() else ""
        service(actor=request.user, work=work, reason=reason, now=now)
        return sentence
    if step == "hen-gio":
        time_form = ScheduleForm(request.POST)
        if not time_form.is_valid():
            messages.error(request, _("Hãy chọn ngày và giờ đăng rồi bấm lại."))
            return None
        review.work_approve(
            actor=request.user,
            work=work,
            now=now,
            publish_at=time_form.cleaned_data["publish_at"],
        )
        return _("Đã duyệt và hẹn giờ đăng.")
    if step == "ghi-chu":
        form = ReasonForm(request.POST)
        text = form.cleaned_data["reason"] if form.is_valid() else ""
        review.work_comment(actor=request.user, work=work, text=text, now=now)
        return _("Đã ghi chú.")
    raise Http404
