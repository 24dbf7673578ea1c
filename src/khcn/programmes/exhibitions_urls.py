"""Desk addresses of the area ``exhibitions``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
