"""Public addresses of the market halls."""

from django.urls import URLPattern, URLResolver

app_name = "markets"
urlpatterns: list[URLPattern | URLResolver] = []
