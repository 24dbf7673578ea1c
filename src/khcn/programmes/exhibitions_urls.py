"""Desk addresses of the area ``exhibitions``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import exhibitions as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/trung-bay/", views.exhibitors, name="exhibitors"),
    path("<int:pk>/trung-bay/so-do/", views.exhibition_hall, name="exhibition-hall"),
    path("<int:pk>/trung-bay/so-do/<int:plan>/gian/", views.exhibition_booth, name="exhibition-booth-new"),
    path(
        "<int:pk>/trung-bay/so-do/<int:plan>/gian/<int:booth>/",
        views.exhibition_booth,
        name="exhibition-booth",
    ),
    path("<int:pk>/trung-bay/bien-ten/", views.exhibition_signs, name="exhibition-signs"),
    path("<int:pk>/trung-bay/excel/", views.exhibition_sheet, name="exhibition-sheet"),
    path("<int:pk>/trung-bay/<int:one>/", views.exhibitor, name="exhibitor"),
]
