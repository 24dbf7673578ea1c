"""Desk addresses of the area ``today``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views.today import today

urlpatterns: list[URLPattern | URLResolver] = [path("viec-hom-nay/", today, name="today")]
