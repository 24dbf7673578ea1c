"""Public addresses of the area ``support``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import support_mine as own
from khcn.programmes.views import support_public as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("ho-tro/", views.calls, name="support"),
    path("ho-tro/da-cap/", views.granted, name="support-granted"),
    path("ho-tro/xin/", views.ask_open, name="support-ask-open"),
    path("ho-tro/mau-khoan.xlsx", views.template, name="support-template"),
    path("ho-tro/<str:token>/", own.mine, name="support-mine"),
    path("ho-tro/<str:token>/tep/<int:pk>/", own.mine_file, name="support-mine-file"),
    path("<slug:key>/ho-tro/xin/", views.ask, name="support-ask"),
]
