"""Headers that Django does not set by itself, and the policy of the back office, looser for styles only."""

from collections.abc import Callable

from csp.constants import NONE, SELF
from django.http import HttpRequest
from django.http.response import HttpResponseBase

BACK_OFFICE_PREFIX = "/quan-tri/"

# Scripts as strictly as on public pages. Wagtail's editor writes style elements while people type, and upload
# previews are blob: images (wagtail issue 1288).
_BACK_OFFICE_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
    "base-uri": [NONE],
}


class SecurityHeadersMiddleware:
    """Add Permissions-Policy, and give back-office pages their own Content-Security-Policy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"
        )
        if request.path.startswith(BACK_OFFICE_PREFIX):
            response._csp_config = _BACK_OFFICE_POLICY  # type: ignore[attr-defined]  # read by django-csp
        return response
