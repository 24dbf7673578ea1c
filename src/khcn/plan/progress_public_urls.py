"""Public addresses of the area ``progress``: calendar feeds, open to whoever holds the secret."""

from django.urls import URLPattern, URLResolver, path

from khcn.plan.views.progress_more import unit_feed

urlpatterns: list[URLPattern | URLResolver] = [
    path("lich/<slug:token>.ics", unit_feed, name="unit-feed"),
]
