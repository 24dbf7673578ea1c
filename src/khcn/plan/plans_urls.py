"""Desk addresses of the area ``plans``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
