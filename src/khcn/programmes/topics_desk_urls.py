"""Desk addresses of research topics from call to liquidation, below ``/ban-lam-viec/de-tai/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes import topics_calls_urls, topics_councils_urls, topics_deeds_urls, topics_mine_urls
from khcn.programmes.views import topics_desk as views

app_name = "topics-desk"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.topics, name="topics"),
    path("<int:pk>/", views.topic, name="topic"),
    path("tep/<int:pk>/", views.topic_file, name="file"),
    *topics_calls_urls.DESK,
    *topics_deeds_urls.DESK,
    *topics_councils_urls.DESK,
    *topics_mine_urls.DESK,
]
