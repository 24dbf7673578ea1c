"""The addresses of the back office: Wagtail's admin without its own doors."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, reverse
from django.utils.translation import gettext as _
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls


def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to our sign-in; tell people who are signed in already that this is not their place."""
    if request.user.is_authenticated:
        list(messages.get_messages(request))  # Wagtail's own sentence says the same in fewer words
        raise PermissionDenied(
            _(
                "Vai trò của bạn không mở được nơi soạn bài. Hãy nhờ người quản trị giao vai trò biên tập hoặc thủ thư."
            )
        )
    return redirect_to_login(
        request.GET.get("next") or reverse("wagtailadmin_home"), reverse("account_login")
    )


def closed(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer as if nothing were here."""
    raise Http404


# Wagtail's sign-in would pass by the second factor, its account page and password reset by our rules and the audit
# trail; its reports show a log that nothing here writes, to everybody who opens the back office.
urlpatterns = [
    path("login/", sign_in),
    path("password_reset/", RedirectView.as_view(pattern_name="account_reset_password")),
    path("password_reset/<path:rest>", closed),
    path("account/", RedirectView.as_view(pattern_name="account_home")),
    path("reports/<path:rest>", closed),
    path("choose-page/", closed),
    path("choose-page/<path:rest>", closed),
    path("", include(wagtailadmin_urls)),
]
