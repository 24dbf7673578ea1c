"""A person's own saved searches: what is new in each, how to be told, and away with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from khcn.core.errors import KhcnError
from khcn.library.forms.saved import SavedSearchForm
from khcn.library.models import SavedSearch, Work
from khcn.library.search.errors import IndexUnavailableError
from khcn.library.selectors.asked import search_words
from khcn.library.selectors.saved import saved_lines, unseen_keys
from khcn.library.services.saved import MOST_OF_ONE, search_change, search_delete, search_seen
from khcn.library.tables.results import entry_of, for_lists
from khcn.ui.parts import Hit

SHOWN = 30


@login_required
@require_safe
def saved_list(request: HttpRequest) -> HttpResponse:
    """Show every search of the person with the number of new works since the last look."""
    now = timezone.now()
    lines = [
        (line, search_words(line.search.params, now=now)[:-1], _result(line.search))
        for line in saved_lines(request.user, now=now)
    ]
    return render(request, "library/saved/list.html", {"lines": lines, "most": MOST_OF_ONE})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def saved_search(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is new in one search; note that it was seen, change it, or delete it."""
    search = get_object_or_404(SavedSearch.objects.visible_to(request.user), pk=pk)
    initial = {name: getattr(search, name) for name in ("name", "alert", "by_mail", "on_desk")}
    form = SavedSearchForm(request.POST if request.POST.get("viec") == "sua" else None, initial=initial)
    if request.method == "POST":
        done = _act(request, search, form)
        if done is not None:
            return done
    hits, total = _fresh(request, search)
    context = {
        "search": search,
        "form": form,
        "words": search_words(search.params, now=timezone.now()),
        "hits": hits,
        "total": total,
        "more": max(0, (total or 0) - len(hits)),
        "result": _result(search),
        "newest": f"{_result(search)}&sap-xep=moi-nhat"
        if "sap-xep=" not in search.params
        else _result(search),
    }
    return render(request, "library/saved/one.html", context)


def _act(request: HttpRequest, search: SavedSearch, form: SavedSearchForm) -> HttpResponse | None:
    """Do what the pressed button says; ``None``: show the page again with the form's errors."""
    deed = request.POST.get("viec")
    try:
        if deed == "xoa":
            search_delete(actor=request.user, search=search)
            messages.success(request, _("Đã xóa lần tìm “%(name)s”.") % {"name": search.name})
            return redirect("library-desk:saved")
        if deed == "da-xem":
            search_seen(actor=request.user, search=search, now=timezone.now())
            return redirect("library-desk:saved-search", pk=search.pk)
        if deed == "sua" and form.is_valid():
            search_change(actor=request.user, search=search, now=timezone.now(), **form.values())
            messages.success(request, _("Đã lưu thay đổi."))
            return redirect("library-desk:saved-search", pk=search.pk)
    except KhcnError as error:
        if deed != "sua":
            messages.error(request, error.message)
            return redirect("library-desk:saved-search", pk=search.pk)
        form.add_error(None, error.message)
    return None


def _fresh(request: HttpRequest, search: SavedSearch) -> tuple[list[Hit], int | None]:
    """Return entries of the newest works and how many there are; ``None`` while the index is rebuilt."""
    now = timezone.now()
    try:
        keys = unseen_keys(search, user=request.user, now=now)
    except IndexUnavailableError:
        return [], None
    ids = [pk for _at, pk in keys[:SHOWN]]
    works = for_lists(Work.objects.published_to(request.user).filter(pk__in=ids)).in_bulk()
    today = timezone.localdate(now)
    return [entry_of(works[pk], today) for pk in ids if pk in works], len(keys)


def _result(search: SavedSearch) -> str:
    return f"{reverse('library:search')}?{search.params}"
