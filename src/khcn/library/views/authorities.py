"""The librarian's file of names: describe, join, part; and suggestions for who types a name."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError, PermissionDeniedError
from khcn.library import permissions
from khcn.library.forms.catalogue import AuthorityForm, MergeForm, SplitForm
from khcn.library.models import Authority
from khcn.library.selectors.catalogue import authorities_named, authority_suggestions, likely_same
from khcn.library.services.authority_edit import (
    authority_merge,
    authority_split,
    authority_update,
    merge_preview,
    works_of,
)
from khcn.library.views.catalogue import librarians_only

PAGE_SIZE = 50
FOUND = 25  # names offered to join with


@login_required
@require_safe
def name_list(request: HttpRequest) -> HttpResponse:
    """Show all names, those that hold some words, or those of which it is not certain whom they mean."""
    librarians_only(request)
    query = request.GET.get("q", "").strip()[:100]
    doubtful = "chua-chac" in request.GET
    names = authorities_named(Authority.objects.filter(merged_into__isnull=True), query)
    counted = names.annotate(
        works=Count("ties__work", distinct=True),
        doubtful=Count("ties", filter=Q(ties__certain=False), distinct=True),
    )
    if doubtful:
        counted = counted.filter(doubtful__gt=0)
    page = Paginator(counted.order_by("sort_key", "id"), PAGE_SIZE).get_page(request.GET.get("trang"))
    context = {"page": page, "query": query, "doubtful": doubtful}
    return render(request, "library/catalogue/names.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def name(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change one name."""
    librarians_only(request)
    row = _row(pk)
    form = AuthorityForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        variants = data.pop("variants")
        if _done(form, authority_update, actor=request.user, authority=row, values=data, variants=variants):
            messages.success(request, _("Đã lưu tên."))
            return redirect("library-desk:name", pk=pk)
    context = {"row": row, "form": form, "works": works_of(row)[:50], "near": likely_same(row)}
    return render(request, "library/catalogue/name.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Find the other name, show what joining this one to it would do; a POST does it."""
    librarians_only(request)
    row = _row(pk)
    asked = request.POST if request.method == "POST" else request.GET
    form = MergeForm(asked if "target" in asked else None)
    target = form.cleaned_data["target"] if form.is_bound and form.is_valid() else None
    wanted = request.method == "POST" and target is not None
    if wanted and _done(form, authority_merge, actor=request.user, source=row, target=target):
        messages.success(request, _("Đã gộp. Địa chỉ cũ dẫn tới tên này."))
        return redirect("library-desk:name", pk=target.pk if target else pk)
    query = request.GET.get("q", "").strip()[:100]
    others = Authority.objects.filter(merged_into__isnull=True).exclude(pk=pk)
    context = {
        "row": row,
        "form": form,
        "preview": merge_preview(row, target) if target is not None and target != row else None,
        "query": query,
        "found": list(authorities_named(others, query).order_by("sort_key", "id")[:FOUND]) if query else [],
        "near": likely_same(row) if not query else [],
    }
    return render(request, "library/catalogue/merge.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the works of somebody else with this name; a POST parts them."""
    librarians_only(request)
    row = _row(pk)
    form = SplitForm(request.POST or None, works=works_of(row))
    if request.method == "POST" and form.is_valid():
        chosen = [work.pk for work in form.cleaned_data["works"]]
        fresh = _done(
            form, authority_split, actor=request.user, authority=row, work_ids=chosen,
            qualifier=form.cleaned_data["qualifier"],
        )  # fmt: skip
        if fresh:
            messages.success(request, _("Đã tách thành hai tên. Hãy ghi thêm điều phân biệt cho cả hai."))
            return redirect("library-desk:name", pk=fresh.pk)
    return render(request, "library/catalogue/split.html", {"row": row, "form": form})


@login_required
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with names for somebody who types one in a form, with what tells people of one name apart."""
    if not permissions.can_use_desk(request.user):
        raise PermissionDenied(_("Vai trò của bạn không dùng bàn làm việc của thư viện."))
    found = authority_suggestions(request.GET.get("q", ""))
    items = [
        {
            "text": row.heading,
            "about": ", ".join(part for part in (row.qualifier, row.dates, row.orcid) if part),
            "orcid": row.orcid,
        }
        for row in found
    ]
    return JsonResponse({"names": list(dict.fromkeys(row.heading for row in found)), "items": items})


def _row(pk: int) -> Authority:
    return get_object_or_404(Authority.objects.filter(merged_into__isnull=True), pk=pk)


def _initial(row: Authority) -> dict[str, Any]:
    fields = ("heading", "kind", "qualifier", "dates", "orcid", "isni", "viaf", "note")
    variants = [one.name for one in row.names.all() if one.key != row.key]
    return {**{field: getattr(row, field) for field in fields}, "variants": variants}


def _done(form: Any, service: Any, **values: Any) -> Any:
    """Call a service; put its complaint beside the field that it names. Returns what it returns, or ``None``."""
    try:
        return service(now=timezone.now(), **values)
    except PermissionDeniedError as error:
        raise PermissionDenied(error.message) from error
    except KhcnError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, error.message)
        return None
