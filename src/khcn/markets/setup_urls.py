"""Addresses of the set-up of cameras, in the name space ``markets-desk``."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
