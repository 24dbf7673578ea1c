"""Public addresses of issued reports, included by :mod:`khcn.plan.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import rolls_public

urlpatterns: list[URLPattern | URLResolver] = [
    path("bao-cao/", rolls_public.report_list, name="public-reports"),
    path("bao-cao/<int:pk>/", rolls_public.report_page, name="public-report"),
]
