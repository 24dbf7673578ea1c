"""Desk addresses of research topics from call to liquidation, below ``/ban-lam-viec/de-tai/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import topics_desk as views

app_name = "topics-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.topics, name="topics"),
    path("<int:pk>/", views.topic, name="topic"),
    path("tep/<int:pk>/", views.topic_file, name="file"),
]
