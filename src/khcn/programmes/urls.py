"""Public addresses of programmes, below ``/chuong-trinh/``: one module an area; the calendar's slugs come last."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "programmes"
AREAS = (
    "letters", "evaluation", "attendance", "exhibitions", "support", "entries", "contests", "certificates", "registrations",
    "calendar",
)  # fmt: skip
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"khcn.programmes.{area}_public_urls")) for area in AREAS
]
