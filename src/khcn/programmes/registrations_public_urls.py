"""Public addresses of the area ``registrations``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
