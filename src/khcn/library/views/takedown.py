"""The form by which anybody asks that a work be mended or taken down."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.library.forms.takedown import TakedownForm
from khcn.library.services.takedowns import takedown_request
from khcn.library.tables.results import work_url
from khcn.library.views.works import published_work


@require_http_methods(["GET", "HEAD", "POST"])
def takedown_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form, or take the request in and thank for it."""
    work = published_work(request, pk)
    form = TakedownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not form.is_robot:
            takedown_request(work=work, now=timezone.now(), **form.request_fields())
        messages.success(request, _("Đã nhận yêu cầu. Thủ thư sẽ xem và trả lời theo cách liên hệ bạn ghi."))
        return redirect(work_url(work))
    return render(request, "library/takedown.html", {"work": work, "form": form, "work_url": work_url(work)})
