"""Addresses of the market halls on the staff desk: figures here, set-up in :mod:`khcn.markets.setup_urls`."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "markets-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("thiet-lap/", include("khcn.markets.setup_urls")),
]
