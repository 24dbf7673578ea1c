"""Desk addresses of the area ``progress``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import progress, progress_item, progress_more

urlpatterns: list[URLPattern | URLResolver] = [
    path("", progress.own_page, name="progress-own"),
    path("tat-ca/", progress.item_list, name="progress-items"),
    path("excel/", progress_more.sheet_page, name="progress-sheet"),
    path("lich/", progress_more.feed_page, name="progress-feeds"),
    path("lanh-dao/", progress_more.lead_page, name="leadership"),
    path("theo-thoi-gian/<int:pk>/", progress.gantt_page, name="progress-gantt"),
    path("minh-chung/<int:pk>/", progress_item.evidence_view, name="progress-file"),
    path("<int:pk>/", progress_item.item_view, name="progress-item"),
]
