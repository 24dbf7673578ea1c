"""What the area "saved" of the library offers to the others, registered when Django is ready."""

from collections.abc import Sequence
from datetime import timedelta

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khcn.core.jobs import job_retry_handlers
from khcn.core.outbox.senders import mail_finishers
from khcn.core.tasks import register_periodic
from khcn.library.permissions import can_use_desk
from khcn.library.search.types import SearchQuery, SearchResult
from khcn.library.selectors.asked import canonical
from khcn.library.services.saved_alerts import MAIL, digest_mail, digests_send
from khcn.library.services.saved_exports import KIND, exports_expire, job_retry_export
from khcn.library.services.saved_visitors import subscriptions_tidy
from khcn.library.work_parts import LibraryEntry, SearchTool, library_menu, search_tools
from khcn.ui.desk import DeskSection, desk_sections
from khcn.ui.parts import NavItem


def _entry(request: HttpRequest) -> NavItem | None:
    if not request.user.is_authenticated:
        return None
    return NavItem(label=_("Lần tìm đã lưu"), url=reverse("library-desk:saved"))


def _for_readers(request: HttpRequest) -> Sequence[NavItem]:
    """Return the entry of people with an account who do nothing else in the library."""
    entry = None if can_use_desk(request.user) else _entry(request)
    return [entry] if entry else []


def _tools(request: HttpRequest, query: SearchQuery, result: SearchResult) -> SafeString:
    """Return the ways to keep a result: as a saved search, as a file."""
    params = canonical(request.GET, now=timezone.now())
    if not params or not result.total:
        return SafeString("")
    context = {
        "own": request.user.is_authenticated,
        "save_url": f"{reverse('library:save-search')}?{params}",
        "export_url": f"{reverse('library:export')}?{params}",
    }
    return render_to_string("library/saved/tools.html", context)


SEARCH_TOOL = SearchTool(20, _tools)
MENU = LibraryEntry(190, _entry)
READERS = DeskSection(order=21, label=lambda: _("Thư viện"), items=_for_readers)


def connect() -> None:
    """Register the area's parts."""
    search_tools.register("saved", SEARCH_TOOL)
    library_menu.register("saved", MENU)
    desk_sections.register("library-readers", READERS)
    mail_finishers.register(MAIL, digest_mail)
    job_retry_handlers.register(KIND, job_retry_export)
    register_periodic("library.saved_digests", timedelta(minutes=10), digests_send)
    register_periodic("library.saved_tidy", timedelta(days=1), subscriptions_tidy)
    register_periodic("library.exports_expire", timedelta(hours=1), exports_expire)
