"""Addresses of the plan on the staff desk: one module an area."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "plan-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("viec/", include("khcn.plan.progress_urls")),
    path("kinh-phi/", include("khcn.plan.money_urls")),
    path("bao-cao/", include("khcn.plan.reports_urls")),
    path("tong-hop/", include("khcn.plan.rolls_urls")),
    path("don-doc/", include("khcn.plan.chasing_urls")),
    path("van-ban/", include("khcn.plan.register_urls")),
    path("tuyen-truyen/", include("khcn.plan.comms_urls")),
    path("", include("khcn.plan.plans_urls")),
]
