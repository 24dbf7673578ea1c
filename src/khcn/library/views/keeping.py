"""The page on which librarians see how the originals are kept."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.library import permissions
from khcn.library.selectors.keeping import fixity_faults, fixity_totals
from khcn.library.services.fixity_jobs import fixity_start
from khcn.library.tables.results import work_url


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keeping_page(request: HttpRequest) -> HttpResponse:
    """Show how the originals stand; a POST has all of them read again by the worker."""
    if not (permissions.can_keep(request.user) or permissions.reach_of(request.user).everything):
        raise PermissionDenied(_("Chỉ thủ thư và kiểm toán xem được tình trạng tệp gốc."))
    if request.method == "POST":
        if not permissions.can_keep(request.user):
            raise PermissionDenied(_("Chỉ thủ thư cho kiểm tra lại tệp gốc được."))
        started = fixity_start(actor=request.user, now=timezone.now())
        said = (
            _("Đang đọc lại toàn bộ tệp gốc. Kết quả hiện dần ở trang này.")
            if started
            else _("Một lần kiểm tra đang chạy. Hãy chờ kết quả.")
        )
        messages.success(request, said)
        return redirect("library-desk:keeping")
    faults = [
        {
            "check": fault.check,
            "names": ", ".join(fault.names),
            "works": [(work.title, work_url(work), work.pk) for work in fault.works],
        }
        for fault in fixity_faults(request.user)
    ]
    context = {
        "totals": fixity_totals(),
        "faults": faults,
        "can_check": permissions.can_keep(request.user),
    }
    return render(request, "library/keeping/page.html", context)
