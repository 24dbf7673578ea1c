"""Desk addresses of the digital-readiness self-check of small enterprises, below ``/ban-lam-viec/muc-do-so/``."""

from django.urls import URLPattern, URLResolver

app_name = "readiness-desk"
urlpatterns: list[URLPattern | URLResolver] = []
