"""Addresses of councils of topics and the pages of their members: ``DESK`` below ``/ban-lam-viec/de-tai/``, ``PUBLIC`` below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver

DESK: list[URLPattern | URLResolver] = []
PUBLIC: list[URLPattern | URLResolver] = []
