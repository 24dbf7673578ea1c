"""Addresses of the library that stand at the root of the site because the outside expects them there."""

from django.urls import URLPattern

from khcn.library import area_urls

app_name = "library-root"
urlpatterns: list[URLPattern] = area_urls.gathered("root")
