"""Desk addresses of training needs and records of officials and teachers, below ``/ban-lam-viec/boi-duong/``."""

from django.urls import URLPattern, URLResolver

app_name = "training-desk"
urlpatterns: list[URLPattern | URLResolver] = []
