"""Addresses of the public shell."""

from django.urls import include, path

from khcn.web import views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("ngon-ngu/", include("django.conf.urls.i18n")),
]
