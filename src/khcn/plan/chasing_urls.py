"""Desk addresses of chasing, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import chasing

urlpatterns: list[URLPattern | URLResolver] = [
    path("", chasing.rates, name="chasing"),
    path("tai-ve/<slug:kind>/", chasing.rates_file, name="chasing-file"),
    path("<int:pk>/", chasing.period_page, name="chasing-period"),
    path("<int:pk>/tai-ve/<slug:kind>/", chasing.period_file, name="chasing-period-file"),
]
