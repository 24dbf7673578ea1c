"""Addresses of the energy programme on the staff desk: figures here, set-up in :mod:`khcn.energy.setup_urls`."""

from django.urls import URLPattern, URLResolver, include, path

from khcn.energy.views import compare, exports, findings, now, overview, quality, reports, site, ward

app_name = "energy-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview_page, name="overview"),
    path("thiet-lap/", include("khcn.energy.setup_urls")),
    path("su-co/", findings.finding_list, name="findings"),
    path("su-co/<int:pk>/", findings.finding_page, name="finding"),
    path("su-co/<int:pk>/xu-ly/", findings.finding_change, name="finding-move"),
    path("so-sanh/", compare.compare_page, name="compare"),
    path("chat-luong/", quality.quality_all, name="quality-all"),
    path("chat-luong/de-rieng/<int:pk>/", quality.set_aside_seen, name="set-aside-done"),
    path("chat-luong/ghi-nhan/<int:pk>/", quality.event_page, name="event"),
    path("chat-luong/ghi-nhan/<int:pk>/da-xem/", quality.event_seen, name="event-done"),
    path("bao-cao/", reports.unit_list, name="reports"),
    path("bao-cao/<int:pk>/", reports.report_list, name="unit-reports"),
    path("bao-cao/<int:pk>/<str:month>/<str:kind>/", reports.report_file, name="report"),
    path("nam/<int:pk>/<int:year>/", reports.year_page, name="year"),
    path("nam/<int:pk>/<int:year>/<slug:kind>/", reports.year_file, name="year-file"),
    path("mai-nha/", ward.ward_page, name="ward"),
    path("mai-nha/<slug:kind>/", ward.ward_file, name="ward-file"),
    path("tai-ve/<slug:what>/<slug:kind>/", exports.programme_export, name="export-all"),
    path("<slug:key>/", site.site_view, name="site"),
    path("<slug:key>/bay-gio/", now.now_part, name="now"),
    path("<slug:key>/kenh/<int:pk>/", site.channel_page, name="channel"),
    path("<slug:key>/chat-luong/", quality.quality_page, name="quality"),
    path("<slug:key>/tai-ve/", exports.download_page, name="downloads"),
    path("<slug:key>/tai-ve/<slug:what>/<slug:kind>/", exports.site_export, name="export"),
]
