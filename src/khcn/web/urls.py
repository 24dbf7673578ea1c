"""Addresses of the public shell."""

from django.contrib.sitemaps.views import index, sitemap
from django.urls import path

from khcn.web import views
from khcn.web.sitemaps import SITEMAPS

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("tro-giup/", views.help_page, name="help"),
    path("quyen-rieng-tu/", views.privacy_page, name="privacy"),
    path("so-do-trang/", views.site_map, name="site-map"),
    path("robots.txt", views.robots, name="robots"),
    path(
        "sitemap.xml", index, {"sitemaps": SITEMAPS, "sitemap_url_name": "web:sitemap"}, name="sitemap-index"
    ),
    path("sitemap-<section>.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
]
