"""Desk addresses of the area ``registrations``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import registrations as desk
from khcn.programmes.views import registrations_more as more

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/dang-ky/", desk.registrations, name="registrations"),
    path("<int:pk>/dang-ky/moi/", more.by_hand, name="registration-new"),
    path("<int:pk>/dang-ky/excel/", more.sheet, name="registrations-sheet"),
    path("<int:pk>/dang-ky/cau-hoi/", more.questions, name="registration-questions"),
    path("<int:pk>/dang-ky/<int:row>/", desk.one, name="registration"),
    path("<int:pk>/dang-ky/doan/<int:row>/", desk.group, name="registration-group"),
    path("<int:pk>/dong-y/", more.consents, name="consents"),
    path("<int:pk>/dong-y/<int:row>/phieu/", more.paper, name="consent-paper"),
]
