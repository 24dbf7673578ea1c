"""Addresses of programmes on the staff desk, below ``/ban-lam-viec/chuong-trinh/``: one module an area."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "programmes-desk"
AREAS = (
    "today", "letters", "evaluation", "attendance", "exhibitions", "support", "entries", "contests", "certificates",
    "registrations", "calendar",
)  # fmt: skip
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"khcn.programmes.{area}_urls")) for area in AREAS
]
