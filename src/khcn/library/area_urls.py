"""The addresses of every area of the library, gathered for the three places where they are mounted."""

from typing import Literal

from django.urls import URLPattern

from khcn.library import (
    api_urls,
    catalogue_urls,
    cite_urls,
    feeds_urls,
    harvest_urls,
    keeping_urls,
    legal_urls,
    oai_urls,
    saved_urls,
    usage_urls,
    versions_urls,
    viewer_urls,
)

_AREAS = (
    oai_urls, feeds_urls, harvest_urls, catalogue_urls, versions_urls, cite_urls, saved_urls, usage_urls, legal_urls,
    viewer_urls, keeping_urls, api_urls,
)  # fmt: skip


def gathered(place: Literal["public", "desk", "root"]) -> list[URLPattern]:
    """Return the addresses of one place, area by area."""
    return [pattern for area in _AREAS for pattern in getattr(area, place)]
