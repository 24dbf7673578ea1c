"""What the back office shows on its first page, and which articles a person meets there."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.site_summary import SummaryItem
from wagtail.admin.ui.components import Component

from khcn.library import permissions
from khcn.library.enums import OPEN_STATES, WorkKind
from khcn.library.models import Work


def articles_of(user: Any) -> Any:
    """Return the articles that ``user`` sees; other kinds of works are never reached through the back office."""
    return Work.objects.visible_to(user).filter(kind=WorkKind.ARTICLE)


def desk_url(work: Work) -> str:
    """Return the page of a work on the desk, where it is submitted, reviewed and published."""
    return reverse("library-desk:work", args=[work.pk])


class CountLine(SummaryItem):  # type: ignore[misc]  # Wagtail ships no types
    """How many of something there are, with the way to them."""

    template_name = "library/back_office/summary_item.html"

    def __init__(self, request: HttpRequest, count: int, label: str, url_name: str, icon: str) -> None:
        super().__init__(request)
        self._facts = {"count": count, "label": label, "url": reverse(url_name), "icon": icon}

    def get_context_data(self, parent_context: Any) -> Any:
        """Return what the line shows."""
        return self._facts


class UnfinishedArticles(Component):  # type: ignore[misc]  # Wagtail ships no types
    """What waits to be written on."""

    name = "library_articles"
    order = 10
    template_name = "library/back_office/home_panel.html"

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def get_context_data(self, parent_context: Any) -> Any:
        """Return the latest articles that the person may still change."""
        user = self._request.user
        latest = articles_of(user).filter(state__in=OPEN_STATES).order_by("-updated_at")[:20]
        return {"articles": [work for work in latest if permissions.can_edit(user, work)][:8]}
