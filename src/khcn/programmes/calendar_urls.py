"""Desk addresses of the area ``calendar``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import calendar as views
from khcn.programmes.views import calendar_parts as parts

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.programmes, name="programmes"),
    path("moi/", views.programme_new, name="programme-new"),
    path("<int:pk>/", views.programme, name="programme"),
    path("<int:pk>/sua/", views.programme_edit, name="programme-edit"),
    path("<int:pk>/buoc/", views.programme_step, name="programme-step"),
    path("<int:pk>/giang-vien-tai-lieu/", parts.parts, name="programme-parts"),
    path("<int:pk>/buoi/", views.session_new, name="session-new"),
    path("<int:pk>/buoi/<int:session_pk>/", views.session_edit, name="session-edit"),
]
