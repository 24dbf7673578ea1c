"""Addresses of the side that carries a topic out: ``DESK`` below ``/ban-lam-viec/de-tai/``, ``PUBLIC`` below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver

DESK: list[URLPattern | URLResolver] = []
PUBLIC: list[URLPattern | URLResolver] = []
