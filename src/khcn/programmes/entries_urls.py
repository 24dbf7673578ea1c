"""Desk addresses of the area ``entries``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import entries_desk

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/bai-du-thi/", entries_desk.entries, name="entries"),
    path("<int:pk>/bai-du-thi/<int:entry_id>/", entries_desk.entry_page, name="entry"),
    path("<int:pk>/bai-du-thi/<int:entry_id>/tep/<int:file_id>/", entries_desk.entry_file, name="entry-file"),
]
