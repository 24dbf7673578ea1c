"""Small pages of the design system: the reader's choices, and the style guide."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from khcn.ui import styleguide, theme


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page the form stood on, never to another site."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if safe else "/")


# Both choices are exempt from the token on purpose: a token would set a cookie for every visitor of every
# public page, and the worst a foreign page could do is to choose a colour or a language.
@csrf_exempt
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep light, dark or automatic in a cookie."""
    response = _back(request)
    choice = request.POST.get("theme", "")
    if choice in theme.CHOICES:
        response.set_cookie(
            theme.COOKIE, choice, max_age=theme.COOKIE_SECONDS, samesite="Lax", secure=request.is_secure()
        )
    return response


@csrf_exempt
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language of the interface in a cookie."""
    response = _back(request)
    choice = request.POST.get("language", "")
    if choice in dict(settings.LANGUAGES) and check_for_language(choice):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            choice,
            max_age=theme.COOKIE_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


@require_safe
def show_styleguide(request: HttpRequest) -> HttpResponse:
    """Show every component; for staff only where real people are served."""
    user = getattr(request, "user", None)
    if settings.KHCN.production and not settings.DEBUG and not getattr(user, "is_staff", False):
        raise Http404
    return render(request, "ui/styleguide.html", styleguide.examples(request.GET.get("nen", "")))
