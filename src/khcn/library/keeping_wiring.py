"""What the area "keeping" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.jobs import job_retry_handlers
from khcn.core.tasks import register_periodic
from khcn.library.permissions import reach_of
from khcn.library.services.fixity import fixity_round
from khcn.library.services.fixity_jobs import JOB_KIND, job_retry_fixity
from khcn.library.work_parts import LibraryEntry, library_menu
from khcn.ui.parts import NavItem


def _entry(request: HttpRequest) -> NavItem | None:
    if not reach_of(request.user).everything:
        return None
    return NavItem(label=_("Giữ gìn tệp gốc"), url=reverse("library-desk:keeping"))


KEEPING = LibraryEntry(order=190, item=_entry)


def connect() -> None:
    """Register the hourly round, the retry of a check, and the entry on the desk."""
    register_periodic("library.fixity", timedelta(hours=1), fixity_round)
    job_retry_handlers.register(JOB_KIND, job_retry_fixity)
    library_menu.register("keeping", KEEPING)
