"""Public addresses of the digital-readiness self-check of small enterprises, below ``/muc-do-so/``."""

from django.urls import URLPattern, URLResolver

app_name = "readiness"
urlpatterns: list[URLPattern | URLResolver] = []
