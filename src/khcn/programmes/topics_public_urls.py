"""Public addresses of research topics from call to liquidation, below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver

app_name = "topics"
urlpatterns: list[URLPattern | URLResolver] = []
