"""The versions of a work on the desk: make a new one, record a small correction, hide an old one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.library import permissions
from khcn.library.enums import WorkState
from khcn.library.forms.versions import CorrectionForm, VersionForm
from khcn.library.models import Work
from khcn.library.selectors.versions import corrections_of, pending_changes, versions_of
from khcn.library.services.versions import version_correct, version_hide, version_make
from khcn.library.tables.desk import state_of
from khcn.library.tables.versions import version_lines
from khcn.library.views.desk import desk_work


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def work_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the versions of a work with what changed; a POST makes one, records a correction or hides one."""
    work = desk_work(request, pk)
    if work.published_at is None:
        raise Http404
    deed = request.POST.get("deed", "") if request.method == "POST" else ""
    files = [(file.pk, file.original_name) for file in work.files.all()]
    data = request.POST if deed == "make" else None
    form = VersionForm(
        data, request.FILES if data else None, files=files, initial={"expected": work.version}, prefix="ban"
    )
    correction = CorrectionForm(
        request.POST if deed == "correct" else None, initial={"expected": work.version}, prefix="sua"
    )
    if deed:
        answer = _do(request, work, deed, form if deed == "make" else correction)
        if answer is not None:
            return answer
    return render(request, "library/versions/desk.html", _context(request, work, form, correction))


def _do(request: HttpRequest, work: Work, deed: str, form: Any) -> HttpResponse | None:
    """Take the step; ``None`` leaves the page to show what is wrong with its form."""
    now = timezone.now()
    try:
        if deed == "hide":
            number = request.POST.get("number", "")
            if not (number.isascii() and number.isdigit() and len(number) < 5):
                raise Http404
            reason = request.POST.get("reason", "")
            version_hide(actor=request.user, work=work, number=int(number), reason=reason, now=now)
            messages.success(request, _("Đã ẩn bản cũ.") if reason.strip() else _("Đã cho xem lại bản cũ."))
            return redirect("library-desk:versions", pk=work.pk)
        if not permissions.can_edit(request.user, work):
            raise PermissionDenied(_("Vai trò của bạn không ra bản mới của tài liệu này."))
        if not form.is_valid():
            return None
        values = form.cleaned_data
        if deed == "correct":
            version_correct(
                actor=request.user, work=work, expected=values["expected"], note=values["note"], now=now
            )
            messages.success(request, _("Đã ghi sửa nhỏ. Số bản không đổi."))
            return redirect("library-desk:versions", pk=work.pk)
        made = version_make(
            actor=request.user,
            work=work,
            expected=values["expected"],
            note=values["note"],
            files=values["documents"],
            replaces=values["replaces"],
            now=now,
        )
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        if deed == "hide":
            messages.error(request, error.message)
            return redirect("library-desk:versions", pk=work.pk)
        work.refresh_from_db()
        form.add_error(None, error.message)
        return None
    messages.success(request, _("Đã ra bản %(number)s. Bản cũ giữ địa chỉ riêng.") % {"number": made.number})
    return (
        redirect("library-desk:batch", pk=made.batch_id)
        if made.batch_id
        else redirect("library-desk:versions", pk=work.pk)
    )


def _context(request: HttpRequest, work: Work, form: Any, correction: Any) -> dict[str, Any]:
    may = permissions.can_edit(request.user, work)
    return {
        "work": work,
        "state": state_of(work),
        "form": form,
        "correction": correction,
        "may": may,
        "may_make": may and work.state == WorkState.PUBLISHED and not work.embargoed,
        "may_hide": permissions.can_keep(request.user),
        "pending": pending_changes(work),
        "corrections": corrections_of(work),
        "versions": version_lines(work, versions_of(work), with_changes=True),
    }
