"""Public addresses of the plan; each area adds its own module here."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "plan"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("khcn.plan.progress_public_urls")),
    path("", include("khcn.plan.rolls_public_urls")),
    path("", include("khcn.plan.plans_public_urls")),
]
