"""Public addresses of the area ``calendar``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import calendar_public as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.calendar, name="calendar"),
    path("lich.ics", views.calendar_file, name="calendar-file"),
    path("tin.atom", views.feed, name="feed"),
    path("<slug:key>/", views.programme, name="programme"),
    path("<slug:key>/lich.ics", views.calendar_file, name="programme-file"),
    path("<slug:key>/anh.png", views.image, name="programme-image"),
]
