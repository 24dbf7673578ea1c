"""Addresses of the area "feeds": public ones below the library, those of the desk, and those at the root of the site."""

from django.urls import URLPattern, path

from khcn.library.views import feeds

public: list[URLPattern] = [
    path("tim/<slug:form>.xml", feeds.search_feed, name="search-feed"),
    path("moi/<slug:form>.xml", feeds.recent_feed, name="recent-feed"),
    *(
        path(f"{place}/<slug:key>/<slug:form>.xml", feeds.term_feed, {"route": route}, name=f"{route}-feed")
        for place, route in (("bo-suu-tap", "collection"), ("chu-de", "subject"), ("danh-cho", "audience"))
    ),
    path("mo-ta/<int:pk>/<slug:form>", feeds.description, name="description"),
]
desk: list[URLPattern] = []
root: list[URLPattern] = [
    path("opds/", feeds.opds_front, name="opds"),
    path("opds/moi", feeds.opds_recent, name="opds-recent"),
    path("opds/tim", feeds.opds_search, name="opds-search"),
]
