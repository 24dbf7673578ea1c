"""Addresses of the area "legal": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import desk_legal

public: list[URLPattern] = []
desk: list[URLPattern] = [
    path("quan-he/", desk_legal.waiting_list, name="legal-waiting"),
    path("quan-he/<int:pk>/", desk_legal.proposals, name="legal-proposals"),
]
root: list[URLPattern] = []
