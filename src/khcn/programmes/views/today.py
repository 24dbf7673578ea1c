"""The page that a day at the desk begins with."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from khcn.programmes.selectors.today import count, todos
from khcn.programmes.views.base import desk_only

HEADS: Final = {
    "overdue": _("Đã quá hạn"), "today": _("Hôm nay"), "week": _("Trong bảy ngày tới"), "later": _("Sau đó"),
}  # fmt: skip


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """List what needs doing, overdue first."""
    desk_only(request)
    groups = todos(request, timezone.now())
    shown = [(group.key, HEADS[group.key], group.rows) for group in groups]
    return render(request, "programmes/today/today.html", {"groups": shown, "count": count(groups)})
