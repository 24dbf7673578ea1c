"""Public addresses of the digital-readiness self-check of small enterprises, below ``/muc-do-so/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import readiness_public as views

app_name = "readiness"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.start, name="start"),
    path("lam/<str:token>/<int:step>/", views.step, name="step"),
    path("ket-qua/<str:token>/", views.result, name="result"),
    path("ket-qua/<str:token>/goi-lai/", views.call, name="call"),
    path("goi-lai/<str:token>/", views.called, name="called"),
]
