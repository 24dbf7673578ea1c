"""Public addresses of the energy programme."""

from django.urls import URLPattern, URLResolver

app_name = "energy"
urlpatterns: list[URLPattern | URLResolver] = []
