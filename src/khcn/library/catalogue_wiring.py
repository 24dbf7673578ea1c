"""What the area "catalogue" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from khcn.core.jobs import job_retry_handlers
from khcn.core.tasks import register_periodic
from khcn.library import permissions
from khcn.library.services.authorities import authorities_refresh
from khcn.library.services.catalogue import JOB_KIND, catalogue_interrupted, job_retry_catalogue
from khcn.library.work_parts import LibraryEntry, library_menu
from khcn.ui.parts import NavItem


def _catalogue(request: HttpRequest) -> NavItem | None:
    if not permissions.can_keep(request.user):
        return None
    return NavItem(label=_("Biên mục: nhập, xuất"), url=reverse("library-desk:catalogue"))


def _names(request: HttpRequest) -> NavItem | None:
    if not permissions.can_keep(request.user):
        return None
    return NavItem(label=_("Tên tác giả"), url=reverse("library-desk:names"))


def connect() -> None:
    """Register the area's parts."""
    library_menu.register("catalogue", LibraryEntry(110, _catalogue))
    library_menu.register("names", LibraryEntry(111, _names))
    job_retry_handlers.register(JOB_KIND, job_retry_catalogue)
    register_periodic("library.catalogue_interrupted", timedelta(minutes=1), catalogue_interrupted)
    register_periodic("library.names", timedelta(hours=1), authorities_refresh)
