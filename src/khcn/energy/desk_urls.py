"""Addresses of the energy programme on the staff desk: figures here, set-up in :mod:`khcn.energy.setup_urls`."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "energy-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("thiet-lap/", include("khcn.energy.setup_urls")),
]
