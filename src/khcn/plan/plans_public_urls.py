"""Public addresses of plans."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import plans_public

urlpatterns: list[URLPattern | URLResolver] = [
    path("", plans_public.plan_list, name="list"),
    path("<slug:key>/", plans_public.plan_page, name="plan"),
    path("<slug:key>/du-lieu.csv", plans_public.plan_data, name="open-data"),
]
