"""Handing in: files dropped into a form, works without a file, and what became of each file."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.library import permissions
from khcn.library.enums import FINISHED_ITEM_STATES
from khcn.library.forms.works import DepositForm, NewWorkForm
from khcn.library.models import ImportBatch
from khcn.library.selectors.desk import deposit_units, recent_batches
from khcn.library.services.deposits import deposit_retry, deposit_start
from khcn.library.services.works import work_create
from khcn.library.tables.desk import item_state


def _check(request: HttpRequest) -> Any:
    """Return the units for which this person hands works in."""
    units = deposit_units(request.user, timezone.localdate())
    if not units.exists():
        raise PermissionDenied(
            _("Bạn chưa được giao gửi tài liệu cho đơn vị nào. Hãy nhờ người quản trị cấp vai trò.")
        )
    return units


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def deposit(request: HttpRequest) -> HttpResponse:
    """Take files in; they are read in the background, and the next page shows how far it is."""
    form = DepositForm(request.POST or None, request.FILES or None, units=_check(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            batch = deposit_start(
                actor=request.user,
                unit_id=data["unit"],
                collection_id=data["collection"].pk if data["collection"] else None,
                files=data["documents"],
                now=timezone.now(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("documents", error.message)
        else:
            return redirect("library-desk:batch", pk=batch.pk)
    return render(request, "library/desk/deposit.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_work(request: HttpRequest) -> HttpResponse:
    """Make a work without a file, then go on to its description."""
    form = NewWorkForm(request.POST or None, units=_check(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            work = work_create(
                actor=request.user,
                kind=data["kind"],
                title=data["title"],
                unit_id=data["unit"],
                now=timezone.now(),
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error("title", error.message)
        else:
            return redirect("library-desk:edit", pk=work.pk)
    return render(request, "library/desk/new.html", {"form": form})


@login_required
@require_safe
def batch_list(request: HttpRequest) -> HttpResponse:
    """Show the latest deposits and imports."""
    _check_desk(request)
    return render(request, "library/desk/batches.html", {"batches": recent_batches(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what became of each file of one deposit; a POST tries the failed ones again."""
    _check_desk(request)
    found = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        try:
            deposit_retry(actor=request.user, batch=found, now=timezone.now())
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            messages.error(request, error.message)
        return redirect("library-desk:batch", pk=pk)
    items = list(found.items.select_related("work", "duplicate_of").order_by("position")[:500])
    done = sum(item.state in FINISHED_ITEM_STATES for item in items)
    context = {
        "batch": found,
        "items": [(item, item_state(item)) for item in items],
        "done": done,
        "total": len(items),
        "running": done < len(items) and found.state == "running",
        "has_failed": any(item.state == "failed" for item in items),
    }
    template = (
        "library/desk/batch_items.html" if request.headers.get("HX-Request") else "library/desk/batch.html"
    )
    return render(request, template, context)


def _check_desk(request: HttpRequest) -> None:
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
