"""Addresses of the staff desk."""

from django.urls import path

from khcn.web import desk

app_name = "desk"
urlpatterns = [path("", desk.desk_home, name="home")]
