"""Desk addresses of the area ``rolls``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
