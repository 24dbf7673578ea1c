"""Addresses for search engines."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q
from django.urls import reverse

from khcn.library.models import Audience, Collection, Subject, Work
from khcn.library.permissions import VISITOR
from khcn.library.selectors.feeds import newest_change
from khcn.library.tables.results import work_url
from khcn.programmes.models.curricula import Lesson
from khcn.programmes.models.programmes import Programme


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

    def get_latest_lastmod(self) -> datetime | None:
        """Return when any of them last changed, asked of the database and not of each work."""
        return newest_change()

    def location(self, item: Work) -> str:
        """Return the address of the work."""
        return work_url(item)


class TermSitemap(Sitemap[Any]):
    """The pages of collections, subjects or audiences that hold something for everybody."""

    protocol = None

    def __init__(self, model: Any, route: str) -> None:
        self.model, self.route = model, route

    def items(self) -> Any:
        """Return terms with public works, each with the day of its newest change."""
        public = Q(works__in=Work.objects.readable_by(VISITOR).order_by().values("pk"))
        newest = Max("works__updated_at", filter=public)
        return list(
            self.model.objects.filter(public)
            .annotate(changed=newest)
            .distinct()
            .order_by("pk")
            .only("pk", "key")
        )

    def lastmod(self, item: Any) -> datetime:
        """Return when a work there last changed."""
        changed: datetime = item.changed
        return changed

    def location(self, item: Any) -> str:
        """Return the address of the page."""
        return reverse(f"library:{self.route}", args=[item.key])


class ProgrammeSitemap(Sitemap[Programme]):
    """Every programme that anybody may open."""

    limit = 5000
    protocol = None

    def items(self) -> Any:
        """Return public programmes, oldest first."""
        return Programme.objects.public().only("pk", "key", "updated_at").order_by("pk")

    def lastmod(self, item: Programme) -> datetime:
        """Return when the programme last changed."""
        return item.updated_at

    def location(self, item: Programme) -> str:
        """Return the address of the programme."""
        return reverse("programmes:programme", args=[item.key])


class LessonSitemap(Sitemap[Lesson]):
    """Every lesson that anybody may open."""

    limit = 5000
    protocol = None

    def items(self) -> Any:
        """Return published lessons, oldest first."""
        return Lesson.objects.visible_to(AnonymousUser()).only("pk", "key", "updated_at").order_by("pk")

    def lastmod(self, item: Lesson) -> datetime:
        """Return when the lesson last changed."""
        return item.updated_at

    def location(self, item: Lesson) -> str:
        """Return the address of the lesson."""
        return reverse("curricula:lesson", args=[item.key])


class PlaceSitemap(Sitemap[str]):
    """The pages that are there on every installation."""

    protocol = None

    def items(self) -> Any:
        """Return the names of the addresses."""
        return [
            "programmes:calendar",
            "curricula:lessons",
            "topics:topics",
            "topics:calls",
            "readiness:start",
        ]

    def location(self, item: str) -> str:
        """Return the address of the page."""
        return reverse(item)


SITEMAPS: dict[str, Any] = {
    "works": WorkSitemap,
    "collections": TermSitemap(Collection, "collection"),
    "subjects": TermSitemap(Subject, "subject"),
    "audiences": TermSitemap(Audience, "audience"),
    "programmes": ProgrammeSitemap,
    "lessons": LessonSitemap,
    "places": PlaceSitemap,
}
