"""Saving a search: into one's account, or as alerts to an address that must be confirmed first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from khcn.core.api.limits import client_address
from khcn.core.errors import KhcnError
from khcn.library.forms.saved import SavedSearchForm, SubscribeForm
from khcn.library.selectors.asked import canonical, search_words
from khcn.library.services.saved import search_save
from khcn.library.services.saved_links import LinkDeadError, confirm_token_read, leave_token_read
from khcn.library.services.saved_visitors import alert_confirm, alert_leave, alert_subscribe


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def save_search(request: HttpRequest) -> HttpResponse:
    """Offer to keep the search that stands in the address; take the form."""
    params = canonical(request.GET, now=timezone.now())
    if not params:
        messages.info(request, _("Hãy tìm trước, rồi bấm “Lưu lần tìm này” ở cuối trang kết quả."))
        return redirect("library:search")
    if request.user.is_authenticated:
        return _save_own(request, params)
    return _subscribe(request, params)


def _save_own(request: HttpRequest, params: str) -> HttpResponse:
    now = timezone.now()
    words = search_words(params, now=now)
    initial = {"name": ", ".join(text for _label, text in words[:-1])[:120], "alert": "never"}
    form = SavedSearchForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            search_save(actor=request.user, params=params, now=now, **form.values())
        except KhcnError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Đã lưu lần tìm."))
            return redirect("library-desk:saved")
    return _form_page(request, params, form, own=True)


def _subscribe(request: HttpRequest, params: str) -> HttpResponse:
    form = SubscribeForm(request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            if not form.is_robot:
                alert_subscribe(
                    address=form.cleaned_data["address"],
                    params=params,
                    alert=form.cleaned_data["alert"],
                    visitor=client_address(request),
                    now=timezone.now(),
                )
        except KhcnError as error:
            form.add_error(None, error.message)
            status = error.status if error.status == 429 else 200
        else:
            context = {"address": form.cleaned_data["address"], "back": _result(params)}
            return render(request, "library/saved/asked.html", context)
    return _form_page(request, params, form, own=False, status=status)


def _form_page(
    request: HttpRequest, params: str, form: SavedSearchForm | SubscribeForm, *, own: bool, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "own": own,
        "words": search_words(params, now=timezone.now()),
        "back": _result(params),
    }
    return render(request, "library/saved/save.html", context, status=status)


def _result(params: str) -> str:
    return f"{reverse('library:search')}?{params}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was subscribed to and confirm it by a button: programs that open links in mails confirm nothing."""
    try:
        search = confirm_token_read(token)
    except LinkDeadError as error:
        return _dead(request, error)
    done = search.confirmed_at is not None
    if request.method == "POST" and not done:
        alert_confirm(search=search, now=timezone.now())
        done = True
    words = search_words(search.params, now=timezone.now())
    return _private(
        render(request, "library/saved/confirm.html", {"search": search, "done": done, "words": words})
    )


@csrf_exempt  # RFC 8058: the reader's mail service posts here without cookies; the signed token is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """End alerts: one click in the mail program (POST), or the button of this page."""
    try:
        search = leave_token_read(token)
    except LinkDeadError as error:
        if request.method == "POST":  # a second click: there is nothing left to send
            return _private(render(request, "library/saved/left.html", {"done": True}))
        return _dead(request, error)
    if request.method != "POST":
        return _private(render(request, "library/saved/left.html", {"done": False, "search": search}))
    alert_leave(search=search)
    return _private(render(request, "library/saved/left.html", {"done": True}))


def _dead(request: HttpRequest, error: LinkDeadError) -> HttpResponse:
    return _private(render(request, "library/saved/dead.html", {"message": error.message}, status=404))


def _private(response: HttpResponse) -> HttpResponse:
    """Let nothing of a page with a token in its address leave by other ways.

    Not "no-referrer": browsers then send its form with the origin "null", which is refused as forged.
    """
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
