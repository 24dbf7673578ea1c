"""Desk addresses of the digital-readiness self-check of small enterprises, below ``/ban-lam-viec/muc-do-so/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import readiness as views

app_name = "readiness-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("cau-hoi/", views.questions, name="questions"),
    path("cau-hoi/<int:pk>/", views.version, name="version"),
    path("goi-lai/", views.calls, name="calls"),
    path("goi-lai/<int:pk>/", views.call, name="call"),
]
