"""Addresses of the area "cite": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern

public: list[URLPattern] = []
desk: list[URLPattern] = []
root: list[URLPattern] = []
