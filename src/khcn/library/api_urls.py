"""Addresses of the area "api": the page for people who program against the library."""

from django.urls import URLPattern, path

from khcn.library.views import api_page

public: list[URLPattern] = [path("api/", api_page.api_page, name="api")]
desk: list[URLPattern] = []
root: list[URLPattern] = []
