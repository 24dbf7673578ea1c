"""Public addresses of the area ``evaluation``, included by :mod:`khcn.programmes.urls`."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import evaluation_public as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("y-kien/<str:ticket>/", views.survey, name="survey"),
    path("y-kien/buoi/<str:token>/<int:number>/", views.survey_room, name="survey-room"),
    path("bai-kiem-tra/<str:ticket>/", views.quiz, name="quiz"),
]
