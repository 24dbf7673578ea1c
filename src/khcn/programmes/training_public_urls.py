"""Public addresses of training needs and records of officials and teachers, below ``/boi-duong/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import training_own as views

app_name = "training"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.public, name="public"),
    path("cua-toi/", views.ask, name="ask"),
    path("cua-toi/<str:token>/", views.own, name="own"),
]
