"""Desk addresses of the area ``rolls``, included by :mod:`khcn.plan.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views import roll_texts, rolls

urlpatterns: list[URLPattern | URLResolver] = [
    path("", rolls.roll_list, name="rolls"),
    path("<int:pk>/", rolls.roll_page, name="roll"),
    path("<int:pk>/buoc/", rolls.roll_move, name="roll-move"),
    path("<int:pk>/chi-tieu/<slug:code>/", rolls.roll_figure, name="roll-figure"),
    path("<int:pk>/loi/<int:order>/", roll_texts.roll_text, name="roll-text"),
    path("<int:pk>/khac-biet/", rolls.roll_differences, name="roll-differences"),
    path("<int:pk>/tep/<slug:kind>/", rolls.roll_file, name="roll-file"),
]
