"""What the area ``certificates`` offers to the other rooms."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khcn.core.jobs import job_retry_handlers
from khcn.programmes.areas import (
    DemoPart,
    Eraser,
    Todo,
    demo_parts,
    desk_tabs,
    erasers,
    page_tab,
    todo_lists,
)
from khcn.programmes.certificates_demo import load
from khcn.programmes.desk_menu import programmes_menu
from khcn.programmes.permissions import (
    can_approve_certificates,
    can_make_certificates,
    can_number_certificates,
    can_read_certificates,
    reach_of,
)
from khcn.programmes.selectors.certificates import batches_for
from khcn.programmes.services.certificates import certificates_erase
from khcn.programmes.services.certificates_archive import KIND, retry_archive
from khcn.ui.desk import MenuEntry
from khcn.ui.parts import NavItem

ERASER = Eraser(certificates_erase, "certificates")


def _menu(request: HttpRequest) -> NavItem | None:
    if not can_read_certificates(reach_of(request.user)):
        return None
    return NavItem(label=_("Giấy chứng nhận"), url=reverse("programmes-desk:certificate-batches"))


def todos(request: HttpRequest, now: datetime) -> Sequence[Todo]:
    """Return the batches that wait for this person. One query."""
    reach = reach_of(request.user)
    if not can_read_certificates(reach):
        return []
    found = []
    for row in batches_for(request.user).exclude(state="issued")[:50]:
        text = ""
        if row.state == "approved" and can_number_certificates(reach):
            text = _("Ghi số quyết định để cấp giấy chứng nhận")
        elif (
            row.submitted_at
            and row.state == "draft"
            and can_approve_certificates(reach)
            and row.prepared_by_id != reach.user_id
        ):
            text = _("Duyệt đợt cấp giấy chứng nhận")
        elif not row.submitted_at and can_make_certificates(reach):
            text = _("Hoàn thành và trình đợt cấp giấy chứng nhận")
        if text:
            url = reverse("programmes-desk:certificate-batch", args=[row.programme_id, row.pk])
            found.append(Todo(text, url, where=row.programme.title))
    return found


MENU = MenuEntry(60, _menu)
TAB = page_tab(
    60, gettext_lazy("Giấy chứng nhận"), "certificates", lambda reach, _row: can_read_certificates(reach)
)
DEMO = DemoPart(40, load)


def connect() -> None:
    """Register what the area offers; called once when Django is ready."""
    desk_tabs.register("certificates", TAB)
    programmes_menu.register("certificates", MENU)
    todo_lists.register("certificates", todos)
    erasers.register("certificates", ERASER)
    demo_parts.register("certificates", DEMO)
    job_retry_handlers.register(KIND, retry_archive)
