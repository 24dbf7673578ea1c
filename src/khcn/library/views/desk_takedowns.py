"""Take-down requests on the librarian's desk."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError
from khcn.library import permissions
from khcn.library.enums import TakedownState
from khcn.library.forms.works import TakedownDecisionForm
from khcn.library.models import TakedownRequest
from khcn.library.services.takedowns import takedown_decide


def _check(request: HttpRequest) -> None:
    if not permissions.can_keep(request.user):
        raise PermissionDenied(_("Chỉ thủ thư xem được yêu cầu gỡ bỏ, vì có thông tin người yêu cầu."))


@login_required
@require_safe
def takedown_list(request: HttpRequest) -> HttpResponse:
    """Show requests, the open ones first."""
    _check(request)
    is_open = Case(When(state=TakedownState.OPEN, then=0), default=1)
    requests = TakedownRequest.objects.select_related("work").order_by(is_open, "-id")
    page = Paginator(requests, 25).get_page(request.GET.get("trang"))
    return render(request, "library/desk/takedowns.html", {"page": page})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def takedown_decision(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one request and take the answer."""
    _check(request)
    asked = get_object_or_404(TakedownRequest.objects.select_related("work", "decided_by"), pk=pk)
    form = TakedownDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            takedown_decide(actor=request.user, request=asked, now=timezone.now(), **form.cleaned_data)
        except KhcnError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã lưu quyết định. Hãy gửi câu trả lời theo cách liên hệ đã ghi."))
            if form.cleaned_data["upheld"]:
                return redirect("library-desk:work", pk=asked.work_id)
            return redirect("library-desk:takedowns")
    return render(request, "library/desk/takedown.html", {"asked": asked, "form": form})
