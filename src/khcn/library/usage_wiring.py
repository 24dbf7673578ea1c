"""What the area "usage" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.core.tasks import register_periodic
from khcn.library.models import Work
from khcn.library.permissions import reach_of
from khcn.library.selectors.usage import is_public_figure, work_counts
from khcn.library.services.usage_intake import months_settle, usage_take_in
from khcn.library.work_parts import LibraryEntry, WorkPart, desk_work_parts, library_menu, work_parts
from khcn.ui.parts import NavItem


def _aside(request: HttpRequest, work: Work) -> SafeString | str:
    """Return how often the work is used; of works that not everybody may open only for those who see everything."""
    public = is_public_figure(work)
    if not public and not (request.user.is_authenticated and reach_of(request.user).everything):
        return ""
    return _figures(work, staff_only=not public)


def _on_desk(_request: HttpRequest, work: Work) -> SafeString | str:
    return _figures(work, staff_only=False) if work.published_at else ""


def _figures(work: Work, *, staff_only: bool) -> SafeString | str:
    counts = work_counts(work)
    if not counts.views and not counts.downloads:
        return ""
    return render_to_string("library/usage/aside.html", {"counts": counts, "staff_only": staff_only})


def _entry(request: HttpRequest) -> NavItem | None:
    if not reach_of(request.user).everything:
        return None
    return NavItem(label=_("Thống kê sử dụng"), url=reverse("library-desk:usage"))


ASIDE = WorkPart(40, "aside", _aside)
DESK = WorkPart(90, "main", _on_desk)
MENU = LibraryEntry(180, _entry)


def connect() -> None:
    """Register the area's parts."""
    work_parts.register("usage", ASIDE)
    desk_work_parts.register("usage", DESK)
    library_menu.register("usage", MENU)
    register_periodic("library.usage", timedelta(minutes=5), usage_take_in)
    register_periodic("library.usage_months", timedelta(days=1), months_settle)
