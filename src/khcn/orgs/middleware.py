"""What must hold on each page of a signed-in person: not idle too long, own password, second factor."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from khcn.orgs.models import User
from khcn.orgs.request_cache import request_memory
from khcn.orgs.signin import idle_limit_s, password_is_due, second_factor_required

SEEN_KEY = "khcn_seen"
# The session is written at most this often, in seconds: a page view is not a database write.
SEEN_EVERY = 30
# Pages that stay open while something has to be put right.
ACCOUNT_PREFIX = "/tai-khoan/"
OPEN_PREFIXES = (ACCOUNT_PREFIX, "/static/", "/giao-dien/")

Handler = Callable[[HttpRequest], HttpResponseBase]


class RequestMemoryMiddleware:
    """Let one request ask for a person's roles once."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with request_memory():
            return self.get_response(request)


class AccountStateMiddleware:
    """Send a signed-in person first to what the account still needs. Visitors cost nothing here."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            stop = _locked_by_idleness(request) or _unfinished_account(request)
            if stop is not None:
                return stop
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Give allauth's pages our ``site`` back: allauth puts the host's name under the same word."""
        if request.path.startswith(ACCOUNT_PREFIX) and response.context_data:
            response.context_data.pop("site", None)
        return response


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect a page; a fragment asked for by htmx gets the whole page moved."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _locked_by_idleness(request: HttpRequest) -> HttpResponse | None:
    assert isinstance(request.user, User)  # noqa: S101  # the caller looked; this tells the type checker
    now = time.time()
    seen = request.session.get(SEEN_KEY)
    limit = idle_limit_s(request.user, timezone.localdate())
    if limit and seen is not None and now - seen > limit:
        logout(request)
        sentence = _(
            "Đã %(minutes)s phút không dùng nên hệ thống đã đăng xuất để giữ an toàn. Hãy đăng nhập lại."
        )
        messages.warning(request, sentence % {"minutes": limit // 60})
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return _go(request, f"{reverse('account_login')}?{urlencode(back)}".rstrip("?"))
    if limit and (seen is None or now - seen > SEEN_EVERY):
        request.session[SEEN_KEY] = int(now)
    return None


def _unfinished_account(request: HttpRequest) -> HttpResponse | None:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  # as above
    if request.path.startswith(OPEN_PREFIXES):
        return None
    if password_is_due(user, timezone.now()):
        messages.info(request, _("Hãy đặt mật khẩu mới của riêng bạn trước khi làm việc tiếp."))
        return _go(request, reverse("account_change_password"))
    if second_factor_required(user, timezone.localdate()) and not is_mfa_enabled(user):
        messages.info(request, _("Vai trò của bạn cần xác thực hai bước. Hãy bật trước khi làm việc tiếp."))
        return _go(request, reverse("mfa_activate_totp"))
    return None
