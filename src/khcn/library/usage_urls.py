"""Addresses of the area "usage": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import usage

public: list[URLPattern] = []
desk: list[URLPattern] = [path("thong-ke/", usage.usage_page, name="usage")]
root: list[URLPattern] = []
