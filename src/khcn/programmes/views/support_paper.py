"""The desk page on which the officer enters a request that came on paper."""

import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.orgs.models import Unit
from khcn.programmes.forms.support import ROW_FIELDS, lines_in
from khcn.programmes.forms.support_paper import PaperForm
from khcn.programmes.models.support import SupportCall, SupportRequest
from khcn.programmes.rules.support import MOST_ITEMS
from khcn.programmes.services.support_paper import request_enter_paper
from khcn.programmes.views.support_base import support_page
from khcn.ui.deeds import only, sent

BLANK_ROWS = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    """Enter a request from paper; what will not do comes back with everything that was typed."""
    reach = support_page(request)
    only(reach.officer, _("Đề nghị bằng giấy do chuyên viên của đơn vị đầu mối nhập."))
    today = timezone.localdate()
    units = Unit.objects.in_force(today).filter(kind__is_group=False).order_by("order", "sort_key")
    calls = SupportCall.objects.filter(is_open=True).select_related("programme").order_by("-programme_id")
    posted = request.method == "POST"
    more = posted and request.POST.get("viec") == "them"
    first = {"client_key": secrets.token_urlsafe(18), "received_on": today}
    if more:
        form = PaperForm(initial=request.POST.dict(), calls=calls, units=units)
    else:
        data = {"data": request.POST, "files": request.FILES} if posted else {}
        form = PaperForm(initial=first, calls=calls, units=units, **data)
    if posted and not more and form.is_valid() and (row := _entered(request, form)):
        messages.success(request, _("Đã nhập đề nghị. Việc tiếp theo là kiểm tra điều kiện."))
        return redirect("programmes-desk:support-request", pk=row.pk)
    typed = _typed(request) if posted else []
    blank: list[dict[str, str]] = [{} for _place in range(min(BLANK_ROWS, MOST_ITEMS - len(typed)))]
    context = {"form": form, "rows": [*typed, *blank]}
    return render(
        request, "programmes/support/paper.html", context, status=422 if posted and not more else 200
    )


def _entered(request: HttpRequest, form: PaperForm) -> SupportRequest | None:
    data = form.cleaned_data
    return sent(
        form,
        lambda: request_enter_paper(
            actor=request.user, call=data["call"], paper=form.paper(lines_in(request.POST, MOST_ITEMS)),
            client_key=data["client_key"], scan=data["scan"], now=timezone.now(),
        ),
    )  # fmt: skip


def _typed(request: HttpRequest) -> list[dict[str, str]]:
    rows = [
        {name: request.POST.get(f"{name}-{number}", "")[:500] for name in ROW_FIELDS}
        for number in range(1, MOST_ITEMS + 1)
    ]
    return [row for row in rows if any(row.values())]
