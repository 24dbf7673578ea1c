"""Desk addresses of research topics from call to liquidation, below ``/ban-lam-viec/de-tai/``."""

from django.urls import URLPattern, URLResolver

app_name = "topics-desk"
urlpatterns: list[URLPattern | URLResolver] = []
