"""Public addresses of training needs and records of officials and teachers, below ``/boi-duong/``."""

from django.urls import URLPattern, URLResolver

app_name = "training"
urlpatterns: list[URLPattern | URLResolver] = []
