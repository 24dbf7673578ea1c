"""Addresses of the market halls on the staff desk: figures here, set-up in :mod:`khcn.markets.setup_urls`."""

from django.urls import URLPattern, URLResolver, include, path

from khcn.markets.views import alerts, compare, events, exports, figures, outlook, places, quality, reports

app_name = "markets-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", figures.overview_page, name="overview"),
    path("thiet-lap/", include("khcn.markets.setup_urls")),
    path("so-sanh/", compare.compare_page, name="compare"),
    path("canh-bao/", alerts.alert_list, name="alerts"),
    path("canh-bao/<int:pk>/da-xem/", alerts.alert_seen, name="alert-seen"),
    path("<slug:key>/", figures.market_page, name="market"),
    path("<slug:key>/du-bao/", outlook.forecast_page, name="forecast"),
    path("<slug:key>/su-kien/", events.event_list, name="events"),
    path("<slug:key>/su-kien/<int:pk>/", events.event_page, name="event"),
    path("<slug:key>/su-kien/<int:pk>/bo/", events.event_drop, name="event-remove"),
    path("<slug:key>/chat-luong/", quality.quality_page, name="quality"),
    path("<slug:key>/bao-cao/", reports.report_list, name="reports"),
    path("<slug:key>/bao-cao/<str:month>/<str:kind>/", reports.report_file, name="report"),
    path("<slug:key>/tai-ve/<slug:what>/<slug:kind>/", exports.market_export, name="export"),
    path("<slug:key>/cua/<int:pk>/", places.gate_page, name="gate"),
    path("<slug:key>/khu/<int:pk>/", places.zone_page, name="zone"),
]
