"""Addresses of the area "harvest": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import harvest

public: list[URLPattern] = []
desk: list[URLPattern] = [
    path("thu-thap/", harvest.source_list, name="harvest"),
    path("thu-thap/them/", harvest.source_new, name="harvest-new"),
    path("thu-thap/<int:pk>/", harvest.source_page, name="harvest-source"),
    path("thu-thap/<int:pk>/sua/", harvest.source_edit, name="harvest-edit"),
    path("thu-thap/<int:pk>/can-xem/", harvest.source_questions, name="harvest-questions"),
]
root: list[URLPattern] = []
