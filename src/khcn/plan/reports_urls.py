"""Desk addresses of the area ``reports``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import regimes, report_parts, reports

urlpatterns: list[URLPattern | URLResolver] = [
    path("", reports.reports, name="reports"),
    path("tiep-nhan/", reports.report_inbox, name="report-inbox"),
    path("dot-xuat/", regimes.ad_hoc, name="report-request"),
    path("che-do/", regimes.regimes, name="regimes"),
    path("che-do/moi/", regimes.regime_new, name="regime-new"),
    path("che-do/<int:pk>/", regimes.regime, name="regime"),
    path("che-do/<int:pk>/sua/", regimes.regime_edit, name="regime-edit"),
    path("che-do/<int:pk>/bieu/", regimes.regime_form_edit, name="regime-form"),
    path("che-do/<int:pk>/ky-moi/", regimes.period_new, name="period-new"),
    path("ky/<int:pk>/", regimes.period, name="period"),
    path("<int:pk>/", reports.report, name="report"),
    path("<int:pk>/nguon/<slug:code>/", report_parts.report_sources, name="report-sources"),
    path("<int:pk>/tep/", report_parts.report_files, name="report-files"),
    path("<int:pk>/tep/<int:file_pk>/", report_parts.report_file, name="report-file"),
    path("<int:pk>/bien-nhan/", report_parts.report_receipt, name="report-receipt"),
    path("<int:pk>/excel/", report_parts.report_excel, name="report-excel"),
]
