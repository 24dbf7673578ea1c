"""Addresses of the area "keeping": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import keeping

public: list[URLPattern] = []
desk: list[URLPattern] = [path("giu-gin/", keeping.keeping_page, name="keeping")]
root: list[URLPattern] = []
