"""Desk addresses of the area ``support``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import support as views
from khcn.programmes.views import support_paper as paper
from khcn.programmes.views import support_request as one
from khcn.programmes.views import support_stock as stock

urlpatterns: list[URLPattern | URLResolver] = [
    path("ho-tro/", views.requests, name="support"),
    path("ho-tro/kho/", stock.assets, name="support-assets"),
    path("ho-tro/kho/<int:pk>/", stock.asset, name="support-asset"),
    path("ho-tro/nhap-giay/", paper.paper, name="support-paper"),
    path("ho-tro/ngoai-dot/", views.standing, name="support-standing"),
    path("ho-tro/<int:pk>/", one.request_page, name="support-request"),
    path("ho-tro/<int:pk>/tep/<int:file_id>/", one.request_file, name="support-file"),
    path("ho-tro/<int:pk>/anh/<int:number>/", one.handover_photo, name="support-photo"),
    path("<int:pk>/ho-tro/", views.of_programme, name="support-programme"),
]
