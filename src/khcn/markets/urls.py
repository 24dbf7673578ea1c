"""Public addresses of the market halls."""

from django.urls import URLPattern, URLResolver, path

from khcn.markets.views import public

app_name = "markets"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.market_list, name="list"),
    path("<slug:key>/", public.market_page, name="market"),
    path("<slug:key>/luot-khach.csv", public.open_data, name="open-data"),
]
