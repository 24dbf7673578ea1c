"""Public addresses of the energy programme."""

from django.urls import URLPattern, URLResolver, path

from khcn.energy.views import public

app_name = "energy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.programme_page, name="list"),
    path("theo-thang.csv", public.programme_data, name="open-data-all"),
    path("<slug:key>/", public.site_page, name="site"),
    path("<slug:key>/theo-thang.csv", public.site_data, name="open-data"),
]
