"""What the area "legal" of the library offers to the others, registered when Django is ready."""

from datetime import timedelta

from khcn.core.tasks import register_periodic
from khcn.library.services.legal import proposals_scan_due
from khcn.library.views.legal_parts import desk_notice, legal_notice, legal_section, menu_item
from khcn.library.work_parts import LibraryEntry, WorkPart, desk_work_parts, library_menu, work_parts


def connect() -> None:
    """Register the area's parts, its entry in the menu, and the reading of new texts."""
    work_parts.register("legal.notice", WorkPart(10, "notice", legal_notice))
    work_parts.register("legal.section", WorkPart(10, "main", legal_section))
    desk_work_parts.register("legal.notice", WorkPart(10, "notice", desk_notice))
    library_menu.register("legal", LibraryEntry(120, menu_item))
    register_periodic("library.legal_proposals", timedelta(minutes=2), proposals_scan_due)
