"""Desk addresses of lessons: curricula, versions, forks, reports from schools, below ``/ban-lam-viec/bai-hoc/``."""

from django.urls import URLPattern, URLResolver

app_name = "curricula-desk"
urlpatterns: list[URLPattern | URLResolver] = []
