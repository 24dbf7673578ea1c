"""Addresses of the design system; mounted at the root of the site."""

from django.urls import path

from khcn.ui import views

app_name = "ui"
urlpatterns = [
    path("styleguide/", views.show_styleguide, name="styleguide"),
    path("giao-dien/nen/", views.choose_theme, name="theme"),
    path("giao-dien/ngon-ngu/", views.choose_language, name="language"),
]
