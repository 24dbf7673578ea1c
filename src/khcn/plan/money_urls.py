"""Desk addresses of the area ``money``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import money, money_entries, money_estimates, money_sheets

urlpatterns: list[URLPattern | URLResolver] = [
    path("", money.year, name="money"),
    path("tai/<slug:kind>/", money.export, name="money-export"),
    path("cho-xac-nhan/", money.waiting, name="money-waiting"),
    path("du-toan/moi/", money_estimates.estimate_new, name="money-estimate-new"),
    path("du-toan/<int:pk>/", money_estimates.estimate, name="money-estimate"),
    path("du-toan/<int:pk>/dong-moi/", money_estimates.line_new, name="money-line-new"),
    path("du-toan/<int:pk>/excel/", money_sheets.lines_sheet_page, name="money-lines-sheet"),
    path("du-toan/<int:pk>/but-toan-excel/", money_sheets.entries_sheet_page, name="money-entries-sheet"),
    path(
        "du-toan/<int:pk>/but-toan/<slug:kind>/", money_estimates.entries_export, name="money-entries-export"
    ),
    path("du-toan/<int:pk>/quyet-toan/", money_estimates.settlement, name="money-settlement"),
    path("dong/<int:pk>/", money_entries.line, name="money-line"),
    path("dong/<int:pk>/sua/", money_estimates.line_edit, name="money-line-edit"),
    path("dong/<int:pk>/ghi/<slug:what>/", money_entries.entry_new, name="money-entry-new"),
    path("but-toan/<int:pk>/", money_entries.entry, name="money-entry"),
    path("chung-tu/<int:pk>/", money_entries.voucher, name="money-voucher"),
]
