"""Addresses for search engines."""

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap

from khcn.library.models import Work
from khcn.library.tables.results import work_url


class WorkSitemap(Sitemap[Work]):
    """Every work that anybody may open."""

    limit = 5000
    protocol = None

    def items(self) -> Any:
        """Return public works, oldest first so that pages of the map stay as they are."""
        return Work.objects.published_to(None).only("pk", "slug", "updated_at").order_by("pk")

    def lastmod(self, item: Work) -> datetime:
        """Return when the work last changed."""
        return item.updated_at

    def location(self, item: Work) -> str:
        """Return the address of the work."""
        return work_url(item)


SITEMAPS = {"works": WorkSitemap}
