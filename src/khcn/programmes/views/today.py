"""The one list of what needs doing today."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from khcn.programmes.permissions import reach_of
from khcn.programmes.selectors.today import todo_groups
from khcn.ui.deeds import only


@login_required
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person over all programmes, most pressing first."""
    reach = reach_of(request.user)
    only(
        reach.desk or reach.juror or reach.clerk,
        _("Vai trò của bạn không dùng phần chương trình. Hãy hỏi người quản trị nếu bạn cần."),
    )
    now = timezone.now()
    groups = todo_groups(request, now)
    context = {"groups": groups, "count": sum(len(group.rows) for group in groups), "desk": reach.desk}
    return render(request, "programmes/today/list.html", context)
