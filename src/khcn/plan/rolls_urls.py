"""Desk addresses of the area ``rolls``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import chasing, roll_texts, rolls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", rolls.roll_list, name="rolls"),
    path("<int:pk>/", rolls.roll_page, name="roll"),
    path("<int:pk>/buoc/", rolls.roll_move, name="roll-move"),
    path("<int:pk>/chi-tieu/<slug:code>/", rolls.roll_figure, name="roll-figure"),
    path("<int:pk>/loi/<int:order>/", roll_texts.roll_text, name="roll-text"),
    path("<int:pk>/khac-biet/", rolls.roll_differences, name="roll-differences"),
    path("<int:pk>/tep/<slug:kind>/", rolls.roll_file, name="roll-file"),
    path("don-doc/", chasing.rates, name="chasing"),
    path("don-doc/<int:pk>/", chasing.period_page, name="chasing-period"),
    path("don-doc/tai-ve/<slug:kind>/", chasing.rates_file, name="chasing-file"),
    path("don-doc/<int:pk>/tai-ve/<slug:kind>/", chasing.period_file, name="chasing-period-file"),
]
