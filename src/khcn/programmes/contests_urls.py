"""Desk addresses of the area ``contests``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
