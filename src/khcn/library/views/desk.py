"""The librarian's and the contributor's lists, and the page of one work on the desk."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.core.exports.columns import Column, Row
from khcn.core.exports.tables import table_response
from khcn.library import permissions
from khcn.library.desk_menu import box_url
from khcn.library.enums import WorkKind, WorkState
from khcn.library.forms.works import LegalForm, ReasonForm, ScheduleForm, WorkForm
from khcn.library.models import LegalRecord, Page, Work
from khcn.library.selectors.desk import BOXES, desk_works
from khcn.library.selectors.versions import pending_changes
from khcn.library.services.review import missing_for_review
from khcn.library.services.works import LEGAL_FIELDS, work_update
from khcn.library.tables.desk import allowed_steps, box_tabs, desk_entry, finding_lines, state_of
from khcn.library.tables.results import work_url
from khcn.library.tables.work_page import description_rows
from khcn.library.views.files import picture_response
from khcn.library.work_parts import desk_work_parts, parts_at

PAGE_SIZE = 25


def desk_work(request: HttpRequest, pk: int) -> Work:
    """Return a work that this person handles, reviews or watches; 404 for everything else."""
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    works = Work.objects.visible_to(request.user).select_related(
        "legal", "owner_unit", "submitted_by", "reviewer"
    )
    work = get_object_or_404(works, pk=pk)
    if not permissions.can_see_on_desk(request.user, work):
        raise Http404
    return work


@login_required
@require_safe
def work_list(request: HttpRequest) -> HttpResponse:
    """Show one box of the desk."""
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    box = request.GET.get("hop", "cua-toi")
    box = box if box in BOXES else "cua-toi"
    query = request.GET.get("q", "")[:200]
    page = Paginator(desk_works(request.user, box, query), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {
        "tabs": box_tabs(request.user, box),
        "box": box,
        "query": query,
        "page": page,
        "entries": [desk_entry(work) for work in page.object_list],
        "can_deposit": permissions.reach_of(request.user).deposit_units or permissions.can_keep(request.user),
    }
    return render(request, "library/desk/list.html", context)


@login_required
@require_safe
def work_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give the list of a box as a spreadsheet."""
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    if kind not in {"csv", "xlsx"}:
        raise Http404
    box = request.GET.get("hop", "cua-toi")
    works = desk_works(request.user, box if box in BOXES else "cua-toi", request.GET.get("q", "")[:200])
    titles = [_("Mã"), _("Nhan đề"), _("Số, ký hiệu"), _("Loại"), _("Trạng thái"), _("Đơn vị"), _("Người gửi"),
              _("Ngày ban hành"), _("Ngày đăng"), _("Số trang"), _("Lượt tải")]  # fmt: skip
    return table_response(kind, [Column(title) for title in titles], _export_rows(works), _("tai-lieu"))


def _export_rows(works: Any) -> Iterator[Row]:
    for work in works.iterator(chunk_size=500):
        legal = getattr(work, "legal", None)
        yield [
            work.pk,
            work.title,
            legal.number if legal else "",
            work.get_kind_display(),
            work.get_state_display(),
            work.owner_unit.label if work.owner_unit else "",
            work.submitted_by.get_full_name() if work.submitted_by else "",
            work.issued_date,
            work.published_at,
            work.page_count,
            work.download_count,
        ]


@login_required
@require_safe
def work_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where a work stands, what is in it, and what may be done next."""
    work = desk_work(request, pk)
    pages = Page.objects.filter(work=work).select_related("file").order_by("number")
    context = {
        "work": work,
        "state": state_of(work),
        "rows": description_rows(work),
        "findings": finding_lines(work),
        "steps": allowed_steps(request.user, work),
        "can_edit": permissions.can_edit(request.user, work),
        "missing": [text for _field, text in missing_for_review(work)]
        if work.state in {"draft", "returned"}
        else [],
        "files": work.files.all(),
        "pages": pages[:30],
        "notes": work.notes.select_related("author"),
        "reason_form": ReasonForm(),
        "schedule_form": ScheduleForm(),
        "public_url": work_url(work) if work.state == "published" else "",
        "box_url": box_url("cho-duyet" if permissions.can_keep(request.user) else "cua-toi"),
        **{
            f"parts_{place}": parts_at(desk_work_parts, place, request, work)
            for place in ("notice", "actions", "main")
        },
    }
    return render(request, "library/desk/work.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def work_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the description of a work."""
    work = desk_work(request, pk)
    if not permissions.can_edit(request.user, work):
        raise PermissionDenied(
            _("Tài liệu đang ở bước mà bạn không sửa được. Hãy nhờ thủ thư trả lại để sửa.")
        )
    form = WorkForm(request.POST or None, instance=work)
    if work.state == WorkState.PUBLISHED and not permissions.can_keep(request.user):
        form.keep_readers()
    legal_form = (
        LegalForm(request.POST or None, initial=_legal_initial(work), prefix="vb")
        if _is_legal(work)
        else None
    )
    if request.method == "POST" and form.is_valid() and (legal_form is None or legal_form.is_valid()):
        try:
            work_update(
                actor=request.user,
                work=work,
                now=timezone.now(),
                values=form.work_values(),
                terms=form.work_terms(),
                legal=legal_form.legal_values() if legal_form else None,
            )
        except PermissionDeniedError as error:
            raise PermissionDenied(error.message) from error
        except KhcnError as error:
            form.add_error(
                getattr(error, "field", None) if getattr(error, "field", "") in form.fields else None,
                error.message,
            )
        else:
            if work.state == WorkState.PUBLISHED and pending_changes(work):
                messages.success(
                    request, _("Đã lưu. Người đọc thấy ngay; hãy ghi đây là bản mới hay sửa nhỏ.")
                )
                return redirect("library-desk:versions", pk=work.pk)
            messages.success(request, _("Đã lưu thông tin tài liệu."))
            return redirect("library-desk:work", pk=work.pk)
    context = {"work": work, "form": form, "legal_form": legal_form, "state": state_of(work)}
    return render(request, "library/desk/edit.html", context)


def _is_legal(work: Work) -> bool:
    return work.kind == WorkKind.LEGAL or LegalRecord.objects.filter(pk=work.pk).exists()


def _legal_initial(work: Work) -> dict[str, Any]:
    record = LegalRecord.objects.filter(pk=work.pk).first()
    return {name: getattr(record, name) for name in LEGAL_FIELDS} if record else {}


@login_required
@require_safe
def work_image(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Show the picture of a page of a work that is not published yet."""
    work = desk_work(request, pk)
    page = get_object_or_404(
        Page.objects.select_related("file"), work=work, number=number, file__isnull=False
    )
    if page.file is None:
        raise Http404
    return picture_response(request, work, page.file.sha256, page.file_page, 900)
