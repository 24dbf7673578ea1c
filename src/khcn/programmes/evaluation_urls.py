"""Desk addresses of the area ``evaluation``, included by :mod:`khcn.programmes.desk_urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import evaluation as views
from khcn.programmes.views import evaluation_questions as questions

urlpatterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/y-kien/", views.survey, name="evaluation"),
    path("<int:pk>/y-kien/sua/", questions.survey_edit, name="survey-edit"),
    path("<int:pk>/bai-kiem-tra/", views.quiz, name="quiz-desk"),
]
