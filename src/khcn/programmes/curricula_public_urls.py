"""Public addresses of lessons: curricula, versions, forks, reports from schools, below ``/bai-hoc/``."""

from django.urls import URLPattern, URLResolver

app_name = "curricula"
urlpatterns: list[URLPattern | URLResolver] = []
