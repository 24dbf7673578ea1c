"""Public addresses of research topics from call to liquidation, below ``/de-tai/``."""

from django.urls import URLPattern, URLResolver, path

from khcn.programmes.views import topics_public as views

app_name = "topics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.topics, name="topics"),
    path("san-pham/", views.products, name="products"),
    path("moi-de-xuat/", views.calls, name="calls"),
    path("moi-de-xuat/<slug:key>/", views.call, name="call"),
    path("<slug:key>/", views.topic, name="topic"),
]
