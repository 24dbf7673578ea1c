"""Addresses of registers, tables, planner, wizard, bills and projects (names begin with ``setup-``)."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
