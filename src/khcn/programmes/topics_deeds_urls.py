"""Addresses of what officials do with one topic: ``DESK`` below ``/ban-lam-viec/de-tai/``, ``PUBLIC`` below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver

DESK: list[URLPattern | URLResolver] = []
PUBLIC: list[URLPattern | URLResolver] = []
