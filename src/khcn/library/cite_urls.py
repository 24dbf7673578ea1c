"""Addresses of the area "cite": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import cite

public: list[URLPattern] = [
    path("trich-dan/", cite.result_list, name="cite-result"),
    path("trich-dan/tep/<slug:kind>/", cite.result_file, name="cite-result-file"),
    path("trich-dan/<int:pk>/<slug:kind>/", cite.work_citation, name="cite-file"),
]
desk: list[URLPattern] = []
root: list[URLPattern] = []
