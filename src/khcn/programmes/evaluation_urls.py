"""Desk addresses of the area ``evaluation``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import evaluation as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/y-kien/", views.survey, name="evaluation"),
    path("<int:pk>/y-kien/sua/", views.survey_edit, name="survey-edit"),
    path("<int:pk>/bai-kiem-tra/", views.quiz, name="quiz-desk"),
]
