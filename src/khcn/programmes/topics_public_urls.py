"""Public addresses of research topics from call to liquidation, below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes import topics_calls_urls, topics_councils_urls, topics_deeds_urls, topics_mine_urls
from khcn.programmes.views import topics_public as views

app_name = "topics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.topics, name="topics"),
    path("san-pham/", views.products, name="products"),
    path("moi-de-xuat/", views.calls, name="calls"),
    path("moi-de-xuat/<slug:key>/", views.call, name="call"),
    *topics_calls_urls.PUBLIC,
    *topics_deeds_urls.PUBLIC,
    *topics_councils_urls.PUBLIC,
    *topics_mine_urls.PUBLIC,
    path("<slug:key>/", views.topic, name="topic"),
]
