"""Pages of one's own account beside allauth's."""

from datetime import datetime
from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from khcn.orgs.demo import demo_sign_ins
from khcn.orgs.forms import OwnDetailsForm
from khcn.orgs.models import User
from khcn.orgs.selectors import acting_for, memberships_of
from khcn.orgs.services.people import own_details_update
from khcn.orgs.signin import FAILURE_LIMIT, locked_until


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class SignInView(LoginView):  # type: ignore[misc]  # allauth ships no types
    """Sign in; in demo mode the page shows with which names."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo sign-ins and the outside identity's name."""
        outside = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect")
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["demo_sign_ins"] = demo_sign_ins()
        context["outside_identity"] = (settings.KHCN.oidc_name or "OpenID Connect") if outside else ""
        return context


def locked(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Say how long the lock lasts and what to do. Called by axes."""
    now: datetime = timezone.now()
    until = locked_until(request, credentials, now)
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    context = {"minutes": minutes, "until": until, "limit": FAILURE_LIMIT}
    response = render(request, "account/locked.html", context, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


@login_required
def account_home(request: HttpRequest) -> HttpResponse:
    """Show and change what belongs to the person: phone, language, password, second factor."""
    assert isinstance(request.user, User)  # noqa: S101  # login_required; this tells the type checker
    form = OwnDetailsForm(
        request.POST or None, initial={"phone": request.user.phone, "language": request.user.language}
    )
    if request.method == "POST" and form.is_valid():
        own_details_update(actor=request.user, **form.cleaned_data)
        messages.success(request, _("Đã lưu thông tin của bạn."))
        response = redirect("account_home")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, form.cleaned_data["language"], max_age=settings.LANGUAGE_COOKIE_AGE
        )
        return response
    today = timezone.localdate()
    facts = [
        (_("Họ và tên"), request.user.get_full_name()),
        (_("Tên đăng nhập"), request.user.username),
        (_("Thư điện tử"), request.user.email),
        (_("Chức danh"), request.user.title),
    ]
    context = {
        "form": form,
        "facts": facts,
        "held": memberships_of(request.user, today),
        "standing_in": acting_for(request.user, today),
        "has_second_factor": is_mfa_enabled(request.user),
        "can_change_password": request.user.has_usable_password(),
    }
    return render(request, "account/home.html", context)
